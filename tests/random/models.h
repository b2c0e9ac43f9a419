// Random models: small, valid, and made of every layer of the library; the seed is all that decides.
#pragma once

#include <keras/keras.h>

#include <array>
#include <map>
#include <string>
#include <vector>

#include "support/rng.h"

namespace keras::testing {

// Numbers from a seed.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : stream_(support::stream_key(0x5EED, seed)) {}
  double unit() { return support::uniform64_at(stream_, 0, next_++); }  // [0, 1)
  std::int64_t range(std::int64_t low, std::int64_t high) {             // both included
    return low + static_cast<std::int64_t>(unit() * static_cast<double>(high - low + 1));
  }
  bool chance(double p) { return unit() < p; }
  template <class T>
  const T& of(const std::vector<T>& list) {
    return list[static_cast<std::size_t>(range(0, static_cast<std::int64_t>(list.size()) - 1))];
  }

 private:
  std::uint64_t stream_, next_ = 0;
};

struct RandomModel {
  std::optional<Model> model;
  std::vector<Array> inputs;   // a batch
  std::vector<Shape> outputs;  // of that batch
  Optimizer optimizer = optimizers::SGD();
  std::map<std::string, int> layers;  // how often each class is in it
  std::vector<std::string> story;     // the layers' configurations, in the order they were made
};

// Builds one model around a layer of the class `about`.
class ModelMaker {
 public:
  ModelMaker(std::uint64_t seed, std::string about) : dice_(seed), about_(std::move(about)) {}
  RandomModel make();

 private:
  // A layer for a tensor of this shape (with the batch), or none where the class takes no such tensor.
  std::optional<Layer> layer(const std::string& name, const Shape& shape);
  std::optional<Layer> convolution(const std::string& name, const Shape& shape);
  std::optional<Layer> pooling(const std::string& name, const Shape& shape);
  std::optional<Layer> space(const std::string& name, const Shape& shape);
  std::optional<Layer> regularization(const std::string& name, const Shape& shape);
  std::optional<Layer> recurrent(const std::string& name, const Shape& shape);
  std::optional<Layer> wrapped(const std::string& name, const Shape& shape);
  Layer cell(const std::string& name);
  Layer keeper(const Shape& shape);  // one that keeps the shape

  Tensor step(const std::string& name, const Tensor& x);  // the class, or several layers, on x
  Tensor merge(const std::string& name, const Tensor& x);
  Tensor sequence(const Tensor& x);  // an encoder's states start a decoder
  Tensor input(int rank);
  Tensor named_input(const Shape& shape, DType dtype = config::floatx());
  Tensor smaller(Tensor x);
  Layer note(Layer layer);

  std::int64_t size(const Shape& shape, std::size_t axis) { return shape[axis].value(); }
  std::string activation() {
    return dice_.of<std::string>({"linear", "relu", "tanh", "sigmoid", "softplus", "softsign", "elu", "selu", "gelu",
                                  "silu", "hard_sigmoid", "softmax", "leaky_relu"});
  }
  std::string padding() { return dice_.chance(0.5) ? "same" : "valid"; }
  std::int64_t few() {
    return large_ ? dice_.of<std::int64_t>({7, 16, 33, 40}) : dice_.of<std::int64_t>({1, 2, 3, 3, 4, 5, 8, 17});
  }
  std::int64_t window(std::int64_t size) { return dice_.range(1, std::min<std::int64_t>(3, size)); }

  Dice dice_;
  std::string about_;
  RandomModel made_;
  std::int64_t batch_ = 1;
  bool static_ = false, masked_ = false;  // the batch is known; there may be a mask
  bool large_ = false;                    // a few are, for the sake of threads and of several tiles
  std::vector<Tensor> inputs_, outputs_;
};

const std::vector<std::string>& merging_classes();

}  // namespace keras::testing
