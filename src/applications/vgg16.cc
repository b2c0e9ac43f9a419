// VGG16: five blocks of convolutions, each ending in a pool, and a classifier of three dense layers.
#include <fmt/format.h>
#include <keras/applications.h>
#include <keras/error.h>
#include <keras/layers.h>
#include <keras/utils.h>

#include <array>
#include <unordered_set>

#include "applications/imagenet_utils.h"
#include "layers/reading.h"
#include "ops/record.h"
#include "support/files.h"
#include "support/text.h"

namespace keras::applications {
namespace {

struct ConvBlock {
  int convolutions;
  std::int64_t filters;
};
constexpr std::array<ConvBlock, 5> kBlocks = {{{2, 64}, {2, 128}, {3, 256}, {3, 512}, {3, 512}}};

void check(const VGG16Args& args) {
  const bool imagenet = args.weights == "imagenet";
  if (args.weights && !imagenet && !support::file_exists(*args.weights)) {
    throw ValueError(
        fmt::format("VGG16: weights is \"imagenet\", the path of a file, or none for random weights; there "
                    "is no file «{}».{}",
                    *args.weights, support::did_you_mean(*args.weights, {"imagenet"})));
  }
  if (imagenet && args.include_top && args.classes != 1000) {
    throw ValueError(fmt::format("VGG16: with include_top and the weights \"imagenet\" classes is 1000; received {}.",
                                 args.classes));
  }
  if (args.pooling && args.pooling != "avg" && args.pooling != "max") {
    throw ValueError(fmt::format("VGG16: pooling is \"avg\", \"max\" or none; received \"{}\".{}", *args.pooling,
                                 support::did_you_mean(*args.pooling, {"avg", "max"})));
  }
  const std::string& activation = args.classifier_activation.name();
  if (args.weights && args.include_top && activation != "linear" && activation != "softmax") {
    throw ValueError(
        fmt::format("VGG16: with weights from a file and include_top classifier_activation is \"softmax\" or "
                    "none; received \"{}\".",
                    activation.empty() ? "a function" : activation));
  }
}

// Where the expression begins: each Input that it comes of, once.
void find_inputs(const Tensor& tensor, std::vector<Tensor>& inputs, std::unordered_set<const void*>& seen) {
  if (!ops::recorded(tensor) || !seen.insert(tensor.node().get()).second) return;
  const auto& call = tensor.node()->made_by;
  if (call->inputs.empty()) inputs.push_back(tensor);
  for (const Tensor& input : call->inputs) find_inputs(input, inputs, seen);
}

// The path of the published weights.
std::string published(bool include_top) {
  const std::string name = fmt::format("vgg16_weights_tf_dim_ordering_tf_kernels{}.h5", include_top ? "" : "_notop");
  const char* md5 = include_top ? "64373286793e3c8b2b4e3219cbf3544b" : "6d6bbae143d832006294945121d1f1fc";
  return utils::get_file(name, "https://storage.googleapis.com/tensorflow/keras-applications/vgg16/" + name,
                         {.file_hash = md5, .cache_subdir = "models"});
}

}  // namespace

Model VGG16(VGG16Args args) {
  check(args);
  const bool imagenet = args.weights == "imagenet";
  const Shape shape = imagenet_utils::obtain_input_shape(
      args.input_shape,
      {.network = "VGG16", .default_size = 224, .min_size = 32, .flattened = args.include_top, .imagenet = imagenet});
  if (args.input_tensor && (args.input_tensor->empty() || !ops::recorded(*args.input_tensor)))
    throw ValueError("VGG16: input_tensor is what Input(…) gives, or what comes of it; received values.");
  const std::optional<std::string> path = imagenet ? published(args.include_top) : args.weights;

  std::optional<layers::Reading> reading;
  if (path) reading.emplace(layers::ReadingOptions{.blank_weights = true});  // the file has them all
  const Tensor input = args.input_tensor ? *args.input_tensor : Input(shape);
  Tensor x = input;
  for (std::size_t block = 0; block < kBlocks.size(); ++block) {
    const auto [convolutions, filters] = kBlocks[block];
    for (int i = 1; i <= convolutions; ++i) {
      x = layers::Conv2D(
          filters, 3,
          {.padding = "same", .activation = "relu", .name = fmt::format("block{}_conv{}", block + 1, i)})(x);
    }
    x = layers::MaxPooling2D(2, {.strides = 2, .name = fmt::format("block{}_pool", block + 1)})(x);
  }
  if (args.include_top) {
    x = layers::Flatten({.name = "flatten"})(x);
    x = layers::Dense(4096, {.activation = "relu", .name = "fc1"})(x);
    x = layers::Dense(4096, {.activation = "relu", .name = "fc2"})(x);
    x = layers::Dense(args.classes, {.activation = args.classifier_activation, .name = "predictions"})(x);
  } else if (args.pooling == "avg") {
    x = layers::GlobalAveragePooling2D()(x);
  } else if (args.pooling == "max") {
    x = layers::GlobalMaxPooling2D()(x);
  }
  std::vector<Tensor> inputs;
  std::unordered_set<const void*> seen;
  find_inputs(input, inputs, seen);
  Model model(inputs, x, {.name = args.name});
  if (path) model.load_weights(*path);
  return model;
}

namespace vgg16 {
Array preprocess_input(const Array& x, PreprocessInputArgs args) {
  return imagenet_utils::preprocess_input(x, {.data_format = std::move(args.data_format)});
}
Tensor preprocess_input(const Tensor& x, PreprocessInputArgs args) {
  return imagenet_utils::preprocess_input(x, {.data_format = std::move(args.data_format)});
}
}  // namespace vgg16

}  // namespace keras::applications
