// Recurrent layers beyond their numbers: own cells, constants, state from batch to batch, masks, sequences of any
// length, dropout, and what they refuse.
#include <gtest/gtest.h>
#include <keras/error.h>
#include <keras/keras.h>

#include <cmath>
#include <string>

#include "tests/support/error_of.h"

namespace keras {
namespace {

using testing::error_of;

double apart(const Array& a, const Array& b) { return Array(ops::max(ops::abs(Tensor(a) - Tensor(b)))).item(); }

struct LeakyCellArgs {
  std::int64_t units = 0;
  std::optional<std::string> name = {};
  static void fields(auto&& f) {
    f("units", &LeakyCellArgs::units, "Size of the state.");
    f("name", &LeakyCellArgs::name, "Name of the layer.");
  }
};
// h + (x w + h u + constant), halved: nothing the library knows.
struct LeakyCell final : CellBody {
  static constexpr auto class_name = "LeakyCell";
  using Args = LeakyCellArgs;
  explicit LeakyCell(Args args) : units_(args.units) {}
  void build(const Shape& input) override {
    w_ = add_weight("w", {input.back(), units_});
    u_ = add_weight("u", {units_, units_}, "orthogonal");
  }
  std::vector<Shape> state_shapes(const Shape&) const override { return {{units_}}; }
  std::vector<Tensor> call_all(const Call& call) override {
    const Tensor &x = call.inputs[0], &h = call.inputs[1];
    Tensor next = ops::matmul(x, w_) + ops::matmul(h, u_);
    for (const auto& [name, constant] : call.extra) {
      if (name == "constants") next = next + constant;
    }
    next = ops::tanh(next) * 0.5 + h * 0.5;
    return {next, next};
  }

