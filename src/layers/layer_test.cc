#include "tests/support/layer_test.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/layers.h>
#include <keras/models.h>

#include <set>

#include "layers/layer_state.h"
#include "layers/table.h"
#include "ops/names.h"
#include "ops/trace.h"
#include "tests/support/error_of.h"

namespace keras {
namespace {

using ::keras::testing::error_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> paths(const std::vector<Variable>& variables) {
  std::vector<std::string> list;
  for (const Variable& variable : variables) list.push_back(variable.state()->path);
  return list;
}

// ---- own layers, as DESIGN shows one
struct ScaleArgs {
  float initial = 1;
  std::optional<std::string> name = {};
  bool trainable = true;
  std::optional<DType> dtype = {};
  static void fields(auto&& f) {
    f("initial", &ScaleArgs::initial, "Starting value of the scale.");
    f("name", &ScaleArgs::name, "Name of the layer.");
    f("trainable", &ScaleArgs::trainable, "Whether training moves the weights.");
    f("dtype", &ScaleArgs::dtype, "Of the weights.");
  }
};
struct Scale final : LayerBody {
  static constexpr auto class_name = "Scale";
  using Args = ScaleArgs;
  explicit Scale(Args args) : args_(std::move(args)) {}
  void build(const Shape& input) override {
    gamma_ = add_weight("gamma", {input.back()}, initializers::Constant(args_.initial));
  }
  Tensor call(const Tensor& x) override { return x * gamma_; }

 private:
  Args args_;
  Variable gamma_;
};

// Of two layers, a counter that is not trained, and what it was called with.
struct Composite final : LayerBody {
  static constexpr auto class_name = "Composite";
  using Args = NoArgs;
  explicit Composite(Args) {}
  void build(const Shape&) override {
    calls_ = add_weight("calls", {}, "zeros", {.trainable = false});
    scale_ = add_weight("scale", {}, "ones");
  }
  std::vector<Tensor> call_all(const Call& call) override {
    training = call.training;
    add_loss(ops::sum(call.inputs[0]));
    return {second_(first_(call.inputs[0])) * scale_, call.inputs[0]};
  }
  bool training = false;

