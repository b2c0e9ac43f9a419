// Cell membranes under the electron microscope (ISBI 2012), found by a small U-Net: four pictures to train on, cut into
// tiles, and a fifth to test. Writes membrane_mask.png. The same in Keras: reference/membrane.py.
#include <keras/keras.h>

#include <cstdio>

#include "options.h"

using namespace keras;

static Array pictures(const std::filesystem::path& folder, const std::string& kind) {
  std::vector<Array> all;
  for (int i = 0; i < 5; ++i) {
    const auto path = folder / (kind + "_" + std::to_string(i) + ".png");
    const Array picture = utils::load_img(path.string(), {.color_mode = "grayscale", .target_size = {256, 256}});
    all.push_back(utils::img_to_array(picture).reshape({1, 256, 256, 1}));
  }
  return concatenate(all) / 255.0;
}

// Tiles of 64 x 64 pixels.
static Array tiles(const Array& x) {
  const std::int64_t n = x.length();
  return ops::reshape(ops::transpose(ops::reshape(x, {n, 4, 64, 4, 64}), {0, 1, 3, 2, 4}), {n * 16, 64, 64, 1});
}

static Tensor block(Tensor x, std::int64_t filters) {
  for (int i = 0; i < 2; ++i) {
    x = layers::Conv2D(filters, 3, {.padding = "same", .activation = "relu", .kernel_initializer = "he_normal"})(x);
  }
  return x;
}

int main(int argc, char** argv) try {
  const Options options = Options::parse(argc, argv, 30);
  random::seed(options.seed);
  const Array x = pictures(options.data / "membrane", "image");
  const Array y = ops::cast(ops::greater(pictures(options.data / "membrane", "label"), 0.5), DType::float32);

  // Down twice and up twice; what was seen on the way down joins on the way up. Pictures may have any size.
  const Tensor input = Input({None, None, 1}, {.name = "picture"});
  const Tensor one = block(input, 16);
  const Tensor two = block(layers::MaxPooling2D()(one), 32);
  const Tensor three = block(layers::MaxPooling2D()(two), 64);
  Tensor up = block(layers::concatenate({layers::UpSampling2D()(three), two}), 32);
  up = block(layers::concatenate({layers::UpSampling2D()(up), one}), 16);
  Model model(input, layers::Conv2D(1, 1, {.activation = "sigmoid", .name = "mask"})(up));
  model.compile({.optimizer = optimizers::Adam({.learning_rate = 0.001}),
                 .loss = "binary_crossentropy",
                 .metrics = {"accuracy"}});
  model.summary();

  model.fit(tiles(x.slice(0, 4)), tiles(y.slice(0, 4)),
            {.batch_size = 8, .epochs = options.epochs, .verbose = 2, .steps_per_epoch = options.steps});
  const Logs result = model.evaluate(x.slice(4), y.slice(4));
  std::printf("%.4f of the pixels are no membrane\n", Array(ops::mean(y.slice(4))).item());
  std::printf("test loss: %.4f\n", result.at("loss"));
  std::printf("test accuracy: %.4f\n", result.at("accuracy"));

  utils::save_img("membrane_mask.png", model.predict(x.slice(4))[0] * 255.0, {.scale = false});
  std::printf("wrote membrane_mask.png\n");
} catch (const Error& error) {
  std::fprintf(stderr, "membrane: %s\n", error.what());
  return 1;
}
