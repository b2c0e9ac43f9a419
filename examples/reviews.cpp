// Film reviews, good or bad: the last 200 words of each, as vectors that an LSTM reads. The data: 2,000 reviews of Pang
// and Lee (2004), those numbered 900 and above for the test. The same in Keras: reference/reviews.py.
#include <keras/keras.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>

#include "options.h"

using namespace keras;
namespace fs = std::filesystem;

struct Reviews {
  std::vector<std::string> texts;
  std::vector<float> labels;
};

static void read_reviews(const fs::path& folder, float label, Reviews& train, Reviews& test) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(folder)) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  for (std::size_t i = 0; i < paths.size(); ++i) {
    Reviews& reviews = i >= 900 ? test : train;
    std::ifstream file(paths[i], std::ios::binary);
    reviews.texts.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    reviews.labels.push_back(label);
  }
}

int main(int argc, char** argv) try {
  const Options options = Options::parse(argc, argv, 6);
  random::seed(options.seed);

  Reviews train, test;
  read_reviews(options.data / "text" / "txt_sentoken" / "neg", 0, train, test);
  read_reviews(options.data / "text" / "txt_sentoken" / "pos", 1, train, test);

  // The 8,000 most frequent words get a number each; a shorter review is padded in front with 0, which the mask hides.
  preprocessing::Tokenizer tokenizer({.num_words = 8000});
  tokenizer.fit_on_texts(train.texts);
  const auto rows = [&](const Reviews& reviews) {
    return utils::pad_sequences(tokenizer.texts_to_sequences(reviews.texts), {.maxlen = 200});
  };

  Sequential model;
  model.add(Input({200}, {.dtype = DType::int32}));
  model.add(layers::Embedding(8000, 32, {.mask_zero = true}));
  model.add(layers::Dropout(0.3));
  model.add(layers::LSTM(32));
  model.add(layers::Dense(1, {.activation = "sigmoid"}));
  model.compile({.optimizer = "adam", .loss = "binary_crossentropy", .metrics = {"accuracy"}});
  model.summary();

  model.fit(rows(train), Array(train.labels),
            {.batch_size = 32, .epochs = options.epochs, .verbose = 2, .steps_per_epoch = options.steps});
  const Logs result = model.evaluate(rows(test), Array(test.labels));
  std::printf("test loss: %.4f\n", result.at("loss"));
  std::printf("test accuracy: %.4f\n", result.at("accuracy"));

  const Array good = rows({{"a wonderful film , moving and brilliantly acted : one of the best of the year"}, {}});
  const Array bad = rows({{"a boring mess : the plot is stupid , the acting is awful , a waste of time"}, {}});
  std::printf("a good word: %.2f, a bad one: %.2f\n", model.predict(good).item(), model.predict(bad).item());
} catch (const std::exception& error) {
  std::fprintf(stderr, "reviews: %s\n", error.what());
  return 1;
}
