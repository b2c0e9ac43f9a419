// Fine-tuning: ten classes of small pictures on top of SqueezeNet, whose weights were trained on ImageNet and stay as
// they are; then its last module is trained too. Writes fine_tuned.keras, which Python's Keras opens. The same in
// Keras: reference/fine_tune.py.
//   fine_tune --data DIR [--weights FILE] [--epochs N] [--steps N] [--seed N]
// DIR/cifar10_folder has train/ and test/, each with a folder of pictures for each class.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string_view>
#include <vector>

#include "options.h"
#include "squeezenet.h"

using namespace keras;
namespace fs = std::filesystem;

struct Pictures {
  Array x, y;
};

static std::vector<fs::path> sorted(const fs::path& folder) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(folder)) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  return paths;
}

static Pictures read(const fs::path& folder) {
  std::vector<Array> pictures;
  std::vector<std::int32_t> labels;
  const std::vector<fs::path> classes = sorted(folder);
  for (std::size_t label = 0; label < classes.size(); ++label) {
    for (const fs::path& path : sorted(classes[label])) {
      const Array picture = utils::load_img(path.string(), {.target_size = {96, 96}, .interpolation = "bilinear"});
      pictures.push_back(utils::img_to_array(picture).reshape({1, 96, 96, 3}));
      labels.push_back(static_cast<std::int32_t>(label));
    }
  }
  return {concatenate(pictures), Array(labels)};
}

int main(int argc, char** argv) try {
  std::string weights;
  if (argc > 2 && std::string_view(argv[argc - 2]) == "--weights") {
    weights = argv[argc - 1];
    argc -= 2;
  }
  const Options options = Options::parse(argc, argv, 10);
  random::seed(options.seed);
  const fs::path folder = options.data / "cifar10_folder";
  const Pictures train = read(folder / "train"), test = read(folder / "test");
  std::printf("%lld pictures to train on, %lld to test\n", static_cast<long long>(train.x.length()),
              static_cast<long long>(test.x.length()));

  Model base = squeezenet::base(Input({96, 96, 3}, {.name = "picture"}));
  if (!weights.empty()) std::printf("%s\n", base.load_weights(weights).str().c_str());
  base.set_trainable(false);

  const Tensor input = Input({96, 96, 3});
  Tensor x = layers::GlobalAveragePooling2D()(base(squeezenet::preprocess(input)));
  x = layers::Dropout(0.3)(x);
  Model model(input, layers::Dense(10, {.activation = "softmax", .name = "class"})(x));
  const auto compile = [&](double learning_rate) {
    model.compile({.optimizer = optimizers::Adam({.learning_rate = learning_rate}),
                   .loss = "sparse_categorical_crossentropy",
                   .metrics = {"accuracy"}});
  };
  const auto score = [&](const char* when) {
    const Logs result = model.evaluate(test.x, test.y);
    std::printf("%s: test loss: %.4f, test accuracy: %.4f\n", when, result.at("loss"), result.at("accuracy"));
  };

  compile(1e-3);
  model.summary();
  model.fit(train.x, train.y,
            {.batch_size = 32, .epochs = options.epochs, .verbose = 2, .steps_per_epoch = options.steps});
  score("frozen base");

  // What is trainable is fixed by compile: unfreeze, and compile again with smaller steps.
  base.set_trainable(true);
  for (const Layer& layer : base.layers()) layer.set_trainable(layer.name().starts_with("fire9_"));
  compile(1e-4);
  model.fit(train.x, train.y,
            {.batch_size = 32, .epochs = options.epochs, .verbose = 2, .steps_per_epoch = options.steps});
  score("last module too");

  model.save("fine_tuned.keras");
  std::printf("wrote fine_tuned.keras\n");
} catch (const Error& error) {
  std::fprintf(stderr, "fine_tune: %s\n", error.what());
  return 1;
}
