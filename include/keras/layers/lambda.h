// keras::layers: Lambda, a function of tensors as a layer.
#pragma once

#include <keras/error.h>
#include <keras/layers/common.h>

#include <concepts>
#include <functional>
#include <type_traits>

namespace keras {

namespace detail {
template <class T>
concept Results = std::convertible_to<T, Tensor> || std::same_as<std::remove_cvref_t<T>, std::vector<Tensor>>;
template <class F, class... A>
concept GivesTensors = std::invocable<const F&, A...> && Results<std::invoke_result_t<const F&, A...>>;
template <class F>
concept LambdaCallable = GivesTensors<F, const Tensor&> || GivesTensors < F,
        const std::vector<Tensor>
& > || GivesTensors<F, const Call&> || GivesTensors<F, const Tensor&, const Config&> ||
    GivesTensors<F, const std::vector<Tensor>&, const Config&> || GivesTensors<F, const Call&, const Config&>;

inline std::vector<Tensor> as_list(std::vector<Tensor> tensors) { return tensors; }
inline std::vector<Tensor> as_list(const Tensor& tensor) { return {tensor}; }
KERAS_API const Tensor& only_input(const Call& call);  // ValueError when the call has several
}  // namespace detail

// What a Lambda computes: a function of a Tensor, of a std::vector<Tensor> (several inputs), or of a Call (which has
// `training` and the masks too), to a Tensor or a std::vector<Tensor>; as its second argument it may take the layer's
// `arguments`.
class LambdaFunction {
 public:
  LambdaFunction() = default;
  template <class F>
  requires(!std::same_as<F, LambdaFunction> && detail::LambdaCallable<F>) LambdaFunction(F f)
      : function_([f = std::move(f)](const Call& call, const Config& arguments) -> std::vector<Tensor> {
          if constexpr (detail::GivesTensors<F, const Tensor&, const Config&>) {
            return detail::as_list(f(detail::only_input(call), arguments));
          } else if constexpr (detail::GivesTensors<F, const Tensor&>) {
            return detail::as_list(f(detail::only_input(call)));
          } else if constexpr (detail::GivesTensors<F, const std::vector<Tensor>&, const Config&>) {
            return detail::as_list(f(call.inputs, arguments));
          } else if constexpr (detail::GivesTensors<F, const std::vector<Tensor>&>) {
            return detail::as_list(f(call.inputs));
          } else if constexpr (detail::GivesTensors<F, const Call&, const Config&>) {
            return detail::as_list(f(call, arguments));
          } else {
            return detail::as_list(f(call));
          }
        }) {}
  explicit operator bool() const { return function_ != nullptr; }
  std::vector<Tensor> operator()(const Call& call, const Config& arguments) const { return function_(call, arguments); }

 private:
  std::function<std::vector<Tensor>(const Call&, const Config&)> function_;
};

// The mask of what a Lambda gives: a Tensor or an Array, whatever the inputs are, or a function of the input and its
// mask (which may be empty), or of the Call.
class LambdaMask {
 public:
  LambdaMask() = default;
  LambdaMask(const Array& mask) : LambdaMask(Tensor(mask)) {}
  LambdaMask(const Tensor& mask) : function_([mask](const Call&) { return std::vector<Tensor>{mask}; }) {}
  template <class F>
  requires(!std::same_as<F, LambdaMask> && (detail::GivesTensors<F, const Tensor&, const Tensor&> ||
                                            detail::GivesTensors<F, const Call&>)) LambdaMask(F f)
      : function_([f = std::move(f)](const Call& call) -> std::vector<Tensor> {
          if constexpr (detail::GivesTensors<F, const Call&>) {
            return detail::as_list(f(call));
          } else {
            return detail::as_list(f(detail::only_input(call), call.masks.empty() ? Tensor() : call.masks[0]));
          }
        }) {}
  explicit operator bool() const { return function_ != nullptr; }
  std::vector<Tensor> operator()(const Call& call) const { return function_(call); }

 private:
  std::function<std::vector<Tensor>(const Call&)> function_;
};

KERAS_API Config as_config(const LambdaFunction& function);
KERAS_API void read_config(const Config& config, LambdaFunction& function);  // NotImplementedError
KERAS_API Config as_config(const LambdaMask& mask);
KERAS_API void read_config(const Config& config, LambdaMask& mask);  // NotImplementedError, but for null
inline Config as_config(const Config& config) { return config; }
inline void read_config(const Config& config, Config& value) { value = config; }

struct LambdaArgs {
  LambdaFunction function = {};
  std::optional<Shape> output_shape = {};
  LambdaMask mask = {};
  Config arguments = {};
  KERAS_LAYER_ARGS
  static void fields(auto&& f) {
    using A = LambdaArgs;
    f("function", &A::function, "What is computed.");
    f("output_shape", &A::output_shape,
      "Shape of an output without the batch, to be held to; found by itself if none.");
    f("mask", &A::mask, "The output's mask; none by default.");
    f("arguments", &A::arguments, "Given to the function as its second argument.");
    KERAS_LAYER_FIELDS(A)
  }
};

namespace layers {
// function(input), or of a list for several inputs, written with ops. A function of C++ cannot be written into a
// configuration: get_config, and so saving the model's architecture, is a NotImplementedError, as is reading the Python
// code that Keras writes. For a layer that is to be saved derive from LayerBody. The function must not own variables
// that are to be trained: the layer does not know of them.
KERAS_API Layer Lambda(LambdaFunction function, LambdaArgs args = {});
}  // namespace layers

}  // namespace keras
