// Reading: how layers are made while a model is read from a configuration or a file.
#pragma once

#include <keras/layer.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace keras::layers {

struct ReadingOptions {
  // The bytes of all weights that may be made; beyond it a ValueError. By default as many as the machine has memory.
  std::uint64_t most_bytes = 0;
  // Weights start as whatever their memory holds, which is not touched before they are set: for those that are in a
  // file.
  bool blank_weights = false;
};

// On this thread, while it lives. Layers may have any name, as older versions of Keras let them.
class Reading {
 public:
  explicit Reading(ReadingOptions options = {});
  ~Reading();
  Reading(const Reading&) = delete;
  static Reading* current();  // nullptr outside

  bool blank_weights() const { return options_.blank_weights; }
  // Counts a weight that is to be made. ValueError that names it where that is beyond what may be.
  void count(const std::string& weight, const Shape& shape, DType dtype);
  // Counts a call of a layer: models inside models may ask for more of them than will ever end. ValueError then.
  void count_call();

  // The layer of this number and class, which stands in several places of the configuration.
  std::optional<Layer> shared(std::int64_t id, const Config& class_name) const;
  void share(std::int64_t id, const Config& class_name, const Layer& layer);

 private:
  std::map<std::int64_t, std::pair<Config, Layer>> shared_;
  ReadingOptions options_;
  std::uint64_t left_;
  std::uint64_t calls_left_ = 100'000;
  Reading* outer_;
};

// ValueError for a weight, or something else that a layer keeps, that may not be made: while a model is read as Reading
// counts, else where the machine has no memory for it.
void check_weight(const std::string& weight, const Shape& shape, DType dtype);

}  // namespace keras::layers
