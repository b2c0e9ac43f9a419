// Keras 3's tree of weights: a path for each layer, made of the names of attributes and of classes, as in
// layers/bidirectional/forward_layer/cell.
#pragma once

#include <keras/layer.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "saving/stored.h"

namespace keras::saving {

// The weights that a layer made itself, in the order in which Keras 3 stores them.
std::vector<Variable> own_weights(const Layer& layer);

struct TreeEntry {
  std::string name;  // of the layer, where the file says it
  std::vector<StoredArray> arrays;
};
using Tree = std::map<std::string, TreeEntry>;  // by path, without /vars
// Adds what is under a group of a file; IOError for one nested too deeply.
void read_tree(const support::hdf5::Group& group, Tree& tree);

struct TreePlace {
  std::string path;
  Layer layer;
};
// The layer, with the path "", and those inside, each once. A layer's own weights are at <path>/vars. With a file, the
// paths are those that it has: Keras 2.12 to 2.15 named some otherwise.
std::vector<TreePlace> tree_places(const Layer& layer, const Tree* file = nullptr);

}  // namespace keras::saving
