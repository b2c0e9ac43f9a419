// model_to_dot against Keras's text, and what plot_model draws.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/error.h>
#include <keras/preprocessing.h>
#include <keras/utils.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "ops/names.h"
#include "tests/support/golden.h"
#include "tests/support/sample_models.h"

namespace keras {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using ::testing::ThrowsMessage;

utils::ModelToDotArgs args_in(const Config& given) {
  utils::ModelToDotArgs args;
  args.show_shapes = given.get("show_shapes", false).as_bool();
  args.show_dtype = given.get("show_dtype", false).as_bool();
  args.show_layer_names = given.get("show_layer_names", true).as_bool();
  args.rankdir = given.get("rankdir", "TB").as_string();
  args.expand_nested = given.get("expand_nested", false).as_bool();
  args.dpi = static_cast<int>(given.get("dpi", 200).as_int());
  args.subgraph = given.get("subgraph", false).as_bool();
  args.show_layer_activations = given.get("show_layer_activations", false).as_bool();
  args.show_trainable = given.get("show_trainable", false).as_bool();
  args.splines = given.get("splines", "ortho").as_string();
  return args;
}

TEST(ModelToDot, IsThatOfKeras) {
  const testing::Golden golden("plot");
  for (const Config& c : golden.cases()) {
    SCOPED_TRACE(c.at("name").as_string());
    ops::reset_names();
    const Model model = testing::sample(c.at("model"));
    std::string expected;
    for (const Config& line : c.at("text").items()) expected += line.as_string() + "\n";
    // A frame alone is not known to pydot as part of a directed graph.
    for (std::size_t at; (at = expected.find(" -- ")) != std::string::npos;) expected.replace(at, 4, " -> ");
    EXPECT_EQ(utils::model_to_dot(model, args_in(c.at("args"))), expected);
  }
}

struct Whole : ModelBody {  // a model of one's own is one box
  static constexpr auto class_name = "Whole<int>";
  using Args = ModelArgs;
  explicit Whole(Args) {}
  Layer d_ = child("d", layers::Dense(2));
  Tensor call(const Tensor& x) override { return d_(x); }
};

TEST(ModelToDot, OwnModelsAreOneBox) {
  const Model model = make_model<Whole>({.name = "own & only"});
  EXPECT_THAT([&] { utils::model_to_dot(model); }, ThrowsMessage<ValueError>(HasSubstr("not built")));
  model.build({None, 3});
  const std::string text = utils::model_to_dot(model, {.show_shapes = true, .show_layer_activations = true});
  EXPECT_THAT(text, HasSubstr("<b>own &amp; only</b> (Whole&lt;int&gt;)"));
  EXPECT_THAT(text, HasSubstr("Output shape: <b>?</b>"));
}

TEST(ModelToDot, WrongArgumentsAreNamed) {
  const Model model = testing::functional_chain();
  EXPECT_THAT([&] { utils::model_to_dot(model, {.rankdir = "TP"}); },
              ThrowsMessage<ValueError>(AllOf(HasSubstr("rankdir"), HasSubstr("«TB»"))));
  EXPECT_THAT([&] { utils::model_to_dot(model, {.dpi = 0}); }, ThrowsMessage<ValueError>(HasSubstr("dpi")));
  EXPECT_THAT([&] { utils::model_to_dot(model, {.splines = "curve"}); },
              ThrowsMessage<ValueError>(HasSubstr("«curved»")));
}

class PlotModel : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string bytes(const std::string& name) const {
    std::ifstream file(folder_ + name, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }
  std::string folder_ = ::testing::TempDir() + "keras_plot_" + std::to_string(::getpid()) + "/";
};

TEST_F(PlotModel, WritesTheText) {
  const Model model = testing::twins();
  utils::plot_model(model, {.to_file = folder_ + "m.dot", .show_shapes = true});
  EXPECT_EQ(bytes("m.dot"), utils::model_to_dot(model, {.show_shapes = true, .show_layer_names = false}));
}

#ifdef KERAS_WITH_GRAPHVIZ
TEST_F(PlotModel, DrawsByTheSuffix) {
  const Model model = testing::twins();
  ::testing::internal::CaptureStderr();
  for (const auto& [name, begin] : std::vector<std::pair<std::string, std::string>>{
           {"m.png", "\x89PNG"}, {"m", "\x89PNG"}, {"m.SVG", "<?xml"}, {"m.pdf", "%PDF"}, {"m.gv", "digraph"}}) {
    utils::plot_model(model, {.to_file = folder_ + name, .show_layer_names = true});
    EXPECT_THAT(bytes(name), StartsWith(begin)) << name;
  }
  EXPECT_THAT(bytes("m.SVG"), HasSubstr(">shared</text>"));
  EXPECT_THAT([&] { utils::plot_model(model, {.to_file = folder_ + "m.tifff"}); },
              ThrowsMessage<IOError>(AllOf(HasSubstr("m.tifff"), HasSubstr("«tifff»"))));
  EXPECT_THAT([&] { utils::plot_model(model, {.to_file = folder_ + "none/m.png"}); },
              ThrowsMessage<IOError>(HasSubstr("none/m.png")));
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
  EXPECT_FALSE(std::filesystem::exists(folder_ + "m.tifff"));
}

TEST_F(PlotModel, DrawsEverySample) {
  const testing::Golden golden("plot");
  for (const Config& c : golden.cases()) {
    SCOPED_TRACE(c.at("name").as_string());
    const Model model = testing::sample(c.at("model"));
    const utils::ModelToDotArgs args = args_in(c.at("args"));
    utils::plot_model(model, {.to_file = folder_ + "m.svg",
                              .show_shapes = args.show_shapes,
                              .rankdir = args.rankdir,
                              .expand_nested = args.expand_nested,
                              .splines = args.splines});
    EXPECT_THAT(bytes("m.svg"), HasSubstr("class=\"edge\""));
  }
}
#else
TEST_F(PlotModel, NeedsGraphviz) {
  EXPECT_THAT([&] { utils::plot_model(testing::twins(), {.to_file = folder_ + "m.png"}); },
              ThrowsMessage<NotImplementedError>(AllOf(HasSubstr("Graphviz"), HasSubstr(".dot"))));
}
#endif

}  // namespace
}  // namespace keras
