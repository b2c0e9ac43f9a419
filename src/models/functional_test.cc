#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/keras.h>

#include "ops/names.h"
#include "tests/support/error_of.h"

namespace keras {
namespace {

using ::keras::testing::error_of;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> names_of(const std::vector<Layer>& layers) {
  std::vector<std::string> names;
  for (const Layer& layer : layers) names.push_back(layer.name());
  return names;
}

Array numbers(const Shape& shape) { return linspace(-1, 1, shape.elements()).reshape(shape).astype(DType::float32); }

class Functional : public ::testing::Test {
 protected:
  void SetUp() override { ops::reset_names(); }
};

TEST_F(Functional, ComputesWhatItsLayersDo) {
  const Tensor input = Input({4}, {.name = "x"});
  const Layer first = layers::Dense(3, {.activation = "tanh", .name = "first"}),
              second = layers::Dense(2, {.name = "second"});
  const Model model(input, second(first(input)));
  EXPECT_EQ(model.name(), "functional");
  EXPECT_EQ(model.class_name(), "Functional");
  EXPECT_THAT(names_of(model.layers()), ElementsAre("x", "first", "second"));
  EXPECT_EQ(model.count_params(), 4 * 3 + 3 + 3 * 2 + 2);
  const Array x = numbers({5, 4});
  const std::vector<Array> w = model.get_weights();
  const Array expected = ops::matmul(ops::tanh(ops::matmul(x, w[0]) + w[1]), w[2]) + w[3];
  const Array got = model.predict(x);
  ASSERT_EQ(got.shape(), Shape({5, 2}));
  for (int i = 0; i < 10; ++i)
    EXPECT_NEAR(got.flatten().values<float>()[i], expected.flatten().values<float>()[i], 1e-5);
  EXPECT_EQ(model.input().shape(), Shape({None, 4}));
  EXPECT_EQ(model.output().shape(), Shape({None, 2}));
}

TEST_F(Functional, SharesLayersAndJoinsBranches) {
  const Tensor a = Input({6}, {.name = "a"}), b = Input({6}, {.name = "b"});
  const Layer shared = layers::Dense(4, {.name = "shared"});
  const Tensor left = shared(a), right = shared(b);
  const Tensor joined = layers::Concatenate({.name = "join"})({left, right});
  const Model model(std::vector<Tensor>{a, b}, layers::Dense(1, {.name = "out"})(joined), {.name = "twins"});
  EXPECT_THAT(names_of(model.layers()), ElementsAre("a", "b", "shared", "join", "out"));
  EXPECT_EQ(model.weights().size(), 4U);
  EXPECT_EQ(shared.get_output_at(1).node(), right.node());
  const Array x = numbers({3, 6}), y = numbers({3, 6}) * 2;
  const Array both = model.predict({std::vector<Array>{x, y}});
  EXPECT_EQ(both.shape(), Shape({3, 1}));
  const Model only_left(a, left);
  EXPECT_EQ(only_left.predict(x).shape(), Shape({3, 4}));
}

TEST_F(Functional, RecordsOpsWithTheSizesOfEachBatch) {
  const Tensor x = Input({4});
  const Tensor y = ops::concatenate({x * 2, ops::square(x)}, -1);
  const Tensor flat = ops::reshape(y, {None, 2, 4});
  const Model model(x, ops::sum(flat, {1}) + 1);
  EXPECT_EQ(flat.shape(), Shape({None, 2, 4}));
  for (const int rows : {1, 3}) {
    const Array in = numbers({rows, 4});
    const Array got = model.predict(in);
    ASSERT_EQ(got.shape(), Shape({rows, 4}));
    for (int i = 0; i < rows * 4; ++i) {
      const float v = in.flatten().values<float>()[i];
      EXPECT_NEAR(got.flatten().values<float>()[i], 2 * v + v * v + 1, 1e-5);
    }
  }
}

TEST_F(Functional, GivesIntermediateOutputs) {
  const Tensor x = Input({8, 8, 1});
  Tensor h = layers::Conv2D(4, 3, {.activation = "relu"})(x);
  h = layers::Flatten()(layers::MaxPooling2D(2)(h));
  const Model model(x, layers::Dense(2)(h));
  const Model inner(model.input(), model.get_layer("conv2d").output());
  EXPECT_EQ(inner.predict(numbers({2, 8, 8, 1})).shape(), Shape({2, 6, 6, 4}));
  // From the middle on: the model begins at what the pooling gave.
  const Model tail(model.get_layer("max_pooling2d").output(), model.output());
  EXPECT_EQ(tail.predict(numbers({2, 3, 3, 4})).shape(), Shape({2, 2}));
  EXPECT_EQ(tail.layers()[0].class_name(), "InputLayer");
}

TEST_F(Functional, SequentialHasAnInputAndAnOutput) {
  const Sequential model({layers::Dense(3, {.name = "one", .input_dim = 2}), layers::Dense(1, {.name = "two"})});
  const Model first(model.input(), model.get_layer("one").output());
  EXPECT_EQ(first.predict(numbers({4, 2})).shape(), Shape({4, 3}));
  const Tensor x = Input({2});
  const Model nested(x, layers::Dense(2)(model(x)));
  EXPECT_THAT(names_of(nested.layers()), ElementsAre("input_layer_1", "sequential", "dense"));
  EXPECT_EQ(nested.predict(numbers({4, 2})).shape(), Shape({4, 2}));
}

TEST_F(Functional, ModelsAreLayers) {
  const Tensor x = Input({3});
  const Model inner(x, layers::Dense(2)(x), {.name = "inner"});
  const Tensor a = Input({3}), b = Input({3});
  Model outer(std::vector<Tensor>{a, b}, layers::Add()({inner(a), inner(b)}));
  EXPECT_EQ(outer.weights().size(), 2U);
  outer.compile({.optimizer = "sgd", .loss = "mse"});
  const std::vector<Array> data{numbers({6, 3}), numbers({6, 3}) * 0.5};
  const History history = outer.fit(data, zeros({6, 2}), {.epochs = 20, .verbose = 0});
  EXPECT_LT(history.history.at("loss").back(), history.history.at("loss").front());
}

TEST_F(Functional, TrainingIsOfTheModelOrOfTheCall) {
  random::seed(1);
  const Tensor x = Input({100});
  const Layer dropout = layers::Dropout(0.5);
  const Model as_called(x, dropout(x)), always(x, dropout.outputs({x}, {.training = true}));
  const Array in = ones({2, 100});
  EXPECT_TRUE(identical(as_called.predict(in), in.astype(DType::float32)));
  EXPECT_FALSE(identical(always.predict(in), in.astype(DType::float32)));
}

TEST_F(Functional, RefusesWhatIsNoGraph) {
  const Tensor a = Input({2}, {.name = "a"}), b = Input({2}, {.name = "b"});
  const Tensor sum = layers::Add()({a, b});
  EXPECT_THAT(error_of([&] { Model(a, sum); }),
              AllOf(HasSubstr("disconnected"), HasSubstr("«b»"), HasSubstr("(None, 2)")));
  EXPECT_THAT(error_of([&] { Model(a, Tensor(zeros({2}))); }), HasSubstr("outputs must come of its inputs"));
  EXPECT_THAT(error_of([&] { Model(Tensor(zeros({2})), sum); }), HasSubstr("inputs must come of Input"));
  EXPECT_THAT(error_of([&] { Model(std::vector<Tensor>{a, a}, a); }), HasSubstr("«a» is given twice"));
  EXPECT_THAT(error_of([&] { Model(std::vector<Tensor>{}, sum); }), HasSubstr("needs inputs and outputs"));
  const Tensor twice = layers::Dense(2, {.name = "d"})(layers::Dense(2, {.name = "d"})(a));
  EXPECT_THAT(error_of([&] { Model(a, twice); }), AllOf(HasSubstr("«d»"), HasSubstr("unique")));
  EXPECT_THAT(error_of([&] { layers::Dense(2).output(); }), HasSubstr("never called"));
  EXPECT_THAT(error_of([&] {
                Model(std::vector<Tensor>{a, b}, sum).predict(zeros({3, 2}));
              }),
              AllOf(HasSubstr("2 inputs"), HasSubstr("a")));
}

}  // namespace
}  // namespace keras
