#include "saving/unknown.h"

#include <fmt/format.h>
#include <keras/error.h>
#include <keras/layer.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "layers/table.h"
#include "saving/graph.h"
#include "saving/keras1.h"
#include "saving/ops.h"
#include "saving/scope.h"
#include "saving/tf_ops.h"
#include "saving/value.h"
#include "support/text.h"
#include "tensor/shelf.h"

namespace keras::saving {
namespace {

// Layers of Keras that this version does not have.
constexpr std::string_view kOfKeras[] = {"AdaptiveAveragePooling1D",
                                         "AdaptiveAveragePooling2D",
                                         "AdaptiveAveragePooling3D",
                                         "AdaptiveMaxPooling1D",
                                         "AdaptiveMaxPooling2D",
                                         "AdaptiveMaxPooling3D",
                                         "AdditiveAttention",
                                         "Attention",
                                         "AugMix",
                                         "AutoContrast",
                                         "CategoryEncoding",
                                         "CenterCrop",
                                         "Conv1DTranspose",
                                         "ConvLSTM1D",
                                         "ConvLSTM3D",
                                         "CutMix",
                                         "Discretization",
                                         "EinsumDense",
                                         "Equalization",
                                         "FlaxLayer",
                                         "GroupNormalization",
                                         "GroupQueryAttention",
                                         "HashedCrossing",
                                         "Hashing",
                                         "Identity",
                                         "IntegerLookup",
                                         "JaxLayer",
                                         "LayerNormalization",
                                         "MaxNumBoundingBoxes",
                                         "MelSpectrogram",
                                         "MixUp",
                                         "MultiHeadAttention",
                                         "Normalization",
                                         "Pipeline",
                                         "RMSNormalization",
                                         "RandAugment",
                                         "RandomBrightness",
                                         "RandomColorDegeneration",
                                         "RandomColorJitter",
                                         "RandomContrast",
                                         "RandomCrop",
                                         "RandomElasticTransform",
                                         "RandomErasing",
                                         "RandomFlip",
                                         "RandomGaussianBlur",
                                         "RandomGrayscale",
                                         "RandomHeight",
                                         "RandomHue",
                                         "RandomInvert",
                                         "RandomPerspective",
                                         "RandomPosterization",
                                         "RandomRotation",
                                         "RandomSaturation",
                                         "RandomSharpness",
                                         "RandomShear",
                                         "RandomTranslation",
                                         "RandomWidth",
                                         "RandomZoom",
                                         "Rescaling",
                                         "Resizing",
                                         "STFTSpectrogram",
                                         "Solarization",
                                         "SpectralNormalization",
                                         "StringLookup",
                                         "TFSMLayer",
                                         "TextVectorization",
                                         "TorchModuleWrapper",
                                         "UnitNormalization"};

class Search {
 public:
  // "GarNet (layer «gar_1»)", each once.
  std::vector<std::string> found;
  bool lambda = false, own = false, missing = false;

  void model(const Config& entry) {
    const Config* config = entry.is_map() ? entry.find("config") : nullptr;
    if (!config) return;
    const Config* layers = config->is_list() ? config : config->is_map() ? config->find("layers") : nullptr;
    if (!layers || !layers->is_list()) return;
    for (const Config& each : layers->items()) layer(each);
  }

 private:
  void add(const std::string& what, const Config& entry, const std::string& more = {}) {
    const std::string text =
        fmt::format("{} (layer «{}»{})", support::printable(what), support::printable(entry_name(entry)), more);
    if (std::find(found.begin(), found.end(), text) == found.end()) found.push_back(text);
  }

  void layer(const Config& given) {
    if (!given.is_map() || ReadScope::current().stand_in(entry_name(given))) return;
    const Config entry = upgraded_layer(given, ReadScope::current().version());
    const std::string class_name = text_at(entry, "class_name");
    const Config config = entry.get("config", {});
    const bool graph = config.is_map() && config.contains("layers") && config.contains("input_layers");
    if (class_name.empty()) return;
    if (is_model_class(class_name) || graph) return model(entry);
    if (class_name == "Merge" && config.is_map() && config.contains("layers") && config.at("layers").is_list()) {
      for (const Config& branch : config.at("layers").items()) layer(branch);
    }
    if (is_op_entry(entry)) {
      if (is_tf_op(class_name) ? !has_tf_op(entry) : !has_op(class_name)) {
        missing = true;
        add(is_tf_op(class_name) ? "tf." + tf_function(entry) : "the op " + class_name, entry, ", not in this version");
      }
      return;
    }
    if (class_name == "Lambda") {
      if (!lambda_function(config)) lambda = true, add(class_name, entry);
      return;
    }
    if (!layers::shelf().knows(class_name)) {
      if (const char* why = removed_class(class_name)) {
        missing = true;
        add(class_name, entry, fmt::format(", {}", why));
      } else if (std::find(std::begin(kOfKeras), std::end(kOfKeras), class_name) != std::end(kOfKeras)) {
        missing = true;
        add(class_name, entry, ", a layer of Keras that is not in this version");
      } else {
        own = true;
        add(class_name, entry);
      }
      return;
    }
    if (config.is_map()) parts(config, entry);
  }

  // What a layer's arguments name.
  void parts(const Config& config, const Config& entry) {
    for (const auto& [key, value] : config.entries()) {
      if (key == "layer" || key == "backward_layer" || key == "cell") {
        layer(value);
      } else if (key == "cells" && value.is_list()) {
        for (const Config& cell : value.items()) layer(cell);
      } else if (key.ends_with("_initializer") || key == "init") {
        part<Initializer>(value, entry);
      } else if (key.ends_with("_regularizer")) {
        part<Regularizer>(value, entry);
      } else if (key.ends_with("_constraint")) {
        part<Constraint>(value, entry);
      } else if (key.ends_with("activation")) {
        part<Activation>(value, entry);
      }
    }
  }

  template <class Handle>
  void part(const Config& value, const Config& entry) {
    try {
      Handle handle;
      read_config(value, handle);
    } catch (const UnknownName&) {
      own = true;
      const std::string class_name = text_at(value, "class_name"), function = text_at(value, "config");
      add(value.is_string() ? value.as_string() : class_name == "function" ? function : class_name, entry);
    } catch (const Error&) {  // known, but with arguments that do not fit: said when the layer is made
    }
  }
};

}  // namespace

void refuse_unknown(const Config& model) {
  Search search;
  search.model(model);
  if (search.found.empty()) return;
  std::string advice;
  if (search.own)
    advice +=
        " Give the user's own classes and functions as custom_objects: {custom<Scale>()} for a class, {\"swish2\", f} "
        "for an activation of this name.";
  if (search.lambda)
    advice +=
        " The code of a Lambda is never run: give a layer in its place, {\"lambda_1\", layers::Lambda(f)} for the one "
        "of this name.";
  if (search.missing) advice += " A layer of any class can be given under its own name, {\"dense_1\", layer}.";
  throw ValueError(
      fmt::format("The model needs what this library does not know: {}.{}", support::list(search.found, 50), advice));
}

}  // namespace keras::saving
