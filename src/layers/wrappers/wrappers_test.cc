// Wrappers: what TimeDistributed takes, refuses and passes on; an own wrapper.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/keras.h>

#include "layers/table.h"
#include "ops/names.h"
#include "ops/tensor_node.h"
#include "tests/support/arguments.h"
#include "tests/support/layer_test.h"

namespace keras {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

Array numbers(const Shape& shape) { return linspace(-1, 1, shape.elements()).reshape(shape).astype(DType::float32); }

TEST(TimeDistributed, DoesToEachStepWhatTheLayerDoes) {
  const Layer conv = layers::Conv2D(2, 2), each = layers::TimeDistributed(conv);
  const Array x = numbers({2, 3, 4, 4, 1}), y = each(x);
  ASSERT_EQ(y.shape(), Shape({2, 3, 3, 3, 2}));
  for (int step = 0; step < 3; ++step) {
    const Array one = conv(x.slice(step, step + 1, 1).reshape({2, 4, 4, 1}));
    EXPECT_TRUE(identical(one, y.slice(step, step + 1, 1).reshape({2, 3, 3, 2})));
  }
  EXPECT_EQ(each.compute_output_shape({None, None, 4, None, 1}).str(), "(None, None, 3, None, 2)");
}

TEST(TimeDistributed, TakesModels) {
  ops::reset_names();
  const Sequential inner({layers::Dense(3, {.activation = "tanh"}), layers::BatchNormalization()});
  Sequential model;
  model.add(Input({4, 2}));
  model.add(layers::TimeDistributed(inner));
  model.add(layers::Flatten());
  model.add(layers::Dense(1));
  EXPECT_EQ(model.output_shape().str(), "(None, 1)");
  model.compile({.optimizer = "sgd", .loss = "mse"});
  const Array x = numbers({12, 4, 2}), y = numbers({12, 1}), before = inner.get_weights()[4];
  const History history = model.fit(x, y, {.epochs = 5, .verbose = 0});
  EXPECT_LT(history.history.at("loss").back(), history.history.at("loss").front());
  EXPECT_FALSE(identical(inner.get_weights()[4], before)) << "the moving mean";
  EXPECT_EQ(model.predict(x, {.batch_size = 5}).shape(), Shape({12, 1}));

  const Tensor a = Input({2}), b = Input({2});
  const Model two(std::vector<Tensor>{a, b}, {layers::Add()({a, b}), layers::Dense(3)(a)});
  const Layer each = layers::TimeDistributed(two);
  const std::vector<Tensor> both = each.outputs({numbers({2, 5, 2}), numbers({2, 5, 2})});
  ASSERT_EQ(both.size(), 2u);
  EXPECT_EQ(both[0].shape(), Shape({2, 5, 2}));
  EXPECT_EQ(both[1].shape(), Shape({2, 5, 3}));
}

TEST(TimeDistributed, AnyNumberOfSteps) {
  const Tensor x = Input({None, 4});
  const Tensor y = layers::TimeDistributed(layers::BatchNormalization())(layers::TimeDistributed(layers::Dense(3))(x));
  Model model(x, layers::GlobalAveragePooling1D()(y));
  EXPECT_EQ(y.shape().str(), "(None, None, 3)");
  model.compile({.optimizer = "sgd", .loss = "mse"});
  for (const int steps : {2, 5}) {
    EXPECT_EQ(model.predict(numbers({3, steps, 4})).shape(), Shape({3, 3}));
    model.train_on_batch(numbers({3, steps, 4}), zeros({3, 3}));
  }
}

TEST(TimeDistributed, TakesIntegersAndLambdas) {
  const Layer words = layers::TimeDistributed(layers::Embedding(7, 3));
  EXPECT_EQ(Array(words(Array({{1, 2}, {3, 4}}).reshape({1, 2, 2}))).shape(), Shape({1, 2, 2, 3}));
  const Layer twice = layers::TimeDistributed(layers::Lambda([](const Tensor& x) { return x * 2; }));
  const Array x = numbers({2, 3, 2});
  EXPECT_TRUE(identical(twice(x), Array(Tensor(x) * 2)));
  EXPECT_THROW(twice.get_config(), NotImplementedError);
}

TEST(TimeDistributed, PassesTheMaskOn) {
  const Array x = numbers({2, 3, 4});
  const Tensor masked = layers::Masking()(Tensor(x));
  const Tensor y = layers::TimeDistributed(layers::Dense(2))(masked);
  EXPECT_EQ(ops::mask_of(y).shape(), Shape({2, 3}));
  const Tensor pooled = layers::TimeDistributed(layers::GlobalAveragePooling1D())
                            .outputs({numbers({2, 3, 4, 2})}, {.masks = {Tensor(ones({2, 3}, DType::boolean))}})[0];
  EXPECT_EQ(pooled.shape(), Shape({2, 3, 2})) << "a mask of steps says nothing about what is within them";
}

TEST(TimeDistributed, Refuses) {
  const Layer each = layers::TimeDistributed(layers::Dense(2, {.name = "d"}), {.name = "each"});
  EXPECT_THAT(
      [&] {
        each(zeros({2, 3}));
      },
      ThrowsMessage<ValueError>(AllOf(HasSubstr("TimeDistributed \"each\""), HasSubstr("rank 3 or more"))));
  each(zeros({2, 3, 4}));
  EXPECT_THAT(
      [&] {
        each(zeros({2, 3, 5}));
      },
      ThrowsMessage<ValueError>(AllOf(HasSubstr("Dense \"d\""), HasSubstr("to be 4"))));
  EXPECT_THAT(
      [&] {
        each.outputs({zeros({2, 3, 4})}, {.masks = {Tensor(ones({2}, DType::boolean))}});
      },
      ThrowsMessage<ValueError>(AllOf(HasSubstr("a mask of shape (2,)"), HasSubstr("(2, 3, 4)"))));
  EXPECT_THAT(
      [&] {
        each.outputs({zeros({2, 3, 4})}, {.masks = {Tensor(ones({2, 4}, DType::boolean))}});
      },
      ThrowsMessage<ValueError>(HasSubstr("a mask of shape (2, 4)")));
  EXPECT_THAT(
      [&] {
        layers::TimeDistributed(layers::Add())({zeros({2, 3, 4}), zeros({2, 5, 4})});
      },
      ThrowsMessage<ValueError>(AllOf(HasSubstr("number of steps"), HasSubstr("(2, 3, 4), (2, 5, 4)"))));
  EXPECT_THAT([] { layers::TimeDistributed(layers::Dense(2), {.layer = layers::Dense(2)}); },
              ThrowsMessage<ValueError>(HasSubstr("layer is given twice")));
  EXPECT_THAT([] { layers::from_config(Config::from_json(R"({"class_name": "TimeDistributed", "config": {}})")); },
              ThrowsMessage<ValueError>(HasSubstr("needs that layer")));
  EXPECT_THAT(
      [] {
        layers::from_config(Config::from_json(
            R"({"class_name": "TimeDistributed", "config": {"layer": {"class_name": "Dens", "config": {}}}})"));
      },
      ThrowsMessage<ValueError>(AllOf(HasSubstr("TimeDistributed"), HasSubstr("«Dens»"))));
}

TEST(TimeDistributed, FreezesAndTracksTheLayer) {
  const Layer dense = layers::Dense(2), each = layers::TimeDistributed(dense, {.trainable = false});
  each.build({None, 3, 4});
  EXPECT_TRUE(dense.built());
  EXPECT_FALSE(dense.trainable());
  EXPECT_EQ(each.weights().size(), 2u);
  EXPECT_EQ(each.count_params(), 10);
  EXPECT_TRUE(each.trainable_weights().empty());
}

TEST(TimeDistributed, ArgumentsAreKeras) {
  testing::check_defaults<TimeDistributedArgs>(testing::Golden("arguments"), "layers.TimeDistributed", {"layer"},
                                               {"name", "trainable", "dtype", "input_shape"});
}

// A layer and its input, added: an own wrapper.
struct ResidualArgs {
  std::optional<Layer> layer = {};
  double factor = 1;
  KERAS_LAYER_ARGS
  static void fields(auto&& f) {
    using A = ResidualArgs;
    f("layer", &A::layer, "Around which the input is led.");
    f("factor", &A::factor, "Of what the layer gives.");
    KERAS_LAYER_FIELDS(A)
  }
};
struct Residual final : WrapperBody {
  static constexpr auto class_name = "Residual";
  using Args = ResidualArgs;
  explicit Residual(const Args& args) : WrapperBody(args.layer), factor_(args.factor) {}
  Tensor call(const Tensor& x) override { return x + layer()(x) * factor_; }

 private:
  double factor_;
};

TEST(Wrapper, OwnOnesDeriveFromWrapperBody) {
  ops::reset_names();
  ResidualArgs args;  // one by one: g++ 12 with sanitizers takes designated optionals for uninitialized
  args.layer = layers::Dense(3, {.activation = "tanh"});
  args.factor = 0.5;
  const Layer residual = make_layer<Residual>(args);
  testing::layer_test(residual, {.input = {2, 3}, .maker = custom<Residual>()});
  std::vector<std::string> paths;
  for (const Variable& weight : residual.weights()) paths.push_back(weight.state()->path);
  EXPECT_THAT(paths, ElementsAre("residual/dense/kernel", "residual/dense/bias"));
  EXPECT_EQ(residual.get_config().at("layer").at("class_name").as_string(), "Dense");
}

}  // namespace
}  // namespace keras