 private:
  std::int64_t units_;
  Variable w_, u_;
};

TEST(RNN, AnOwnCellTrains) {
  random::seed(5);
  const Array x = random::normal({32, 6, 3});
  const Array y = ops::sum(Tensor(x), {1, 2}, false);
  Sequential model({layers::RNN(make_layer<LeakyCell>({.units = 8})), layers::Dense(1)});
  model.compile({.optimizer = optimizers::Adam({.learning_rate = 0.02}), .loss = "mse"});
  const double before = model.evaluate(x, y);
  model.fit(x, y, {.epochs = 150, .verbose = 0});
  EXPECT_LT(double(model.evaluate(x, y)), before / 5);
}

TEST(RNN, ConstantsReachEachStep) {
  const Layer layer = layers::RNN(make_layer<LeakyCell>({.units = 4}), {.return_sequences = true});
  const Tensor x = random::normal({2, 3, 5}), constant = random::normal({2, 4});
  const Array with = layer.outputs({x}, {.extra = {{"constants", constant}}})[0], without = layer(x);
  EXPECT_GT(apart(with, without), 1e-3);
  const Array zero = layer.outputs({x}, {.extra = {{"constants", ops::zeros_like(constant)}}})[0];
  EXPECT_LT(apart(zero, without), 1e-6);
}

TEST(RNN, AStatefulLayerGoesOnWhereItStopped) {
  random::seed(6);
  const Array x = random::normal({2, 8, 3});
  const Layer plain = layers::LSTM(4, {.return_sequences = true});
  const Array whole = plain(x);
  Sequential model({layers::LSTM(4, {.return_sequences = true, .stateful = true})});
  model.build(Shape{2, 4, 3});
  model.set_weights(plain.get_weights());
  const Array first = ops::slice(Tensor(x), {0, 0, 0}, {2, 4, 3}), second = ops::slice(Tensor(x), {0, 4, 0}, {2, 4, 3});
  for (int round = 0; round < 2; ++round) {
    const Array a = model.predict(first, {.batch_size = 2}), b = model.predict(second, {.batch_size = 2});
    EXPECT_LT(apart(ops::concatenate({a, b}, 1), whole), 1e-6) << "round " << round;
    model.reset_states();
  }
  model.compile({.optimizer = "sgd", .loss = "mse"});
  const Array y = zeros({2, 4, 4});
  const double one = model.evaluate(first, y, {.batch_size = 2, .verbose = 0}),
               two = model.evaluate(first, y, {.batch_size = 2, .verbose = 0});
  EXPECT_GT(std::fabs(one - two), 1e-6) << "the second began with the states of the first";
  model.train_on_batch(first, y);
  EXPECT_EQ(model.weights().size(), 3u) << "states are no weights";
  EXPECT_NE(error_of([] {
              Sequential({layers::LSTM(4, {.stateful = true, .input_shape = Shape{5, 3}})}).predict(zeros({2, 5, 3}));
            }).find("stateful needs a known batch size"),
            std::string::npos);
}

TEST(RNN, StatesGoFromOneLayerToAnother) {
  random::seed(7);
  const Tensor source = Input({None, 3}, {.name = "source"}), target = Input({None, 2}, {.name = "target"});
  const Layer encoder = layers::LSTM(4, {.return_state = true}), decoder = layers::LSTM(4, {.return_sequences = true});
  const std::vector<Tensor> encoded = encoder.outputs({source});
  ASSERT_EQ(encoded.size(), 3u);
  const Tensor out = decoder({target, encoded[1], encoded[2]});
  EXPECT_EQ(out.shape(), (Shape{None, None, 4}));
  Model model({source, target}, out);
  const Array a = random::normal({2, 5, 3}), b = random::normal({2, 7, 2});
  const Array got = model.predict(std::vector<Array>{a, b});
  const std::vector<Tensor> states = encoder.outputs({Tensor(a)});
  EXPECT_LT(apart(got, decoder.outputs({Tensor(b), states[1], states[2]})[0]), 1e-6);
  model.compile({.optimizer = "adam", .loss = "mse"});
  EXPECT_NO_THROW(model.fit(std::vector<Array>{a, b}, got, {.epochs = 1, .verbose = 0}));
}

TEST(RNN, SequencesMayHaveAnyLength) {
  const Tensor x = Input({None, 3});
  const Model model(x, layers::GRU(4, {.return_sequences = true, .go_backwards = true})(x));
  EXPECT_EQ(model.outputs()[0].shape(), (Shape{None, None, 4}));
  for (const std::int64_t steps : {1, 4, 9})
    EXPECT_EQ(model.predict(zeros({2, steps, 3})).shape(), (Shape{2, steps, 4}));
}

TEST(RNN, PaddingIsLeftOut) {
  random::seed(8);
  const Layer embedding = layers::Embedding(10, 4, {.mask_zero = true}), lstm = layers::LSTM(3);
  const Array words = Array({{3, 5, 1, 0, 0, 0}, {2, 0, 0, 0, 0, 0}}).astype(DType::int32);
  const Tensor in = Input({6}, {.dtype = DType::int32});
  const Model model(in, lstm(embedding(in)));
  const Array out = model.predict(words);
  const auto alone = [&](const Array& few) { return Array(lstm(embedding(Tensor(few)))); };
  EXPECT_LT(apart(out[0], alone(Array({{3, 5, 1}}).astype(DType::int32))[0]), 1e-6);
  EXPECT_LT(apart(out[1], alone(Array({{2}}).astype(DType::int32))[0]), 1e-6);
}

TEST(RNN, DropoutIsTheSameInAllSteps) {
  const Array identity = ops::eye(6);
  const Layer layer = layers::SimpleRNN(6, {.activation = "linear",
                                            .use_bias = false,
                                            .dropout = 0.5,
                                            .return_sequences = true,
                                            .weights = {identity, zeros({6, 6})}});
  const Array y = layer.outputs({Tensor(ones({20, 5, 6}))}, {.training = true})[0];
  const Array first = ops::slice(Tensor(y), {0, 0, 0}, {20, 1, 6});
  EXPECT_EQ(apart(y, ops::broadcast_to(Tensor(first), y.shape())), 0);
  const double mean = Array(ops::mean(Tensor(first))).item();
  EXPECT_NEAR(mean, 1, 0.4) << "what is kept is doubled";
  EXPECT_EQ(Array(ops::sum(ops::cast(ops::not_equal(Tensor(first) * (Tensor(first) - 2), 0), DType::int32))).item(), 0);
  EXPECT_GT(Array(ops::sum(ops::cast(ops::not_equal(Tensor(first[0]), Tensor(first[1])), DType::int32))).item(), 0)
      << "samples have masks of their own";
}

TEST(RNN, SaysWhatDoesNotFit) {
  const auto holds = [](const std::string& text, const std::vector<std::string>& parts) {
    for (const std::string& part : parts) EXPECT_NE(text.find(part), std::string::npos) << part << " in: " << text;
  };
  holds(error_of([] { layers::LSTM(4)(Input({3})); }), {"LSTM", "rank 3", "(None, 3)", "(batch, time, 1)"});
  holds(error_of([] { layers::RNN(layers::Dense(3)); }), {"needs a cell", "Dense"});
  holds(error_of([] { layers::RNN(layers::LSTM(3)); }), {"recurrent layer already"});
  holds(error_of([] { layers::LSTM(3)({Input({2, 3}), Input({3})}); }), {"2 states", "Received: 1"});
  holds(error_of([] { layers::GRU(3)({Input({2, 3}), Input({4})}); }), {"initial state 0", "(None, 3)", "(None, 4)"});
  holds(error_of([] {
          const Layer lstm = layers::LSTM(3);
          lstm(Input({2, 3}));
          lstm(Input({2, 5}));
        }),
        {"(None, 3)", "(None, 5)"});
  holds(error_of([] { layers::Bidirectional(layers::Dense(3)); }), {"Bidirectional", "recurrent layer", "Dense"});
  holds(error_of([] { layers::Bidirectional(layers::LSTM(3), {.merge_mode = "summ"}); }), {"summ", "sum"});
  holds(error_of([] { layers::Bidirectional(layers::LSTM(3), {.backward_layer = layers::LSTM(3)}); }),
        {"go_backwards"});
  holds(error_of([] { layers::StackedRNNCells({}); }), {"at least one"});
  holds(error_of([] { layers::LSTM(0)(Input({2, 3})); }), {"units", "positive"});
  holds(error_of([] { layers::LSTM(3, {.dropout = 1.5}); }), {"dropout", "1.5"});
  holds(error_of([] { layers::LSTM(3, {.unroll = true})(Input({None, 3})); }), {"unroll"});
  holds(error_of([] { layers::ConvLSTM2D(2, 3)(Input({4, 4, 1})); }), {"ConvLSTM2D", "rank 5"});
}

}  // namespace
}  // namespace keras
