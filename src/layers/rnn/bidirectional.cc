// Bidirectional: a recurrent layer forwards and one backwards, merged.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/ops.h>

#include "layers/rnn/recurrent.h"
#include "layers/table.h"
#include "support/text.h"

namespace keras {
namespace {

// A new layer like this one, called prefix_name, with another direction where that is asked.
Layer made_again(const Layer& layer, const std::string& prefix, bool turn) {
  Config config = layer.get_config();
  const std::string& name = layer.name();
  config.set("name", name.starts_with(prefix) ? name : prefix + name);
  if (turn) config.set("go_backwards", !config.at("go_backwards").as_bool());
  return layers::from_config(Config::map({{"class_name", layer.class_name()}, {"config", config}}));
}

std::shared_ptr<layers::RecurrentBody> recurrent(const Layer& layer, const char* argument) {
  auto body = std::dynamic_pointer_cast<layers::RecurrentBody>(layer.body());
  if (body) return body;
  throw TypeError(fmt::format("Bidirectional: {} must be a recurrent layer, such as LSTM(32). Received: {}.", argument,
                              layers::describe(*layer.body())));
}

struct BidirectionalBody final : LayerBody {
  static constexpr auto class_name = "Bidirectional";
  using Args = BidirectionalArgs;
  explicit BidirectionalBody(Args args) : args_(std::move(args)) {
    if (!args_.layer) throw ValueError("Bidirectional: there is no layer. Give one, such as Bidirectional(LSTM(32)).");
    static constexpr std::string_view kModes[] = {"sum", "mul", "concat", "ave"};
    const auto& mode = args_.merge_mode;
    if (mode && std::find(std::begin(kModes), std::end(kModes), *mode) == std::end(kModes)) {
      throw ValueError(
          fmt::format("Bidirectional: merge_mode must be sum, mul, concat, ave or none. Received: \"{}\".{}",
                      support::printable(*mode), support::did_you_mean(*mode, kModes)));
    }
    recurrent(*args_.layer, "layer");
    if (args_.backward_layer) recurrent(*args_.backward_layer, "backward_layer");
    forward_ = child("forward_layer", made_again(*args_.layer, "forward_", false));
    backward_ = child("backward_layer",
                      args_.backward_layer ? *args_.backward_layer : made_again(*args_.layer, "backward_", true));
    for (const Layer& layer : layers())  // what is masked adds nothing to the merged output
      recurrent(layer, "layer")->set_zero_output_for_mask(options(layer).return_sequences);
    const layers::RecurrentOptions &a = options(*forward_), &b = options(*backward_);
    if (a.go_backwards == b.go_backwards || a.return_sequences != b.return_sequences ||
        a.return_state != b.return_state || a.stateful != b.stateful) {
      throw ValueError(fmt::format(
          "Bidirectional: layer and backward_layer must differ in go_backwards, and agree in "
          "return_sequences, return_state and stateful. Received: go_backwards={}, {}; return_sequences={}, "
          "{}; return_state={}, {}; stateful={}, {}.",
          a.go_backwards, b.go_backwards, a.return_sequences, b.return_sequences, a.return_state, b.return_state,
          a.stateful, b.stateful));
    }
  }

  void build_all(const std::vector<Shape>& inputs) override {
    for (const Layer& layer : layers()) layer.build(inputs.at(0));
    std::vector<Array> weights = std::move(args_.weights);
    if (weights.empty()) return;
    const auto half = static_cast<std::ptrdiff_t>(weights.size() / 2);
    forward_->set_weights({weights.begin(), weights.begin() + half});
    backward_->set_weights({weights.begin() + half, weights.end()});
  }

  std::vector<Tensor> call_all(const Call& call) override {
    Call both = call;
    both.inputs.clear();
    std::vector<Tensor> states(call.inputs.begin() + 1, call.inputs.end());
    std::erase_if(both.extra, [&](const auto& each) {
      if (each.first == "initial_state") states.push_back(each.second);
      return each.first == "initial_state";
    });
    if (states.size() % 2 != 0) {
      throw ValueError(
          fmt::format("{}: it takes initial states for both directions, an even number of them. Received: {}.",
                      layers::describe(*this), states.size()));
    }
    const auto half = states.begin() + static_cast<std::ptrdiff_t>(states.size() / 2);
    std::vector<Tensor> ahead{call.inputs[0]}, back{call.inputs[0]};
    ahead.insert(ahead.end(), states.begin(), half);
    back.insert(back.end(), half, states.end());
    std::vector<Tensor> a = forward_->outputs(ahead, both), b = backward_->outputs(back, both);
    if (options(*forward_).return_sequences) b[0] = ops::flip(b[0], {1});
    std::vector<Tensor> outputs = merged(a[0], b[0]);
    outputs.insert(outputs.end(), a.begin() + 1, a.end());
    outputs.insert(outputs.end(), b.begin() + 1, b.end());
    return outputs;
  }

  std::vector<Tensor> compute_mask(const Call& call) override {
    if (!options(*forward_).return_sequences || call.masks.empty()) return {};
    if (args_.merge_mode) return {call.masks[0]};
    return {call.masks[0], call.masks[0]};
  }

  Config get_config() const override {
    Config config = LayerBody::get_config();
    config.set("layer", as_config(*forward_));
    config.set("backward_layer", as_config(*backward_));
    return config;
  }

 private:
  static const layers::RecurrentOptions& options(const Layer& layer) {
    return static_cast<const layers::RecurrentBody&>(*layer.body()).options();
  }
  std::vector<Tensor> merged(const Tensor& a, const Tensor& b) const {
    if (!args_.merge_mode) return {a, b};
    if (*args_.merge_mode == "concat") return {ops::concatenate({a, b}, -1)};
    if (*args_.merge_mode == "mul") return {a * b};
    return {*args_.merge_mode == "sum" ? a + b : (a + b) / 2};
  }

  Args args_;
  std::optional<Layer> forward_, backward_;
};

}  // namespace

Layer layers::Bidirectional(const Layer& layer, BidirectionalArgs args) {
  if (args.layer) refuse_twice("Bidirectional", "layer");
  args.layer = layer;
  return make_layer<BidirectionalBody>(std::move(args));
}
Maker layers::makers::Bidirectional() { return custom<BidirectionalBody>(); }

}  // namespace keras
