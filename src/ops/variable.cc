// Variable: values that programs read and update.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/ops.h>
#include <keras/tensor.h>

#include "ops/tensor_node.h"
#include "ops/trace.h"

namespace keras {

namespace {
ops::VariableState& state_of(const Variable& variable) {
  if (variable.empty()) throw ValueError("A Variable was used before it was given a value: it is empty.");
  return *variable.state();
}
}  // namespace

Variable::Variable(const Array& initial, VariableArgs args) : state_(std::make_shared<ops::VariableState>()) {
  state_->name = state_->path = std::move(args.name);
  state_->trainable = args.trainable;
  state_->value = args.dtype ? initial.astype(*args.dtype) : initial;
}

const std::string& Variable::name() const { return state_of(*this).name; }
const Shape& Variable::shape() const { return state_of(*this).value.shape(); }
DType Variable::dtype() const { return state_of(*this).value.dtype(); }
bool Variable::trainable() const { return state_of(*this).trainable; }
void Variable::set_trainable(bool trainable) { state_of(*this).trainable = trainable; }
Array Variable::value() const { return state_of(*this).value; }

void Variable::assign(const Tensor& value) {
  ops::VariableState& state = state_of(*this);
  if (value.shape() != shape() && value.ndim() != 0) {
    throw ValueError(fmt::format("Variable \"{}\": assign expects a value of shape {}. Received: shape={}.", state.path,
                                 shape().str(), value.shape().str()));
  }
  Tensor fitting = ops::cast(value, dtype());
  if (fitting.shape() != shape()) fitting = ops::broadcast_to(fitting, shape());
  if (ops::Trace* trace = ops::Trace::current()) {
    trace->assign(state_, fitting);
  } else {
    state.value = eval(fitting);
    state.leaf.reset();
  }
}

Tensor::Tensor(const Variable& variable) {
  ops::VariableState& state = state_of(variable);
  if (ops::Trace* trace = ops::Trace::current()) {
    *this = trace->read(variable.state());
    return;
  }
  node_ = state.leaf.lock();
  if (node_ && node_->value.data() == state.value.data()) return;  // a program may have updated the value since
  node_ = Tensor(state.value).node_;
  node_->variable = variable.state();
  state.leaf = node_;
}

}  // namespace keras
