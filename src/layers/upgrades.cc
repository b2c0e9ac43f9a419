#include "layers/upgrades.h"

#include <fmt/format.h>
#include <keras/error.h>

#include <string_view>

#include "support/log.h"
#include "tensor/upgrade.h"

namespace keras::layers::upgrades {

namespace {

bool is(const Config& value, std::string_view text) { return value.is_string() && value.as_string() == text; }

// The layers whose own argument is called input_dim.
bool has_own_input_dim(std::string_view class_name) { return class_name == "Embedding" || class_name == "Dense"; }

void dim_ordering(Upgrade& upgrade) {
  const auto ordering = upgrade.take("dim_ordering", "data_format");
  if (!ordering || ordering->is_null() || is(*ordering, "default")) return;
  if (!is(*ordering, "tf") && !is(*ordering, "th")) {
    throw ValueError(
        fmt::format("{}: dim_ordering was \"tf\", \"th\" or \"default\". Received: {}. Say data_format, "
                    "\"channels_last\" or \"channels_first\", instead.",
                    upgrade.class_name(), ordering->to_json()));
  }
  upgrade.give("data_format", is(*ordering, "th") ? "channels_first" : "channels_last", "dim_ordering");
}

void input_dim(Upgrade& upgrade) {
  if (has_own_input_dim(upgrade.class_name())) return;
  const auto dim = upgrade.take("input_dim", "input_shape"), length = upgrade.take("input_length", "input_shape");
  if (upgrade.has("input_shape")) return;
  const bool known = dim && !dim->is_null();
  if (!known) return;
  upgrade.give("input_shape", Config::list({length ? *length : Config(), *dim}), "input_dim");
}

void forget_bias_init(Upgrade& upgrade) {
  const auto init = upgrade.take("forget_bias_init", "unit_forget_bias");
  if (!init || init->is_null()) return;
  if (is(*init, "one") || is(*init, "ones")) {
    upgrade.give("unit_forget_bias", true, "forget_bias_init");
    return;
  }
  support::warn_once(fmt::format("forget_bias_init {}", upgrade.class_name()),
                     fmt::format("{}: forget_bias_init={} is left out: the bias starts from ones, with "
                                 "unit_forget_bias, or from bias_initializer.",
                                 upgrade.class_name(), init->to_json()));
  if (!upgrade.has("unit_forget_bias")) upgrade.give("unit_forget_bias", false, "forget_bias_init");
}

// How Keras 1 and 2 computed, not what: consume_less of "cpu", "mem" and "gpu" became implementation 0, 1 and 2, and
// Keras 3 has neither. Whether there was one of the two.
bool implementation(Upgrade& upgrade, Config& config) {
  const auto less = upgrade.take("consume_less", "");
  const bool known = !less || less->is_null() || is(*less, "cpu") || is(*less, "mem") || is(*less, "gpu");
  if (!known) {
    throw ValueError(fmt::format("{}: consume_less was \"cpu\", \"mem\" or \"gpu\". Received: {}.",
                                 upgrade.class_name(), less->to_json()));
  }
  return config.erase("implementation") || less;
}

}  // namespace

void any(const char* class_name, Config& config) {
  Upgrade upgrade(class_name, config);
  if (const Config* weights = config.find("weights"); weights && weights->is_null()) config.erase("weights");
  upgrade.rename("input_dtype", "dtype");
  dim_ordering(upgrade);
  input_dim(upgrade);
}

void convolution(const char* class_name, Config& config) {
  Upgrade upgrade(class_name, config);
  for (const auto& older : {std::initializer_list<const char*>{"nb_row", "nb_col"},
                            {"kernel_dim1", "kernel_dim2", "kernel_dim3"},
                            {"filter_length"}}) {
    if (auto sizes = upgrade.take_all(older, "kernel_size"))
      upgrade.give("kernel_size", Config::list(std::move(*sizes)), *older.begin());
  }
  upgrade.rename("subsample_length", "strides");
  const std::string_view name = class_name;
  if (name.ends_with("Transpose")) upgrade.drop("output_shape");
  if (!name.starts_with("Separable")) return;
  if (const auto init = upgrade.take("init", "depthwise_initializer and pointwise_initializer")) {
    upgrade.give("depthwise_initializer", *init, "init");
    upgrade.give("pointwise_initializer", *init, "init");
  }
}

void recurrent(const char* class_name, Config& config) {
  Upgrade upgrade(class_name, config);
  static constexpr const char* kNames[][2] = {
      {"output_dim", "units"},
      {"init", "kernel_initializer"},
      {"inner_init", "recurrent_initializer"},
      {"inner_activation", "recurrent_activation"},
      {"W_regularizer", "kernel_regularizer"},
      {"U_regularizer", "recurrent_regularizer"},
      {"b_regularizer", "bias_regularizer"},
      {"W_constraint", "kernel_constraint"},
      {"U_constraint", "recurrent_constraint"},
      {"b_constraint", "bias_constraint"},
      {"bias", "use_bias"},
      {"dropout_W", "dropout"},
      {"dropout_U", "recurrent_dropout"},
  };
  for (const auto& [older, now] : kNames) upgrade.rename(older, now);
  if (implementation(upgrade, config) && std::string_view(class_name).starts_with("GRU") && !upgrade.has("reset_after"))
    config.set("reset_after", false);  // Keras had no other before 2.2
  if (const Config* major = config.find("time_major"); major && *major == Config(false)) config.erase("time_major");
  forget_bias_init(upgrade);
  input_dim(upgrade);
}

void recurrent_convolution(const char* class_name, Config& config) {
  Upgrade upgrade(class_name, config);
  upgrade.rename("nb_filter", "filters");
  upgrade.rename("subsample", "strides");
  upgrade.rename("border_mode", "padding");
  dim_ordering(upgrade);
  convolution(class_name, config);
  recurrent(class_name, config);
}

}  // namespace keras::layers::upgrades
