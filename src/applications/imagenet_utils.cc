#include "applications/imagenet_utils.h"

#include <fmt/format.h>
#include <keras/error.h>
#include <keras/ops.h>
#include <keras/utils.h>

#include <algorithm>
#include <mutex>
#include <numeric>

#include "ops/shapes.h"
#include "support/files.h"
#include "support/log.h"
#include "support/text.h"
#include "tensor/format.h"

namespace keras::applications::imagenet_utils {
namespace {

constexpr std::int64_t kClasses = 1000;

const ClassNames& class_names() {
  static std::mutex mutex;
  static ClassNames names;  // once they are known
  const std::lock_guard lock(mutex);
  if (names.empty()) {
    const std::string path =
        utils::get_file("imagenet_class_index.json",
                        "https://storage.googleapis.com/download.tensorflow.org/data/imagenet_class_index.json",
                        {.file_hash = "c2c37ea517e94d9795004a39431a14cb", .cache_subdir = "models"});
    names = read_class_names(support::read_file(path), path);
  }
  return names;
}

// A value for each channel, to be added to pictures or divide them.
Tensor per_channel(const std::vector<double>& values, const Tensor& x, bool first) {
  const Array array = Array(values).astype(x.dtype());
  return Tensor(first ? array.reshape({3, 1, 1}) : array);
}

}  // namespace

Shape obtain_input_shape(const std::optional<Shape>& given, const InputRule& rule) {
  const bool first = config::image_data_format() == "channels_first";
  const std::size_t channel = first ? 0 : 2, height = first ? 1 : 0, width = first ? 2 : 1;
  Shape standard{rule.default_size, rule.default_size, rule.default_size};
  standard[channel] = 3;
  if (!given) {
    if (rule.flattened) return standard;
    Shape free{None, None, None};
    free[channel] = 3;
    return free;
  }
  if (rule.imagenet && rule.flattened) {
    if (*given == standard) return standard;
    throw ValueError(
        fmt::format("{}: with include_top and the weights \"imagenet\" input_shape is {}; received {}. Give "
                    ".include_top = false for pictures of another size.",
                    rule.network, standard, *given));
  }
  if (given->rank() != 3) {
    throw ValueError(fmt::format("{}: input_shape is {}; received {}.", rule.network,
                                 first ? "(channels, height, width)" : "(height, width, channels)", *given));
  }
  if (!((*given)[channel] == 3)) {
    if (rule.imagenet) {
      throw ValueError(fmt::format("{}: the weights \"imagenet\" are for 3 channels; received input_shape {}.",
                                   rule.network, *given));
    }
    if (!((*given)[channel] == 1)) {
      support::warn(
          fmt::format("{}: pictures have 1 or 3 channels; input_shape {} says otherwise.", rule.network, *given));
    }
  }
  for (const std::size_t side : {height, width}) {
    const Dim& size = (*given)[side];
    if (size.known() && size.value() < rule.min_size) {
      throw ValueError(fmt::format("{}: pictures are at least {} x {}; received input_shape {}.", rule.network,
                                   rule.min_size, rule.min_size, *given));
    }
  }
  if (rule.flattened && !given->known()) {
    throw ValueError(
        fmt::format("{}: with include_top every size of input_shape is known; received {}.", rule.network, *given));
  }
  return *given;
}

Tensor preprocess_input(const Tensor& given, PreprocessInputArgs args) {
  const bool first = ops::channels_first("preprocess_input", args.data_format, "imagenet_utils::");
  if (args.mode != "caffe" && args.mode != "tf" && args.mode != "torch") {
    throw ValueError(fmt::format("preprocess_input: mode is \"caffe\", \"tf\" or \"torch\"; received \"{}\".{}",
                                 args.mode, support::did_you_mean(args.mode, {"caffe", "tf", "torch"})));
  }
  const int rank = given.shape().rank(), axis = first ? rank - 3 : rank - 1;
  if (rank < 3 || rank > 4 || !(given.shape()[static_cast<std::size_t>(axis)] == 3)) {
    throw ValueError(
        fmt::format("preprocess_input: a picture, or a batch of them, with 3 channels {} is expected; "
                    "received shape {}.",
                    first ? "first" : "last", given.shape()));
  }
  const Tensor x = given.dtype().is_floating() ? given : ops::cast(given, config::floatx());
  if (args.mode == "tf") return x / 127.5 - 1.0;
  if (args.mode == "caffe") return ops::flip(x, {axis}) - per_channel({103.939, 116.779, 123.68}, x, first);
  return (x / 255.0 - per_channel({0.485, 0.456, 0.406}, x, first)) / per_channel({0.229, 0.224, 0.225}, x, first);
}

Array preprocess_input(const Array& x, PreprocessInputArgs args) {
  return Array(preprocess_input(Tensor(x), std::move(args)));
}

ClassNames read_class_names(const std::string& json, const std::string& path) {
  const auto refuse = [&](const std::string& why) {
    return IOError(
        fmt::format("«{}» does not name the classes of ImageNet: {}. Delete it, and it is fetched again.", path, why));
  };
  try {
    const Config all = Config::from_json(json);
    ClassNames names;
    for (std::int64_t i = 0; i < kClasses; ++i) {
      const Config& entry = all.at(std::to_string(i));
      if (entry.size() != 2) throw refuse(fmt::format("class {} has {} entries, not 2", i, entry.size()));
      names.push_back({entry.items()[0].as_string(), entry.items()[1].as_string()});
    }
    return names;
  } catch (const IOError&) {
    throw;
  } catch (const Error& error) {
    throw refuse(error.what());
  }
}

std::vector<std::vector<Prediction>> decode(const Array& preds, std::int64_t top, const ClassNames& names) {
  const Array scores = preds.astype(DType::float64);
  const auto values = scores.values<double>();
  const auto count = static_cast<std::size_t>(std::min(top, kClasses));
  std::vector<std::vector<Prediction>> rows;
  for (std::int64_t row = 0; row < preds.length(); ++row) {
    const auto score = [&](std::size_t i) { return values[static_cast<std::size_t>(row * kClasses) + i]; };
    std::vector<std::size_t> order(kClasses);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(),
                      [&](std::size_t a, std::size_t b) { return score(a) != score(b) ? score(a) > score(b) : a < b; });
    rows.emplace_back();
    for (std::size_t i = 0; i < count; ++i)
      rows.back().push_back({names[order[i]][0], names[order[i]][1], score(order[i])});
  }
  return rows;
}

std::vector<std::vector<Prediction>> decode_predictions(const Array& preds, DecodePredictionsArgs args) {
  if (preds.ndim() != 2 || preds.shape(1) != kClasses) {
    throw ValueError(
        fmt::format("decode_predictions: (samples, 1000) is expected, what a network for ImageNet gives; "
                    "received shape {}.",
                    preds.shape()));
  }
  if (args.top < 1) throw ValueError(fmt::format("decode_predictions: top is 1 or more; received {}.", args.top));
  return decode(preds, args.top, class_names());
}

}  // namespace keras::applications::imagenet_utils
