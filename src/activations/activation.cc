// Activation: the table of names, and what a handle is in a configuration.
#include <fmt/format.h>
#include <keras/activations.h>
#include <keras/error.h>
#include <keras/ops.h>

#include <algorithm>

#include "support/text.h"
#include "tensor/custom.h"
#include "tensor/shelf.h"

namespace keras {

namespace {

struct Row {
  std::string_view name;
  Activation::Function function;
  const char* alias_of = nullptr;
};

// A function of more than the tensor, with the defaults of the rest.
#define KERAS_WITH_DEFAULTS(name)                               \
  {                                                             \
#name, [](const Tensor& x) { return activations::name(x); } \
  }
#define KERAS_ACTIVATION(name) \
  { #name, activations::name }
constexpr Row kRows[] = {
    KERAS_WITH_DEFAULTS(celu),
    KERAS_WITH_DEFAULTS(elu),
    KERAS_ACTIVATION(exponential),
    KERAS_WITH_DEFAULTS(gelu),
    KERAS_WITH_DEFAULTS(glu),
    KERAS_WITH_DEFAULTS(hard_shrink),
    KERAS_ACTIVATION(hard_sigmoid),
    KERAS_ACTIVATION(hard_silu),
    {"hard_swish", activations::hard_silu, "hard_silu"},
    KERAS_ACTIVATION(hard_tanh),
    KERAS_WITH_DEFAULTS(leaky_relu),
    KERAS_ACTIVATION(linear),
    KERAS_ACTIVATION(log_sigmoid),
    KERAS_WITH_DEFAULTS(log_softmax),
    KERAS_ACTIVATION(mish),
    KERAS_WITH_DEFAULTS(relu),
    KERAS_ACTIVATION(relu6),
    KERAS_ACTIVATION(selu),
    KERAS_ACTIVATION(sigmoid),
    KERAS_ACTIVATION(silu),
    KERAS_WITH_DEFAULTS(soft_shrink),
    KERAS_WITH_DEFAULTS(softmax),
    KERAS_ACTIVATION(softplus),
    KERAS_ACTIVATION(softsign),
    KERAS_ACTIVATION(sparse_plus),
    KERAS_ACTIVATION(sparse_sigmoid),
    KERAS_WITH_DEFAULTS(sparsemax),
    KERAS_WITH_DEFAULTS(squareplus),
    {"swish", activations::silu, "silu"},
    KERAS_ACTIVATION(tanh),
    KERAS_ACTIVATION(tanh_shrink),
};
#undef KERAS_ACTIVATION
#undef KERAS_WITH_DEFAULTS

// hard_sigmoid as one version of Keras means it, whatever config::compatibility() says: of configurations that this
// version wrote.
constexpr Row kOfVersion[] = {
    {"hard_sigmoid_keras2", [](const Tensor& x) { return ops::clip(x * 0.2 + 0.5, 0, 1); }},
    {"hard_sigmoid_keras3", [](const Tensor& x) { return activations::relu6(x + 3) / 6; }},
};

const Row& row_of(std::string_view name) {
  for (const Row& row : kOfVersion) {
    if (row.name == name) return row;
  }
  for (const Row& row : kRows) {
    if (row.name == name) return row;
  }
  if (name == "threshold") {
    throw ValueError(
        "The activation «threshold» has arguments without defaults, so that its name says too little. Give a "
        "function: [](const Tensor& x) { return activations::threshold(x, 0.5, 0); }.");
  }
  std::vector<std::string_view> names;
  for (const Row& row : kRows) names.push_back(row.name);
  throw UnknownName(fmt::format("There is no activation of the name «{}».{} Known are {}.", support::printable(name),
                                support::did_you_mean(name, names), support::list(names, names.size())));
}

}  // namespace

Activation::Activation(const char* name) {
  const Row& row = row_of(name);
  name_ = row.alias_of ? row.alias_of : row.name;
  if (name_ != "linear") function_ = row.function;
}

Activation::Activation(Function function) : name_() {
  const Row* row =
      std::find_if(std::begin(kRows), std::end(kRows), [&](const Row& r) { return r.function == function; });
  if (!function) {
    name_ = "linear";
  } else if (row != std::end(kRows)) {
    *this = Activation(std::string(row->name));
  } else {
    function_ = function;
  }
}

// An own function is written as Keras writes a lambda; only its kind can be told.
Config as_config(const Activation& activation) {
  if (activation.layer_) return activation.layer_config_;
  if (!activation.name_.empty()) return activation.name_;
  return Config::map({{"module", "builtins"},
                      {"class_name", "function"},
                      {"config", activation.own_name_.empty() ? Config("own function") : activation.own_name_},
                      {"registered_name", "function"}});
}

void read_config(const Config& config, Activation& activation) {
  if (config.is_null()) {
    activation = {};
    return;
  }
  const Config* name = &config;
  if (config.is_map()) {
    const Config* kind = config.find("class_name");
    name = config.find("config");
    if (!kind || !kind->is_string() || !name) {
      throw ValueError(
          fmt::format("No activation can be made of {}: expected a name or {{\"class_name\": \"function\", \"config\": "
                      "name}}.",
                      support::printable(config.to_json(), 200)));
    }
    if (kind->as_string() != "function") {
      activation = Activation::from_layer(config);
      return;
    }
  }
  if (const std::any* own = CustomScope::find_function("activation", name->as_string())) {
    activation = std::any_cast<const Activation&>(*own);
    if (!activation.layer_) activation.name_ = "", activation.own_name_ = name->as_string();
    return;
  }
  if (name->as_string() == "own function") {
    throw ValueError(
        "The activation was an own function, which a configuration cannot hold. Make the layer with the function.");
  }
  activation = Activation(name->as_string());
}

}  // namespace keras
