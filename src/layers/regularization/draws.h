// Draws: the random numbers of a layer, by its own seed or by the model's.
#pragma once

#include <keras/layer.h>

#include <atomic>
#include <cstdint>
#include <optional>

namespace keras::layers {

class Draws {
 public:
  Draws(const LayerBody& layer, std::optional<std::int64_t> seed) : layer_(layer), seed_(seed) {}
  // With a seed of its own the stream depends on that seed and on how often the layer has drawn, and on nothing else.
  Tensor uniform(const Shape& shape);  // in [0, 1)
  Tensor normal(const Shape& shape, double mean, double stddev);

 private:
  template <class Draw>
  Tensor own(Draw draw);

  const LayerBody& layer_;
  const std::optional<std::int64_t> seed_;
  std::atomic<int> draws_ = 0;  // outside a trace
};

}  // namespace keras::layers
