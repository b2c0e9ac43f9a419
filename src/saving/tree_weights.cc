// Keras 3's tree of weights, read into a model and written.
#include <fmt/format.h>

#include <unordered_map>

#include "layers/layer_state.h"
#include "ops/tensor_node.h"
#include "saving/weights_file.h"

namespace keras::saving {
namespace {

std::string numbered(const std::string& path, std::size_t i) {
  return path.empty() ? fmt::format("vars/{}", i) : fmt::format("{}/vars/{}", path, i);
}

// What a tree holds beside the weights of layers.
bool is_weights(const std::string& path) {
  for (const char* other : {"optimizer", "metrics", "compile_metrics", "loss", "_compile_metrics", "_loss_tracker"}) {
    if (path == other || path.starts_with(std::string(other) + "/")) return false;
  }
  return path.find("seed_generator") == std::string::npos && path.find("_random_generator") == std::string::npos;
}

// The entry of a layer's name, where the file tells names.
Tree::iterator named(Tree& tree, const std::string& name) {
  for (auto it = tree.begin(); it != tree.end(); ++it) {
    if (it->second.name == name && is_weights(it->first)) return it;
  }
  return tree.end();
}

}  // namespace

Assignment read_tree_weights(const Tree& file, const Layer& model, bool by_name) {
  Assignment assignment;
  Tree tree = file;
  std::unordered_map<const ops::VariableState*, std::string> names;
  for (const auto& [name, variable] : named_weights(model)) names.emplace(variable.state().get(), name);
  for (const TreePlace& place : tree_places(model, &file)) {
    const std::vector<Variable> own = own_weights(place.layer);
    if (own.empty()) continue;
    auto entry = by_name ? named(tree, place.layer.name()) : tree.find(place.path);
    std::vector<StoredArray> arrays;
    if (entry != tree.end()) arrays = std::move(entry->second.arrays), tree.erase(entry);
    for (std::size_t i = 0; i < own.size(); ++i) {
      const std::string& name = names.at(own[i].state().get());
      if (i < arrays.size()) {
        assignment.give(own[i], name, std::move(arrays[i]));
      } else {
        assignment.missing(own[i], name);
      }
    }
    for (std::size_t i = own.size(); i < arrays.size(); ++i) assignment.unused(std::move(arrays[i]));
  }
  for (auto& [path, entry] : tree) {
    if (!is_weights(path)) continue;
    for (StoredArray& array : entry.arrays) assignment.unused(std::move(array));
  }
  return assignment;
}

void write_array(support::hdf5::Writer& file, const std::string& path, const Array& value) {
  std::vector<std::int64_t> sizes;
  for (const Dim& dim : value.shape()) sizes.push_back(dim.value());
  file.dataset(path, value.dtype(), sizes, {static_cast<const char*>(value.data()), value.nbytes()});
  if (value.dtype() == DType::bfloat16) file.attribute(path, "dtype", "bfloat16");
}

void write_tree_weights(support::hdf5::Writer& file, const Layer& model) {
  for (const TreePlace& place : tree_places(model)) {
    const std::string vars = place.path.empty() ? "vars" : place.path + "/vars";
    file.group(vars);
    file.attribute(vars, "name", place.layer.name());
    const std::vector<Variable> own = own_weights(place.layer);
    for (std::size_t i = 0; i < own.size(); ++i) write_array(file, numbered(place.path, i), own[i].value());
  }
}

}  // namespace keras::saving
