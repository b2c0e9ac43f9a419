// LayerCall: a layer's call on symbolic tensors, kept for functional models.
#pragma once

#include <keras/layer.h>

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "ops/record.h"

namespace keras {

struct LayerCall final : ops::CallRecord {
  Layer layer;
  std::optional<bool> training;  // as the call said, or as the model is called

  // All tensors of the call, in the order inputs, masks, extra.
  LayerCall(const Layer& called, const Call& call, std::optional<bool> explicit_training);
  const std::string& class_name() const override { return layer.class_name(); }
  std::vector<Tensor> call(const std::vector<Tensor>& all) const override { return call_on(layer, all); }
  std::vector<Tensor> call_on(const Layer& other, const std::vector<Tensor>& all) const;  // the same call of it
  // The parts of `inputs`.
  std::span<const Tensor> given_inputs() const { return {inputs.data(), inputs_}; }
  std::span<const Tensor> given_masks() const { return {inputs.data() + inputs_, masks_}; }
  std::vector<std::pair<std::string, Tensor>> given_extra() const;

 private:
  std::size_t inputs_, masks_;
  std::vector<std::string> extra_;
};

}  // namespace keras
