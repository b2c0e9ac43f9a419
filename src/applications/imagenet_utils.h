// What the networks for ImageNet share: the check of input shapes, and the names of the classes.
#pragma once

#include <keras/applications.h>

#include <array>
#include <string>
#include <vector>

namespace keras::applications::imagenet_utils {

struct InputRule {
  const char* network;
  std::int64_t default_size, min_size;
  bool flattened;  // by what follows, which needs to know every size
  bool imagenet;   // the published weights are loaded
};
// Of the input without the batch, checked, or the default. ValueError.
Shape obtain_input_shape(const std::optional<Shape>& given, const InputRule& rule);

// The identity and the name of each of the 1,000 classes, as imagenet_class_index.json gives them. IOError names
// `path`.
using ClassNames = std::vector<std::array<std::string, 2>>;
ClassNames read_class_names(const std::string& json, const std::string& path);
std::vector<std::vector<Prediction>> decode(const Array& preds, std::int64_t top, const ClassNames& names);

}  // namespace keras::applications::imagenet_utils