 private:
  Layer first_ = child("first", layers::Dense(3, {.name = "d"}));
  Layer second_ = child("second", layers::Dropout(0.5, {.name = "drop"}));
  Variable calls_, scale_;
};

TEST(Names, FollowKeras) {
  const std::pair<const char*, const char*> names[] = {{"Dense", "dense"},
                                                       {"Conv2D", "conv2d"},
                                                       {"LSTM", "lstm"},
                                                       {"BatchNormalization", "batch_normalization"},
                                                       {"GRUCell", "gru_cell"},
                                                       {"HTTPServer", "http_server"},
                                                       {"MyRNN2D", "my_rnn2d"},
                                                       {"A", "a"},
                                                       {"ABc", "a_bc"},
                                                       {"aB", "a_b"},
                                                       {"PReLU", "p_re_lu"},
                                                       {"LeakyReLU", "leaky_re_lu"},
                                                       {"_Foo", "__foo"},
                                                       {"Foo_Bar", "foo__bar"},
                                                       {"Conv2DTranspose", "conv2d_transpose"},
                                                       {"GlobalAveragePooling1D", "global_average_pooling1d"},
                                                       {"TFSMLayer", "tfsm_layer"}};
  for (const auto& [class_name, name] : names) EXPECT_EQ(ops::snake_case(class_name), name);
  ops::reset_names();
  EXPECT_EQ(layers::Dense(1).name(), "dense");
  EXPECT_EQ(layers::Dense(1, {.name = "dense_7"}).name(), "dense_7");
  EXPECT_EQ(layers::Dense(1).name(), "dense_1");
  EXPECT_EQ(make_layer<Scale>().name(), "scale");
  EXPECT_THROW(layers::Dense(1, {.name = "a/b"}), ValueError);
}

TEST(LayerTest, HoldsForOwnLayers) {
  testing::layer_test(make_layer<Scale>({.initial = 2}), {.input = {3, 4}, .maker = custom<Scale>()});
}

TEST(Layer, OwnLayerOfDesign) {
  const Layer scale = make_layer<Scale>({.initial = 2});
  const Array y = scale(Array({{1., 2.}, {3., 4.}}));
  EXPECT_TRUE(identical(y, Array({{2., 4.}, {6., 8.}})));
  EXPECT_TRUE(identical(scale.get_weights()[0], Array({2., 2.})));
  EXPECT_EQ(scale.get_config().at("initial").as_real(), 2);
}

TEST(Layer, ChildrenAreTrackedAndFrozen) {
  const Layer layer = make_layer<Composite>();
  const std::string name = layer.name();
  EXPECT_FALSE(layer.built());
  EXPECT_THROW(layer.count_params(), ValueError);
  layer.build({None, 2});
  EXPECT_EQ(layer.body()->layers().size(), 2u);
  layer.outputs({Array({{1., 2.}})});
  // Keras 3: own weights, the trainable ones first, then those of the children.
  EXPECT_THAT(paths(layer.weights()),
              ElementsAre(name + "/scale", name + "/calls", name + "/d/kernel", name + "/d/bias"));
  EXPECT_EQ(layer.count_params(), 2 + 6 + 3);
  EXPECT_EQ(layer.trainable_weights().size(), 3u);
  layer.set_trainable(false);
  EXPECT_TRUE(layer.trainable_weights().empty());
  EXPECT_FALSE(layer.body()->layers()[0].trainable());
  layer.set_trainable(true);
  EXPECT_EQ(layer.trainable_weights().size(), 3u);
}

TEST(Layer, TrainingReachesTheLayersInside) {
  const Layer layer = make_layer<Composite>();
  auto& body = static_cast<Composite&>(*layer.body());
  const Array x(Shape{50, 2}, DType::float32);
  layer.outputs({x});
  EXPECT_FALSE(body.training);
  layer.body()->layers()[0].set_weights({Array({{1., 1., 1.}, {1., 1., 1.}}), Array({1., 1., 1.})});
  const auto zeros_in = [](const Array& y) {
    const auto values = y.values<float>();
    return std::count(values.begin(), values.end(), 0.0f);
  };
  EXPECT_EQ(zeros_in(layer.outputs({x})[0]), 0);
  EXPECT_GT(zeros_in(layer.outputs({x}, {.training = true})[0]), 30);
  EXPECT_TRUE(body.training);
}

TEST(Layer, SeveralOutputsAreAskedForByName) {
  const Layer layer = make_layer<Composite>();
  EXPECT_THAT(error_of([&] { layer(Array({{1., 2.}})); }), HasSubstr("has 2 outputs"));
  EXPECT_EQ(layer.outputs({Array({{1., 2.}})}).size(), 2u);
}

TEST(Layer, LossesAreRecordedInATraceOnly) {
  const Layer layer = make_layer<Composite>();
  layer.outputs({Array({{1., 2.}})});
  ops::Trace trace;
  layer.outputs({Array({{1., 2.}})});
  EXPECT_EQ(trace.take_losses().size(), 1u);
}

TEST(Layer, ErrorsNameTheLayerAndWhatItGot) {
  const Layer dense = layers::Dense(10, {.name = "dense_1"});
  dense.build({None, 784});
  EXPECT_THAT(
      error_of([&] {
        dense(Array(Shape{32, 100}));
      }),
      HasSubstr("Dense \"dense_1\": expected the last axis of the input to be 784. Received: shape=(32, 100)."));
  EXPECT_THAT(error_of([&] { dense(Array(Shape{32})); }), HasSubstr("rank 2 or more"));
  EXPECT_THAT(error_of([&] {
                dense.set_weights({Array(Shape{3, 4})});
              }),
              HasSubstr("expected 2 arrays: kernel (784, 10), bias (10,). Received: 1, of shapes (3, 4)."));
  EXPECT_THAT(error_of([] { layers::Dense(3).set_weights({Array(Shape{3, 4})}); }), HasSubstr("not built yet"));
  EXPECT_THAT(error_of([] { layers::Dense(3)(Input({None})); }), HasSubstr("last axis must be known"));
  EXPECT_THAT(error_of([] { layers::Dense(3, {.units = 3}); }), HasSubstr("given twice"));
  EXPECT_THAT(error_of([] { layers::Dense(0); }), HasSubstr("units must be a positive number"));
  EXPECT_THAT(error_of([] { layers::Dense(3, {.activation = "rleu"}); }), HasSubstr("relu"));
  EXPECT_THAT(error_of([] { layers::Dense(3)(Tensor()); }), HasSubstr("empty Tensor"));
  EXPECT_THAT(error_of([] { layers::Dense(3)(std::vector<Tensor>{}); }), HasSubstr("without an input"));
  const Array x(Shape{2, 3});
  EXPECT_THAT(error_of([&] { layers::Dense(3)({x, x}); }), HasSubstr("takes one input"));
  EXPECT_THAT(error_of([&] { Model::from_layer(layers::Dense(3)); }), HasSubstr("no model"));
}

struct Broken final : LayerBody {
  static constexpr auto class_name = "Broken";
  using Args = NoArgs;
  explicit Broken(Args) {}
  Tensor call(const Tensor& x) override { return ops::reshape(x, {7, 7}); }
};

TEST(Layer, ErrorsOfTheOpsInsideNameTheInnermostLayer) {
  const Layer broken = make_layer<Broken>();
  const Sequential model({broken});
  const std::string error = error_of([&] { model(Array(Shape{2, 3})); });
  EXPECT_THAT(error, HasSubstr("reshape"));
  EXPECT_THAT(error, HasSubstr("Raised while Broken \"" + broken.name() + "\" was called on (2, 3)"));
}

TEST(Layer, InitialWeights) {
  const Array kernel({{1., 2.}, {3., 4.}}), bias({5., 6.});
  const Layer dense = layers::Dense(2, {.name = "start", .weights = {kernel, bias}});
  EXPECT_TRUE(identical(Array(dense(Array({{1., 1.}}))), Array({{9., 12.}})));
  EXPECT_FALSE(dense.get_config().contains("weights"));
  const Array x(Shape{1, 2});
  EXPECT_THAT(error_of([&] {
                layers::Dense(3, {.weights = {kernel, bias}})(x);
              }),
              HasSubstr("weights= expected an array of shape (2, 3)"));
  const Layer short_of_one = layers::Dense(2, {.weights = {kernel}});
  EXPECT_THAT(error_of([&] { short_of_one(x); }),
              HasSubstr("weights= expected 2 arrays: kernel (2, 2), bias (2,). Received: 1"));
  EXPECT_TRUE(short_of_one.weights().empty());
}

TEST(Layer, FloatingInputsTakeTheLayersDtype) {
  const Layer dense = layers::Dense(2);
  EXPECT_EQ(dense(Array(Shape{3, 4}, DType::float64)).dtype(), DType::float32);
  EXPECT_EQ(layers::Dense(2, {.dtype = "float64"})(Array(Shape{3, 4}, DType::float32)).dtype(), DType::float64);
  EXPECT_EQ(layers::Dense(2, {.dtype = "float64"}).body()->dtype(), DType::float64);
  EXPECT_EQ(layers::Flatten()(Array(Shape{3, 4}, DType::int32)).dtype(), DType::int32);
}

TEST(Layer, WeightsAreCopiesBothWays) {
  const Layer dense = layers::Dense(1, {.use_bias = false});
  dense.build({None, 1});
  Array one({{1.}});
  dense.set_weights({one});
  one.set({0, 0}, 5);
  EXPECT_EQ(dense.get_weights()[0].item(), 1);
  dense.get_weights()[0].set({0, 0}, 5);
  EXPECT_EQ(dense.get_weights()[0].item(), 1);
}

TEST(Layer, FrozenFromTheStartAndLaterNot) {
  const Layer dense = layers::Dense(2, {.trainable = false});
  dense.build({None, 3});
  EXPECT_TRUE(dense.trainable_weights().empty());
  EXPECT_EQ(dense.non_trainable_weights().size(), 2u);
  dense.set_trainable(true);
  EXPECT_EQ(dense.trainable_weights().size(), 2u);
}

TEST(Layer, RegularizersAndConstraintsAreFound) {
  const Layer dense = layers::Dense(2, {.kernel_regularizer = regularizers::L2(0.5),
                                        .bias_constraint = constraints::NonNeg(),
                                        .weights = {Array({{1., 2.}}), Array({3., 4.})}});
  dense.build({None, 1});
  const std::vector<Tensor> losses = layers::regularization_losses(dense);
  ASSERT_EQ(losses.size(), 1u);
  EXPECT_FLOAT_EQ(static_cast<float>(Array(losses[0]).item()), 2.5f);
  const std::vector<Constraint> constraints = layers::constraints_of(dense, dense.trainable_weights());
  EXPECT_FALSE(constraints[0]);
  EXPECT_TRUE(constraints[1]);
  dense.set_trainable(false);
  EXPECT_TRUE(layers::regularization_losses(dense).empty());
}

TEST(Layer, DropoutSeeds) {
  const Array x = ones({40, 5});
  const auto masks = [&](const Layer& layer) { return Array(layer.outputs({x}, {.training = true})[0]); };
  const Layer a = layers::Dropout(0.5, {.seed = 3}), b = layers::Dropout(0.5, {.seed = 3}),
              c = layers::Dropout(0.5, {.seed = 4});
  const Array first = masks(a), second = masks(a);
  EXPECT_FALSE(identical(first, second));
  EXPECT_TRUE(identical(first, masks(b)));
  EXPECT_TRUE(identical(second, masks(b)));
  EXPECT_FALSE(identical(first, masks(c)));
  random::seed(1);
  const Array seeded = masks(layers::Dropout(0.5));
  random::seed(1);
  EXPECT_TRUE(identical(seeded, masks(layers::Dropout(0.5))));
  const Array rows = masks(layers::Dropout(0.5, {.noise_shape = Shape{None, 1}}));
  for (std::int64_t i = 0; i < 40; ++i) EXPECT_EQ(rows.at({i, 0}), rows.at({i, 4}));
  EXPECT_THAT(error_of([&] {
                masks(layers::Dropout(0.5, {.noise_shape = Shape{None, 2}}));
              }),
              HasSubstr("noise_shape=(None, 2)"));
}

// In a trace a seeded mask depends on the seed, the step and the nth draw, and on nothing else.
TEST(Layer, DropoutSeedsInATrace) {
  const auto run = [](std::uint64_t seed, const std::string& name, std::int64_t step) {
    const Layer dropout = layers::Dropout(0.5, {.seed = 3, .name = name});
    ops::Trace trace(seed);
    const Tensor counter = ops::placeholder({DType::int64, {}}, "step");
    trace.set_step(counter);
    const Tensor y = ops::concatenate(
        {dropout.outputs({ones({30})}, {.training = true})[0], dropout.outputs({ones({30})}, {.training = true})[0]},
        0);
    const ops::Function function(std::vector<Tensor>{y}, trace, std::vector<Tensor>{counter});
    std::vector<float> values(60);
    const void* inputs[] = {&step};
    void* outputs[] = {values.data()};
    function.run(inputs, outputs);
    return values;
  };
  EXPECT_EQ(run(1, "a", 0), run(2, "b", 0));
  EXPECT_NE(run(1, "a", 0), run(1, "a", 1));
}

// What a layer does to its variables while its shapes are looked for is forgotten.
struct Counter final : LayerBody {
  static constexpr auto class_name = "Counter";
  using Args = NoArgs;
  explicit Counter(Args) {}
  void build(const Shape&) override { count_ = add_weight("count", {}, "zeros", {.trainable = false}); }
  Tensor call(const Tensor& x) override {
    add_loss(ops::sum(x));
    count_.assign(Tensor(count_) + 1);
    return x + count_;
  }

