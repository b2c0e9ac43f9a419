#include "backend/replay.h"

#include <fmt/format.h>
#include <keras/error.h>

namespace keras::backend {

bool Replay::known(const Tensor& tensor) const {
  return tensor.empty() || !tensor.node()->made_by || values_.contains(tensor.node().get());
}

Tensor Replay::find(const Tensor& tensor) const {
  if (tensor.empty()) return tensor;
  if (const auto it = values_.find(tensor.node().get()); it != values_.end()) return it->second;
  if (tensor.node()->variable) return Variable(tensor.node()->variable);  // what it holds then
  return tensor;
}

Tensor Replay::value(const Tensor& root) {
  std::vector<Tensor> pending{root};
  while (!pending.empty()) {
    const Tensor tensor = pending.back();
    if (known(tensor)) {
      pending.pop_back();
      continue;
    }
    const std::shared_ptr<const ops::CallRecord> call = tensor.node()->made_by;
    if (call->inputs.empty()) {
      throw ValueError(
          fmt::format("backend::function: an output or update needs the placeholder «{}» of shape {}, which is not "
                      "among the inputs. "
                      "Add it to them.",
                      call->name, tensor.shape().str()));
    }
    const std::size_t before = pending.size();
    for (const Tensor& input : call->inputs) {
      if (!known(input)) pending.push_back(input);
    }
    if (pending.size() != before) continue;  // these first
    std::vector<Tensor> arguments;
    for (const Tensor& input : call->inputs) arguments.push_back(find(input));
    const std::vector<Tensor> results = call->call(arguments);
    for (std::size_t i = 0; i < results.size(); ++i) {
      if (const ops::NodePtr node = call->results[i].lock()) values_[node.get()] = results[i];
    }
    pending.pop_back();
  }
  return find(root);
}

}  // namespace keras::backend
