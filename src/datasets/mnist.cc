// MNIST: reading mnist.npz and checking all of it before use.
#include <fmt/format.h>
#include <keras/datasets.h>
#include <keras/error.h>

#include <algorithm>

#include "datasets/cache.h"
#include "support/text.h"
#include "tensor/format.h"

namespace keras::datasets::mnist {
namespace {

const Array& named(const std::map<std::string, Array>& arrays, const std::string& name, const std::string& path) {
  const auto found = arrays.find(name);
  if (found != arrays.end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [other, array] : arrays) names.push_back(support::printable(other));
  throw IOError(
      fmt::format("«{}» is no MNIST file: it has no array «{}». Expected x_train, y_train, x_test and y_test; "
                  "found {}.",
                  path, name, names.empty() ? "none" : support::list(names)));
}

Split split_of(const std::map<std::string, Array>& arrays, const std::string& part, const std::string& path) {
  constexpr std::int64_t kSide = 28;
  constexpr std::uint8_t kClasses = 10;
  const Split split{named(arrays, "x_" + part, path), named(arrays, "y_" + part, path)};
  const auto refuse = [&](const std::string& name, const Array& array, std::string_view expected) {
    return IOError(fmt::format("«{}» is no MNIST file: {} has shape {} and dtype {}; expected {}.", path, name,
                               array.shape(), array.dtype(), expected));
  };
  if (split.x.dtype() != DType::uint8 || split.x.ndim() != 3 || split.x.shape(1) != kSide ||
      split.x.shape(2) != kSide) {
    throw refuse("x_" + part, split.x, "images: shape (any, 28, 28) and dtype uint8");
  }
  if (split.y.dtype() != DType::uint8 || split.y.ndim() != 1) {
    throw refuse("y_" + part, split.y, "labels: shape (any,) and dtype uint8");
  }
  if (split.x.length() != split.y.length()) {
    throw IOError(fmt::format("«{}» is no MNIST file: x_{} has {} images, but y_{} has {} labels.", path, part,
                              split.x.length(), part, split.y.length()));
  }
  const auto labels = split.y.values<std::uint8_t>();
  const auto wrong = std::find_if(labels.begin(), labels.end(), [](std::uint8_t label) { return label >= kClasses; });
  if (wrong != labels.end()) {
    throw IOError(fmt::format("«{}» is no MNIST file: y_{}[{}] is {}; labels are 0 to 9.", path, part,
                              wrong - labels.begin(), *wrong));
  }
  return split;
}

}  // namespace

std::pair<Split, Split> load_data(const std::string& path) {
  const Remote remote{"https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz",
                      "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"};
  const std::string file = find_file(path, path == "mnist.npz" ? path : "", remote);
  const auto arrays = load_npz(file);
  return {split_of(arrays, "train", file), split_of(arrays, "test", file)};
}

}  // namespace keras::datasets::mnist
