// keras::layers: TimeDistributed; and WrapperBody, from which own layers around another layer derive.
#pragma once

#include <keras/layers/common.h>

namespace keras {

// What a layer around another layer is (Keras's Wrapper): the inner layer is its child, built with it, trained, saved
// and frozen with it. An own wrapper derives from it and says in call_all how the inner layer is called; its Args have
// `std::optional<Layer> layer = {};` as their first member.
class KERAS_API WrapperBody : public LayerBody {
 public:
  explicit WrapperBody(const std::optional<Layer>& layer);  // ValueError when none is given
  const Layer& layer() const { return layer_; }
  void build_all(const std::vector<Shape>& inputs) override;  // builds the inner layer for the same inputs
  Config get_config() const override;                         // with the layer as it is now, last

 protected:
  void build_layer(const std::vector<Shape>& inputs) const;  // the inner layer, if it was not built

 private:
  Layer layer_;
};

struct TimeDistributedArgs {
  std::optional<Layer> layer = {};
  KERAS_LAYER_ARGS
  static void fields(auto&& f) {
    using A = TimeDistributedArgs;
    f("layer", &A::layer, "Called on each step.");
    KERAS_LAYER_FIELDS(A)
  }
};

namespace layers {
// The layer, which may be a model, on each step of (batch, steps, …), by itself: to (batch, steps, …). All steps are
// one larger batch where the steps cannot be told apart; layers that mix the samples of a batch (BatchNormalization in
// training) take one step after another, as in Keras 3 (config::set_compatibility). A mask (batch, steps, …) is passed
// to the layer step by step, and on to the output. Several inputs must have the same number of steps. ValueError for an
// input of rank below 3.
KERAS_API Layer TimeDistributed(const Layer& layer, TimeDistributedArgs args = {});
}  // namespace layers

}  // namespace keras
