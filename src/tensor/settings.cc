// keras::config: the global settings.
#include "tensor/settings.h"

#include <fmt/format.h>
#include <keras/config.h>
#include <keras/error.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <iterator>

#include "support/log.h"
#include "support/text.h"
#include "support/threads.h"
#include "tensor/format.h"

namespace keras::config {
namespace {

std::atomic<DType::Kind> floatx_value{DType::float32};
std::atomic<double> epsilon_value{1e-7};
std::atomic<bool> channels_first{false};
std::atomic<bool> deterministic{false};

constexpr Dialect kKeras3 = {
    .version = "3",
    .metrics_by_function = false,
    .losses_first = false,
    .hard_sigmoid_slope = 1.0 / 6,
    .recurrent_activation = "sigmoid",
    .reset_after = true,
    .clipnorm_is_global = false,
    .adadelta = 0.001,
    .adagrad = 0.001,
    .adamax = 0.001,
    .nadam = 0.001,
    .initial_accumulator_value = 0.1,
    .frozen_normalizes_by_batch = false,
    .unbiased_moving_variance = false,
    .loss_by_nonzero_weights = false,
    .hinge_takes_labels_as_they_are = false,
    .cosine_proximity_is_negative = false,
    .restores_best_at_end = true,
    .epsilon_outside_root = false,
    .plain_texts = false,
    .plain_callbacks = false,
    .merged_masks_are_all = false,
    .steps_are_one_batch = false,
};
constexpr Dialect kKeras2 = {
    .version = "2.2",
    .metrics_by_function = true,
    .losses_first = true,
    .hard_sigmoid_slope = 0.2,
    .recurrent_activation = "hard_sigmoid",
    .reset_after = false,
    .clipnorm_is_global = true,
    .adadelta = 1,
    .adagrad = 0.01,
    .adamax = 0.002,
    .nadam = 0.002,
    .initial_accumulator_value = 0,
    .frozen_normalizes_by_batch = true,
    .unbiased_moving_variance = true,
    .loss_by_nonzero_weights = true,
    .hinge_takes_labels_as_they_are = true,
    .cosine_proximity_is_negative = true,
    .restores_best_at_end = false,
    .epsilon_outside_root = true,
    .plain_texts = true,
    .plain_callbacks = true,
    .merged_masks_are_all = true,
    .steps_are_one_batch = true,
};
std::atomic<const Dialect*> current_dialect{&kKeras3};

constexpr std::string_view kDiagnostics[] = {"softmax",      "split", "labels", "scale", "batch_normalization",
                                             "learning_rate"};
std::atomic<unsigned> silent{0};  // a bit for each of them

unsigned bits_of(const std::string& kind, const char* where) {
  constexpr unsigned kAll = (1U << std::size(kDiagnostics)) - 1;
  if (kind == "all") return kAll;
  const auto* const found = std::find(std::begin(kDiagnostics), std::end(kDiagnostics), kind);
  if (found == std::end(kDiagnostics)) {
    throw ValueError(fmt::format("config::{}: there are no diagnostics of the kind «{}».{} Kinds: all, {}.", where,
                                 support::printable(kind), support::did_you_mean(kind, kDiagnostics),
                                 support::list(kDiagnostics)));
  }
  return 1U << (found - std::begin(kDiagnostics));
}

}  // namespace

DType floatx() { return floatx_value.load(); }

void set_floatx(DType dtype) {
  if (!dtype.is_floating()) {
    throw ValueError(
        fmt::format("config::set_floatx: expected float16, bfloat16, float32 or float64, received {}.", dtype));
  }
  floatx_value = dtype.kind();
}

double epsilon() { return epsilon_value; }

void set_epsilon(double value) {
  if (!std::isfinite(value) || value < 0) {
    throw ValueError(
        fmt::format("config::set_epsilon: expected a small number, 0 or more, received {}.", support::number(value)));
  }
  epsilon_value = value;
}

std::string image_data_format() { return channels_first ? "channels_first" : "channels_last"; }

void set_image_data_format(const std::string& format) {
  if (format != "channels_first" && format != "channels_last") {
    throw ValueError(
        fmt::format("config::set_image_data_format: expected \"channels_last\" or \"channels_first\", "
                    "received \"{}\".{}",
                    support::printable(format), support::did_you_mean(format, {"channels_last", "channels_first"})));
  }
  channels_first = format == "channels_first";
}

int num_threads() { return support::num_threads(); }
void set_num_threads(int count) { support::set_num_threads(count); }

void enable_op_determinism() { deterministic = true; }

const Dialect& dialect() { return *current_dialect.load(); }
std::string compatibility() { return dialect().version; }

void set_compatibility(const std::string& version) {
  for (const Dialect* known : {&kKeras3, &kKeras2}) {
    if (version != known->version) continue;
    current_dialect = known;
    return;
  }
  throw ValueError(fmt::format("config::set_compatibility: expected \"3\" or \"2.2\", received \"{}\".",
                               support::printable(version)));
}

void set_warning_handler(std::function<void(const std::string& text)> handler) {
  support::set_warning_handler(std::move(handler));
}

bool diagnostics(const std::string& kind) { return (silent & bits_of(kind, "diagnostics")) == 0; }
void set_diagnostics(bool on, const std::string& kind) {
  const unsigned bits = bits_of(kind, "set_diagnostics");
  if (on)
    silent &= ~bits;
  else
    silent |= bits;
}

}  // namespace keras::config

namespace keras {

bool op_determinism() { return config::deterministic; }

}  // namespace keras
