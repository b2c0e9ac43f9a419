// Functional models: the calls between some tensors and others, in an order in which they can be made again.
#include "models/functional.h"

#include <fmt/format.h>
#include <keras/error.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "layers/core/input_layer.h"
#include "layers/layer_state.h"
#include "models/graph_config.h"
#include "models/model_state.h"
#include "models/standardize.h"
#include "ops/trace.h"
#include "support/text.h"

namespace keras {
namespace {

const LayerCall* as_layer(const ops::CallRecord& call) { return dynamic_cast<const LayerCall*>(&call); }
const void* operation(const ops::CallRecord& call) {  // calls of one layer are one operation
  const LayerCall* layer = as_layer(call);
  return layer ? static_cast<const void*>(layer->layer.body().get()) : &call;
}

// The calls that lead from the inputs to the outputs, and how deep they lie, by Keras's rules: they give the order of
// model.layers().
class Walk {
 public:
  Walk(std::string model, const std::vector<Tensor>& inputs, std::vector<CallPtr> begins,
       const std::vector<Tensor>& outputs)
      : input_calls(std::move(begins)), model_(std::move(model)) {
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      if (!begins_.emplace(inputs[i].node().get(), input_calls[i]).second)
        throw ValueError(fmt::format("{}: the input «{}» is given twice.", model_, input_calls[i]->name));
    }
    for (const Tensor& output : outputs) {
      if (!ops::node_of(output)->made_by) {
        throw ValueError(fmt::format("{}: its outputs must come of its inputs. Received: {}.", model_, output.str()));
      }
      visit(output);
    }
    for (const CallPtr& call : input_calls) {  // those that no output needs come before all others of their depth
      places_.emplace(operation(*call), Place{-1});
      enter(call);
    }
    find_depths();
  }

  std::vector<CallPtr> calls;        // each after those it needs
  std::vector<CallPtr> input_calls;  // of the inputs, in their order

  // From the inputs to the outputs.
  std::vector<FunctionalBody::Operation> operations() const {
    std::vector<std::pair<Place, FunctionalBody::Operation>> found;
    std::unordered_map<const void*, std::size_t> known;
    for (const CallPtr& call : calls) {
      const auto [at, added] = known.emplace(operation(*call), found.size());
      const Place& place = places_.at(at->first);
      if (added) found.push_back({place, {{}, place.depth}});
      found[at->second].second.calls.push_back(call);
    }
    std::stable_sort(found.begin(), found.end(), [&](const auto& a, const auto& b) {
      const Place &pa = a.first, &pb = b.first;
      return pa.depth != pb.depth ? pa.depth > pb.depth : pa.seen < pb.seen;
    });
    std::vector<FunctionalBody::Operation> list;
    for (auto& [place, operation] : found) list.push_back(std::move(operation));
    return list;
  }

 private:
  struct Place {
    int seen, depth = 0;
  };

  CallPtr source(const Tensor& tensor) const {
    const ops::NodePtr& node = tensor.node();
    const auto begin = begins_.find(node.get());
    return begin != begins_.end() ? begin->second : node->made_by;
  }
  void enter(const CallPtr& call) {
    places_.emplace(operation(*call), Place{static_cast<int>(places_.size())});
    if (done_.insert(call.get()).second) calls.push_back(call);
  }
  void visit(const Tensor& tensor) {
    const CallPtr call = source(tensor);
    if (!call || done_.count(call.get())) return;  // a constant, or known
    if (call->inputs.empty()) {
      if (std::find(input_calls.begin(), input_calls.end(), call) == input_calls.end()) {
        std::vector<std::string> names;
        for (const CallPtr& input : input_calls) names.push_back(input->name);
        throw ValueError(fmt::format(
            "{}: the graph is disconnected: its outputs need the Input «{}» of shape {}, which is not among "
            "its inputs ({}). Add it to them.",
            model_, call->name, tensor.shape().str(), support::list(names)));
      }
      return enter(call);
    }
    places_.emplace(operation(*call), Place{static_cast<int>(places_.size())});
    for (const Tensor& input : call->inputs) {
      if (!input.empty()) visit(input);
    }
    enter(call);
  }
  void find_depths() {
    std::unordered_map<const ops::CallRecord*, int> depths;
    for (auto it = calls.rbegin(); it != calls.rend(); ++it) {
      Place& place = places_.at(operation(**it));
      const int depth = place.depth = std::max(depths[it->get()], place.depth);
      depths[it->get()] = depth;
      if (std::find(input_calls.begin(), input_calls.end(), *it) != input_calls.end()) continue;
      for (const Tensor& input : (*it)->inputs) {
        if (input.empty()) continue;
        if (const CallPtr before = source(input)) depths[before.get()] = std::max(depths[before.get()], depth + 1);
      }
    }
  }

