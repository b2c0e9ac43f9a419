// Lambda: a function of tensors as a layer.
#include "layers/core/lambda.h"

#include <fmt/format.h>
#include <keras/error.h>

#include "layers/layer_state.h"
#include "layers/table.h"
#include "support/text.h"

namespace keras {
namespace {

struct LambdaBody final : LayerBody {
  static constexpr auto class_name = "Lambda";
  using Args = LambdaArgs;
  explicit LambdaBody(Args given) : args(std::move(given)) {
    if (!args.function) throw ValueError("Lambda: it needs a function. Received: none.");
  }

  std::vector<Tensor> call_all(const Call& call) override {
    std::vector<Tensor> outputs = args.function(call, args.arguments);
    for (const Tensor& output : outputs) check(output);
    return outputs;
  }

  std::vector<Tensor> compute_mask(const Call& call) override {
    return args.mask ? args.mask(call) : std::vector<Tensor>();
  }

  Config get_config() const override {
    throw NotImplementedError(
        fmt::format("{}: a function of C++ cannot be written into a configuration, so a model with a Lambda has none. "
                    "Save its weights, or make the layer a class derived from LayerBody.",
                    layers::describe(*this)));
  }

  const Args args;

 private:
  void check(const Tensor& output) const {
    if (output.empty())
      throw ValueError(fmt::format("{}: its function gave an empty Tensor.", layers::describe(*this)));
    if (!args.output_shape) return;
    const Shape &wanted = *args.output_shape, sample = output.ndim() > 0 ? output.shape().slice(1) : Shape();
    bool fits = output.ndim() > 0 && sample.rank() == wanted.rank();
    for (std::size_t axis = 0; fits && axis < wanted.size(); ++axis)
      fits = !wanted[axis].known() || !sample[axis].known() || wanted[axis] == sample[axis];
    if (fits) return;
    throw ValueError(
        fmt::format("{}: output_shape says that a sample has the shape {}. Received: its function gave "
                    "shape={}, the batch included.",
                    layers::describe(*this), wanted.str(), output.shape().str()));
  }
};

[[noreturn]] void refuse_code(const char* what) {
  throw NotImplementedError(
      fmt::format("the {} of a Lambda is code of Python, which is not run, or was a function of C++, which nothing "
                  "holds. Make the model in C++ with layers::Lambda and load the weights.",
                  what));
}

Config own_function() {
  return Config::map({{"module", "builtins"},
                      {"class_name", "function"},
                      {"config", "own function"},
                      {"registered_name", "function"}});
}

}  // namespace

const Tensor& detail::only_input(const Call& call) {
  if (call.inputs.size() == 1) return call.inputs[0];
  throw ValueError(
      fmt::format("Lambda: its function takes one Tensor. Received: {} inputs. Let it take a std::vector<Tensor>.",
                  call.inputs.size()));
}

Config as_config(const LambdaFunction& function) { return function ? own_function() : Config(); }
void read_config(const Config&, LambdaFunction&) { refuse_code("function"); }
Config as_config(const LambdaMask& mask) { return mask ? own_function() : Config(); }
void read_config(const Config& config, LambdaMask& mask) {
  if (!config.is_null()) refuse_code("mask");
  mask = {};
}

const LambdaArgs* layers::lambda_args(const LayerBody& layer) {
  const auto* lambda = dynamic_cast<const LambdaBody*>(&layer);
  return lambda ? &lambda->args : nullptr;
}

Layer layers::Lambda(LambdaFunction function, LambdaArgs args) {
  if (args.function) refuse_twice("Lambda", "function");
  args.function = std::move(function);
  return make_layer<LambdaBody>(std::move(args));
}
Maker layers::makers::Lambda() { return custom<LambdaBody>(); }

}  // namespace keras
