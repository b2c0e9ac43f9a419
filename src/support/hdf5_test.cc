#include "support/hdf5.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/config.h>
#include <keras/error.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "support/files.h"
#include "support/sha256.h"
#include "tests/support/read_hdf5.h"

namespace keras::support::hdf5 {
namespace {

using keras::testing::read_everything;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

std::string golden(const std::string& name) {
  const char* root = std::getenv("KERAS_TEST_ROOT");
  return std::string(root ? root : ".") + "/tests/golden/" + name;
}

File open(const std::string& name) { return File(golden("hdf5/" + name)); }

const Config& cases() {
  static const Config config = Config::from_json(read_file(golden("hdf5.json")));
  return config;
}

std::string type_name(const Type& type) {
  static constexpr const char* kNames[] = {"bool",  "uint8", "uint16",   "uint32",  "uint64",  "int8",   "int16",
                                           "int32", "int64", "bfloat16", "float16", "float32", "float64"};
  return type.kind == Type::text     ? "text"
         : type.kind == Type::opaque ? "opaque" + std::to_string(type.size)
                                     : kNames[type.dtype.kind()];
}

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    for (const int digit : {static_cast<unsigned char>(c) / 16, c & 15}) text += "0123456789abcdef"[digit];
  }
  return text;
}

std::vector<std::string> texts(const Config& list) {
  std::vector<std::string> result;
  for (const Config& item : list.items()) result.push_back(item.as_string());
  return result;
}

void expect_value(const Value& value, const Config& expected) {
  SCOPED_TRACE(value.describe());
  EXPECT_EQ(type_name(value.type()), expected.at("type").as_string());
  EXPECT_EQ(value.null(), expected.contains("null"));
  if (value.null()) {
    EXPECT_EQ(value.count(), 0);
    return;
  }
  std::vector<std::int64_t> shape;
  for (const Config& size : expected.at("shape").items()) shape.push_back(size.as_int());
  EXPECT_EQ(value.shape(), shape);
  if (expected.contains("texts")) {
    EXPECT_EQ(value.strings(), texts(expected.at("texts")));
    return;
  }
  const std::string bytes = value.bytes();
  EXPECT_EQ(static_cast<std::size_t>(value.count()) * value.type().size, bytes.size());
  if (expected.contains("hex")) {
    EXPECT_EQ(hex(bytes), expected.at("hex").as_string());
  } else {
    Sha256 sha;
    sha.add(bytes);
    EXPECT_EQ(sha.hex(), expected.at("sha256").as_string());
  }
  if (const auto view = value.view()) {
    EXPECT_EQ(*view, bytes);
  }
}

void expect_attributes(const Object& object, const Config& expected) {
  std::vector<std::string> names;
  for (const auto& [name, value] : expected.entries()) {
    names.push_back(name);
    ASSERT_TRUE(object.has_attribute(name)) << name;
    expect_value(object.attribute(name), value);
  }
  std::vector<std::string> found = object.attributes();
  EXPECT_EQ(found, names) << object.path();
}

// Every object of every golden file is what h5py found: names in their order, types, shapes, elements, attributes.
TEST(Hdf5, ReadsWhatH5pyWrote) {
  for (const Config& c : cases().items()) {
    if (!c.contains("objects")) continue;
    SCOPED_TRACE(c.at("file").as_string());
    const File file = open(c.at("file").as_string());
    std::size_t count = 0;
    for (const Config& object : c.at("objects").items()) {
      const std::string& path = object.at("path").as_string();
      SCOPED_TRACE(path);
      ++count;
      if (const Config* names = object.find("names")) {
        ASSERT_TRUE(file.has_group(path));
        const Group group = file.group(path);
        EXPECT_EQ(group.path(), path);
        EXPECT_EQ(group.names(), texts(*names));
        EXPECT_EQ(group.count(), names->size());
        expect_attributes(group, object.at("attributes"));
      } else {
        ASSERT_TRUE(file.has_dataset(path));
        const Dataset set = file.dataset(path);
        expect_value(set, object.at("data"));
        expect_attributes(set, object.at("attributes"));
      }
    }
    const auto read = read_everything(file);
    EXPECT_THAT(read.errors, Each(HasSubstr("/links/circle")));
    EXPECT_EQ(read.objects, count);
    std::size_t walked = 1;
    file.walk({[&](const Group&) { ++walked; }, [&](const Dataset&) { ++walked; }});
    EXPECT_EQ(walked, count);
  }
}

