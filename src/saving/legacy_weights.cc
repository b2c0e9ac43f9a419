#include "saving/legacy_weights.h"

#include <fmt/format.h>
#include <keras/error.h>
#include <keras/version.h>

#include <algorithm>
#include <map>
#include <unordered_set>

#include "layers/layer_state.h"
#include "saving/legacy_layouts.h"
#include "saving/weights_file.h"
#include "support/text.h"

namespace keras::saving {
namespace {

using support::hdf5::Group;

struct FileLayer {
  std::string name;
  std::vector<StoredArray> arrays;
};

// A layer with weights of its own, inside one of the model's.
struct Leaf {
  Layer layer;
  std::string path;  // from the model's layer on
  std::vector<Variable> weights;
};

void collect(const Layer& layer, const std::string& path, std::unordered_set<const LayerBody*>& seen,
             std::vector<Leaf>& leaves) {
  if (!seen.insert(layer.body().get()).second) return;
  if (std::vector<Variable> own = own_weights(layer); !own.empty()) leaves.push_back({layer, path, std::move(own)});
  for (const Layer& child : layer.body()->state().children) collect(child, path + "/" + child.name(), seen, leaves);
}
std::vector<Leaf> leaves_of(const Layer& layer) {
  std::vector<Leaf> leaves;
  std::unordered_set<const LayerBody*> seen;
  collect(layer, layer.name(), seen, leaves);
  return leaves;
}

// Keras 2's order: the trainable weights of all leaves, then the others. `all`: each leaf's together.
struct Stretch {
  std::size_t leaf, first, count;  // weights of the leaf
};
std::vector<Stretch> in_order(const std::vector<Leaf>& leaves, bool all) {
  std::vector<Stretch> order;
  for (const bool trainable : {true, false}) {
    for (std::size_t i = 0; i < leaves.size(); ++i) {
      const std::vector<Variable>& weights = leaves[i].weights;
      std::size_t first = 0, count = weights.size();
      if (!all) {
        const auto end = static_cast<std::size_t>(
            std::count_if(weights.begin(), weights.end(), [](const Variable& weight) { return weight.trainable(); }));
        first = trainable ? 0 : end, count = trainable ? end : weights.size() - end;
      } else if (!trainable) {
        continue;
      }
      if (count > 0) order.push_back({i, first, count});
    }
  }
  return order;
}

std::string path_of(const Leaf& leaf, std::size_t weight) { return leaf.path + "/" + leaf.weights[weight].name(); }

// The arrays of each leaf in the order of its weights, or nothing where their number fits no known order.
std::optional<std::vector<std::vector<StoredArray>>> deal(const std::vector<Leaf>& leaves,
                                                          const std::vector<StoredArray>& arrays, bool all, bool old) {
  std::vector<std::vector<StoredArray>> dealt(leaves.size());
  std::size_t next = 0;
  for (const Stretch& stretch : in_order(leaves, all)) {
    const Leaf& leaf = leaves[stretch.leaf];
    const bool whole = stretch.count == leaf.weights.size();
    const std::size_t count = old && whole ? keras_1_count(leaf.layer) : stretch.count;
    if (next + count > arrays.size()) return std::nullopt;
    for (std::size_t i = 0; i < count; ++i) dealt[stretch.leaf].push_back(arrays[next++]);
  }
  if (next != arrays.size()) return std::nullopt;
  return dealt;
}

class Reader {
 public:
  Reader(const Group& group, const Layer& model) : group_(group), model_(model) {
    const std::string version = text_of(group, "keras_version");
    origin_.keras = version.empty() || version.starts_with("1.") ? 1 : 2;
    origin_.backend = text_of(group, "backend");
  }

  Assignment run(bool by_name) {
    std::vector<FileLayer> file;
    for (const std::string& name : texts_of(group_, "layer_names")) {
      FileLayer layer = read(name);
      if (!layer.arrays.empty()) file.push_back(std::move(layer));
    }
    std::vector<Layer> model;
    std::unordered_set<const LayerBody*> seen;
    for (const Layer& layer : model_.body()->layers()) {
      if (seen.insert(layer.body().get()).second && !layer.weights().empty()) model.push_back(layer);
    }
    const auto named = [&](const std::string& name) {
      return std::find_if(file.begin(), file.end(), [&](const FileLayer& layer) { return layer.name == name; });
    };
    const bool same_names =
        std::all_of(model.begin(), model.end(), [&](const Layer& layer) { return named(layer.name()) != file.end(); });
    std::vector<bool> used(file.size(), false);
    for (std::size_t i = 0; i < model.size(); ++i) {
      const auto at = by_name || (same_names && model.size() == file.size())
                          ? static_cast<std::size_t>(named(model[i].name()) - file.begin())
                          : i;
      if (at < file.size()) used[at] = true;
      match(model[i], at < file.size() ? std::move(file[at].arrays) : std::vector<StoredArray>());
    }
    for (std::size_t i = 0; i < file.size(); ++i) {
      if (used[i]) continue;
      for (StoredArray& array : file[i].arrays) assignment_.unused(std::move(array));
    }
    return std::move(assignment_);
  }

