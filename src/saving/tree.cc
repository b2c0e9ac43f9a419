#include "saving/tree.h"

#include <fmt/format.h>
#include <keras/error.h>

#include <algorithm>
#include <optional>
#include <unordered_set>
#include <utility>

#include "layers/layer_state.h"
#include "models/functional.h"
#include "ops/names.h"
#include "support/text.h"

namespace keras::saving {
namespace {

constexpr int kDeepest = 64;  // groups in one another

// How tf.keras made a name of a class: digits belong to the word before them.
std::string older_snake_case(const std::string& class_name) {
  const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  const auto word = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  std::string split;
  for (std::size_t i = 0; i < class_name.size(); ++i) {
    const bool begins = upper(class_name[i]) && i + 1 < class_name.size() && word(class_name[i + 1]);
    if (i > 0 && begins && split.back() != '_') split += '_';
    split += class_name[i];
  }
  std::string name;
  for (std::size_t i = 0; i < split.size(); ++i) {
    if (i > 0 && upper(split[i]) && split[i - 1] >= 'a' && split[i - 1] <= 'z') name += '_';
    name += split[i];
  }
  return support::lower(name);
}

// The attribute that lists the layers inside, where the class has them in a list: their names are those of classes.
std::optional<std::string> container_of(const Layer& layer) {
  if (layer.class_name() == "StackedRNNCells") return "cells";
  if (layer.class_name() == "Sequential" || dynamic_cast<const FunctionalBody*>(layer.body().get())) return "layers";
  return std::nullopt;
}

// Names in one list: the second dense is dense_1.
class Counted {
 public:
  std::string next(const std::string& name, int times = 1) {
    const int before = std::exchange(seen_[name], seen_[name] + times);
    return before == 0 ? name : fmt::format("{}_{}", name, before);
  }

 private:
  std::map<std::string, int> seen_;
};

class Walk {
 public:
  explicit Walk(const Tree* file) : file_(file) {}
  std::vector<TreePlace> places;

  void visit(const Layer& layer, const std::string& path) {
    if (!seen_.insert(layer.body().get()).second) return;
    places.push_back({path, layer});
    const LayerState& state = layer.body()->state();
    const std::string before = path.empty() ? "" : path + "/";
    if (const auto container = container_of(layer)) {
      // tf.keras counted every layer with weights twice in the list that it called _layer_checkpoint_dependencies.
      Counted now, older, dependencies;
      for (const Layer& child : state.children) {
        const std::string name = now.next(ops::snake_case(child.class_name())),
                          old = older.next(older_snake_case(child.class_name()));
        const std::string dependency =
            dependencies.next(older_snake_case(child.class_name()), child.weights().empty() ? 1 : 2);
        visit(child, known({before + *container + "/" + name, before + *container + "/" + old,
                            before + "_layer_checkpoint_dependencies/" + dependency}));
      }
      return;
    }
    for (std::size_t i = 0; i < state.children.size(); ++i) visit(state.children[i], before + state.child_names[i]);
  }

 private:
  // The first that the file has something under; the first of all where it has none.
  std::string known(const std::vector<std::string>& paths) const {
    for (const std::string& path : paths) {
      if (!file_) break;
      const auto at = file_->lower_bound(path);
      const bool same = at != file_->end() && at->first == path;
      const auto below = file_->lower_bound(path + "/");
      if (same || (below != file_->end() && below->first.starts_with(path + "/"))) return path;
    }
    return paths.front();
  }

  const Tree* file_;
  std::unordered_set<const LayerBody*> seen_;
};

// Windows writes layers\dense as one name.
std::string with_slashes(std::string path) {
  std::replace(path.begin(), path.end(), '\\', '/');
  return path;
}

void read(const support::hdf5::Group& group, const std::string& path, int depth, Tree& tree) {
  if (depth > kDeepest) {
    throw IOError(fmt::format("{}: groups lie more than {} deep in one another at «{}», which no Keras writes.",
                              group.file_name(), kDeepest, support::printable(group.path())));
  }
  std::vector<std::pair<std::int64_t, StoredArray>> arrays;
  for (const std::string& name : group.names()) {
    const std::string inside = path.empty() ? with_slashes(name) : path + "/" + with_slashes(name);
    if (group.has_group(name)) {
      read(group.group(name), inside, depth + 1, tree);
    } else if (const auto number = support::parse_int(name); number && group.has_dataset(name)) {
      arrays.push_back({*number, stored_array(inside, group.dataset(name))});
    }
  }
  const bool vars = path == "vars" || path.ends_with("/vars");
  if (!vars) return;
  std::sort(arrays.begin(), arrays.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    if (arrays[i].first == static_cast<std::int64_t>(i)) continue;
    throw IOError(fmt::format("{}: the weights in «{}» are not numbered from 0 on: {} is missing, and there is {}.",
                              group.file_name(), support::printable(group.path()), i, arrays[i].first));
  }
  TreeEntry& entry = tree[path == "vars" ? "" : path.substr(0, path.size() - 5)];
  entry.name = text_of(group, "name");
  for (auto& [number, array] : arrays) entry.arrays.push_back(std::move(array));
}

}  // namespace

std::vector<TreePlace> tree_places(const Layer& layer, const Tree* file) {
  Walk walk(file);
  walk.visit(layer, "");
  return std::move(walk.places);
}

std::vector<Variable> own_weights(const Layer& layer) {
  std::vector<Variable> list;
  for (const bool trainable : {true, false}) {
    for (const OwnWeight& weight : layer.body()->state().weights) {
      if (weight.trainable == trainable) list.push_back(weight.variable);
    }
  }
  return list;
}

void read_tree(const support::hdf5::Group& group, Tree& tree) { read(group, "", 0, tree); }

}  // namespace keras::saving