// What is not supported says so, with the path, and does not hide the rest.
TEST(Hdf5, RefusesWhatItDoesNotFollow) {
  const Config& c = *std::find_if(cases().items().begin(), cases().items().end(),
                                  [](const Config& item) { return item.contains("refused"); });
  const File file = open(c.at("file").as_string());
  for (const std::string& name : texts(c.at("refused"))) {
    SCOPED_TRACE(name);
    if (name == "much_of_nothing") {
      EXPECT_THAT([&] { file.dataset(name); },
                  ThrowsMessage<IOError>(AllOf(HasSubstr("/much_of_nothing"), HasSubstr("not stored"))));
    } else {
      EXPECT_THAT([&] { file.dataset(name); },
                  ThrowsMessage<NotImplementedError>(AllOf(HasSubstr(file.file_name()), HasSubstr("/" + name))));
    }
  }
  EXPECT_THAT([&] { file.dataset("lzf"); }, ThrowsMessage<NotImplementedError>(HasSubstr("filter lzf")));
  EXPECT_THAT([&] { file.dataset("compound"); }, ThrowsMessage<NotImplementedError>(HasSubstr("compound")));
  EXPECT_THAT([&] { file.dataset("external_link"); }, ThrowsMessage<NotImplementedError>(HasSubstr("another file")));
  EXPECT_THAT([&] { file.dataset("committed_type"); }, ThrowsMessage<ValueError>(HasSubstr("a committed type")));
  EXPECT_EQ(read_everything(file).errors.size(), c.at("refused").size());
}

TEST(Hdf5, FollowsPaths) {
  const File file = open("basics_earliest.h5");
  EXPECT_EQ(file.path(), "/");
  const Group links = file.group("links");
  for (const char* path :
       {"/links/soft", "links/hard", "links/relative", "./links//soft/", "/links/up/links/up/shapes/one"}) {
    EXPECT_EQ(file.dataset(path).integer(), 7) << path;
    EXPECT_EQ(file.dataset(path).id(), file.dataset("shapes/one").id()) << path;
  }
  EXPECT_EQ(links.dataset("/shapes/one").path(), "/shapes/one");  // from the root
  EXPECT_EQ(links.group("up/model_weights").path(), "/links/up/model_weights");
  EXPECT_EQ(links.group("to_group").id(), file.group("model_weights/dense").id());
  EXPECT_TRUE(links.has("soft"));
  EXPECT_FALSE(links.has("nowhere"));
  EXPECT_FALSE(links.has("none"));
  EXPECT_FALSE(links.has("soft/below"));
  EXPECT_FALSE(links.has_group("soft"));
  EXPECT_FALSE(links.has_dataset("to_group"));
  EXPECT_THAT([&] { links.has("circle"); }, ThrowsMessage<IOError>(HasSubstr("in a circle")));
  std::string deep;
  for (int i = 0; i < 3000; ++i) deep += "links/up/";
  EXPECT_THAT([&] { file.group(deep); }, ThrowsMessage<IOError>(HasSubstr("contains itself")));
}

TEST(Hdf5, SaysWhatIsMissing) {
  const File file = open("basics_latest.h5");
  EXPECT_THAT([&] { file.dataset("shapes/scalr"); },
              ThrowsMessage<ValueError>(AllOf(HasSubstr("«/shapes»"), HasSubstr("Did you mean «scalar»?"))));
  EXPECT_THAT([&] { file.group("none/below"); }, ThrowsMessage<ValueError>(HasSubstr("none/below")));
  EXPECT_THAT([&] { file.group("shapes/one"); }, ThrowsMessage<ValueError>(HasSubstr("is no group; it is a data set")));
  EXPECT_THAT([&] { file.dataset("shapes"); }, ThrowsMessage<ValueError>(HasSubstr("it is a group")));
  EXPECT_THAT([&] { file.group("attributes").attribute("layer_name"); },
              ThrowsMessage<ValueError>(HasSubstr("Did you mean «layer_names»?")));
  EXPECT_FALSE(file.find_attribute("none").has_value());
}

