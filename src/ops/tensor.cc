// Tensor: handles and nodes of the expression graph.
#include <fmt/format.h>
#include <keras/config.h>
#include <keras/error.h>
#include <keras/ops.h>
#include <keras/tensor.h>

#include <ostream>

#include "ops/tensor_node.h"
#include "ops/trace.h"
#include "primitives/build.h"

namespace keras {

Tensor::Tensor(const Array& array) : node_(std::make_shared<ops::TensorNode>()) {
  node_->kind = ops::TensorNode::Kind::array;
  node_->type = {array.dtype(), array.shape()};
  node_->value = array;
}

namespace {
Tensor number(ops::TensorNode::Kind kind, DType dtype, double value) {
  auto node = std::make_shared<ops::TensorNode>();
  node->kind = kind;
  node->type = {dtype, {}};
  node->number = value;
  return Tensor(std::move(node));
}
}  // namespace

Tensor Tensor::from_int(std::int64_t value) {
  return number(ops::TensorNode::Kind::integer, DType::int32, static_cast<double>(value));
}
Tensor Tensor::from_real(double value) { return number(ops::TensorNode::Kind::real, config::floatx(), value); }

const Shape& Tensor::shape() const { return ops::node_of(*this)->type.shape; }
DType Tensor::dtype() const { return ops::node_of(*this)->type.dtype; }
bool Tensor::symbolic() const { return ops::node_of(*this)->symbolic; }

Dim Tensor::shape(int axis) const {
  const int rank = ndim();
  if (axis < -rank || axis >= rank) {
    throw ValueError(fmt::format("Tensor.shape: there is no axis {} in a tensor of shape {}.", axis, shape().str()));
  }
  return shape()[static_cast<std::size_t>(axis < 0 ? axis + rank : axis)];
}

Tensor::operator Array() const { return eval(*this); }

std::string Tensor::str() const {
  if (empty()) return "<empty Tensor>";
  if (symbolic()) return fmt::format("<Tensor shape={}, dtype={}>", shape().str(), dtype().name());
  return eval(*this).str();
}
std::ostream& operator<<(std::ostream& out, const Tensor& tensor) { return out << tensor.str(); }

Tensor operator+(const Tensor& a, const Tensor& b) { return ops::add(a, b); }
Tensor operator-(const Tensor& a, const Tensor& b) { return ops::subtract(a, b); }
Tensor operator*(const Tensor& a, const Tensor& b) { return ops::multiply(a, b); }
Tensor operator/(const Tensor& a, const Tensor& b) { return ops::divide(a, b); }
Tensor operator-(const Tensor& x) { return ops::negative(x); }
Tensor operator<(const Tensor& a, const Tensor& b) { return ops::less(a, b); }
Tensor operator<=(const Tensor& a, const Tensor& b) { return ops::less_equal(a, b); }
Tensor operator>(const Tensor& a, const Tensor& b) { return ops::greater(a, b); }
Tensor operator>=(const Tensor& a, const Tensor& b) { return ops::greater_equal(a, b); }

namespace ops {

TensorNode::~TensorNode() {
  std::vector<NodePtr> pending = std::move(inputs);
  while (!pending.empty()) {
    NodePtr node = std::move(pending.back());
    pending.pop_back();
    if (node.use_count() > 1) continue;
    for (NodePtr& input : node->inputs) pending.push_back(std::move(input));
    node->inputs.clear();
  }
}

const NodePtr& node_of(const Tensor& tensor) {
  if (tensor.empty()) throw ValueError("A Tensor was used before it was given a value: it is empty.");
  return tensor.node();
}

Tensor placeholder(const ir::Type& type, std::string name) {
  auto node = std::make_shared<TensorNode>();
  node->kind = TensorNode::Kind::placeholder;
  node->type = type;
  node->symbolic = true;
  node->name = std::move(name);
  return Tensor(std::move(node));
}

std::vector<Tensor> apply_all(const ir::OpDef& op, ir::Attrs attrs, const std::vector<Tensor>& inputs) {
  std::vector<ir::Type> types;
  auto node = std::make_shared<TensorNode>();
  for (const Tensor& input : inputs) {
    const NodePtr& operand = node_of(input);
    types.push_back(operand->type);
    node->inputs.push_back(operand);
    node->symbolic = node->symbolic || operand->symbolic;
  }
  std::vector<ir::Type> results = op.infer(attrs, types);
  node->op = &op;
  node->attrs = std::move(attrs);
  node->type = results[0];
  if (results.size() == 1) return {Tensor(std::move(node))};
  std::vector<Tensor> tensors;  // each may be evaluated by itself, and lets go of the node then
  for (std::size_t i = 0; i < results.size(); ++i) {
    auto other = std::make_shared<TensorNode>();
    other->kind = TensorNode::Kind::projection;
    other->type = results[i];
    other->inputs = {node};
    other->index = static_cast<int>(i);
    other->symbolic = node->symbolic;
    tensors.emplace_back(std::move(other));
  }
  return tensors;
}

Tensor apply(const ir::OpDef& op, ir::Attrs attrs, const std::vector<Tensor>& inputs) {
  return apply_all(op, std::move(attrs), inputs)[0];
}

Tensor mask_of(const Tensor& tensor) { return tensor.empty() ? Tensor() : Tensor(tensor.node()->mask); }

Tensor materialize(const Tensor& tensor, DType dtype) {
  const NodePtr& node = node_of(tensor);
  if (node->kind != TensorNode::Kind::integer && node->kind != TensorNode::Kind::real) return tensor;
  return apply(primitives::def(primitives::Op::splat), primitives::SplatAttrs{node->number, dtype, {}}, {});
}

}  // namespace ops
}  // namespace keras
