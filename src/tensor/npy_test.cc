#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/array.h>
#include <keras/error.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <numeric>

#include "support/files.h"
#include "support/zip.h"

namespace keras {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

std::string sample(const std::string& name) {
  const char* root = std::getenv("KERAS_TEST_ROOT");
  return std::string(root ? root : ".") + "/tests/data/npy/" + name;
}

class Npy : public ::testing::Test {
 protected:
  std::string path_ = ::testing::TempDir() + "keras_npy_" + std::to_string(::getpid());
  void TearDown() override { std::filesystem::remove(path_); }
  void put(std::string_view bytes) const { std::ofstream(path_, std::ios::binary) << bytes; }
};

// 0, 1, … in a shape and dtype; of bool False, True, ….
Array counting(const Shape& shape, DType dtype) {
  Array numbers = arange(shape.elements());
  if (dtype == DType::boolean) {
    for (auto& v : numbers.mutable_values<std::int32_t>()) v %= 2;
  }
  return numbers.reshape(shape).astype(dtype);
}

TEST_F(Npy, ReadsWhatNumpyWroteAndWritesTheSameBytes) {
  for (int k = 0; k < DType::kCount; ++k) {
    const DType dtype = static_cast<DType::Kind>(k);
    const Array expected = counting({2, 3}, dtype);
    const std::string name = dtype.name();
    EXPECT_TRUE(identical(load_npy(sample(name + ".npy")), expected)) << name;
    if (dtype.size() > 1 && dtype != DType::bfloat16) {
      EXPECT_TRUE(identical(load_npy(sample(name + "_big_endian.npy")), expected)) << name;
    }
    save_npy(path_, expected);
    EXPECT_EQ(support::read_file(path_), support::read_file(sample(name + ".npy"))) << name;
  }
}

TEST_F(Npy, ReadsEveryForm) {
  const Array plain = counting({2, 3}, DType::float32);
  for (const char* name : {"fortran.npy", "version_2.npy", "version_3.npy"}) {
    EXPECT_TRUE(identical(load_npy(sample(name)), plain)) << name;
  }
  EXPECT_TRUE(identical(load_npy(sample("fortran_3d_big_endian.npy")), counting({2, 3, 4}, DType::int16)));
  EXPECT_TRUE(identical(load_npy(sample("scalar.npy")), Array::scalar(2.5, DType::float64)));
  EXPECT_TRUE(identical(load_npy(sample("empty.npy")), zeros({0, 3})));
}

TEST_F(Npy, RoundTripsShapes) {
  for (const Shape& shape : {Shape{}, Shape{0}, Shape{5}, Shape{2, 0, 3}, Shape{1, 2, 3, 1, 2, 1, 1, 2}}) {
    const Array array = counting(shape, DType::float64);
    save_npy(path_, array);
    EXPECT_TRUE(identical(load_npy(path_), array)) << shape.str();
  }
}

TEST_F(Npy, RefusesWhatNoArrayHolds) {
  const auto refuses = [](const std::string& name, const std::string& why) {
    EXPECT_THAT([&] { load_npy(sample(name)); }, ThrowsMessage<IOError>(AllOf(HasSubstr(name), HasSubstr(why))));
  };
  refuses("complex.npy", "complex numbers");
  refuses("text.npy", "strings");
  refuses("objects.npy", "pickled Python objects");
  refuses("structures.npy", "structures");
  refuses("plain.npz", "Use load_npz");
  refuses("none.npy", "No such file or directory");
}

TEST_F(Npy, SaysWhatAFileIs) {
  put("");
  EXPECT_THAT([&] { load_npy(path_); }, ThrowsMessage<IOError>(HasSubstr("an empty file")));
  EXPECT_THAT([&] { load_npz(path_); }, ThrowsMessage<IOError>(HasSubstr("an empty file")));
  put("x,y\n1,2\n");
  EXPECT_THAT([&] { load_npy(path_); }, ThrowsMessage<IOError>(HasSubstr("text beginning with «x,y")));
  EXPECT_THAT([&] { load_npz(path_); }, ThrowsMessage<IOError>(HasSubstr("text beginning with «x,y")));
  EXPECT_THAT([&] { load_npz(sample("float32.npy")); }, ThrowsMessage<IOError>(HasSubstr("Use load_npy")));
  EXPECT_THAT([&] { load_npz(sample("other.zip")); }, ThrowsMessage<IOError>(HasSubstr("metadata.json")));
  EXPECT_THAT([&] { load_npz(sample("none.npz")); }, ThrowsMessage<IOError>(HasSubstr("No such file or directory")));
  EXPECT_THAT([&] { load_npz(sample("")); }, ThrowsMessage<IOError>(HasSubstr("Is a directory")));
}

std::string with_header(const std::string& header) {
  const std::string length = {static_cast<char>(header.size() & 0xFF), static_cast<char>(header.size() >> 8)};
  return std::string("\x93NUMPY\x01\0", 8) + length + header;
}

TEST_F(Npy, RefusesDamagedHeaders) {
  for (const char* header :
       {"", "{}", "{'descr': '<f4'}", "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)", "__import__('os')",
        "{'descr': '<f4', 'fortran_order': 0, 'shape': (2,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-2,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (9000000000000000000, 9000000000000000000)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (4000000000000,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'x': 1}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} x",
        "{'descr': '<q9', 'fortran_order': False, 'shape': (2,)}"}) {
    put(with_header(header));
    EXPECT_THROW(load_npy(path_), IOError) << header;
  }
  put(with_header("{ 'shape' : ( 1L , ) , \"fortran_order\":False,'descr':'|i1',\n}") + "\x05");
  EXPECT_EQ(load_npy(path_).at({0}), 5);
  put(std::string("\x93NUMPY\x04\0\0\0", 10));
  EXPECT_THAT([&] { load_npy(path_); }, ThrowsMessage<IOError>(HasSubstr("version 4.0")));
}

TEST_F(Npy, ACutFileIsAnError) {
  for (const char* name : {"float32.npy", "int8.npy", "version_2.npy"}) {
    const std::string whole = support::read_file(sample(name));
    for (std::size_t end = 0; end < whole.size(); ++end) {
      put(std::string_view(whole).substr(0, end));
      EXPECT_THROW(load_npy(path_), IOError) << name << " " << end;
    }
  }
  put(support::read_file(sample("float32.npy")).substr(0, 140));
  EXPECT_THAT([&] { load_npy(path_); }, ThrowsMessage<IOError>(HasSubstr("cut short; 12 bytes are missing of 24")));
}

TEST_F(Npy, DamageNeverCrashes) {
  for (const char* name : {"float32.npy", "fortran_3d_big_endian.npy", "plain.npz", "compressed.npz"}) {
    const std::string whole = support::read_file(sample(name));
    const bool npz = std::string_view(name).ends_with("npz");
    std::size_t refused = 0;
    const auto try_loading = [&](std::string_view bytes) {
      put(bytes);
      try {
        npz ? static_cast<void>(load_npz(path_)) : static_cast<void>(load_npy(path_));
      } catch (const IOError&) {
        ++refused;
      }
    };
    for (std::size_t end = 0; npz && end < whole.size(); ++end) try_loading(std::string_view(whole).substr(0, end));
    EXPECT_EQ(refused, npz ? whole.size() : 0);
    for (std::size_t i = 0; i < whole.size(); ++i) {
      for (const char flip : {'\x01', '\x10', '\xff'}) {
        std::string bytes = whole;
        bytes[i] = static_cast<char>(bytes[i] ^ flip);
        try_loading(bytes);
      }
    }
  }
}

TEST_F(Npy, Archives) {
  for (const char* name : {"plain.npz", "compressed.npz"}) {
    const auto arrays = load_npz(sample(name));
    ASSERT_EQ(arrays.size(), 3u);
    EXPECT_TRUE(identical(arrays.at("x"), counting({2, 3}, DType::float32)));
    EXPECT_TRUE(identical(arrays.at("dense/kernel"), counting({2, 3}, DType::int64)));
    EXPECT_TRUE(identical(arrays.at("b"), counting({2, 3}, DType::bfloat16)));
  }
  for (const bool compressed : {false, true}) {
    const Array a = counting({100, 7}, DType::float64), b = Array::scalar(3);
    save_npz(path_, {{"dense/kernel", a}, {"b", b}, {"none", Array()}}, compressed);
    const auto arrays = load_npz(path_);
    ASSERT_EQ(arrays.size(), 3u);
    EXPECT_TRUE(identical(arrays.at("dense/kernel"), a));
    EXPECT_TRUE(identical(arrays.at("b"), b));
    EXPECT_TRUE(identical(arrays.at("none"), Array()));
  }
  save_npz(path_, {});
  EXPECT_TRUE(load_npz(path_).empty());
  EXPECT_THROW(save_npz(path_, {{"a", Array()}, {"a", Array()}}), ValueError);
  EXPECT_THROW(save_npz(path_, {{"", Array()}}), ValueError);
}

// A damaged stream that unpacks to more than the array would never meet its checksum.
TEST_F(Npy, RefusesBytesBehindAnArrayOfAnArchive) {
  save_npy(path_, Array({1., 2.}));
  const std::string array = support::read_file(path_);
  support::ZipWriter zip(path_);
  zip.add("a.npy", array + "more");
  zip.commit();
  EXPECT_THAT([&] { load_npz(path_); },
              ThrowsMessage<IOError>(AllOf(HasSubstr(path_), HasSubstr("«a»: more bytes follow than its 2 elements"))));
}

TEST_F(Npy, AFailedWriteLeavesTheOldFile) {
  save_npy(path_, Array({1.}));
  EXPECT_THROW(save_npz(path_, {{"a", Array()}, {"a", Array()}}), ValueError);
  EXPECT_EQ(load_npy(path_).at({0}), 1);
  EXPECT_THAT([] { save_npy("/none/a.npy", Array()); }, ThrowsMessage<IOError>(HasSubstr("does not exist")));
  EXPECT_THAT([] { save_npz("/none/a.npz", {{"a", Array()}}); }, ThrowsMessage<IOError>(HasSubstr("does not exist")));
  if (support::file_exists("/dev/full")) {
    EXPECT_THROW(save_npy("/dev/full", Array({1.})), IOError);
  }
}

}  // namespace
}  // namespace keras
