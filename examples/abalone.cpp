// Sea snails: from two inputs, sizes and weights, two outputs, the rings of the shell (a year each) and the sex. Every
// fifth row is for the test. The same in Keras: reference/abalone.py.
#include <keras/keras.h>

#include <cstdio>
#include <iostream>

#include "options.h"

using namespace keras;

int main(int argc, char** argv) try {
  const Options options = Options::parse(argc, argv, 40);
  random::seed(options.seed);

  // The file has no header. Its first column is text, F, I (infant) or M: it becomes 0, 1 or 2.
  const utils::Table table = utils::read_csv((options.data / "tabular" / "abalone.csv").string(),
                                             {.header = false,
                                              .names = {"sex", "length", "diameter", "height", "whole_weight",
                                                        "shucked_weight", "viscera_weight", "shell_weight", "rings"},
                                              .categories = true});
  std::vector<std::int64_t> train, test;
  for (std::int64_t i = 0; i < table.length(); ++i) (i % 5 == 4 ? test : train).push_back(i);
  const Array sizes = table.select({"length", "diameter", "height"});
  const Array weights = table.select({"whole_weight", "shucked_weight", "viscera_weight", "shell_weight"});
  const Array rings = table.column("rings"), sex = table.column("sex").astype(DType::int32);
  const auto x = [&](const auto& rows) { return Data{{"size", sizes.take(rows)}, {"weight", weights.take(rows)}}; };
  const auto y = [&](const auto& rows) { return Data{{"rings", rings.take(rows)}, {"sex", sex.take(rows)}}; };

  const Tensor size = Input({3}, {.name = "size"}), weight = Input({4}, {.name = "weight"});
  Tensor hidden = layers::concatenate(
      {layers::Dense(32, {.activation = "relu"})(size), layers::Dense(32, {.activation = "relu"})(weight)});
  hidden = layers::Dense(32, {.activation = "relu"})(hidden);
  Model model({size, weight}, {layers::Dense(1, {.name = "rings"})(hidden),
                               layers::Dense(3, {.activation = "softmax", .name = "sex"})(hidden)});
  model.compile({.optimizer = optimizers::Adam({.learning_rate = 0.003}),
                 .loss = {{"rings", "mse"}, {"sex", "sparse_categorical_crossentropy"}},
                 .loss_weights = {{"rings", 0.2}, {"sex", 1.0}},
                 .metrics = {{"rings", {"mae"}}, {"sex", {"accuracy"}}}});
  model.summary();

  model.fit(x(train), y(train),
            {.batch_size = 32, .epochs = options.epochs, .verbose = 2, .steps_per_epoch = options.steps});
  const Logs result = model.evaluate(x(test), y(test));
  std::printf("test loss: %.4f\n", result.at("loss"));
  std::printf("mean error in rings: %.4f\n", result.at("rings_mae"));
  std::printf("accuracy of the sex: %.4f\n", result.at("sex_accuracy"));

  const std::vector<std::int64_t> first(test.begin(), test.begin() + 3);
  const std::vector<Array> guesses = model.predict_all(x(first));
  std::cout << "rings of three of them, told:\n" << guesses[0] << "\nand counted:\n" << rings.take(first) << "\n";
} catch (const Error& error) {
  std::fprintf(stderr, "abalone: %s\n", error.what());
  return 1;
}
