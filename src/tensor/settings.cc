// keras::config: the global settings.
#include "tensor/settings.h"

#include <fmt/format.h>
#include <keras/config.h>
#include <keras/error.h>

#include <atomic>
#include <cmath>

#include "support/text.h"
#include "support/threads.h"
#include "tensor/format.h"

namespace keras::config {
namespace {

std::atomic<DType::Kind> floatx_value{DType::float32};
std::atomic<double> epsilon_value{1e-7};
std::atomic<bool> channels_first{false};
std::atomic<bool> deterministic{false};

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

}  // namespace keras::config

namespace keras {

bool op_determinism() { return config::deterministic; }

}  // namespace keras
