// The primer's two models and the shipped MNIST data, for the tests that run whole programs.
#pragma once

#include <keras/keras.h>

#include <cstdlib>
#include <string>
#include <utility>

namespace keras::testing {

// What runs under a sanitizer is many times slower: such tests do less.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

inline std::string test_root() {
  const char* root = std::getenv("KERAS_TEST_ROOT");
  return root ? root : ".";
}

struct Examples {
  Array x, y;
};

// The images as rows of 784 numbers from 0 to 1, the labels one-hot.
inline Examples prepare(const datasets::Split& split) {
  return {split.x.reshape({-1, 784}) / 255.0, utils::to_categorical(split.y, 10)};
}
inline std::pair<datasets::Split, datasets::Split> shipped_mnist() {
  return datasets::mnist::load_data(test_root() + "/data/mnist/mnist.npz");
}

inline Sequential mnist_model(const Loss& loss = "categorical_crossentropy") {
  Sequential model({
      layers::Dense(400, {.input_dim = 784}),
      layers::Activation("relu"),
      layers::Dense(10),
      layers::Activation("softmax"),
  });
  model.compile({.optimizer = optimizers::RMSprop({.learning_rate = 0.001, .rho = 0.9, .epsilon = 1e-8}),
                 .loss = loss,
                 .metrics = {"accuracy"}});
  return model;
}

inline Sequential regressor_model() {
  Sequential model;
  model.add(layers::Dense(1, {.input_dim = 1}));
  model.compile({.optimizer = "sgd", .loss = "mse"});
  return model;
}

// Same shapes, types and bits.
inline bool same_weights(const std::vector<Array>& a, const std::vector<Array>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!identical(a[i], b[i])) return false;
  }
  return true;
}

}  // namespace keras::testing