TEST(Hdf5, ConvertsElements) {
  const File file = open("basics_earliest.h5");
  const Group a = file.group("attributes");
  EXPECT_EQ(file.attribute("keras_version").string(), "3.15.1");
  EXPECT_THAT(a.attribute("layer_names").strings(), ElementsAre("dense", "dense_1", "a much longer name"));
  EXPECT_TRUE(a.attribute("no_names").strings().empty());
  EXPECT_EQ(a.attribute("int").integer(), 3);
  EXPECT_EQ(a.attribute("bool").integer(), 1);
  EXPECT_EQ(a.attribute("int").real(), 3.0);
  EXPECT_THAT(a.attribute("floats").reals(), ElementsAre(1.5, 2.0));
  EXPECT_THAT(file.dataset("shapes/bfloat16").bytes().size(), 10u);
  EXPECT_EQ(file.dataset("shapes/bfloat16").attribute("dtype").string(), "bfloat16");
  const std::vector<double> halves = file.dataset("shapes/special_float16").reals();
  EXPECT_TRUE(std::signbit(halves[1]) && std::isinf(halves[2]) && std::isnan(halves[4]));
  EXPECT_EQ(halves[3], -INFINITY);
  EXPECT_EQ(halves[5], 0x1p-24);  // 6e-8 is not a half
  EXPECT_EQ(halves[6], 65504.0);
  EXPECT_THAT([&] { a.attribute("str").ints(); },
              ThrowsMessage<TypeError>(AllOf(HasSubstr("attribute «str» of «/attributes»"), HasSubstr("texts"))));
  EXPECT_THAT([&] { a.attribute("int").strings(); }, ThrowsMessage<TypeError>(HasSubstr("it has int64")));
  EXPECT_THAT([&] { a.attribute("floats").ints(); }, ThrowsMessage<TypeError>(HasSubstr("float64")));
  EXPECT_THAT([&] { a.attribute("floats").real(); }, ThrowsMessage<ValueError>(HasSubstr("it has 2")));
  EXPECT_THAT([&] { a.attribute("str").bytes(); }, ThrowsMessage<TypeError>(HasSubstr("strings()")));
  std::vector<std::byte> few(3);
  EXPECT_THAT([&] { a.attribute("floats").read_into(few); }, ThrowsMessage<ValueError>(HasSubstr("16 bytes")));
  EXPECT_THROW(open("basics_earliest.h5").dataset("model_weights/dense/nested/deeper/uint64").ints(), ValueError);
}

// Values and views outlive the File, bytes in memory read as a file does, and views copy nothing.
TEST(Hdf5, KeepsTheFile) {
  const std::string path = golden("hdf5/keras_model.h5");
  std::optional<Dataset> kernel;
  std::string_view view;
  {
    const File file(path);
    kernel = file.dataset("model_weights/first/small/first/kernel");
    view = kernel->view().value();
  }
  EXPECT_EQ(std::string(view), kernel->bytes());
  EXPECT_THAT(kernel->shape(), ElementsAre(4, 3));
  const std::string bytes = read_file(path);
  const File borrowed("archive.keras:model.h5", bytes), owned = File::of("archive.keras:model.h5", bytes);
  for (const File* file : {&borrowed, &owned}) {
    EXPECT_EQ(file->dataset("model_weights/first/small/first/kernel").bytes(), kernel->bytes());
  }
  const auto borrowed_view = borrowed.dataset("model_weights/first/small/first/kernel").view();
  if (borrowed_view) {
    EXPECT_TRUE(borrowed_view->data() >= bytes.data() && borrowed_view->data() < bytes.data() + bytes.size());
  }
}

TEST(Hdf5, SaysWhatTheFileIs) {
  EXPECT_THAT([] { File("/none.h5"); }, ThrowsMessage<IOError>(HasSubstr("No such file")));
  EXPECT_THAT([] { File("m.h5", std::string_view("PK\x03\x04 and so on")); },
              ThrowsMessage<IOError>(AllOf(HasSubstr("m.h5"), HasSubstr("it is a zip archive"))));
  EXPECT_THAT([] { File("m.h5", std::string_view()); }, ThrowsMessage<IOError>(HasSubstr("an empty file")));
  const std::string whole = read_file(golden("hdf5/basics_earliest.h5"));
  EXPECT_TRUE(is_hdf5(whole));
  EXPECT_THAT([&] { File("m.h5", std::string_view(whole).substr(0, whole.size() - 1)); },
              ThrowsMessage<IOError>(AllOf(HasSubstr("«m.h5» is a damaged HDF5 file"), HasSubstr("cut short"))));
}

}  // namespace
}  // namespace keras::support::hdf5
