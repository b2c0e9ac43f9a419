// Convolution, pooling and normalization: forward and gradients as recorded from Keras, unknown sizes, and messages.
#include <gtest/gtest.h>
#include <keras/config.h>
#include <keras/error.h>
#include <keras/ops.h>

#include <cmath>
#include <functional>
#include <limits>
#include <set>

#include "ops/tensor_node.h"
#include "tests/support/golden.h"

namespace keras {
namespace {

using ::keras::testing::Golden;
using Sizes = std::vector<std::int64_t>;

const Golden& golden() {
  static const Golden* const golden = new Golden("ops_conv");
  return *golden;
}

Sizes sizes(const Config& args, const char* name, const Sizes& otherwise) {
  const Config* value = args.find(name);
  if (!value) return otherwise;
  if (value->is_number()) return {value->as_int()};
  Sizes out;
  for (const Config& item : value->items()) out.push_back(item.as_int());
  return out;
}
std::string text(const Config& args, const char* name, const std::string& otherwise) {
  const Config* value = args.find(name);
  return value ? value->as_string() : otherwise;
}

ops::ConvOptions conv_options(const Config& args) {
  return {.strides = sizes(args, "strides", {1}),
          .padding = text(args, "padding", "valid"),
          .data_format = text(args, "data_format", "channels_last"),
          .dilation_rate = sizes(args, "dilation_rate", {1})};
}
ops::PoolOptions pool_options(const Config& args) {
  return {.strides = sizes(args, "strides", {}),
          .padding = text(args, "padding", "valid"),
          .data_format = text(args, "data_format", "channels_last")};
}

struct Results {
  std::vector<std::pair<std::string, Tensor>> outputs;
  Tensor weighed;  // what is summed with w
};

// `in` has the operands by the recorder's names.
Results run(const Config& c, const std::map<std::string, Tensor>& in) {
  const std::string op = c.at("op").as_string();
  const Config& args = c.at("args");
  const Tensor& x = in.at("x");
  const auto one = [](const Tensor& y) { return Results{{{"y", y}}, y}; };
  if (op == "conv") return one(ops::conv(x, in.at("kernel"), conv_options(args)));
  if (op == "depthwise_conv") return one(ops::depthwise_conv(x, in.at("kernel"), conv_options(args)));
  if (op == "separable_conv")
    return one(ops::separable_conv(x, in.at("kernel"), in.at("pointwise"), conv_options(args)));
  if (op == "conv_transpose")
    return one(ops::conv_transpose(x, in.at("kernel"), conv_options(args), sizes(args, "output_padding", {})));
  if (op == "max_pool") return one(ops::max_pool(x, sizes(args, "pool_size", {}), pool_options(args)));
  if (op == "average_pool") return one(ops::average_pool(x, sizes(args, "pool_size", {}), pool_options(args)));
  if (op == "moments") {
    const Sizes axes = sizes(args, "axes", {});
    const auto [mean, variance] = ops::moments(x, Axes(axes.begin(), axes.end()), args.at("keepdims").as_bool());
    return {{{"mean", mean}, {"variance", variance}}, mean * 0.5 + variance};
  }
  const auto optional = [&](const char* name) { return in.contains(name) ? in.at(name) : Tensor(); };
  const Config* epsilon = args.find("epsilon");
  return one(ops::batch_normalization(x, in.at("mean"), in.at("variance"), static_cast<int>(args.at("axis").as_int()),
                                      optional("offset"), optional("scale"), epsilon ? epsilon->as_real() : 1e-3));
}

class Convolution : public ::testing::TestWithParam<DType::Kind> {};

TEST_P(Convolution, ForwardAndGradientsAreThoseOfKeras) {
  std::set<std::string> seen;
  for (const Config& c : golden().cases()) {
    SCOPED_TRACE(c.to_json());
    std::map<std::string, Tensor> in;
    std::vector<std::string> names;
    std::vector<Tensor> operands;
    for (const Config& item : c.at("inputs").items()) {
      const std::string& name = item.as_string();
      in[name] = golden().input(c, name, GetParam());
      if (name == "w") continue;
      names.push_back(name);
      operands.push_back(in[name]);
    }
    const Results results = run(c, in);
    const std::vector<Tensor> gradients = ops::gradients(ops::sum(results.weighed * in.at("w")), operands);
    for (const auto& [name, y] : results.outputs) EXPECT_TRUE(golden().agrees(y, c, name));
    for (std::size_t i = 0; i < names.size(); ++i) EXPECT_TRUE(golden().agrees(gradients[i], c, "d" + names[i]));
    seen.insert(c.at("op").as_string());
  }
  EXPECT_EQ(seen.size(), 8U);
}

INSTANTIATE_TEST_SUITE_P(Real, Convolution, ::testing::Values(DType::float64, DType::float32),
                         [](const auto& type) { return std::string(DType(type.param).name()); });

Tensor input(const Shape& shape) { return ops::placeholder({DType::float32, shape}, "x"); }

TEST(ConvolutionShapes, UnknownSizesStayUnknown) {
  const Tensor kernel = zeros({3, 3, 3, 8}), image = input({None, None, None, 3}), wide = input({None, None, 9, 3});
  EXPECT_EQ(ops::conv(image, kernel).shape(), (Shape{None, None, None, 8}));
  EXPECT_EQ(ops::conv(image, kernel, {.strides = {2}, .padding = "same"}).shape(), (Shape{None, None, None, 8}));
  EXPECT_EQ(ops::conv(wide, kernel, {.strides = {2}, .padding = "same"}).shape(), (Shape{None, None, 5, 8}));
  EXPECT_EQ(ops::conv(wide, kernel).shape(), (Shape{None, None, 7, 8}));
  EXPECT_EQ(ops::depthwise_conv(wide, kernel, {.padding = "same"}).shape(), (Shape{None, None, 9, 24}));
  EXPECT_EQ(ops::separable_conv(wide, kernel, zeros({1, 1, 24, 2})).shape(), (Shape{None, None, 7, 2}));
  const Tensor back = zeros({3, 3, 5, 3});
  EXPECT_EQ(ops::conv_transpose(wide, back, {.strides = {2}}).shape(), (Shape{None, None, 19, 5}));
  EXPECT_EQ(ops::conv_transpose(wide, back, {.strides = {2}, .padding = "same"}, {1}).shape(),
            (Shape{None, None, 18, 5}));
  EXPECT_EQ(ops::max_pool(wide, {2}).shape(), (Shape{None, None, 4, 3}));
  EXPECT_EQ(ops::average_pool(wide, {2}, {.padding = "same"}).shape(), (Shape{None, None, 5, 3}));
  const Tensor first = input({None, 3, None, 9});
  EXPECT_EQ(ops::conv(first, kernel, {.data_format = "channels_first"}).shape(), (Shape{None, 8, None, 7}));
  EXPECT_EQ(ops::max_pool(first, {2}, {.data_format = "channels_first"}).shape(), (Shape{None, 3, None, 4}));
  EXPECT_EQ(ops::moments(wide, {0, 1, 2}).second.shape(), (Shape{3}));
  EXPECT_EQ(ops::batch_normalization(wide, zeros({3}), ones({3}), -1).shape(), wide.shape());
  EXPECT_EQ(ops::conv(zeros({0, 4, 4, 3}), kernel).shape(), (Shape{0, 2, 2, 8}));
}

TEST(ConvolutionShapes, TheDataFormatIsTheConfiguredOne) {
  const std::string before = config::image_data_format();
  config::set_image_data_format("channels_first");
  EXPECT_EQ(ops::conv(zeros({1, 3, 5, 6}), zeros({3, 3, 3, 8})).shape(), (Shape{1, 8, 3, 4}));
  EXPECT_EQ(ops::average_pool(zeros({1, 3, 4}), {2}).shape(), (Shape{1, 3, 2}));
  config::set_image_data_format(before);
}

TEST(Pooling, NanCountsAsTheLargest) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Tensor x = ops::reshape(Tensor(Array({1.0, nan, 5.0, -1.0, 2.0, -3.0})), {1, 6, 1});
  const Array y = ops::max_pool(x, {2});
  EXPECT_TRUE(std::isnan(y.astype(DType::float64).values<double>()[0]));
  EXPECT_EQ(y.astype(DType::float64).values<double>()[1], 5);
  EXPECT_EQ(y.astype(DType::float64).values<double>()[2], 2);
}

TEST(Moments, OfHalvesAreComputedInFloats) {
  const Tensor x = ops::cast(Tensor(Array({300.0, -300.0, 300.0, -300.0})), DType::float16);  // 300² overflows float16
  const auto [mean, variance] = ops::moments(x, {0});
  EXPECT_EQ(mean.dtype(), DType::float16);
  EXPECT_EQ(eval(ops::cast(mean, DType::float32)).item(), 0);
  EXPECT_EQ(eval(ops::cast(variance, DType::float32)).item(), 65504);
}

void expect_refusal(const std::function<void()>& call, const std::vector<std::string>& parts) {
  try {
    call();
    ADD_FAILURE() << "expected a ValueError with " << parts[0];
  } catch (const ValueError& error) {
    for (const std::string& part : parts)
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
  }
}

TEST(ConvolutionErrors, SayWhatDoesNotFit) {
  const Tensor x = zeros({1, 5, 5, 3}), kernel = zeros({3, 3, 3, 4});
  expect_refusal([&] { ops::conv(zeros({5, 5}), kernel); }, {"1, 2 or 3 spatial axes", "(5, 5)"});
  expect_refusal([&] { ops::conv(x, zeros({3, 3, 4})); }, {"rank 4", "(3, 3, 4)"});
  expect_refusal([&] { ops::conv(x, zeros({3, 3, 2, 4})); }, {"3 channels", "(3, 3, 2, 4)", "multiple"});
  expect_refusal([&] { ops::conv(x, zeros({3, 3, 1, 4})); }, {"3 groups", "4 filters"});
  expect_refusal([&] { ops::conv(x, kernel, {.padding = "sane"}); }, {"\"sane\"", "Did you mean «same»"});
  expect_refusal([&] { ops::conv(x, kernel, {.padding = "causal"}); }, {"valid or same", "\"causal\""});
  expect_refusal([&] { ops::conv(x, kernel, {.data_format = "channel_first"}); }, {"Did you mean «channels_first»"});
  expect_refusal([&] { ops::conv(x, kernel, {.strides = {2}, .dilation_rate = {2}}); }, {"strides=(2, 2)"});
  expect_refusal([&] { ops::conv(x, kernel, {.strides = {1, 2, 3}}); }, {"strides", "2 spatial axes", "(1, 2, 3)"});
  expect_refusal([&] { ops::conv(x, kernel, {.strides = {0}}); }, {"at least 1", "(0)"});
  expect_refusal([&] { ops::conv(x, zeros({3, 6, 3, 4})); }, {"spatial axis 1", "size 5", "size 6"});
  expect_refusal([&] { ops::depthwise_conv(x, zeros({3, 3, 2, 1})); }, {"2 channels", "(1, 5, 5, 3)"});
  expect_refusal(
      [&] {
        ops::separable_conv(x, zeros({3, 3, 3, 1}), zeros({1, 1, 2, 4}));
      },
      {"3 channels", "(1, 1, 2, 4)"});
  expect_refusal([&] { ops::conv_transpose(x, zeros({3, 3, 4, 2})); }, {"2 channels", "(1, 5, 5, 3)"});
  expect_refusal(
      [&] {
        ops::conv_transpose(x, zeros({3, 3, 4, 3}), {.strides = {2}}, {2});
      },
      {"[0, 1]", "Received: 2"});
  expect_refusal([&] { ops::max_pool(x, {6}); }, {"max_pool", "size 5", "size 6"});
  expect_refusal([&] { ops::max_pool(x, {}); }, {"pool_size", "2 spatial axes"});
  expect_refusal([&] { ops::average_pool(x, {2}, {.padding = "causal"}); }, {"valid or same"});
  expect_refusal([&] { ops::batch_normalization(x, zeros({4}), ones({4}), -1); }, {"mean", "(4,)", "(1, 5, 5, 3)"});
}

}  // namespace
}  // namespace keras
