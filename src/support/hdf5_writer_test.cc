#include "support/hdf5_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/error.h>
#include <unistd.h>

#include <filesystem>

#include "support/files.h"
#include "support/hdf5.h"
#include "tests/support/read_hdf5.h"

namespace keras::support::hdf5 {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::ThrowsMessage;

template <typename T>
std::string_view bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

constexpr DType::Kind kDTypes[] = {DType::boolean, DType::uint8,   DType::uint16, DType::uint32, DType::uint64,
                                   DType::int8,    DType::int16,   DType::int32,  DType::int64,  DType::bfloat16,
                                   DType::float16, DType::float32, DType::float64};
constexpr std::size_t kSizes[] = {1, 1, 2, 4, 8, 1, 2, 4, 8, 2, 2, 4, 8};

std::string some_bytes(DType::Kind dtype, std::size_t count) {
  std::string bytes(count * kSizes[dtype], '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<char>(dtype == DType::boolean ? i % 2 : 37 * i + 11);
  return bytes;
}

// A file with everything that the writer can write.
void write_all(Writer& writer) {
  writer.attribute("/", "keras_version", "3.15.1");
  writer.attribute("", "größe", "weiß");
  writer.group("model_weights/dense");
  writer.group("/model_weights");
  for (const DType::Kind dtype : kDTypes) {
    const std::string name = "data/" + std::to_string(dtype);
    writer.dataset(name, dtype, std::vector<std::int64_t>{2, 3}, some_bytes(dtype, 6));
    writer.attribute(name, "two", dtype, std::vector<std::int64_t>{2}, some_bytes(dtype, 2));
  }
  writer.dataset("scalar", DType::float32, {}, std::string_view("\0\0\x80\x3f", 4));
  writer.dataset("empty", DType::int32, std::vector<std::int64_t>{3, 0}, "");
  writer.dataset("model_weights/dense/a.b\\c:0", DType::int8, std::vector<std::int64_t>{1}, "\x05");
  const std::vector<std::string> texts = {"one", "", "drei Äpfel"}, none;
  writer.strings("texts/str", texts);
  writer.strings("texts/fixed", texts, TextKind::fixed);
  writer.strings("texts/none", none);
  const auto& at = "model_weights";
  writer.attribute(at, "bytes", "text", TextKind::bytes);
  writer.attribute(at, "fixed", "text", TextKind::fixed);
  writer.attribute(at, "empty", "");
  writer.attribute(at, "empty_fixed", "", TextKind::fixed);
  writer.attribute(at, "layer_names", texts);
  writer.attribute(at, "strs", texts, TextKind::str);
  writer.attribute(at, "no_names", none);
  writer.attribute(at, "int", 3);
  writer.attribute(at, "float", 1.5);
  writer.attribute(at, "bool", true);
  writer.attribute(at, "config", std::string(200'000, 'x'));  // a text of variable length may be long
  writer.group("many");
  for (int i = 0; i < 300; ++i) writer.attribute("many", std::to_string(i), i);
}

void expect_all(const File& file) {
  EXPECT_THAT(keras::testing::read_everything(file).errors, IsEmpty());
  EXPECT_EQ(file.attribute("keras_version").string(), "3.15.1");
  EXPECT_EQ(file.attribute("größe").string(), "weiß");
  for (const DType::Kind dtype : kDTypes) {
    const Dataset set = file.dataset("data/" + std::to_string(dtype));
    EXPECT_THAT(set.shape(), ElementsAre(2, 3));
    EXPECT_EQ(set.bytes(), some_bytes(dtype, 6));
    EXPECT_EQ(set.attribute("two").bytes(), some_bytes(dtype, 2));
    if (dtype == DType::bfloat16) {
      EXPECT_EQ(set.type().kind, Type::opaque);
    } else {
      EXPECT_EQ(set.type().dtype.kind(), dtype);
    }
  }
  EXPECT_THAT(file.dataset("scalar").shape(), IsEmpty());
  EXPECT_EQ(file.dataset("scalar").real(), 1.0);
  EXPECT_THAT(file.dataset("empty").shape(), ElementsAre(3, 0));
  EXPECT_EQ(file.dataset("model_weights/dense/a.b\\c:0").integer(), 5);
  EXPECT_THAT(file.dataset("texts/str").strings(), ElementsAre("one", "", "drei Äpfel"));
  EXPECT_THAT(file.dataset("texts/fixed").strings(), ElementsAre("one", "", "drei Äpfel"));
  EXPECT_THAT(file.dataset("texts/none").strings(), IsEmpty());
  const Group group = file.group("model_weights");
  for (const char* name : {"bytes", "fixed"}) EXPECT_EQ(group.attribute(name).string(), "text");
  for (const char* name : {"empty", "empty_fixed"}) EXPECT_EQ(group.attribute(name).string(), "");
  for (const char* name : {"layer_names", "strs"}) {
    EXPECT_THAT(group.attribute(name).strings(), ElementsAre("one", "", "drei Äpfel"));
  }
  EXPECT_THAT(group.attribute("no_names").strings(), IsEmpty());
  EXPECT_EQ(group.attribute("int").integer(), 3);
  EXPECT_EQ(group.attribute("float").real(), 1.5);
  EXPECT_EQ(group.attribute("bool").type().dtype, DType::boolean);
  EXPECT_EQ(group.attribute("config").string().size(), 200'000u);
  EXPECT_EQ(file.group("many").attribute("299").integer(), 299);
}

class Hdf5Writer : public ::testing::Test {
 protected:
  std::string path_ = ::testing::TempDir() + "keras_hdf5_" + std::to_string(::getpid()) + ".h5";
  void TearDown() override { std::filesystem::remove(path_); }
};

TEST_F(Hdf5Writer, RoundTrips) {
  Writer writer(path_);
  write_all(writer);
  writer.close();
  expect_all(File(path_));
  Writer memory;
  write_all(memory);
  expect_all(File::of("memory", memory.take()));
}

TEST_F(Hdf5Writer, TheSameContentsGiveTheSameBytes) {
  Writer writer(path_);
  write_all(writer);
  writer.close();
  Writer memory;
  write_all(memory);
  EXPECT_EQ(memory.take(), read_file(path_));
}

TEST_F(Hdf5Writer, WritesAnAtomicFile) {
  write_file(path_, "old");
  AtomicFile file(path_);
  Writer writer(file.temporary());
  writer.attribute("/", "a", 1);
  writer.close();
  EXPECT_EQ(read_file(path_), "old");
  file.commit();
  EXPECT_EQ(File(path_).attribute("a").integer(), 1);
}

TEST_F(Hdf5Writer, RefusesNamesAndSizes) {
  Writer writer;
  const std::vector<std::int64_t> one = {1};
  writer.dataset("a/b", DType::int8, one, "1");
  EXPECT_THAT([&] { writer.dataset("/a/b", DType::int8, one, "1"); },
              ThrowsMessage<ValueError>(HasSubstr("«/a/b» already")));
  EXPECT_THAT([&] { writer.dataset("a", DType::int8, one, "1"); }, ThrowsMessage<ValueError>(HasSubstr("«/a»")));
  EXPECT_THAT([&] { writer.dataset("/", DType::int8, one, "1"); }, ThrowsMessage<ValueError>(HasSubstr("«/»")));
  EXPECT_THAT([&] { writer.dataset("a/b/c", DType::int8, one, "1"); },
              ThrowsMessage<ValueError>(HasSubstr("is a data set")));
  EXPECT_THAT([&] { writer.group("a/b"); }, ThrowsMessage<ValueError>(HasSubstr("is a data set")));
  EXPECT_THAT([&] { writer.dataset("c", DType::int16, one, "1"); }, ThrowsMessage<ValueError>(HasSubstr("2 bytes")));
  EXPECT_THROW(writer.dataset("c", DType::int16, std::vector<std::int64_t>{-1}, ""), ValueError);
  EXPECT_THROW(writer.group(std::string_view("a\0b", 3)), ValueError);
  EXPECT_THAT([&] { writer.attribute("none", "a", 1); }, ThrowsMessage<ValueError>(HasSubstr("no object «/none»")));
  writer.attribute("a", "x", 1);
  EXPECT_THAT([&] { writer.attribute("a", "x", 1); }, ThrowsMessage<ValueError>(HasSubstr("already")));
  EXPECT_THROW(writer.attribute("a", "y", std::string_view("a\0b", 3)), ValueError);
  const std::vector<std::string> many(7000, "0123456789");
  EXPECT_THAT([&] { writer.attribute("a", "names", many); },
              ThrowsMessage<ValueError>(AllOf(HasSubstr("«names»"), HasSubstr("70000"), HasSubstr("64512"))));
  writer.attribute("a", "names", std::span(many).first(6451));  // just under it
  EXPECT_EQ(File::of("memory", writer.take()).group("a").attribute("names").count(), 6451);
  EXPECT_THROW(writer.group("later"), RuntimeError);
}

TEST_F(Hdf5Writer, FailuresSayWhy) {
  ::testing::internal::CaptureStderr();
  EXPECT_THAT([] { Writer("/none/a.h5"); },
              ThrowsMessage<IOError>(AllOf(HasSubstr("/none/a.h5"), HasSubstr("No such file or directory"))));
  if (file_exists("/dev/full")) {
    const std::string large(1 << 20, 'x');
    const std::vector<std::int64_t> shape = {1 << 20};
    Writer full("/dev/full");
    EXPECT_THAT(
        [&] { full.dataset("x", DType::int8, shape, large); },
        ThrowsMessage<IOError>(AllOf(HasSubstr("the data set «/x» of «/dev/full»"), HasSubstr("No space left"))));
    Writer small("/dev/full");
    small.attribute("/", "a", 1);
    EXPECT_THAT([&] { small.close(); }, ThrowsMessage<IOError>(HasSubstr("No space left")));
  }
  Writer null("/dev/null");
  null.attribute("/", "a", 1);
  null.close();
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace keras::support::hdf5