  std::string model_;
  std::unordered_map<const ops::TensorNode*, CallPtr> begins_;
  std::unordered_set<const ops::CallRecord*> done_;
  std::unordered_map<const void*, Place> places_;
};

// What gives the input: its own InputLayer, or a new one where the model begins at what a layer gave.
CallPtr begin_of(const std::string& model, const Tensor& input) {
  const ops::NodePtr& node = ops::node_of(input);
  if (!node->made_by) {
    throw ValueError(fmt::format("{}: its inputs must come of Input(…). Received: {}.", model, input.str()));
  }
  if (node->made_by->inputs.empty()) return node->made_by;
  return layers::input_tensor(input.shape(), input.dtype()).node()->made_by;
}

std::shared_ptr<FunctionalBody> functional(const std::vector<Tensor>& inputs, const std::vector<Tensor>& outputs,
                                           ModelArgs args) {
  auto body = make_body<FunctionalBody>(std::move(args));
  if (inputs.empty() || outputs.empty()) {
    throw ValueError(fmt::format("{}: a functional model needs inputs and outputs. Received: {} and {}.",
                                 layers::describe(*body), inputs.size(), outputs.size()));
  }
  body->connect(inputs, outputs);
  return body;
}

}  // namespace

void FunctionalBody::connect(const std::vector<Tensor>& inputs, const std::vector<Tensor>& outputs) {
  for (const Tensor& input : inputs) input_calls_.push_back(begin_of(layers::describe(*this), input));
  state().inputs = inputs, state().outputs = outputs;
  walk();
  for (const CallPtr& call : input_calls_) model_state().input_names.push_back(call->name);
  for (const Tensor& output : outputs) model_state().output_names.push_back(output.node()->made_by->name);
  for (const Tensor& input : inputs) {
    model_state().inputs.push_back({input.dtype(), input.shape()});
    state().build_shapes.push_back(input.shape());
  }
  for (const Tensor& output : outputs) model_state().outputs.push_back({output.dtype(), output.shape()});
  state().built = true;
}

// Finds the calls that the outputs, losses and figures need, and the layers among them.
void FunctionalBody::walk() {
  std::vector<Tensor> wanted = state().outputs;
  wanted.insert(wanted.end(), losses_.begin(), losses_.end());
  for (const auto& [name, value] : metrics_) wanted.push_back(value);
  const Walk walk(layers::describe(*this), state().inputs, input_calls_, wanted);
  calls_.clear();
  for (const CallPtr& call : walk.calls) {
    if (std::find(input_calls_.begin(), input_calls_.end(), call) == input_calls_.end()) calls_.push_back(call);
  }
  operations_ = walk.operations();
  state().children.clear();
  state().child_names.clear();
  for (const Operation& operation : operations_) {
    if (const LayerCall* call = as_layer(*operation.calls[0])) adopt(call->layer);
  }
}

