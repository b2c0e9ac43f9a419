#include "trainers/diagnose.h"

#include <fmt/format.h>
#include <keras/config.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <string_view>

#include "layers/layer_state.h"
#include "ops/tensor_node.h"
#include "primitives/attrs.h"
#include "primitives/primitives.h"
#include "support/log.h"
#include "support/text.h"

namespace keras {

namespace {

using primitives::Op;

constexpr std::int64_t kMost = 1'000'000;  // numbers of an array that are looked at

bool first_time(const Model& model, const char* kind) {
  std::vector<std::string>& told = trainer_of(model).told;
  if (std::find(told.begin(), told.end(), kind) != told.end()) return false;
  if (!config::diagnostics(kind)) return false;
  told.emplace_back(kind);
  return true;
}

void tell(const Model& model, const std::string& text) {
  support::warn(fmt::format("Model \"{}\": {}", model.name(), text));
}

// Rows spread evenly over the array, so many that they hold no more than kMost numbers, as doubles.
Array sample(const Array& array) {
  const std::int64_t width = std::max<std::int64_t>(1, array.size() / array.length());
  const std::int64_t most = std::max<std::int64_t>(1, kMost / width), rows = array.length();
  if (rows <= most) return array.astype(DType::float64);
  std::vector<std::int64_t> chosen;
  for (std::int64_t i = 0; i < most; ++i)
    chosen.push_back(
        static_cast<std::int64_t>(static_cast<double>(i) * static_cast<double>(rows) / static_cast<double>(most)));
  return array.take(chosen).astype(DType::float64);
}

enum class Labels { other, sparse, one_hot, binary };

Labels labels_of(const Loss& loss) {
  if (!loss) return Labels::other;
  std::string name = loss.body() ? loss.body()->class_name() : std::string(loss.name());
  name.erase(std::remove(name.begin(), name.end(), '_'), name.end());
  name = support::lower(name);
  if (name == "sparsecategoricalcrossentropy") return Labels::sparse;
  if (name == "categoricalcrossentropy" || name == "categoricalfocalcrossentropy") return Labels::one_hot;
  if (name == "binarycrossentropy" || name == "binaryfocalcrossentropy") return Labels::binary;
  return Labels::other;
}

// The classes in the targets: integers, or the columns of one-hot rows. None where the targets are not that.
std::set<std::int64_t> classes_in(const Array& targets, Labels labels) {
  std::set<std::int64_t> classes;
  const Array reals = sample(targets);
  const auto values = reals.values<double>();
  if (labels == Labels::one_hot && targets.ndim() == 2 && targets.shape(1) > 1) {
    const auto width = static_cast<std::size_t>(targets.shape(1));
    for (std::size_t row = 0; row < values.size(); row += width) {
      const auto at = values.begin() + static_cast<std::ptrdiff_t>(row);
      classes.insert(std::max_element(at, at + static_cast<std::ptrdiff_t>(width)) - at);
    }
  } else if (labels == Labels::sparse || (labels == Labels::binary && targets.size() == targets.length())) {
    for (const double value : values) {
      if (value != std::floor(value) || std::fabs(value) > 1e9) return {};
      classes.insert(static_cast<std::int64_t>(value));
    }
  }
  return classes;
}

// What a loss would have of its targets and they are not; empty where they fit.
std::string misfit(const Array& targets, Labels labels) {
  const Array reals = sample(targets);
  const auto values = reals.values<double>();
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  if (values.empty()) return {};
  const std::string range = fmt::format("They lie between {:.4g} and {:.4g}", *low, *high);
  if (labels == Labels::binary && (*low < 0 || *high > 1)) {
    return fmt::format("binary_crossentropy compares probabilities, so its labels are 0 and 1 or between. {}.{}", range,
                       *low == -1 && *high == 1 ? " Labels of -1 and 1 are for hinge; (y + 1) / 2 makes them 0 and 1."
                                                : " For numbers of classes use sparse_categorical_crossentropy.");
  }
  if (labels == Labels::sparse) {
    const bool whole =
        std::all_of(values.begin(), values.end(), [](double value) { return value == std::floor(value); });
    if (!whole)
      return fmt::format("sparse_categorical_crossentropy takes the numbers of classes. {} and are no integers.",
                         range);
  }
  if (labels == Labels::one_hot && targets.ndim() >= 2 && targets.shape(-1) > 1) {
    const auto width = static_cast<std::size_t>(targets.shape(-1));
    for (std::size_t row = 0; row + width <= values.size(); row += width) {
      double total = 0;
      for (std::size_t i = 0; i < width; ++i) total += values[row + i];
      if (std::fabs(total - 1) < 1e-3) continue;
      return fmt::format(
          "categorical_crossentropy takes a distribution over the classes for each sample, such as one-hot "
          "rows. Received: a row whose sum is {:.4g}.{}",
          total,
          *low >= 0 && *high <= 1 ? " For several classes at once use a sigmoid with binary_crossentropy."
                                  : " utils::to_categorical makes one-hot rows of numbers of classes.");
    }
  }
  return {};
}

void diagnose_labels(const Model& model, const Dataset& train, const Dataset* validation) {
  const std::vector<Loss>& losses = trainer_of(model).losses;
  const auto targets = train.targets();
  std::size_t next = 0;
  for (std::size_t i = 0; i < losses.size() && next < targets.size(); ++i) {
    if (!losses[i] && targets.size() < losses.size()) continue;
    const std::size_t at = next++;
    const Labels labels = labels_of(losses[i]);
    if (labels == Labels::other || targets[at].size() == 0) continue;
    if (labels == Labels::one_hot && targets[at].shape(-1) == 1 && first_time(model, "softmax")) {
      tell(model,
           "categorical_crossentropy compares the probabilities of several classes, and there is one, whose part is "
           "always 1: nothing can be learned. For one probability a sample use binary_crossentropy.");
    }
    const std::string of = losses.size() > 1 ? fmt::format(" of the output «{}»", output_name(model, i)) : "";
    if (const std::string wrong = misfit(targets[at], labels); !wrong.empty() && first_time(model, "labels"))
      tell(model, fmt::format("the labels (y){} do not fit the loss. {}", of, wrong));
    if (!validation) continue;
    const std::set<std::int64_t> trained = classes_in(targets[at], labels);
    std::vector<std::string> missing;
    for (const std::int64_t label : classes_in(validation->targets()[at], labels)) {
      if (!trained.contains(label)) missing.push_back(std::to_string(label));
    }
    if (trained.empty() || missing.empty() || !first_time(model, "split")) continue;
    tell(model, fmt::format("validation_split leaves no sample of class {} for training{}. It takes the last samples, "
                            "before any shuffling: shuffle x and y together first.",
                            support::list(missing, 10), of));
  }
}

// What the data meet first: the class of the first layer that does more than to shape them; empty where that is not
// known.
std::string first_layer(const Layer& layer, int depth = 0) {
  constexpr std::string_view kPassing[] = {"InputLayer",    "Flatten",       "Reshape",      "Permute",
                                           "Dropout",       "GaussianNoise", "RepeatVector", "ZeroPadding1D",
                                           "ZeroPadding2D", "Cropping2D"};
  if (depth > 8) return {};
  for (const Layer& child : layer.body()->layers()) {
    const std::string& name = child.class_name();
    if (std::find(std::begin(kPassing), std::end(kPassing), name) != std::end(kPassing)) continue;
    if (name == "Sequential" || name == "Functional") return first_layer(child, depth + 1);
    return name;
  }
  return {};
}

void diagnose_scale(const Model& model, const Dataset& train) {
  if (train.kinds().inputs != 1 || !config::diagnostics("scale")) return;
  const std::string first = first_layer(model);
  if (first != "Dense" && !(first.starts_with("Conv") && first.find("LSTM") == std::string::npos)) return;
  const Array reals = sample(train.columns()[0]);
  double low = std::numeric_limits<double>::infinity(), high = -low, total = 0;
  for (const double value : reals.values<double>())
    low = std::min(low, value), high = std::max(high, value), total += value;
  const double mean = total / static_cast<double>(std::max<std::int64_t>(1, reals.size()));
  // Pixels: none below 0, and not only a few large ones. What is centred has been thought about.
  if (!(low >= 0 && high > 100 && mean > 10) || !first_time(model, "scale")) return;
  tell(model, fmt::format("the inputs (x) are not scaled: they lie between {:.4g} and {:.4g} and go into a {}, whose "
                          "weights are made for numbers of about 1. Divide by {}.",
                          low, high, first, high <= 255 ? "255, as in x / 255.0" : "their largest"));
}

void diagnose_normalization(const Model& model) {
  if (!config::diagnostics("batch_normalization")) return;
  std::vector<std::string> fresh, frozen;
  const auto look = [&](const auto& self, const Layer& layer) -> void {
    for (const Layer& child : layer.body()->layers()) self(self, child);
    if (layer.class_name() != "BatchNormalization" || layer.trainable()) return;
    frozen.push_back(layer.name());
    const std::vector<Array> weights = layer.get_weights();
    if (weights.size() < 2) return;
    const auto all = [](const Array& array, double value) {
      const Array reals = array.astype(DType::float64);
      const auto values = reals.values<double>();
      return std::all_of(values.begin(), values.end(), [=](double v) { return v == value; });
    };
    if (all(weights[weights.size() - 2], 0) && all(weights.back(), 1)) fresh.push_back(layer.name());
  };
  look(look, model);
  if (!fresh.empty() && first_time(model, "batch_normalization")) {
    tell(model, fmt::format("the BatchNormalization {} frozen, and its moving mean and variance are still 0 and 1: "
                            "nothing it normalizes by was ever learned. Load its weights, or train it first.",
                            support::list(fresh, 5) + (fresh.size() == 1 ? " is" : " are each")));
  } else if (!frozen.empty() && config::dialect().frozen_normalizes_by_batch &&
             first_time(model, "batch_normalization")) {
    tell(model, fmt::format("the BatchNormalization {} frozen. By the meanings of Keras 2.2 it goes on to normalize by "
                            "each batch in training, and by its moving mean and variance in tests, so that the layers "
                            "behind it see two kinds of data. Keras 3 uses the moving ones in both.",
                            support::list(frozen, 5) + (frozen.size() == 1 ? " is" : " are each")));
  }
}

}  // namespace

void note_outputs(const Model& model, const std::vector<Tensor>& predictions) {
  TrainerState& trainer = trainer_of(model);
  trainer.softmax_of_one.clear();
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    ops::NodePtr node = ops::node_of(predictions[i]);
    const auto made_by = [&](Op op) {
      return node->kind == ops::TensorNode::Kind::op && node->op == &primitives::def(op) && !node->inputs.empty();
    };
    while (made_by(Op::cast) || made_by(Op::reshape)) node = node->inputs[0];
    if (!made_by(Op::softmax)) continue;
    const auto axis = static_cast<std::size_t>(node->attrs.as<primitives::AxisAttrs>().axis);
    if (axis < node->type.shape.size() && node->type.shape[axis] == Dim(1))
      trainer.softmax_of_one.push_back(output_name(model, i));
  }
}

void diagnose(const Model& model, const Dataset& train, const Dataset* validation) {
  if (const auto& outputs = trainer_of(model).softmax_of_one; !outputs.empty() && first_time(model, "softmax")) {
    tell(model,
         fmt::format("the output «{}» is a softmax over one unit, which is 1 whatever the weights are: nothing can "
                     "be learned. For two classes take 1 unit with a sigmoid and binary_crossentropy, or 2 units "
                     "with a softmax.",
                     outputs[0]));
  }
  if (config::diagnostics("labels") || config::diagnostics("split")) diagnose_labels(model, train, validation);
  diagnose_scale(model, train);
  diagnose_normalization(model);
}

void diagnose_learning_rate(const Model& model) {
  const Optimizer& optimizer = model.optimizer();
  if (optimizer.learning_rate() != 0 || !first_time(model, "learning_rate")) return;
  tell(model, fmt::format("the learning rate of the optimizer ({}) is 0, so training moves no weight.",
                          optimizer.body()->class_name()));
}

}  // namespace keras
