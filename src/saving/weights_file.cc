#include "saving/weights_file.h"

#include <fmt/format.h>
#include <keras/error.h>

#include <set>
#include <unordered_set>

#include "layers/layer_state.h"
#include "saving/context.h"
#include "saving/legacy_weights.h"
#include "saving/npz_weights.h"
#include "saving/optimizer_state.h"
#include "support/files.h"
#include "support/log.h"
#include "support/zip.h"

namespace keras {
namespace saving {
namespace {

using support::hdf5::File;

void collect(const LayerBody& layer, const std::string& prefix, std::unordered_set<const LayerBody*>& seen,
             std::set<std::string>& taken, std::vector<std::pair<std::string, Variable>>& list) {
  if (!seen.insert(&layer).second) return;
  for (const OwnWeight& weight : layer.state().weights) {
    const std::string name = prefix + weight.variable.name();
    std::string unused = name;
    for (int i = 1; !taken.insert(unused).second; ++i) unused = fmt::format("{}_{}", name, i);
    list.emplace_back(unused, weight.variable);
  }
  for (const Layer& child : layer.state().children)
    collect(*child.body(), prefix + child.name() + "/", seen, taken, list);
}

// Keras 3's index of a tree in several files: {"weight_map": {"/layers/dense/vars": ["a_00000.weights.h5"]}}.
Tree read_shards(const std::string& path) {
  const Config index = Config::from_json(support::read_file(path, 64u << 20));
  const Config* map = index.is_map() ? index.find("weight_map") : nullptr;
  if (!map || !map->is_map()) {
    throw IOError(fmt::format("«{}» is JSON, but no index of weights: it has no \"weight_map\".", path));
  }
  std::set<std::string> shards;
  for (const auto& [place, files] : map->entries()) {
    for (const Config& file : files.is_list() ? files.items() : std::vector<Config>{files}) {
      const std::string& name = file.as_string();
      if (name.empty() || name.find_first_of("/\\") != std::string::npos || name == "..") {
        throw IOError(fmt::format("«{}»: its parts must lie beside it, and it names «{}».", path, name));
      }
      shards.insert(name);
    }
  }
  const std::string folder =
      path.substr(0, path.find_last_of('/') == std::string::npos ? 0 : path.find_last_of('/') + 1);
  Tree tree;
  for (const std::string& shard : shards) {
    const File file(folder + shard);
    read_tree(file, tree);
  }
  return tree;
}

constexpr auto kTreeEntry = "model.weights.h5";

Assignment read_archive(const std::string& path, const Layer& model, bool by_name) {
  support::ZipReader zip(path);
  if (const auto* entry = zip.find(kTreeEntry))
    return read_hdf5_weights(File::of(path + ": " + kTreeEntry, zip.read(*entry)), model, by_name);
  if (zip.find("model.weights.npz")) {
    throw NotImplementedError(
        fmt::format("«{}» keeps its weights as pickled Python objects (model.weights.npz), which could run code when "
                    "they are read. Save the model from Keras with its default, HDF5.",
                    path));
  }
  return read_npz_weights(path, model);
}

Assignment read_weights(const std::string& path, const Layer& model, bool by_name) {
  char start[8] = {};
  std::string_view beginning;
  {
    support::InputFile file(path);
    beginning = {start, file.read(start, sizeof start)};
  }
  if (beginning.starts_with("PK")) return read_archive(path, model, by_name);
  if (beginning.starts_with("{")) return read_tree_weights(read_shards(path), model, by_name);
  return read_hdf5_weights(File(path), model, by_name);
}

// As Keras 3, which keeps the optimizer's state in .weights.h5. One of another optimizer is left alone.
void load_optimizer(const std::string& path, const Model& model) {
  char start[8] = {};
  {
    support::InputFile file(path);
    if (file.read(start, sizeof start) < sizeof start || start[0] != '\x89') return;
  }
  const File file(path);
  if (!file.has_group("optimizer/vars")) return;
  Tree tree;
  read_tree(file.group("optimizer"), tree);
  std::vector<StoredArray> arrays = optimizer_arrays_of({{"optimizer", tree[""]}});
  OptimizerBody& optimizer = *model.optimizer().body();
  optimizer.build(model.trainable_weights());
  const std::string wrong = restore_optimizer(optimizer, optimizer.trainable(), arrays);
  if (wrong.empty()) return;
  support::warn(fmt::format("load_weights(«{}»): the optimizer stays as it is, because {}.", path, wrong));
}

}  // namespace

std::vector<std::pair<std::string, Variable>> named_weights(const Layer& model) {
  std::vector<std::pair<std::string, Variable>> list;
  std::unordered_set<const LayerBody*> seen;
  std::set<std::string> taken;
  collect(*model.body(), "", seen, taken, list);
  return list;
}

Assignment read_hdf5_weights(const File& file, const Layer& model, bool by_name) {
  if (has_legacy_weights(file)) return read_legacy_weights(file, model, by_name);
  if (file.has_group("model_weights")) return read_legacy_weights(file.group("model_weights"), model, by_name);
  Tree tree;
  read_tree(file, tree);
  if (tree.empty()) {
    throw IOError(fmt::format("{}: an HDF5 file without weights of Keras: it has neither layer_names nor groups vars.",
                              file.file_name()));
  }
  return read_tree_weights(tree, model, by_name);
}

}  // namespace saving

LoadReport Model::load_weights(const std::string& path, LoadWeightsArgs args) {
  if (!built()) {
    throw ValueError(fmt::format(
        "{}: load_weights needs weights to give values to, and the model is not built yet. Call build() with "
        "the shape of its input, or give its first layer an input_shape, before.",
        layers::describe(*body_)));
  }
  saving::Assignment assignment =
      saving::with_file("load_weights", path, [&] { return saving::read_weights(path, *this, args.by_name); });
  LoadReport report = assignment.commit(fmt::format("load_weights(«{}»)", path), layers::describe(*body_),
                                        args.skip_mismatch, args.by_name);
  if (compiled() && !args.by_name) saving::load_optimizer(path, *this);
  return report;
}

void Model::save_weights(const std::string& path) const {
  if (!built()) {
    throw ValueError(fmt::format("{}: it has no weights to save: it is not built yet.", layers::describe(*body_)));
  }
  if (path.ends_with(".npz")) return saving::write_npz_weights(path, *this);
  support::AtomicFile target(path);
  support::hdf5::Writer file(target.temporary());
  if (path.ends_with(".weights.h5")) {
    saving::write_tree_weights(file, *this);
    if (compiled() && optimizer().body()->built()) saving::write_optimizer_tree(file, *optimizer().body());
  } else {
    saving::write_legacy_weights(file, "/", *this);
  }
  file.close();
  target.commit();
}

}  // namespace keras
