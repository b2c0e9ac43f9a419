// Recurrent layers, wrappers and masks.
#include "tests/round_trip/shelves.h"

namespace keras::testing {
namespace {

using namespace layers;

RoundModel words() {
  Sequential model({Embedding(12, 4, {.embeddings_regularizer = "l2", .mask_zero = true, .input_length = 6}),
                    LSTM(3, {.return_sequences = true}), GRU(3), Dense(1, {.activation = "sigmoid"})});
  model.compile(
      {.optimizer = optimizers::Adam({.learning_rate = 0.01}), .loss = "binary_crossentropy", .metrics = {"acc"}});
  return {model, {some_words(6, 12)}, {random::randint({kRows, 1}, 0, 2).astype(DType::float32)}};
}

// Masks that go through wrappers and merging layers to the loss. All that are merged are one: of different ones a step
// counts for Keras 2 where it counts in all, for Keras 3 where it counts in one; and tf_keras goes backwards by the
// forward mask.
RoundModel masked() {
  const Tensor x = Input({5, 3}), numbers = Input({5}, {.dtype = DType::int32, .name = "numbers"});
  const Tensor a = TimeDistributed(Dense(4, {.activation = "relu"}))(Masking({.mask_value = 0})(x));
  const Tensor b = Embedding(9, 4, {.embeddings_regularizer = "l2", .mask_zero = true})(numbers);
  const Tensor h = SimpleRNN(4, {.return_sequences = true})(Add()({Dense(4)(b), b}));
  const Tensor y = Concatenate()({GlobalAveragePooling1D()(b), GRU(3, {.reset_after = false})(h)});
  Model model({x, numbers}, {Dense(2, {.name = "all"})(y), TimeDistributed(Dense(2), {.name = "each"})(a)});
  model.compile({.optimizer = optimizers::Adam({.learning_rate = 0.01}), .loss = "mse"});
  Array values = some({5, 3});
  auto data = values.mutable_values<float>();
  for (std::size_t i = 0; i < data.size(); ++i) {
    if (i % 15 >= 9 && i / 15 % 2 == 0) data[i] = 0;
  }
  return {model, {values, some_words(5, 9)}, {some({2}), some({5, 2})}};
}

RoundModel both_ways() {
  const Tensor x = Input({None, 3});
  Tensor h = Bidirectional(LSTM(3, {.return_sequences = true, .name = "there"}))(x);
  h = Bidirectional(
      GRU(4, {.return_sequences = true}),
      {.merge_mode = "sum",
       .backward_layer = GRU(4, {.activation = "relu", .return_sequences = true, .go_backwards = true})})(h);
  const std::vector<Tensor> last = Bidirectional(LSTM(2, {.return_state = true}), {.merge_mode = "ave"}).outputs({h});
  const Tensor y = Dense(2)(Concatenate()({last[0], last[1], last[4]}));
  Model model(x, y);
  model.compile({.optimizer = optimizers::Adam({.learning_rate = 0.01}), .loss = "mse"});
  return {model, {some({4, 3})}, {some({2})}};
}

RoundModel cells() {
  const Tensor x = Input({4, 3});
  Tensor h = RNN(LSTMCell(3, {.recurrent_constraint = "max_norm"}), {.return_sequences = true})(x);
  h = RNN(StackedRNNCells({GRUCell(4), SimpleRNNCell(3, {.activation = "relu"}), LSTMCell(2)}),
          {.return_sequences = true})(h);
  h = RNN(GRUCell(3, {.reset_after = false}), {.unroll = true})(h);
  Model model(x, Dense(2)(h));
  model.compile({.optimizer = optimizers::Adadelta({.learning_rate = 0.8}), .loss = "mse"});
  return {model, {some({4, 3})}, {some({2})}};
}

// What one layer remembers is where the next one begins.
RoundModel translator() {
  const Tensor from = Input({4, 3}, {.name = "from"}), to = Input({5, 2}, {.name = "to"});
  const std::vector<Tensor> read = LSTM(4, {.return_state = true, .name = "reader"}).outputs({from});
  const std::vector<Tensor> written =
      LSTM(4, {.return_sequences = true, .return_state = true, .name = "writer"}).outputs({to, read[1], read[2]});
  const Tensor y = Dense(
      3, {.activation = "softmax"})(GRU(4, {.return_sequences = true, .name = "third"})({written[0], written[2]}));
  Model model({from, to}, y);
  model.compile({.optimizer = optimizers::RMSprop({.learning_rate = 0.01, .momentum = 0.3}),
                 .loss = "sparse_categorical_crossentropy",
                 .metrics = {"sparse_categorical_accuracy"}});
  return {model, {some({4, 3}), some({5, 2})}, {random::randint({kRows, 5}, 0, 3)}};
}

RoundModel films() {
  Sequential model({ConvLSTM2D(3, 2, {.padding = "same", .return_sequences = true, .input_shape = Shape{3, 4, 4, 1}}),
                    TimeDistributed(Conv2D(2, 2, {.activation = "relu"})), TimeDistributed(MaxPooling2D()),
                    ConvLSTM2D(2, {1, 1}, {.recurrent_activation = "sigmoid", .use_bias = false}), Flatten(),
                    Dense(2)});
  model.compile({.optimizer = optimizers::SGD({.learning_rate = 0.1, .momentum = 0.5}), .loss = "mse"});
  return {model, {some({3, 4, 4, 1})}, {some({2})}};
}

RoundModel stateful() {
  const Tensor x = Input({3, 2}, {.batch_size = kRows});
  Tensor h = LSTM(3, {.return_sequences = true, .stateful = true})(x);
  h = GRU(2, {.stateful = true})(h);
  Model model(x, Dense(1)(h));
  model.compile({.optimizer = optimizers::Adam({.learning_rate = 0.01}), .loss = "mse"});
  return {model, {some({3, 2})}, {some({1})}};
}

// A model for each step, and another beside it. (One model in both places Keras saves, and cannot open.)
RoundModel each_step() {
  const auto part = [](const char* name) {
    return Sequential(
        {Conv1D(3, 2, {.activation = "relu", .input_shape = Shape{4, 2}}), GlobalMaxPooling1D(), Dense(3)},
        {.name = name});
  };
  const Tensor x = Input({3, 4, 2}), one = Input({4, 2});
  const Tensor h = LSTM(3)(TimeDistributed(part("part"), {.name = "parts"})(x));
  const Tensor y = Dense(2)(Average()({h, part("other")(one)}));
  Model model({x, one}, y);
  model.compile({.optimizer = optimizers::Adam({.learning_rate = 0.01}), .loss = "mse"});
  return {model, {some({3, 4, 2}), some({4, 2})}, {some({2})}};
}

}  // namespace

std::vector<RoundCase> time_models() {
  return {
      {"23_words", kAll, words},
      {"24_masked", kAll, masked},
      {"25_both_ways", kAll, both_ways},
      {"26_cells", kAll, cells},
      {"27_translator", kKeras3 | kTfKeras, translator},
      {"28_films", kAll, films},
      {"29_stateful", kAll, stateful},
      {"30_each_step", kKeras3 | kTfKeras, each_step},
  };
}

}  // namespace keras::testing
