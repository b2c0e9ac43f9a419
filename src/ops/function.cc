// Function and eval: expressions made to run.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/ops.h>

#include "ops/trace.h"
#include "primitives/attrs.h"

namespace keras::ops {

namespace {
// The pointers a program takes, on the stack where they are few.
template <class T>
class Pointers {
 public:
  explicit Pointers(std::size_t n) : size_(n) {
    if (n > kSmall) heap_.resize(n);
  }
  T& operator[](std::size_t i) { return size_ > kSmall ? heap_[i] : small_[i]; }
  std::span<T> span() { return {size_ > kSmall ? heap_.data() : small_, size_}; }

 private:
  static constexpr std::size_t kSmall = 256;
  std::size_t size_;
  T small_[kSmall];
  std::vector<T> heap_;
};
}  // namespace

Function::Function(std::span<const Tensor> outputs, const Trace& trace, std::span<const Tensor> placeholders,
                   std::shared_ptr<runtime::MemoryPool> memory, std::string what, std::optional<std::size_t> guard) {
  Lowered lowered = lower(outputs, trace.updates(), placeholders, false);
  states_ = std::move(lowered.states);
  for (const VariablePtr& state : states_) {
    bool updated = false;
    for (const auto& update : trace.updates()) updated = updated || update.first == state;
    updated_.push_back(updated);
  }
  program_ = session::compile(lowered.graph, std::move(memory), std::move(what), guard);
  stages_ = std::make_shared<session::Stages>(std::move(lowered.graph));
}

// The program does not write those that are not updated.
void* Function::memory_of(std::size_t state) const {
  Array& value = states_[state]->value;
  return updated_[state] ? value.mutable_data() : const_cast<void*>(value.data());
}

void Function::run(std::span<const void* const> inputs, std::span<void* const> outputs) const {
  Pointers<void*> states(states_.size());
  for (std::size_t i = 0; i < states_.size(); ++i) states[i] = memory_of(i);
  program_->run(inputs, states.span(), outputs);
}

bool Function::run_guarded(std::span<const void* const> inputs, std::span<void* const> outputs) const {
  Pointers<void*> states(states_.size());
  for (std::size_t i = 0; i < states_.size(); ++i) states[i] = memory_of(i);
  return program_->run_guarded(inputs, states.span(), outputs);
}

void Function::run_on(std::span<Array> updated, std::span<const void* const> inputs,
                      std::span<void* const> outputs) const {
  Pointers<void*> states(states_.size());
  std::size_t next = 0;
  for (std::size_t i = 0; i < states_.size(); ++i) {
    Array& value = states_[i]->value;
    if (!updated_[i])
      states[i] = const_cast<void*>(value.data());
    else
      states[i] = states_[i]->goes_on ? value.mutable_data() : updated[next++].mutable_data();
  }
  program_->run(inputs, states.span(), outputs);
}

std::vector<VariablePtr> Function::updated() const {
  std::vector<VariablePtr> variables;
  for (std::size_t i = 0; i < states_.size(); ++i) {
    if (updated_[i]) variables.push_back(states_[i]);
  }
  return variables;
}

std::vector<Array> Function::updated_values() const {
  std::vector<Array> values;
  for (std::size_t i = 0; i < states_.size(); ++i) {
    if (updated_[i] && !states_[i]->goes_on) values.emplace_back(states_[i]->value.shape(), states_[i]->value.dtype());
  }
  return values;
}

void Function::run_timed(std::span<const void* const> inputs, std::span<void* const> outputs,
                         std::span<double> seconds) const {
  Pointers<void*> states(states_.size());
  std::vector<Array> copies;  // a profile leaves the variables as they are
  for (std::size_t i = 0; i < states_.size(); ++i) {
    copies.push_back(states_[i]->value.copy());
    states[i] = copies.back().mutable_data();
  }
  program_->run_timed(inputs, states.span(), outputs, seconds);
}

}  // namespace keras::ops

namespace keras {

std::vector<Array> eval(const std::vector<Tensor>& tensors) {
  using ops::TensorNode;
  std::vector<Tensor> missing;
  for (const Tensor& tensor : tensors) {
    const ops::NodePtr& node = ops::node_of(tensor);
    if (node->symbolic) {
      throw ValueError(
          fmt::format("{} has no value: it depends on an Input or on a step that is being traced. Call the model "
                      "on data, or use model.predict.",
                      tensor.str()));
    }
    if (node->kind != TensorNode::Kind::array && !node->evaluated) missing.push_back(tensor);
  }
  if (!missing.empty()) {
    const ops::Lowered lowered = ops::lower(missing, {}, {}, true);
    const auto program = session::compile_cached(lowered.graph);
    std::vector<Array> numbers, results;
    numbers.reserve(lowered.operands.size());
    std::vector<const void*> inputs;
    for (const ops::NodePtr& operand : lowered.operands) {
      if (operand->kind == TensorNode::Kind::array || operand->evaluated) {
        inputs.push_back(operand->value.data());
        continue;
      }
      const double value = operand->attrs.as<primitives::SplatAttrs>().value;
      numbers.push_back(operand->type.dtype.is_floating()
                            ? Array::scalar(value, operand->type.dtype)
                            : Array::scalar_int(static_cast<std::int64_t>(value), operand->type.dtype));
      inputs.push_back(numbers.back().data());
    }
    std::vector<void*> outputs;
    for (const ir::Type& type : program->outputs) {
      results.emplace_back(type.shape, type.dtype);
      outputs.push_back(results.back().mutable_data());
    }
    program->run(inputs, {}, outputs);
    for (std::size_t i = 0; i < missing.size(); ++i) {
      TensorNode& node = *missing[i].node();
      node.value = results[i];
      node.evaluated = true;
      node.inputs.clear();
    }
  }
  std::vector<Array> values;
  for (const Tensor& tensor : tensors) values.push_back(tensor.node()->value);
  return values;
}

Array eval(const Tensor& tensor) { return eval(std::vector<Tensor>{tensor})[0]; }

}  // namespace keras
