// The primer's VGG16 program: the convolutional base, an input of one's own and new dense layers on top, both
// summaries, and a picture of the model.
//   vgg16 [--weights none|imagenet|PATH] [--plot FILE]
#include <keras/keras.h>

#include <cstdio>
#include <string>
#include <string_view>

using namespace keras;

int main(int argc, char** argv) try {
  std::optional<std::string> weights = "imagenet";
  std::string plot = "my_vgg16_model.png";
  for (int i = 1; i < argc; i += 2) {
    const std::string_view name = argv[i];
    if (i + 1 == argc || (name != "--weights" && name != "--plot")) {
      std::fprintf(stderr, "usage: %s [--weights none|imagenet|PATH] [--plot FILE]\n", argv[0]);
      return 2;
    }
    (name == "--plot" ? plot : *weights) = argv[i + 1];
  }
  if (weights == "none") weights = {};

  // The base without its classifier, for pictures of any size.
  const Model base = applications::VGG16({.include_top = false, .weights = weights});
  base.summary();

  const Tensor input = Input({224, 224, 3}, {.name = "image_input"});
  Tensor x = layers::Flatten({.name = "flatten"})(base(input));
  x = layers::Dense(4096, {.activation = "relu", .name = "fc1"})(x);
  x = layers::Dense(512, {.activation = "relu", .name = "fc2"})(x);
  x = layers::Dense(128, {.activation = "relu", .name = "fc3"})(x);
  const Model mine(input, layers::Dense(1, {.activation = "sigmoid", .name = "predictions"})(x));
  mine.summary();

  utils::plot_model(mine, {.to_file = plot, .show_shapes = true, .show_layer_names = true, .dpi = 96});
  std::printf("wrote %s\n", plot.c_str());
} catch (const Error& error) {
  std::fprintf(stderr, "vgg16: %s\n", error.what());
  return 1;
}
