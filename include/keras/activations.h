// keras::activations: the 30 activation functions of Keras 3.
#pragma once

#include <keras/fields.h>
#include <keras/tensor.h>

#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace keras {

class Layer;

// A handle: a Keras name ("relu", "softmax", …; ValueError with a suggestion for an unknown one), a function of a
// Tensor, or a Layer. Empty, "linear" and nullptr are the identity. A function from below is the same as its name; what
// an own function does is not part of a configuration, so a layer with one cannot be made again from its own.
class KERAS_API Activation {
 public:
  using Function = Tensor (*)(const Tensor& x);
  Activation() = default;
  Activation(std::nullptr_t) {}
  Activation(const char* name);
  Activation(const std::string& name) : Activation(name.c_str()) {}
  Activation(Function function);
  template <class F>
  requires(std::is_invocable_r_v<Tensor, const F&, const Tensor&> && !std::derived_from<F, Activation> &&
           !std::convertible_to<F*, const Layer*>) Activation(F function)
      : function_(std::move(function)), name_() {}
  Activation(const Layer& layer);
  explicit operator bool() const { return function_ != nullptr; }  // whether it is more than the identity
  Tensor operator()(const Tensor& x) const { return function_ ? function_(x) : x; }
  const std::string& name() const {
    return name_;
  }  // of the function ("linear" when empty) or layer; "" for an own function
  const std::shared_ptr<const Layer>& layer() const { return layer_; }  // the layer it was made of, if any

 private:
  friend KERAS_API Config as_config(const Activation& activation);
  friend KERAS_API void read_config(const Config& config, Activation& activation);
  static Activation from_layer(const Config& config);  // a layer made from its configuration
  std::function<Tensor(const Tensor& x)> function_;
  std::string name_ = "linear";
  std::string own_name_;  // of an own function that a configuration named
  std::shared_ptr<const Layer> layer_;
  Config layer_config_;  // of layer_, as Keras writes a layer
};
KERAS_API Config as_config(const Activation& activation);
KERAS_API void read_config(const Config& config, Activation& activation);

// y = x above the threshold, at most max_value; negative_slope * (x - threshold) below it.
struct ReluArgs {
  double negative_slope = 0;
  std::optional<double> max_value = {};
  double threshold = 0;
};

// Formulas and defaults are those of Keras 3. `axis` counts from the end when negative.
namespace activations {
KERAS_API Tensor celu(const Tensor& x, double alpha = 1);
KERAS_API Tensor elu(const Tensor& x, double alpha = 1);
KERAS_API Tensor exponential(const Tensor& x);
KERAS_API Tensor gelu(const Tensor& x, bool approximate = false);  // Hendrycks and Gimpel, 2016
KERAS_API Tensor glu(const Tensor& x, int axis = -1);
KERAS_API Tensor hard_shrink(const Tensor& x, double threshold = 0.5);
KERAS_API Tensor hard_sigmoid(const Tensor& x);  // clip(x / 6 + 0.5, 0, 1); Keras 2.2: clip(0.2 x + 0.5, 0, 1)
KERAS_API Tensor hard_silu(const Tensor& x);
KERAS_API Tensor hard_tanh(const Tensor& x);
KERAS_API Tensor leaky_relu(const Tensor& x, double negative_slope = 0.2);
KERAS_API Tensor linear(const Tensor& x);
KERAS_API Tensor log_sigmoid(const Tensor& x);
KERAS_API Tensor log_softmax(const Tensor& x, int axis = -1);
KERAS_API Tensor mish(const Tensor& x);
KERAS_API Tensor relu(const Tensor& x, ReluArgs args = {});
KERAS_API Tensor relu6(const Tensor& x);
KERAS_API Tensor selu(const Tensor& x);  // Klambauer et al., 2017
KERAS_API Tensor sigmoid(const Tensor& x);
KERAS_API Tensor silu(const Tensor& x);
KERAS_API Tensor soft_shrink(const Tensor& x, double threshold = 0.5);
KERAS_API Tensor softmax(const Tensor& x, int axis = -1);
KERAS_API Tensor softplus(const Tensor& x);
KERAS_API Tensor softsign(const Tensor& x);
KERAS_API Tensor sparse_plus(const Tensor& x);
KERAS_API Tensor sparse_sigmoid(const Tensor& x);
// Martins and Astudillo, 2016. Keras 3.15 itself takes a wrong threshold wherever more than one element stays above it,
// and its result does not sum to 1 then; this is the paper's.
KERAS_API Tensor sparsemax(const Tensor& x, int axis = -1);
KERAS_API Tensor squareplus(const Tensor& x, double b = 4);
KERAS_API Tensor tanh(const Tensor& x);
KERAS_API Tensor tanh_shrink(const Tensor& x);
KERAS_API Tensor threshold(const Tensor& x, double threshold, double default_value);
KERAS_API Activation get(const std::string& name);  // "swish" and "hard_swish" are silu and hard_silu
}  // namespace activations

// Keras 3 has them among its ops too.
namespace ops {
using activations::celu;
using activations::elu;
using activations::glu;
using activations::hard_shrink;
using activations::hard_sigmoid;
using activations::hard_silu;
using activations::hard_tanh;
using activations::leaky_relu;
using activations::log_sigmoid;
using activations::mish;
using activations::relu6;
using activations::selu;
using activations::silu;
using activations::soft_shrink;
using activations::softsign;
using activations::sparse_plus;
using activations::sparse_sigmoid;
using activations::sparsemax;
using activations::squareplus;
using activations::tanh_shrink;
using activations::threshold;
inline Tensor gelu(const Tensor& x, bool approximate = true) { return activations::gelu(x, approximate); }
}  // namespace ops

}  // namespace keras
