// What Tensor and Variable refer to: the expression graph above the IR. Its nodes are those of the IR one to one, but
// they point to each other, so that expressions can be built, shared and dropped piece by piece, and their shapes may
// have None.
#pragma once

#include <keras/tensor.h>

#include <memory>
#include <string>
#include <vector>

#include "ir/graph.h"

namespace keras::ops {

struct VariableState {
  std::string name;  // "kernel"
  std::string path;  // "dense/kernel" once a layer owns it
  Array value;
  bool trainable = true;
  bool goes_on = false;                   // from run to run, whatever is run: the state of a stateful layer
  std::weak_ptr<struct TensorNode> leaf;  // the Tensor of the current value outside a trace, so that gradients find it
};

struct TensorNode {
  enum class Kind {
    op,          // op(inputs) with attrs
    projection,  // result `index` of a node with several results: inputs[0]
    integer,     // a C++ number that has not met a dtype yet
    real,
    array,        // `value`
    variable,     // `variable`, as it is when the program starts
    placeholder,  // an Input, or an operand of a traced step
  };
  Kind kind = Kind::op;
  ir::Type type;
  const ir::OpDef* op = nullptr;
  ir::Attrs attrs;
  std::vector<std::shared_ptr<TensorNode>> inputs;
  int index = 0;
  double number = 0;
  Array value;                                       // of an array leaf, or of a node that was evaluated
  bool evaluated = false;                            // `value` is there, and the operands were let go
  bool symbolic = false;                             // depends on a placeholder, or on a variable inside a trace
  std::shared_ptr<VariableState> variable;           // of a variable, and of an array that is a variable's value
  std::string name;                                  // of a placeholder
  std::shared_ptr<TensorNode> mask;                  // which steps of time count; layers pass it on
  std::shared_ptr<const struct CallRecord> made_by;  // of a placeholder that is result `index` of a recorded call

  ~TensorNode();  // takes long chains apart without recursion
};
using NodePtr = std::shared_ptr<TensorNode>;

// A symbolic leaf. Its value is given when the program runs.
Tensor placeholder(const ir::Type& type, std::string name);
// The result of a primitive op: infers the type; ValueError as infer says. Operands must have met their dtype.
Tensor apply(const ir::OpDef& op, ir::Attrs attrs, const std::vector<Tensor>& inputs);
std::vector<Tensor> apply_all(const ir::OpDef& op, ir::Attrs attrs, const std::vector<Tensor>& inputs);
const NodePtr& node_of(const Tensor& tensor);  // ValueError for an empty Tensor
Tensor mask_of(const Tensor& tensor);          // empty where there is none
// A number as a tensor of this dtype and shape (); any other tensor as it is.
Tensor materialize(const Tensor& tensor, DType dtype);

}  // namespace keras::ops
