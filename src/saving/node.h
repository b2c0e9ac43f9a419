// Node: one call of a layer as a configuration says it, in the form of Keras 1 and 2 or of Keras 3.
#pragma once

#include <keras/config.h>

#include <functional>
#include <string>
#include <vector>

namespace keras::saving {

// What a call takes, or a model gives: a result of a call of a layer.
struct TensorRef {
  std::string layer;
  std::int64_t node = 0, index = 0;
  bool counts_itself = false;  // a model's own graph counts as its first call in this form of reference
};

struct Node {
  std::vector<TensorRef> refs;
  Config args = Config::list(), kwargs = Config::map();  // with ops::slot(i) for refs[i]
};

// `is_layer`: whether the model has a layer of this name, which tells a reference among the keywords from a list.
Node parse_node(const Config& node, const std::function<bool(const std::string&)>& is_layer);
// input_layers and output_layers: one, a list, or a map of them (in the order of its keys, as Keras takes it).
std::vector<TensorRef> parse_ends(const Config& ends, const char* what);

}  // namespace keras::saving