 private:
  Variable count_;
};

TEST(Layer, LookingForShapesChangesNothing) {
  const Layer counter = make_layer<Counter>();
  const Sequential model({counter});
  ops::Trace trace;
  const Tensor y = model(ops::placeholder({DType::float32, {2, 3}}, "x"));  // built here, then called
  EXPECT_EQ(trace.take_losses().size(), 1u);
  EXPECT_EQ(trace.updates().size(), 1u);
  EXPECT_EQ(y.shape().str(), "(2, 3)");
  EXPECT_EQ(model.compute_output_shape({None, 3}).str(), "(None, 3)");
  EXPECT_EQ(trace.take_losses().size(), 0u);
  EXPECT_EQ(counter.get_weights()[0].item(), 0);
}

// The names that the process counts up do not reach the masks.
TEST(Layer, DropoutOfModelsThatAreMadeAlikeIsAlike) {
  const auto run = [] {
    const Sequential model({layers::Dropout(0.5, {.input_shape = Shape{20}}), layers::Dropout(0.2)});
    ops::Trace trace(9);
    const Tensor x = ops::placeholder({DType::float32, {3, 20}}, "x");
    const ops::Function function(model.outputs({x}, {.training = true}), trace, std::vector<Tensor>{x});
    const Array data = ones({3, 20});
    Array result(Shape{3, 20});
    const void* inputs[] = {data.data()};
    void* outputs[] = {result.mutable_data()};
    function.run(inputs, outputs);
    return result;
  };
  EXPECT_TRUE(identical(run(), run()));
}

TEST(Layer, ALayerAsActivation) {
  const Layer scale = make_layer<Scale>({.initial = 3});
  const Layer dense = layers::Dense(2, {.activation = scale, .use_bias = false, .kernel_initializer = "ones"});
  EXPECT_TRUE(identical(Array(dense(Array({{1., 1.}}))), Array({{6., 6.}})));
  EXPECT_EQ(dense.weights().size(), 2u);
  EXPECT_EQ(dense.body()->layers().size(), 1u);
  const Layer own = layers::Activation([](const Tensor& x) { return x * 2; });
  EXPECT_TRUE(identical(Array(own(Array({1., 2.}))), Array({2., 4.})));
}

TEST(Layer, ReadsWhatOldKerasCalledTheArguments) {
  const Layer dense = layers::from_config(Config::from_json(
      R"({"class_name": "Dense", "config": {"name": "d", "output_dim": 4, "init": "uniform", "bias": false, "W_regularizer": null}})"));
  dense.build({None, 3});
  EXPECT_EQ(dense.weights().size(), 1u);
  EXPECT_THAT(error_of([] { layers::from_config(Config::from_json(R"({"class_name": "Dens", "config": {}})")); }),
              HasSubstr("Dense"));
}

TEST(Layer, CloneHasWeightsOfItsOwn) {
  const Layer dense = layers::Dense(2, {.activation = "tanh"});
  dense.build({None, 3});
  const Layer twin = layers::clone(dense);
  EXPECT_FALSE(twin.built());
  EXPECT_EQ(twin.name(), dense.name());
  EXPECT_EQ(twin.get_config(), dense.get_config());
}

TEST(Layer, UnknownSizesPrintAsNone) {
  EXPECT_EQ(layers::Dense(4).compute_output_shape({None, None, 3}).str(), "(None, None, 4)");
  EXPECT_EQ(layers::Flatten().compute_output_shape({None, None, 3}).str(), "(None, None)");
  EXPECT_EQ(layers::Flatten({.data_format = "channels_first"}).compute_output_shape({None, 2, 5, 3}).str(),
            "(None, 30)");
  EXPECT_EQ(layers::Reshape({-1, 2}).compute_output_shape({None, 4, 3}).str(), "(None, 6, 2)");
  EXPECT_EQ(layers::Reshape({-1, 2}).compute_output_shape({None, None, 3}).str(), "(None, None, 2)");
  EXPECT_EQ(layers::Activation("softmax").compute_output_shape({None, 4}).str(), "(None, 4)");
  EXPECT_EQ(layers::Dropout(0.5).compute_output_shape({None, 4}).str(), "(None, 4)");
}

TEST(Layer, RefusesWhatDoesNotFit) {
  EXPECT_THAT(error_of([] { layers::Reshape({4, 5})(Array(Shape{2, 3, 4})); }), HasSubstr("12 elements"));
  EXPECT_THROW(layers::Reshape({-1, -1}), ValueError);
  EXPECT_THAT(error_of([] { layers::Flatten({.data_format = "channels_fist"}); }), HasSubstr("channels_first"));
  EXPECT_THROW(layers::Dense(3, {.input_dim = 3, .input_shape = Shape{3}}), ValueError);
}

TEST(LayerTest, HoldsForEveryLayerOfTheTable) {
  random::seed(3);
  std::set<std::string> seen;
  const auto holds = [&](const Layer& layer, const testing::LayerTestArgs& args) {
    testing::layer_test(layer, args);
    seen.insert(layer.class_name());
  };
  holds(layers::Dense(4, {.activation = "tanh"}), {.input = {2, 3}});
  holds(layers::Dense(4, {.use_bias = false, .kernel_regularizer = "l2", .kernel_constraint = "max_norm"}),
        {.input = {2, 5, 3}});
  holds(layers::Activation("softplus"), {.input = {2, 3}});
  holds(layers::Activation("softmax"), {.input = {2, 3, 4}});
  holds(layers::Flatten(), {.input = {2, 3, 4}});
  holds(layers::Flatten({.data_format = "channels_first"}), {.input = {2, 3, 4, 5}});
  holds(layers::Reshape({6, -1}), {.input = {2, 3, 4}});
  holds(layers::Dropout(0.3, {.noise_shape = Shape{None, 1}, .seed = 4}), {.input = {2, 3}});

  holds(layers::Conv2D(3, {3, 2}, {.strides = {1, 2}, .padding = "same", .activation = "tanh"}),
        {.input = {2, 5, 4, 2}});
  holds(layers::Conv2D(4, 2, {.data_format = "channels_first", .dilation_rate = 2, .groups = 2, .use_bias = false}),
        {.input = {2, 4, 5, 4}});
  holds(layers::Conv2DTranspose(3, {3, 2}, {.strides = 2, .padding = "same", .output_padding = 1}),
        {.input = {2, 3, 4, 2}});
  holds(layers::DepthwiseConv2D(3, {.depth_multiplier = 2, .dilation_rate = {2, 1}}), {.input = {2, 6, 5, 2}});
  holds(layers::SeparableConv2D(3, {2, 3}, {.padding = "same", .depthwise_regularizer = "l2"}),
        {.input = {2, 4, 5, 2}});
  holds(layers::MaxPooling2D({2, 3}, {.strides = 1}), {.input = {2, 4, 5, 2}});
  holds(layers::AveragePooling2D(3, {.padding = "same", .data_format = "channels_first"}), {.input = {2, 2, 4, 5}});
  holds(layers::GlobalMaxPooling2D({.keepdims = true}), {.input = {2, 4, 5, 2}});
  holds(layers::GlobalAveragePooling2D(), {.input = {2, 4, 5, 2}});
  holds(layers::BatchNormalization(), {.input = {3, 4, 5, 2}});
  holds(layers::BatchNormalization({.axis = 1, .center = false, .gamma_regularizer = "l2"}), {.input = {3, 4, 2}});
  holds(layers::BatchNormalization({.renorm = true, .renorm_clipping = {{.rmax = 3, .dmax = 5}}}), {.input = {4, 3}});
  holds(layers::ZeroPadding2D({{1, 0}, {2, 3}}), {.input = {2, 3, 4, 2}});
  holds(layers::UpSampling2D({2, 3}), {.input = {2, 3, 4, 2}});
  holds(layers::UpSampling2D(2, {.data_format = "channels_first", .interpolation = "bicubic"}),
        {.input = {2, 2, 5, 4}});
  holds(layers::Add(), {.input = {2, 3, 4}, .more = {{2, 1, 4}, {2, 4}}});
  holds(layers::Concatenate(1), {.input = {2, 3, 4}, .more = {{2, 1, 4}}});
  holds(layers::Subtract(), {.input = {2, 3}, .more = {{2, 3}}});
  holds(layers::Multiply(), {.input = {2, 3}, .more = {{2, 3}, {2, 1}}});
  holds(layers::Average(), {.input = {2, 3}, .more = {{2, 3}, {2, 3}}});
  holds(layers::Maximum(), {.input = {2, 3}, .more = {{2, 3}}});
  holds(layers::Minimum(), {.input = {2, 3}, .more = {{2, 3}}});
  holds(layers::Dot({2, 1}), {.input = {2, 3, 4}, .more = {{2, 4, 5}}});
  holds(layers::Dot(1, {.normalize = true}), {.input = {2, 3}, .more = {{2, 3}}});
  holds(layers::Conv1D(3, 2, {.strides = 2, .padding = "causal"}), {.input = {2, 5, 4}});
  holds(layers::Conv3D(2, 2, {.padding = "same", .activation = "tanh"}), {.input = {2, 3, 4, 2, 3}});
  holds(layers::Conv3DTranspose(2, 2, {.strides = 2}), {.input = {2, 2, 3, 2, 2}});
  holds(layers::DepthwiseConv1D(3, {.depth_multiplier = 2}), {.input = {2, 6, 2}});
  holds(layers::SeparableConv1D(3, 2, {.padding = "causal", .dilation_rate = 2}), {.input = {2, 5, 2}});
  holds(layers::MaxPooling1D(2), {.input = {2, 5, 3}});
  holds(layers::MaxPooling3D(2, {.padding = "same"}), {.input = {2, 3, 4, 2, 2}});
  holds(layers::AveragePooling1D(3, {.strides = 1, .data_format = "channels_first"}), {.input = {2, 3, 5}});
  holds(layers::AveragePooling3D(), {.input = {2, 2, 4, 2, 2}});
  holds(layers::GlobalMaxPooling1D(), {.input = {2, 5, 3}});
  holds(layers::GlobalMaxPooling3D({.data_format = "channels_first"}), {.input = {2, 3, 2, 2, 2}});
  holds(layers::GlobalAveragePooling1D({.keepdims = true}), {.input = {2, 5, 3}});
  holds(layers::GlobalAveragePooling3D(), {.input = {2, 2, 2, 3, 2}});
  holds(layers::LeakyReLU(0.1), {.input = {2, 3}});
  holds(layers::PReLU({.alpha_initializer = "ones", .shared_axes = {1}}), {.input = {2, 3, 4}});
  holds(layers::ELU(0.5), {.input = {2, 3}});
  holds(layers::ThresholdedReLU(0.5), {.input = {2, 3}});
  holds(layers::Softmax(1), {.input = {2, 3, 4}});
  holds(layers::ReLU({.max_value = 1, .negative_slope = 0.25, .threshold = 0.125}), {.input = {2, 3}});
  holds(layers::SpatialDropout1D(0.5), {.input = {2, 3, 4}});
  holds(layers::SpatialDropout2D(0.5, {.data_format = "channels_first"}), {.input = {2, 3, 4, 2}});
  holds(layers::SpatialDropout3D(0.5, {.seed = 3}), {.input = {2, 3, 2, 2, 2}});
  holds(layers::GaussianNoise(0.5), {.input = {2, 3}});
  holds(layers::GaussianDropout(0.5, {.seed = 4}), {.input = {2, 3}});
  holds(layers::AlphaDropout(0.25), {.input = {2, 3}});
  holds(layers::ActivityRegularization({.l1 = 0.5, .l2 = 0.25}), {.input = {2, 3}});
  holds(layers::Masking({.mask_value = 1}), {.input = {2, 3, 4}});
  holds(layers::Permute({2, 1}), {.input = {2, 3, 4}});
  holds(layers::RepeatVector(3), {.input = {2, 4}});
  holds(layers::Embedding(5, 3), {.input = {2, 4}, .smooth = false});

  holds(layers::Embedding(5, 3, {.mask_zero = true, .activity_regularizer = "l2"}), {.input = {2, 4}, .smooth = false});
  holds(layers::ZeroPadding1D({1, 2}), {.input = {2, 3, 4}});
  holds(layers::ZeroPadding3D({{0, 1}, {2, 0}, {1, 1}}, {.data_format = "channels_first"}), {.input = {2, 2, 3, 1, 2}});
  holds(layers::Cropping1D(), {.input = {2, 5, 3}});
  holds(layers::Cropping2D({{1, 0}, {0, 2}}), {.input = {2, 3, 4, 2}});
  holds(layers::Cropping3D({0, 1, 0}, {.data_format = "channels_first"}), {.input = {2, 2, 2, 3, 2}});
  holds(layers::UpSampling1D(3), {.input = {2, 3, 2}});
  holds(layers::UpSampling3D({1, 2, 3}), {.input = {2, 2, 1, 2, 2}});
  holds(layers::LocallyConnected1D(3, 2, {.strides = 2, .activation = "tanh"}), {.input = {2, 5, 2}});
  holds(layers::LocallyConnected2D(2, {2, 3}, {.data_format = "channels_first", .kernel_regularizer = "l2"}),
        {.input = {2, 2, 3, 4}});
  holds(layers::TimeDistributed(layers::Dense(3, {.activation = "tanh"})), {.input = {2, 3, 4}});
  holds(layers::TimeDistributed(layers::BatchNormalization()), {.input = {4, 3, 2}});
  holds(layers::TimeDistributed(layers::TimeDistributed(layers::Conv1D(2, 2))), {.input = {2, 2, 3, 4, 2}});

  holds(layers::SimpleRNN(3), {.input = {2, 4, 3}});
  holds(layers::SimpleRNN(3, {.use_bias = false, .return_sequences = true, .go_backwards = true}),
        {.input = {2, 4, 3}});
  holds(layers::GRU(2, {.return_sequences = true}), {.input = {2, 3, 3}});
  holds(layers::GRU(2, {.dropout = 0.25, .recurrent_dropout = 0.5, .reset_after = false}), {.input = {2, 3, 3}});
  holds(layers::LSTM(2), {.input = {2, 3, 3}});
  holds(layers::LSTM(2, {.dropout = 0.5, .seed = 7, .return_sequences = true, .unroll = true}), {.input = {2, 3, 3}});
  holds(layers::LSTM(2, {.recurrent_dropout = 0.25}), {.input = {2, 3, 3}, .more = {{2, 2}, {2, 2}}});
  holds(layers::RNN(layers::LSTMCell(2), {.return_sequences = true}), {.input = {2, 3, 3}});
  holds(layers::RNN(layers::StackedRNNCells({layers::GRUCell(2, {.dropout = 0.5}), layers::SimpleRNNCell(3)})),
        {.input = {2, 3, 3}});
  holds(layers::SimpleRNNCell(3), {.input = {2, 4}, .more = {{2, 3}}});
  holds(layers::GRUCell(3), {.input = {2, 4}, .more = {{2, 3}}});
  holds(layers::LSTMCell(2), {.input = {2, 4}, .more = {{2, 2}, {2, 2}}});
  holds(layers::StackedRNNCells({layers::SimpleRNNCell(3), layers::GRUCell(2)}),
        {.input = {2, 4}, .more = {{2, 3}, {2, 2}}});
  holds(layers::Bidirectional(layers::GRU(2, {.return_sequences = true})), {.input = {2, 3, 3}});
  holds(layers::ConvLSTM2DCell(2, 3), {.input = {2, 5, 4, 1}, .more = {{2, 3, 2, 2}, {2, 3, 2, 2}}});
  holds(layers::ConvLSTM2D(2, {2, 3}, {.padding = "same", .recurrent_dropout = 0.25}), {.input = {2, 3, 4, 3, 2}});

  const std::vector<std::string_view> classes{
#define KERAS_LAYER(name, ...) #name,
#include "layers/layers.def"
  };
  seen.insert("InputLayer");  // is called by nobody
  seen.insert("Lambda");      // has no configuration: lambda_test.cc
  for (const std::string_view name : classes) EXPECT_TRUE(seen.contains(std::string(name))) << name << " has no line";
}

}  // namespace
}  // namespace keras
