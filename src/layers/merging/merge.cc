#include "layers/merging/merge.h"

#include <fmt/format.h>
#include <keras/config.h>
#include <keras/error.h>

#include <algorithm>

#include "layers/layer_state.h"
#include "support/text.h"

namespace keras::layers {

std::string shapes_of(const std::vector<Tensor>& inputs) {
  std::vector<std::string> items;
  for (const Tensor& input : inputs) items.push_back(input.shape().str());
  return support::list(items);
}

void check_batches(const LayerBody& layer, const std::vector<Tensor>& inputs) {
  Dim batch;
  for (const Tensor& input : inputs) {
    const Dim size = input.ndim() > 0 ? input.shape(0) : Dim();
    if (!size.known()) continue;
    if (batch.known() && batch != size) {
      throw ValueError(fmt::format("{}: the inputs must have batches of one size. Received: shapes {}.",
                                   describe(layer), shapes_of(inputs)));
    }
    batch = size;
  }
}

std::vector<Tensor> aligned(const LayerBody& layer, const std::vector<Tensor>& inputs) {
  check_batches(layer, inputs);
  int rank = 0;
  for (const Tensor& input : inputs) rank = std::max(rank, input.ndim());
  std::vector<Tensor> result;
  for (Tensor input : inputs) {
    while (input.ndim() < rank) input = ops::expand_dims(input, std::min(1, input.ndim()));
    result.push_back(input);
  }
  for (int axis = 1; axis < rank; ++axis) {
    Dim common = 1;
    for (const Tensor& input : result) {
      const Dim size = input.shape(axis);
      if (!size.known() || size == Dim(1)) continue;
      if (common == Dim(1)) common = size;
      if (common == size) continue;
      throw ValueError(
          fmt::format("{}: the shapes of the inputs do not fit: sizes must be equal or 1, from the last axis on. "
                      "Received: shapes {}.",
                      describe(layer), shapes_of(inputs)));
    }
  }
  return result;
}

std::vector<Tensor> merged_mask(const Call& call) {
  if (config::dialect().merged_masks_are_all) {
    Tensor mask;
    for (const Tensor& each : call.masks) {
      if (!each.empty()) mask = mask.empty() ? each : ops::logical_and(mask, each);
    }
    return {mask};
  }
  const bool all = !call.masks.empty() &&
                   std::none_of(call.masks.begin(), call.masks.end(), [](const Tensor& mask) { return mask.empty(); });
  if (!all) return {};
  Tensor mask = call.masks[0];
  for (std::size_t i = 1; i < call.masks.size(); ++i) mask = ops::logical_or(mask, call.masks[i]);
  return {mask};
}

}  // namespace keras::layers
