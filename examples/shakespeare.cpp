// An LSTM that learns Shakespeare letter by letter and then writes some of its own: 64 characters at a time, each to be
// told from those before it; the last tenth of the text is for the test. The same in Keras: reference/shakespeare.py.
#include <keras/keras.h>

#include <cmath>
#include <cstdio>
#include <fstream>
#include <iterator>

#include "options.h"

using namespace keras;

constexpr std::int64_t kLength = 64;

// A character drawn with these probabilities, sharpened: their logarithms divided by the temperature.
static std::int64_t draw(std::span<const float> probabilities, double temperature) {
  std::vector<double> weights;
  double sum = 0;
  for (const float p : probabilities) sum += weights.emplace_back(std::pow(p, 1 / temperature));
  double left = random::uniform({}).item() * sum;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if ((left -= weights[i]) < 0) return static_cast<std::int64_t>(i);
  }
  return 1;
}

int main(int argc, char** argv) try {
  const Options options = Options::parse(argc, argv, 3);
  random::seed(options.seed);
  const auto path = options.data / "text" / "tinyshakespeare.txt";
  std::ifstream file(path, std::ios::binary);
  if (!file) throw IOError(path.string() + " cannot be read.");
  const std::string text(std::istreambuf_iterator<char>(file), {});

  // Every character gets a number. The target of each is the one after it.
  preprocessing::Tokenizer tokenizer({.filters = "", .lower = false, .char_level = true});
  tokenizer.fit_on_texts(std::vector<std::string>{text});
  const auto characters = tokenizer.texts_to_sequences(std::vector<std::string>{text})[0];
  const std::int64_t count = (static_cast<std::int64_t>(characters.size()) - 1) / kLength;
  const Array all = Array(characters).astype(DType::int32);
  const Array x = all.slice(0, count * kLength).reshape({count, kLength});
  const Array y = all.slice(1, count * kLength + 1).reshape({count, kLength});
  const std::int64_t symbols = static_cast<std::int64_t>(tokenizer.word_index().size()) + 1, cut = count * 9 / 10;

  Sequential model;
  model.add(Input({None}, {.dtype = DType::int32}));
  model.add(layers::Embedding(symbols, 32));
  model.add(layers::LSTM(128, {.return_sequences = true}));
  model.add(layers::Dense(symbols, {.activation = "softmax"}));
  model.compile({.optimizer = optimizers::Adam({.learning_rate = 0.003}),
                 .loss = "sparse_categorical_crossentropy",
                 .metrics = {"accuracy"}});
  model.summary();

  model.fit(x.slice(0, cut), y.slice(0, cut),
            {.batch_size = 64, .epochs = options.epochs, .verbose = 2, .steps_per_epoch = options.steps});
  const Logs result = model.evaluate(x.slice(cut), y.slice(cut));
  std::printf("test loss: %.4f\n", result.at("loss"));
  std::printf("test accuracy: %.4f\n", result.at("accuracy"));

  // A stateful twin with the same weights reads one character at a time and remembers the rest.
  Sequential writer;
  writer.add(Input({1}, {.batch_size = 1, .dtype = DType::int32}));
  writer.add(layers::Embedding(symbols, 32));
  writer.add(layers::LSTM(128, {.stateful = true}));
  writer.add(layers::Dense(symbols, {.activation = "softmax"}));
  for (std::size_t i = 0; i < 3; ++i) writer.layers()[i].set_weights(model.layers()[i].get_weights());

  const std::string beginning = "ROMEO:\n";
  std::printf("\n%s", beginning.c_str());
  Array next;
  const auto read = [&](std::int64_t character) {
    next = writer.predict_on_batch(Array::scalar_int(character).reshape({1, 1}));
  };
  const auto start = tokenizer.texts_to_sequences(std::vector<std::string>{beginning});
  for (const std::int64_t c : start[0]) read(c);
  for (int i = 0; i < 400; ++i) {
    const std::int64_t character = draw(next.values<float>(), 0.7);
    if (!tokenizer.index_word().contains(character)) continue;  // 0 stands for none
    std::printf("%s", tokenizer.index_word().at(character).c_str());
    read(character);
  }
  std::printf("\n");
} catch (const Error& error) {
  std::fprintf(stderr, "shakespeare: %s\n", error.what());
  return 1;
}
