// The kernel of a short-time Fourier transform.
#include "initializers/stft.h"

#include <fmt/format.h>
#include <keras/error.h>

#include <cmath>
#include <numbers>

#include "support/text.h"

namespace keras::initializers {

namespace {

// Windows that are sums of cosines: a0 - a1 cos(x) + a2 cos(2x) - …, x from 0 to 2 pi (F. J. Harris, 1978; G. Heinzel,
// A. Rüdiger, R. Schilling, 2002), with SciPy's coefficients.
struct CosineWindow {
  std::string_view name;
  double a[5];
};
constexpr CosineWindow kWindows[] = {
    {"blackman", {0.42, 0.5, 0.08}},
    {"blackmanharris", {0.35875, 0.48829, 0.14128, 0.01168}},
    {"boxcar", {1}},
    {"flattop", {0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368}},
    {"hamming", {0.54, 0.46}},
    {"hann", {0.5, 0.5}},
    {"nuttall", {0.3635819, 0.4891775, 0.1365995, 0.0106411}},
};
constexpr std::string_view kBartlett = "bartlett";

std::vector<std::string_view> window_names() {
  std::vector<std::string_view> names{kBartlett};
  for (const CosineWindow& window : kWindows) names.push_back(window.name);
  return names;
}

std::vector<double> window_of(std::string_view name, std::int64_t length, bool periodic) {
  std::vector<double> values(static_cast<std::size_t>(length), 1.0);
  const double span = static_cast<double>(periodic ? length : length - 1);
  if (length <= 1) return values;
  for (std::size_t t = 0; t < values.size(); ++t) {
    const double place = static_cast<double>(t) / span;  // 0 to 1
    if (name == kBartlett) {
      values[t] = 1 - std::fabs(2 * place - 1);
      continue;
    }
    for (const CosineWindow& window : kWindows) {
      if (window.name != name) continue;
      values[t] = 0;
      for (int k = 0; k < 5; ++k) {
        values[t] += (k % 2 ? -1 : 1) * window.a[k] * std::cos(2 * std::numbers::pi * k * place);
      }
    }
  }
  return values;
}

void check_choice(const char* argument, const std::string& value, std::span<const std::string_view> choices) {
  for (std::string_view choice : choices) {
    if (choice == value) return;
  }
  throw ValueError(fmt::format("STFT: {} must be one of {}, and «{}» was given.{}", argument, support::list(choices),
                               value, support::did_you_mean(value, choices)));
}

}  // namespace

void check_stft(const STFTArgs& args) {
  constexpr std::string_view kSides[] = {"real", "imag"}, kScalings[] = {"density", "spectrum"};
  check_choice("side", args.side, kSides);
  if (args.window) check_choice("window", *args.window, window_names());
  if (args.scaling) check_choice("scaling", *args.scaling, kScalings);
}

Array stft_kernel(const STFTArgs& args, const Shape& shape, DType dtype) {
  if (shape.rank() != 3 || shape[1] != Dim(1)) {
    throw ValueError(
        fmt::format("STFT makes a kernel of shape (frame, 1, bins), and one of shape {} was asked for.", shape.str()));
  }
  const std::int64_t frame = shape[0].value(), bins = shape[2].value();
  std::vector<double> window(static_cast<std::size_t>(frame), 1.0);
  if (args.window) {
    window = window_of(*args.window, frame, args.periodic);
    double squares = 0, sizes = 0;
    for (double w : window) squares += w * w, sizes += std::fabs(w);
    const double scale = !args.scaling ? 1 : *args.scaling == "density" ? std::sqrt(squares) : sizes;
    for (double& w : window) w /= scale;
  }
  Array kernel(shape, DType::float64);
  auto values = kernel.mutable_values<double>();
  const double period = 2 * static_cast<double>(bins - 1);
  for (std::int64_t t = 0; t < frame; ++t) {
    for (std::int64_t f = 0; f < bins; ++f) {
      const double angle = -2 * std::numbers::pi * static_cast<double>(t) * (static_cast<double>(f) / period);
      values[static_cast<std::size_t>(t * bins + f)] =
          window[static_cast<std::size_t>(t)] * (args.side == "real" ? std::cos(angle) : std::sin(angle));
    }
  }
  return kernel.astype(dtype);
}

}  // namespace keras::initializers
