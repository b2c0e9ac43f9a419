#include "layers/layer_call.h"

namespace keras {

LayerCall::LayerCall(const Layer& called, const Call& call, std::optional<bool> explicit_training)
    : layer(called), training(explicit_training), inputs_(call.inputs.size()), masks_(call.masks.size()) {
  name = called.name();
  inputs = call.inputs;
  inputs.insert(inputs.end(), call.masks.begin(), call.masks.end());
  for (const auto& [key, tensor] : call.extra) {
    extra_.push_back(key);
    inputs.push_back(tensor);
  }
}

std::vector<Tensor> LayerCall::call_on(const Layer& other, const std::vector<Tensor>& all) const {
  const auto masks = all.begin() + static_cast<std::ptrdiff_t>(inputs_),
             extra = masks + static_cast<std::ptrdiff_t>(masks_);
  Call call{.masks = {masks, extra}};
  for (std::size_t i = 0; i < extra_.size(); ++i)
    call.extra.emplace_back(extra_[i], extra[static_cast<std::ptrdiff_t>(i)]);
  return other.call({all.begin(), masks}, std::move(call), training);
}

std::vector<std::pair<std::string, Tensor>> LayerCall::given_extra() const {
  std::vector<std::pair<std::string, Tensor>> extra;
  for (std::size_t i = 0; i < extra_.size(); ++i) extra.emplace_back(extra_[i], inputs[inputs_ + masks_ + i]);
  return extra;
}

}  // namespace keras
