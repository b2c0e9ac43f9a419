// The file of BackupAndRestore.
#include "models/run_file.h"

#include <fmt/format.h>
#include <keras/error.h>

#include "layers/layer_state.h"
#include "ops/tensor_node.h"
#include "saving/context.h"
#include "saving/optimizer_state.h"
#include "saving/weights_file.h"
#include "support/files.h"

namespace keras {

namespace {

using support::hdf5::File;

constexpr auto kGroup = "keras_cpp", kValues = "keras_cpp/values", kArrays = "keras_cpp/arrays";

std::optional<RunState> rest_of(const File& file) {
  if (!file.has_group(kGroup)) return std::nullopt;
  RunState state;
  state.values = Config::from_json(file.dataset(kValues).bytes());
  const Config& names = state.values.at("arrays");
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string path = fmt::format("{}/{}", kArrays, i);
    state.arrays.emplace_back(names.items()[i].as_string(), saving::stored_array(path, file.dataset(path)).own());
  }
  return state;
}

std::optional<RunState> read(const std::string& path, const Model& model) {
  const File file(path);
  std::optional<RunState> state = rest_of(file);
  saving::Tree tree;
  saving::read_tree(file, tree);
  saving::Assignment weights = saving::read_tree_weights(tree, model);
  const std::vector<saving::StoredArray> arrays = saving::optimizer_arrays_of(tree);
  // The optimizer first: what does not fit leaves it as it was, and then the model too.
  OptimizerBody& optimizer = *model.optimizer().body();
  std::vector<Array> before;
  for (const Variable& variable : optimizer.variables()) before.push_back(variable.value());
  const std::string wrong = saving::restore_optimizer(optimizer, optimizer.trainable(), arrays);
  if (!wrong.empty()) throw ValueError(fmt::format("it is of a run with another optimizer: {}.", wrong));
  try {
    weights.commit(fmt::format("BackupAndRestore(«{}»)", path), layers::describe(*model.body()), false);
  } catch (const Error&) {
    for (std::size_t i = 0; i < before.size(); ++i) optimizer.variables()[i].state()->value = before[i];
    throw;
  }
  return state;
}

}  // namespace

void write_run(const std::string& path, const Model& model, const RunState& state) {
  support::AtomicFile target(path);
  support::hdf5::Writer file(target.temporary());
  saving::write_tree_weights(file, model);
  saving::write_optimizer_tree(file, *model.optimizer().body());
  Config values = state.values, names = Config::list();
  for (const auto& [name, value] : state.arrays) names.push_back(name);
  const std::string text = values.set("arrays", names).to_json();
  const std::int64_t bytes[] = {static_cast<std::int64_t>(text.size())};
  file.dataset(kValues, DType::uint8, bytes, text);
  for (std::size_t i = 0; i < state.arrays.size(); ++i)
    saving::write_array(file, fmt::format("{}/{}", kArrays, i), state.arrays[i].second);
  file.close();
  target.commit();
}

std::optional<RunState> read_run(const std::string& path, const Model& model) {
  return saving::with_file("BackupAndRestore", path, [&] { return read(path, model); });
}

}  // namespace keras