 private:
  FileLayer read(const std::string& name) const {
    FileLayer layer{name, {}};
    const Group group = group_.group(name);
    for (const std::string& weight : texts_of(group, "weight_names"))
      layer.arrays.push_back(stored_array(name + ": " + weight, group.dataset(weight)));
    return layer;
  }

  void match(const Layer& layer, std::vector<StoredArray> arrays) {
    const std::vector<Leaf> leaves = leaves_of(layer);
    const bool older = origin_.keras == 1;
    auto dealt = deal(leaves, arrays, false, false);
    if (dealt && !fit(leaves, *dealt)) {  // as of Keras 3, each leaf's own together
      if (auto other = deal(leaves, arrays, true, false); other && fit(leaves, *other)) dealt = std::move(other);
    }
    if (!dealt && older) dealt = deal(leaves, arrays, false, true);
    if (!dealt) return side_by_side(leaves, std::move(arrays));
    for (std::size_t i = 0; i < leaves.size(); ++i) {
      std::vector<StoredArray> todays = in_todays_layout(leaves[i].layer, std::move((*dealt)[i]), origin_);
      side_by_side({leaves[i]}, std::move(todays));
    }
  }
  static bool fit(const std::vector<Leaf>& leaves, const std::vector<std::vector<StoredArray>>& dealt) {
    for (std::size_t i = 0; i < leaves.size(); ++i) {
      for (std::size_t k = 0; k < leaves[i].weights.size(); ++k) {
        if (leaves[i].weights[k].shape() != dealt[i][k].value.shape()) return false;
      }
    }
    return true;
  }
  void side_by_side(const std::vector<Leaf>& leaves, std::vector<StoredArray> arrays) {
    std::size_t next = 0;
    for (const Leaf& leaf : leaves) {
      for (std::size_t k = 0; k < leaf.weights.size(); ++k, ++next) {
        if (next < arrays.size()) {
          assignment_.give(leaf.weights[k], path_of(leaf, k), std::move(arrays[next]));
        } else {
          assignment_.missing(leaf.weights[k], path_of(leaf, k));
        }
      }
    }
    for (; next < arrays.size(); ++next) assignment_.unused(std::move(arrays[next]));
  }

  const Group& group_;
  const Layer& model_;
  LegacyOrigin origin_;
  Assignment assignment_;
};

}  // namespace

bool has_legacy_weights(const Group& group) {
  return group.has_attribute("layer_names") || group.has_attribute("layer_names0");
}

Assignment read_legacy_weights(const Group& group, const Layer& model, bool by_name) {
  return Reader(group, model).run(by_name);
}

void write_texts(support::hdf5::Writer& file, const std::string& group, const std::string& name,
                 const std::vector<std::string>& texts) {
  std::size_t longest = 1;
  for (const std::string& text : texts) longest = std::max(longest, text.size());
  const std::size_t most = std::max<std::size_t>(1, support::hdf5::Writer::kMostAttributeBytes / longest);
  if (texts.size() <= most) return file.attribute(group, name, texts);
  std::size_t part = 0;
  for (std::size_t i = 0; i < texts.size(); i += most, ++part) {
    const std::vector<std::string> some(texts.begin() + static_cast<std::ptrdiff_t>(i),
                                        texts.begin() + static_cast<std::ptrdiff_t>(std::min(texts.size(), i + most)));
    file.attribute(group, fmt::format("{}{}", name, part), some);
  }
}

void write_legacy_weights(support::hdf5::Writer& file, const std::string& group, const Layer& model) {
  file.group(group);
  std::vector<std::string> names;
  for (const Layer& layer : model.body()->layers()) names.push_back(layer.name());
  write_texts(file, group, "layer_names", names);
  file.attribute(group, "backend", "tensorflow");
  file.attribute(group, "keras_version", "2.2.4");
  const std::string before = group == "/" ? group : group + "/";
  for (const Layer& layer : model.body()->layers()) {
    const std::vector<Leaf> leaves = leaves_of(layer);
    file.group(before + layer.name());
    std::vector<std::string> weights;
    for (const Stretch& stretch : in_order(leaves, false)) {
      for (std::size_t k = stretch.first; k < stretch.first + stretch.count; ++k) {
        const Leaf& leaf = leaves[stretch.leaf];
        weights.push_back(path_of(leaf, k) + ":0");
        write_array(file, before + layer.name() + "/" + weights.back(), leaf.weights[k].value());
      }
    }
    write_texts(file, before + layer.name(), "weight_names", weights);
  }
}

}  // namespace keras::saving
