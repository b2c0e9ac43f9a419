// Frame: which layers this thread is building or calling, from the outermost to the current one. From it come the paths
// of weights, the names of random streams, and whether the layers inside are called for training.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "layers/layer_state.h"
#include "ops/trace.h"

namespace keras::layers {

class Frame {
 public:
  Frame(const LayerState& layer, bool training);
  ~Frame();
  Frame(const Frame&) = delete;
  static Frame* current();  // of this thread; nullptr outside

  bool training() const { return training_; }
  std::string path() const;                // "sequential/dense"
  int next_draw(const LayerState& layer);  // how often the layer has asked within the outermost call

 private:
  const LayerState& layer_;
  const bool training_;
  Frame* const outer_;
  std::vector<std::pair<const LayerState*, int>> draws_;  // of the outermost frame
  ops::Scope scope_;
};

}  // namespace keras::layers
