// Layers that stand in several places of one configuration, such as a model inside a wrapper and beside it: Keras gives
// each of these places the same shared_object_id, and makes one layer of them.
#pragma once

#include <keras/layer.h>

#include <unordered_map>

namespace keras::layers {

// On this thread, while it lives, serialize() numbers the layers.
class SharedIds {
 public:
  SharedIds();
  ~SharedIds();
  SharedIds(const SharedIds&) = delete;
  static SharedIds* current();  // nullptr outside

  Config numbered(const Layer& layer, Config written);
  static Config kept(const Config& config);  // without the numbers that stand in one place alone

 private:
  std::unordered_map<const LayerBody*, std::int64_t> ids_;
  SharedIds* outer_;
};

// While a model is read: what was made for the same number and class; none outside a Reading.
std::optional<Layer> shared_layer(const Config& written);
void share_layer(const Config& written, const Layer& layer);

}  // namespace keras::layers
