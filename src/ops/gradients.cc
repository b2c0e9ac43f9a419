// ops::gradients: lowers the loss, differentiates the graph, and lifts the new nodes back into expressions.
#include "autodiff/gradients.h"

#include <keras/error.h>
#include <keras/ops.h>

#include "ops/lowering.h"
#include "ops/record.h"

namespace keras::ops {

namespace {
// Result `index` of a node with several, of which no expression asked for this one yet.
Tensor other_result(const NodePtr& of, std::int64_t index, const ir::Type& type) {
  auto node = std::make_shared<TensorNode>();
  node->kind = TensorNode::Kind::projection;
  node->type = type;
  node->inputs = {of};
  node->index = static_cast<int>(index);
  node->symbolic = of->symbolic;
  return Tensor(std::move(node));
}
}  // namespace

std::vector<Tensor> gradients(const Tensor& loss, const std::vector<Tensor>& with_respect_to) {
  if (recording(loss)) {  // the model that makes the call again has both among its values
    std::vector<Tensor> all{loss};
    std::vector<ir::Type> types;
    for (const Tensor& tensor : with_respect_to) {
      all.push_back(tensor);
      types.push_back(node_of(tensor)->type);
    }
    return record_op_as(types, __func__, std::move(all), [](const std::vector<Tensor>& in) {
      return gradients(in[0], std::vector<Tensor>(in.begin() + 1, in.end()));
    });
  }
  Lowering lowering;
  lowering.live = traced();
  const ir::ValueId root = lowering.lower(node_of(loss));
  std::vector<ir::ValueId> wrt;
  bool reached = true;
  for (const Tensor& tensor : with_respect_to) {
    reached = reached && lowering.known.count(node_of(tensor).get());
    wrt.push_back(lowering.lower(node_of(tensor)));
  }
  if (!reached && lowering.met_evaluated) {
    throw ValueError(
        "ops::gradients: the loss does not lead to what it should be differentiated by, because a Tensor between them "
        "was "
        "evaluated, which keeps its value and lets its operands go. Take the gradients before evaluating.");
  }
  const auto first_new = static_cast<ir::ValueId>(lowering.graph.values.size());
  const std::vector<ir::ValueId> results = autodiff::gradients(lowering.graph, root, wrt);

  std::vector<Tensor> lifted(lowering.graph.values.size());
  for (const NodePtr& node : lowering.kept) {
    const auto id = static_cast<std::size_t>(lowering.known.at(node.get()));
    if (lifted[id].empty()) lifted[id] = Tensor(node);
  }
  for (const ir::Node& node : lowering.graph.nodes) {
    if (node.first < first_new) continue;
    std::vector<Tensor> inputs;
    for (ir::ValueId input : node.inputs) {
      Tensor& tensor = lifted[static_cast<std::size_t>(input)];
      if (tensor.empty()) {
        const ir::ValueId first = lowering.graph.node_of(input).first;
        tensor =
            other_result(lifted[static_cast<std::size_t>(first)].node(), input - first, lowering.graph.type(input));
      }
      inputs.push_back(tensor);
    }
    const std::vector<Tensor> outputs = apply_all(*node.op, node.attrs, inputs);
    for (std::size_t i = 0; i < outputs.size(); ++i) lifted[static_cast<std::size_t>(node.first) + i] = outputs[i];
  }
  std::vector<Tensor> gradients;
  for (ir::ValueId result : results) gradients.push_back(lifted[static_cast<std::size_t>(result)]);
  return gradients;
}

std::vector<Tensor> gradients(const Tensor& loss, const std::vector<Variable>& with_respect_to) {
  return gradients(loss, std::vector<Tensor>(with_respect_to.begin(), with_respect_to.end()));
}

}  // namespace keras::ops