void FunctionalBody::adopt(const Layer& layer) {
  const auto& names = state().child_names;
  if (std::find(names.begin(), names.end(), layer.name()) != names.end()) {
    throw ValueError(
        fmt::format("{}: two of its layers have the name «{}», and names must be unique. Give one of them "
                    "another name.",
                    layers::describe(*this), layer.name()));
  }
  if (layer.class_name() != "InputLayer") {
    const std::vector<Tensor> results = layer.outputs();
    layer.body()->state().output_shape = results.size() == 1 ? std::optional(results[0].shape()) : std::nullopt;
  }
  state().children.push_back(layer);
  state().child_names.push_back(layer.name());
  if (!state().trainable) layer.set_trainable(false);
}

std::vector<Tensor> FunctionalBody::call_all(const Call& call) {
  const std::vector<Tensor>& inputs = state().inputs;
  if (call.inputs.size() != inputs.size()) {
    throw ValueError(fmt::format("{}: it takes {} input{} ({}). Received: {}.", layers::describe(*this), inputs.size(),
                                 inputs.size() == 1 ? "" : "s", support::list(model_state().input_names),
                                 call.inputs.size()));
  }
  std::unordered_map<const ops::TensorNode*, Tensor> values;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    values[inputs[i].node().get()] = standardize(*this, model_state().inputs[i], call.inputs[i],
                                                 inputs.size() > 1 ? model_state().input_names[i] : std::string());
  }
  const auto value = [&](const Tensor& tensor) {
    const auto known = values.find(tensor.node().get());
    if (known != values.end()) return known->second;
    if (!tensor.empty() && tensor.node()->variable)
      return Tensor(Variable(tensor.node()->variable));  // what it holds now, or as the step reads it
    return tensor;
  };
  for (const CallPtr& each : calls_) {
    std::vector<Tensor> arguments;
    for (const Tensor& input : each->inputs) arguments.push_back(value(input));
    const std::vector<Tensor> results = each->call(arguments);
    for (std::size_t i = 0; i < results.size(); ++i) {
      if (const ops::NodePtr node = each->results[i].lock()) values[node.get()] = results[i];
    }
  }
  if (ops::Trace* trace = ops::Trace::current()) {
    for (const Tensor& loss : losses_) trace->add_loss(value(loss));
    for (const auto& [name, figure] : metrics_) trace->add_metric(name, value(figure));
  }
  std::vector<Tensor> outputs;
  for (const Tensor& output : state().outputs) outputs.push_back(value(output));
  return outputs;
}

Config FunctionalBody::get_config() const { return graph_config(*this); }

void FunctionalBody::add_loss(const Tensor& loss) {
  losses_.push_back(loss);
  try {
    walk();
  } catch (...) {
    losses_.pop_back();
    walk();
    throw;
  }
}

void FunctionalBody::add_metric(const Tensor& value, const std::string& name) {
  metrics_.emplace_back(name, value);
  try {
    walk();
  } catch (...) {
    metrics_.pop_back();
    walk();
    throw;
  }
}

CallPtr FunctionalBody::source(const Tensor& tensor) const {
  for (std::size_t i = 0; i < input_calls_.size(); ++i) {
    if (state().inputs[i].node() == tensor.node()) return input_calls_[i];
  }
  return tensor.empty() ? nullptr : tensor.node()->made_by;
}

bool FunctionalBody::is_chain() const {
  if (input_calls_.size() != 1) return false;
  std::vector<int> depths;
  for (const Operation& operation : operations_) {
    if (operation.calls.size() != 1) return false;
    const auto tensors = std::count_if(operation.calls[0]->inputs.begin(), operation.calls[0]->inputs.end(),
                                       [&](const Tensor& input) { return source(input) != nullptr; });
    if (tensors > 1 || std::find(depths.begin(), depths.end(), operation.depth) != depths.end()) return false;
    depths.push_back(operation.depth);
  }
  return true;
}

Model::Model(const std::vector<Tensor>& inputs, const std::vector<Tensor>& outputs, ModelArgs args)
    : Model(functional(inputs, outputs, std::move(args))) {}

}  // namespace keras
