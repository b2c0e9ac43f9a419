// The backend functions against what tf_keras computed: forward, and the gradients of sum(y * w).
#include "tests/support/golden.h"

#include <gtest/gtest.h>
#include <keras/backend.h>
#include <keras/error.h>

#include <functional>
#include <map>
#include <set>

namespace keras {
namespace {

namespace K = backend;
using ::keras::testing::Golden;
using Sizes = std::vector<std::int64_t>;

// One case: its operands in order, and its arguments.
struct Case {
  const Config& args;
  std::vector<Tensor> in;
  const Config& all;

  const Tensor& operator[](std::size_t i) const { return in.at(i); }
  const Config* find(const char* name) const { return args.find(name); }
  std::int64_t whole(const char* name, std::int64_t otherwise = 0) const {
    return find(name) ? find(name)->as_int() : otherwise;
  }
  int axis(int otherwise = -1, const char* name = "axis") const { return static_cast<int>(whole(name, otherwise)); }
  double real(const char* name, double otherwise = 0) const { return find(name) ? find(name)->as_real() : otherwise; }
  bool flag(const char* name) const { return find(name) && find(name)->as_bool(); }
  std::string text(const char* name, const char* otherwise) const {
    return find(name) ? find(name)->as_string() : otherwise;
  }
  Sizes sizes(const char* name, const Sizes& otherwise = {}) const {
    if (!find(name)) return otherwise;
    if (find(name)->is_number()) return {find(name)->as_int()};
    Sizes out;
    for (const Config& item : find(name)->items()) out.push_back(item.as_int());
    return out;
  }
  Axes axes(const char* name = "axis") const {
    const Sizes found = sizes(name);
    return {found.begin(), found.end()};
  }
  std::vector<K::Margins> margins(std::size_t count) const {
    std::vector<K::Margins> out(count, {1, 1});
    if (!find("padding")) return out;
    for (std::size_t i = 0; i < count; ++i) {
      const auto& pair = find("padding")->items()[i].items();
      out[i] = {pair[0].as_int(), pair[1].as_int()};
    }
    return out;
  }
  std::string data_format() const { return text("data_format", "channels_last"); }
  ops::ConvOptions conv() const {
    return {.strides = sizes("strides", {1}),
            .padding = text("padding", "valid"),
            .data_format = data_format(),
            .dilation_rate = sizes("dilation_rate", {1})};
  }
  K::PoolOptions pool() const {
    return {sizes("strides", {1}), text("padding", "valid"), data_format(), text("pool_mode", "max")};
  }
};

using Results = std::vector<Tensor>;
using Function = std::function<Results(const Case&)>;

Results rnn(const Case& c) {
  const auto step = [](const Tensor& x, const std::vector<Tensor>& states) {
    const Tensor next = K::tanh(K::dot(x, states[1]) + states[0] * 0.5);
    return std::pair(next * 2.0, std::vector<Tensor>{next});
  };
  K::RnnArgs args{.go_backwards = c.flag("go_backwards"), .constants = {c[2]}, .unroll = c.flag("unroll")};
  if (c.flag("mask")) {
    std::vector<bool> flat;
    Array mask({2, 4}, DType::boolean);
    for (std::int64_t i = 0; i < 8; ++i)
      mask.set(
          {i / 4, i % 4},
          c.all.at("mask").items()[static_cast<std::size_t>(i / 4)].items()[static_cast<std::size_t>(i % 4)].as_bool());
    args.mask = mask;
  }
  const K::RnnResult done = K::rnn(step, c[0], {c[1]}, args);
  return {done.outputs, done.last_output, done.new_states[0]};
}

Results ctc_decode(const Case& c) {
  auto [paths, scores] = K::ctc_decode(
      c[0], c[1],
      {.greedy = c.flag("greedy"), .beam_width = c.whole("beam_width", 100), .top_paths = c.whole("top_paths", 1)});
  paths.push_back(scores);
  return paths;
}

Results normalized(const Case& c) {
  const auto [y, mean, var] =
      K::normalize_batch_in_training(c[0], c[1], c[2], c.axes("reduction_axes"), c.real("epsilon", 1e-3));
  return {y, mean, var};
}

Tensor fold_step(const Tensor& a, const Tensor& v) { return a * 0.5 + v * v; }

const std::map<std::string, Function>& functions() {
#define UNARY(name)                                                 \
  {                                                                 \
#name, [](const Case& c) -> Results { return {K::name(c[0])}; } \
  }
#define BINARY(name)                                                      \
  {                                                                       \
#name, [](const Case& c) -> Results { return {K::name(c[0], c[1])}; } \
  }
#define REDUCTION(name)                                                                           \
  {                                                                                               \
#name, [](const Case& c) -> Results { return {K::name(c[0], c.axes(), c.flag("keepdims"))}; } \
  }
#define ALONG(name, otherwise)                                                         \
  {                                                                                    \
#name, [](const Case& c) -> Results { return {K::name(c[0], c.axis(otherwise))}; } \
  }
#define CASE(name, ...)                                          \
  {                                                              \
    name, [](const Case& c) -> Results { return {__VA_ARGS__}; } \
  }
  static const auto* const table = new std::map<std::string, Function>{
      UNARY(square),
      UNARY(abs),
      UNARY(exp),
      UNARY(sign),
      UNARY(round),
      UNARY(sin),
      UNARY(cos),
      UNARY(sigmoid),
      UNARY(tanh),
      UNARY(softplus),
      UNARY(softsign),
      UNARY(hard_sigmoid),
      UNARY(sqrt),
      UNARY(log),
      UNARY(transpose),
      UNARY(flatten),
      UNARY(batch_flatten),
      BINARY(equal),
      BINARY(not_equal),
      BINARY(greater),
      BINARY(greater_equal),
      BINARY(less),
      BINARY(less_equal),
      BINARY(maximum),
      BINARY(minimum),
      BINARY(dot),
      BINARY(gather),
      REDUCTION(max),
      REDUCTION(min),
      REDUCTION(sum),
      REDUCTION(prod),
      REDUCTION(mean),
      REDUCTION(std),
      REDUCTION(var),
      REDUCTION(logsumexp),
      REDUCTION(any),
      REDUCTION(all),
      ALONG(argmax, -1),
      ALONG(argmin, -1),
      ALONG(cumsum, 0),
      ALONG(cumprod, 0),
      ALONG(softmax, -1),
      ALONG(expand_dims, -1),
      ALONG(squeeze, 0),
      CASE("pow", K::pow(c[0], c.real("a"))),
      CASE("clip", K::clip(c[0], c.real("min_value"), c.real("max_value"))),
      CASE("relu",
           K::relu(c[0], c.real("alpha"), c.find("max_value") ? std::optional(c.real("max_value")) : std::nullopt,
                   c.real("threshold"))),
      CASE("elu", K::elu(c[0], c.real("alpha", 1))),
      CASE("batch_dot", !c.find("axes") ? K::batch_dot(c[0], c[1])
                        : c.find("axes")->is_number()
                            ? K::batch_dot(c[0], c[1], c.axis(0, "axes"))
                            : K::batch_dot(c[0], c[1], {c.axes("axes")[0], c.axes("axes")[1]})),
      CASE("concatenate", K::concatenate({c[0], c[1]}, c.axis())),
      CASE("stack", K::stack({c[0], c[1]}, c.axis(0))),
      CASE("reshape", K::reshape(c[0], Shape(c.sizes("shape")))),
      CASE("permute_dimensions", K::permute_dimensions(c[0], c.axes("pattern"))),
      CASE("resize_images", K::resize_images(c[0], c.whole("height_factor"), c.whole("width_factor"), c.data_format(),
                                             c.text("interpolation", "nearest"))),
      CASE("resize_volumes", K::resize_volumes(c[0], c.whole("depth_factor"), c.whole("height_factor"),
                                               c.whole("width_factor"), c.data_format())),
      CASE("repeat_elements", K::repeat_elements(c[0], c.whole("rep"), c.axis())),
      CASE("repeat", K::repeat(c[0], c.whole("n"))),
      CASE("arange", K::arange(c.whole("start"), c.find("stop") ? std::optional(c.whole("stop")) : std::nullopt,
                               c.whole("step", 1))),
      CASE("tile", K::tile(c[0], c.sizes("n"))),
      CASE("temporal_padding", c.find("padding")
                                   ? K::temporal_padding(c[0], {c.sizes("padding")[0], c.sizes("padding")[1]})
                                   : K::temporal_padding(c[0])),
      CASE("spatial_2d_padding", K::spatial_2d_padding(c[0], c.margins(2), c.data_format())),
      CASE("spatial_3d_padding", K::spatial_3d_padding(c[0], c.margins(3), c.data_format())),
      CASE("one_hot", K::one_hot(c[0], c.whole("num_classes"))),
      CASE("reverse", K::reverse(c[0], c.axes("axes"))),
      CASE("slice", K::slice(c[0], c.sizes("start"), c.sizes("size"))),
      CASE("switch", K::switch_(c[0], c[1], c[2])),
      CASE("categorical_crossentropy", K::categorical_crossentropy(c[0], c[1], c.flag("from_logits"), c.axis())),
      CASE("sparse_categorical_crossentropy",
           K::sparse_categorical_crossentropy(c[0], c[1], c.flag("from_logits"), c.axis())),
      CASE("binary_crossentropy", K::binary_crossentropy(c[0], c[1], c.flag("from_logits"))),
      CASE("l2_normalize", K::l2_normalize(c[0], c.find("axis") ? std::optional(c.axis()) : std::nullopt)),
      CASE("in_top_k", K::in_top_k(c[0], c[1], c.whole("k"))),
      CASE("conv1d", K::conv1d(c[0], c[1], c.conv())),
      CASE("conv2d", K::conv2d(c[0], c[1], c.conv())),
      CASE("conv3d", K::conv3d(c[0], c[1], c.conv())),
      CASE("conv2d_transpose", K::conv2d_transpose(c[0], c[1], Shape(c.sizes("output_shape")), c.conv())),
      CASE("conv3d_transpose", K::conv3d_transpose(c[0], c[1], Shape(c.sizes("output_shape")), c.conv())),
      CASE("depthwise_conv2d", K::depthwise_conv2d(c[0], c[1], c.conv())),
      CASE("separable_conv1d", K::separable_conv1d(c[0], c[1], c[2], c.conv())),
      CASE("separable_conv2d", K::separable_conv2d(c[0], c[1], c[2], c.conv())),
      CASE("pool2d", K::pool2d(c[0], c.sizes("pool_size"), c.pool())),
      CASE("pool3d", K::pool3d(c[0], c.sizes("pool_size"), c.pool())),
      CASE("bias_add", K::bias_add(c[0], c[1], c.data_format())),
      CASE("local_conv1d", K::local_conv1d(c[0], c[1], c.sizes("kernel_size"), c.sizes("strides"), c.data_format())),
      CASE("local_conv2d", K::local_conv2d(c[0], c[1], c.sizes("kernel_size"), c.sizes("strides"),
                                           c.sizes("output_shape"), c.data_format())),
      {"normalize_batch_in_training", normalized},
      CASE("batch_normalization",
           K::batch_normalization(c[0], c[1], c[2], c[3], c[4], c.axis(), c.real("epsilon", 1e-3))),
      CASE("map_fn", K::map_fn([](const Tensor& v) { return K::tanh(v) * K::sum(v); }, c[0])),
      CASE("foldl", K::foldl(fold_step, c[0], c.in.size() > 1 ? c[1] : Tensor())),
      CASE("foldr", K::foldr(fold_step, c[0])),
      {"rnn", rnn},
      CASE("ctc_batch_cost", K::ctc_batch_cost(c[0], c[1], c[2], c[3])),
      {"ctc_decode", ctc_decode},
      CASE("ops_normalize", ops::normalize(c[0], c.find("axis") ? c.axes() : Axes{-1}, c.axis(2, "order"))),
      CASE("ops_strided_slice", ops::strided_slice(c[0], c.sizes("begin"), c.sizes("end"), c.sizes("step"))),
      CASE("ops_resize", ops::resize(c[0], c.sizes("size"), {.interpolation = c.text("interpolation", "bilinear")})),
      CASE("ops_eye",
           ops::eye(c.whole("n"), c.find("m")->is_null() ? std::nullopt : std::optional(c.whole("m")), c.whole("k"))),
      CASE("ops_ctc_loss", ops::ctc_loss(c[0], c[1], c[2], c[3], c.whole("blank"))),
  };
  return *table;
}

const Golden& golden() {
  static const Golden* const golden = new Golden("ops_backend");
  return *golden;
}

class Backend : public ::testing::TestWithParam<DType::Kind> {
 protected:
  void SetUp() override { config::set_floatx(GetParam()); }
  void TearDown() override { config::set_floatx(DType::float32); }
};

TEST_P(Backend, FunctionsAndGradientsAreThoseOfKeras) {
  std::set<std::string> seen;
  for (const Config& c : golden().cases()) {
    SCOPED_TRACE(c.at("name").as_string() + " " + c.at("args").to_json());
    const std::string op = c.at("op").as_string();
    ASSERT_TRUE(functions().contains(op));
    Case one{c.at("args"), {}, c};
    std::map<std::string, Tensor> by_name;
    if (const Config* inputs = c.find("inputs")) {
      for (const Config& item : inputs->items()) {
        const std::string& name = item.as_string();
        by_name[name] = golden().input(c, name, GetParam());
        if (name != "w") one.in.push_back(by_name[name]);
      }
    }
    const Results results = functions().at(op)(one);
    std::vector<Tensor> wrt;
    for (const Config& name : c.at("real").items()) wrt.push_back(by_name[name.as_string()]);
    std::vector<Tensor> gradients;
    if (!wrt.empty()) gradients = ops::gradients(ops::sum(results[0] * by_name["w"]), wrt);
    for (std::size_t i = 0; i < results.size(); ++i)
      EXPECT_TRUE(golden().agrees(results[i], c, i == 0 ? "y" : "y" + std::to_string(i)));
    for (std::size_t i = 0; i < wrt.size(); ++i)
      EXPECT_TRUE(golden().agrees(gradients[i], c, "d" + c.at("real").items()[i].as_string()));
    seen.insert(op);
  }
  EXPECT_EQ(seen.size(), functions().size());
}

// The same on placeholders: the type is known beforehand, and a function computes the same.
TEST_P(Backend, FunctionsOfPlaceholdersAreTheSame) {
  for (const Config& c : golden().cases()) {
    const std::string op = c.at("op").as_string();
    if (!c.find("inputs") || c.at("args") == Config::map({{"greedy", false}, {"beam_width", 20}, {"top_paths", 3}}))
      continue;
    SCOPED_TRACE(c.at("name").as_string() + " " + c.at("args").to_json());
    Case one{c.at("args"), {}, c};
    std::vector<Array> values;
    for (const Config& item : c.at("inputs").items()) {
      if (item.as_string() == "w") continue;
      values.push_back(golden().input(c, item.as_string(), GetParam()));
      const bool step_uses_it =
          op == "rnn" && one.in.size() == 2;  // a kernel that a placeholder would have to be given
      one.in.push_back(step_uses_it ? Tensor(values.back())
                                    : K::placeholder(values.back().shape(), {.dtype = values.back().dtype()}));
      if (step_uses_it) values.pop_back();
    }
    std::vector<Tensor> fed = one.in;
    if (op == "rnn") fed.pop_back();
    const Results results = functions().at(op)(one);
    const std::vector<Array> computed = K::function(fed, results)(values);
    for (std::size_t i = 0; i < results.size(); ++i) {
      EXPECT_EQ(computed[i].shape(), results[i].shape());
      EXPECT_EQ(computed[i].dtype(), results[i].dtype());
      EXPECT_TRUE(golden().agrees(computed[i], c, i == 0 ? "y" : "y" + std::to_string(i)));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Real, Backend, ::testing::Values(DType::float64, DType::float32),
                         [](const auto& type) { return std::string(DType(type.param).name()); });

}  // namespace
}  // namespace keras
