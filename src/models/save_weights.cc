// Model::save_weights_npz: the weights as arrays of a NumPy archive.
#include <keras/models.h>

#include <algorithm>

#include "layers/layer_state.h"

namespace keras {

namespace {

// Names that occur before get a number, so that no array is lost.
std::string unused(const NamedArrays& arrays, const std::string& name) {
  const auto taken = [&](const std::string& candidate) {
    return std::any_of(arrays.begin(), arrays.end(), [&](const auto& entry) { return entry.first == candidate; });
  };
  std::string candidate = name;
  for (int i = 1; taken(candidate); ++i) candidate = name + "_" + std::to_string(i);
  return candidate;
}

void collect(const LayerBody& layer, const std::string& prefix, std::vector<const LayerBody*>& seen,
             NamedArrays& arrays) {
  if (std::find(seen.begin(), seen.end(), &layer) != seen.end()) return;
  seen.push_back(&layer);
  for (const OwnWeight& weight : layer.state().weights) {
    arrays.emplace_back(unused(arrays, prefix + weight.variable.name()), weight.variable.value());
  }
  for (const Layer& child : layer.state().children) collect(*child.body(), prefix + child.name() + "/", seen, arrays);
}

}  // namespace

void Model::save_weights_npz(const std::string& path) const {
  NamedArrays arrays;
  std::vector<const LayerBody*> seen;
  collect(*body_, "", seen, arrays);
  save_npz(path, arrays);
}

}  // namespace keras
