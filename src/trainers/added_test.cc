// add_loss and add_metric, of models and in layers, against tf_keras; what is trainable; clone_model.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/error.h>
#include <keras/keras.h>

#include "ops/names.h"
#include "tests/support/golden.h"
#include "tests/support/keras2.h"

namespace keras {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::ThrowsMessage;

struct PenaltyArgs {
  std::optional<std::string> name = {};
  static void fields(auto&& f) { f("name", &PenaltyArgs::name, "Name of the layer."); }
};
struct Penalty final : LayerBody {
  static constexpr auto class_name = "Penalty";
  using Args = PenaltyArgs;
  explicit Penalty(const Args&) {}
  void build(const Shape& input) override { scale_ = add_weight("scale", {input.back()}, "ones"); }
  Tensor call(const Tensor& x) override {
    add_loss(0.125 * ops::sum(ops::square(scale_)));
    add_metric(ops::abs(x), "size");
    return x * scale_;
  }
  Variable scale_;
};

Model functional() {
  const Tensor x = Input({3}, {.name = "x"});
  const Tensor hidden = layers::Dense(4, {.activation = "tanh", .name = "hidden"})(x);
  const Model model(x, layers::Dense(2, {.name = "out"})(hidden), {.name = "added"});
  model.add_loss(0.25 * ops::mean(ops::square(hidden)));
  model.add_metric(ops::max(ops::abs(hidden)), "largest");
  return model;
}
Model in_layer() {
  const Tensor x = Input({3}, {.name = "x"});
  return Model(x, layers::Dense(2, {.name = "out"})(make_layer<Penalty>({.name = "penalty"})(x)), {.name = "added"});
}
Model alone() {
  const Tensor x = Input({3}, {.name = "x"}), out = layers::Dense(3, {.name = "out"})(x);
  const Model model(x, out, {.name = "added"});
  model.add_loss(ops::mean(ops::square(out - x)));
  return model;
}

class Added : public ::testing::TestWithParam<const char*> {
 protected:
  Added() { config::set_floatx(GetParam()), ops::reset_names(); }
  ~Added() override { config::set_floatx("float32"); }
};

TEST_P(Added, TrainsAsInTfKeras) {
  const testing::Golden golden("added");
  const DType dtype(GetParam());
  for (const Config& c : golden.cases()) {
    const std::string name = c.at("name").as_string();
    for (const bool cloned : {false, true}) {
      SCOPED_TRACE(name + (cloned ? ", cloned" : ""));
      Model model = name == "functional" ? functional() : name == "in_layer" ? in_layer() : alone();
      CloneModelArgs args;
      args.clone_function = [](const Layer& layer) {
        return layer.class_name() == "Penalty" ? make_layer<Penalty>({.name = "penalty"})
                                               : layers::deserialize(layers::serialize(layer));
      };
      if (cloned) model = clone_model(model, args);
      std::vector<Array> start;
      for (const Config& weight : c.at("weights").items())
        start.push_back(golden.input(c, "start_" + weight.as_string(), dtype));
      model.set_weights(start);
      const Config& loss = c.at("loss");
      model.compile({.optimizer = optimizers::SGD({.learning_rate = 0.0625}),
                     .loss = loss.is_null() ? PerOutput<Loss>() : PerOutput<Loss>(loss.as_string())});
      const Array x = golden.input(c, "x", dtype);
      const Data y = loss.is_null() ? Data() : Data(golden.input(c, "y", dtype));
      const History history = model.fit(x, y, {.batch_size = 4, .epochs = 3, .verbose = 0, .shuffle = false});
      const Logs tested = model.evaluate(x, y, {.batch_size = 4});
      EXPECT_EQ(history.history.size(), c.at("figures").size());
      // Figures are float32 whatever floatx is, so each is compared as float32.
      for (const Config& figure : c.at("figures").items()) {
        const std::string& key = figure.as_string();
        const Array values(history.history.at(key));
        EXPECT_TRUE(golden.agrees(values.astype(DType::float32), c, "history_" + key));
        EXPECT_TRUE(golden.agrees(Array::scalar(tested.at(key), DType::float32), c, "test_" + key));
      }
      const std::vector<Array> after = model.get_weights();
      for (std::size_t i = 0; i < after.size(); ++i)
        EXPECT_TRUE(golden.agrees(after[i], c, "after_" + c.at("weights").items()[i].as_string()));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Types, Added, ::testing::Values("float64", "float32"),
                         [](const auto& info) { return std::string(info.param); });

TEST(AddedToModels, FunctionsAreTracedAnew) {
  Sequential model({layers::Dense(1, {.use_bias = false, .kernel_initializer = "ones", .input_dim = 2})});
  const Variable kernel = model.layers()[0].weights()[0];
  model.add_loss([=] { return ops::sum(ops::square(kernel)); });
  model.add_metric([=] { return ops::max(kernel); }, "largest");
  model.compile({.optimizer = optimizers::SGD({.learning_rate = 0.25}), .loss = "mse"});
  const Logs first = model.train_on_batch(zeros({3, 2}), zeros({3, 1}));
  EXPECT_EQ(first.at("loss"), 2);
  EXPECT_EQ(first.at("largest"), 1);
  const Logs second = model.train_on_batch(zeros({3, 2}), zeros({3, 1}));
  EXPECT_EQ(second.at("loss"), 0.5);
  EXPECT_EQ(second.at("largest"), 0.5);
  EXPECT_THAT(model.metrics_names(), ElementsAre("loss", "largest"));
}

TEST(AddedToModels, Errors) {
  const Tensor x = Input({2}), other = Input({2}, {.name = "other"});
  const Layer d = layers::Dense(2);
  const Model model(x, d(x));
  EXPECT_THAT([&] { model.add_loss(ops::sum(d(other))); },
              ThrowsMessage<ValueError>(AllOf(HasSubstr("disconnected"), HasSubstr("«other»"))));
  EXPECT_EQ(model.predict(zeros({1, 2})).shape(), Shape({1, 2}));  // as before
  EXPECT_THAT([&] { model.add_loss(Tensor(ones({2}))); }, ThrowsMessage<ValueError>(HasSubstr("must come of")));
  EXPECT_THAT([&] { model.add_metric(ops::sum(model.output()), ""); }, ThrowsMessage<ValueError>(HasSubstr("name")));
  const Sequential stack({layers::Dense(1, {.input_dim = 2})});
  EXPECT_THAT([&] { stack.add_loss(ops::sum(stack.output())); },
              ThrowsMessage<ValueError>(HasSubstr("functional models")));
}

// ---- what is trainable
TEST(Freezing, TakesEffectAtCompile) {
  testing::Warnings warnings;
  Sequential model({layers::Dense(2, {.name = "a", .input_dim = 2}), layers::Dense(1, {.name = "b"})});
  const Array x = ones({4, 2}), y = ones({4, 1}) * 5;
  model.compile({.optimizer = "sgd", .loss = "mse"});
  const auto moves = [&](const char* layer) {
    const Array before = model.get_layer(layer).get_weights()[0].copy();
    model.train_on_batch(x, y);
    return !identical(before, model.get_layer(layer).get_weights()[0]);
  };
  EXPECT_TRUE(moves("a"));
  model.get_layer("a").set_trainable(false);
  EXPECT_THAT(warnings.texts, IsEmpty());
  EXPECT_TRUE(moves("a"));  // not compiled again
  EXPECT_THAT(warnings.texts, ElementsAre(AllOf(HasSubstr("trainable was set after compile"), HasSubstr("4"))));
  model.fit(x, y, {.verbose = 0});
  EXPECT_THAT(warnings.texts, SizeIs(1));  // it was said
  model.compile({.optimizer = "sgd", .loss = "mse"});
  EXPECT_FALSE(moves("a"));
  EXPECT_TRUE(moves("b"));
  EXPECT_THAT(warnings.texts, SizeIs(1));
  model.set_trainable(true);
  model.fit(x, y, {.verbose = 0});
  EXPECT_THAT(warnings.texts, SizeIs(2));
}

TEST(Freezing, ByArgument) {
  const testing::Warnings warnings;
  Sequential model({layers::Dense(2, {.trainable = false, .input_dim = 2}), layers::Dense(1)});
  EXPECT_THAT(model.trainable_weights(), SizeIs(2));
  model.compile({.optimizer = "sgd", .loss = "mse"});
  const Array before = model.get_weights()[0].copy();
  model.fit(ones({4, 2}), ones({4, 1}), {.verbose = 0});
  EXPECT_TRUE(identical(before, model.get_weights()[0]));
  EXPECT_THAT(warnings.texts, IsEmpty());
}

// The two halves of an adversarial pair: the second is frozen in the whole, and trains by itself.
TEST(Freezing, IsOfEachCompiledModel) {
  testing::Warnings warnings;
  Sequential critic({layers::Dense(1, {.input_dim = 2})}, {.name = "critic"});
  critic.compile({.optimizer = "sgd", .loss = "mse"});
  critic.set_trainable(false);
  const Tensor noise = Input({3});
  const Layer maker = layers::Dense(2);
  Model whole(noise, critic(maker(noise)));
  whole.compile({.optimizer = "sgd", .loss = "mse"});
  const Array critic_before = critic.get_weights()[0].copy(), maker_before = maker.get_weights()[0].copy();
  whole.train_on_batch(ones({4, 3}), ones({4, 1}) * 3);
  EXPECT_TRUE(identical(critic_before, critic.get_weights()[0]));
  EXPECT_FALSE(identical(maker_before, maker.get_weights()[0]));
  EXPECT_THAT(warnings.texts, IsEmpty());
  critic.train_on_batch(ones({4, 2}), ones({4, 1}) * 3);
  EXPECT_FALSE(identical(critic_before, critic.get_weights()[0]));
  EXPECT_THAT(warnings.texts, SizeIs(1));
}

// ---- clone_model
TEST(CloneModel, HasNewWeights) {
  ops::reset_names();
  Sequential model({layers::Dense(3, {.activation = "relu", .name = "a", .trainable = false, .input_dim = 2}),
                    layers::Dropout(0.5), layers::Dense(1)},
                   {.name = "stack"});
  model.compile({.optimizer = optimizers::SGD({.learning_rate = 0.25}), .loss = "mse", .metrics = {"mae"}});
  Model copy = clone_model(model);
  EXPECT_EQ(copy.name(), "stack");
  EXPECT_EQ(copy.class_name(), "Sequential");
  EXPECT_EQ(copy.get_config(), model.get_config());
  EXPECT_FALSE(identical(copy.get_weights()[0], model.get_weights()[0]));
  EXPECT_FALSE(copy.layers()[0].trainable());
  ASSERT_TRUE(copy.compiled());
  EXPECT_EQ(copy.optimizer().learning_rate(), 0.25);
  EXPECT_NE(copy.optimizer().body(), model.optimizer().body());
  copy.set_weights(model.get_weights());
  const Array x = ones({2, 2});
  EXPECT_TRUE(identical(copy.predict(x), model.predict(x)));
  copy.fit(x, ones({2, 1}), {.verbose = 0});
  EXPECT_FALSE(identical(copy.get_weights()[3], model.get_weights()[3]));  // the bias, which always moves
}

TEST(CloneModel, KeepsTheGraph) {
  const Tensor a = Input({4}, {.name = "a"}), b = Input({4}, {.name = "b"});
  const Layer shared = layers::Dense(3, {.name = "shared"});
  const Tensor x = Input({3}, {.name = "x"});
  const Model inner(x, layers::Dense(2, {.name = "d"})(x), {.name = "inner"});
  const Tensor joined = layers::Concatenate({.name = "join"})({inner(shared(a)) * 2, shared(b)});
  const Model model({a, b}, {joined, layers::Dense(1, {.name = "out"})(joined)}, {.name = "both"});
  const Model copy = clone_model(model);
  EXPECT_EQ(copy.weights().size(), model.weights().size());
  copy.set_weights(model.get_weights());
  const Array u = linspace(-1, 1, 12).reshape({3, 4}), v = linspace(2, 0, 12).reshape({3, 4});
  const std::vector<Array> expected = model.predict_all({u, v}), got = copy.predict_all({u, v});
  for (std::size_t i = 0; i < 2; ++i) EXPECT_TRUE(identical(got[i], expected[i]));
  std::vector<std::string> names, copied;
  for (const Layer& layer : model.layers()) names.push_back(layer.name());
  for (const Layer& layer : copy.layers()) copied.push_back(layer.name());
  EXPECT_EQ(copied, names);
  EXPECT_FALSE(copy.get_layer("shared") == shared);
}

TEST(CloneModel, TakesInputsAndFunctions) {
  const Tensor x = Input({2}, {.name = "x"});
  const Model model(x, layers::Dense(2, {.name = "d"})(layers::Dense(2, {.name = "c"})(x)));
  const Tensor other = Input({2}, {.name = "other"});
  int asked = 0;
  CloneModelArgs args{.input_tensors = {other}};
  args.clone_function = [&](const Layer& layer) {
    ++asked;
    return layers::Dense(5, {.name = layer.name() + "_wide"});
  };
  const Model wide = clone_model(model, args);
  EXPECT_EQ(asked, 2);
  EXPECT_EQ(wide.output().shape(), Shape({None, 5}));
  EXPECT_EQ(wide.layers()[0].name(), "other");
  const Model dropped = clone_model(model, {.call_function = [](const Layer& layer, const std::vector<Tensor>& in) {
                                      return std::vector<Tensor>{layers::Dropout(0.5)(layer(in))};
                                    }});
  EXPECT_THAT(dropped.layers(), SizeIs(5));
  EXPECT_THAT(
      [&] {
        clone_model(model, {.input_tensors = {x, other}});
      },
      ThrowsMessage<ValueError>(HasSubstr("2 input_tensors")));
  EXPECT_THAT(
      [&] {
        clone_model(model, {.input_tensors = {Tensor(zeros({2, 2}))}});
      },
      ThrowsMessage<ValueError>(HasSubstr("Input")));
  EXPECT_THAT([] { clone_model(in_layer()); }, ThrowsMessage<ValueError>(HasSubstr("Penalty")));
}

// ---- graphs that are none
TEST(Cycles, AreRefused) {
  const Sequential a(std::vector<Layer>{}, {.name = "a"}), b(std::vector<Layer>{}, {.name = "b"}),
      c(std::vector<Layer>{}, {.name = "c"});
  EXPECT_THAT([&] { a.add(a); }, ThrowsMessage<ValueError>(HasSubstr("itself")));
  a.add(b);
  b.add(c);
  EXPECT_THAT([&] { c.add(a); },
              ThrowsMessage<ValueError>(AllOf(HasSubstr("\"c\""), HasSubstr("\"a\""), HasSubstr("cycle"))));
  EXPECT_THAT(c.layers(), IsEmpty());
}

TEST(GetLayer, ByNameOrIndex) {
  const Sequential model({layers::Dense(2, {.name = "hidden", .input_dim = 2}), layers::Dense(1, {.name = "out"})});
  EXPECT_EQ(model.get_layer(-1).name(), "out");
  EXPECT_THAT([&] { model.get_layer(2); },
              ThrowsMessage<ValueError>(AllOf(HasSubstr("2 layers"), HasSubstr("index=2"))));
  EXPECT_THAT([&] { model.get_layer(-3); }, ThrowsMessage<ValueError>(HasSubstr("index=-3")));
  EXPECT_THAT([&] { model.get_layer("hiden"); },
              ThrowsMessage<ValueError>(AllOf(HasSubstr("Did you mean «hidden»?"), HasSubstr("out"))));
}

}  // namespace
}  // namespace keras
