// Resizing: nearest takes the pixel below each new pixel's middle; the others weigh the pixels around it, first along
// the rows and then along the columns: 8 bits in fixed point with 22 binary digits, 16 bits in double.
#include "preprocessing/resize.h"

#include <fmt/format.h>
#include <keras/error.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <numbers>

#include "support/text.h"

namespace keras::preprocessing {
namespace {

constexpr int kBits = 22;

double sinc(double x) { return x == 0 ? 1 : std::sin(std::numbers::pi * x) / (std::numbers::pi * x); }

// A weight by the distance from the middle, in pixels; 0 from `reach` on.
struct Kernel {
  std::string_view name;
  double reach;
  double (*weight)(double);
};
constexpr std::array<Kernel, 5> kKernels = {{
    {"bilinear", 1, [](double x) { return std::max(0.0, 1 - std::fabs(x)); }},
    {"bicubic", 2,  // Keys's with a = -0.5
     [](double x) {
       x = std::fabs(x);
       return x < 1 ? (1.5 * x - 2.5) * x * x + 1 : x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
     }},
    {"lanczos", 3, [](double x) { return x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0; }},
    {"box", 0.5, [](double x) { return x > -0.5 && x <= 0.5 ? 1.0 : 0; }},
    {"hamming", 1,
     [](double x) { return std::fabs(x) < 1 ? sinc(x) * (0.54 + 0.46 * std::cos(std::numbers::pi * x)) : 0; }},
}};

// What one new pixel of a row or column is made of.
struct Mix {
  std::int64_t first = 0;
  std::vector<double> weights;
};

std::vector<Mix> mixes(const Kernel& kernel, std::int64_t length, std::int64_t begin, std::int64_t part,
                       std::int64_t to) {
  const double scale = static_cast<double>(part) / static_cast<double>(to), stretch = std::max(scale, 1.0);
  const double shrink = 1 / stretch;  // rounded once more, as in Pillow
  const double reach = kernel.reach * stretch;
  std::vector<Mix> out(static_cast<std::size_t>(to));
  for (std::size_t i = 0; i < out.size(); ++i) {
    const double middle = static_cast<double>(begin) + (static_cast<double>(i) + 0.5) * scale;
    out[i].first = std::max<std::int64_t>(static_cast<std::int64_t>(middle - reach + 0.5), 0);
    const std::int64_t end = std::min(static_cast<std::int64_t>(middle + reach + 0.5), length);
    double sum = 0;
    for (std::int64_t at = out[i].first; at < end; ++at) {
      out[i].weights.push_back(kernel.weight((static_cast<double>(at) - middle + 0.5) * shrink));
      sum += out[i].weights.back();
    }
    for (double& weight : out[i].weights) weight = sum != 0 ? weight / sum : weight;
  }
  return out;
}

// How sums of samples with weights are made: as integers of 22 binary digits, or as real numbers.
struct Narrow {
  using Sample = std::uint8_t;
  using Weight = std::int32_t;
  static Weight weight(double part) { return static_cast<Weight>((part < 0 ? -0.5 : 0.5) + part * (1 << kBits)); }
  static constexpr std::int64_t kBegin = std::int64_t{1} << (kBits - 1);
  static Sample end(std::int64_t sum) { return static_cast<Sample>(std::clamp<std::int64_t>(sum >> kBits, 0, 255)); }
};
struct Wide {
  using Sample = std::uint16_t;
  using Weight = double;
  static Weight weight(double part) { return part; }
  static constexpr double kBegin = 0;
  static Sample end(double sum) { return static_cast<Sample>(std::clamp(std::floor(sum + 0.5), 0.0, 65535.0)); }
};

// The picture with each column (vertical) or row made of such mixes.
template <class Kind>
Picture mix(const Picture& picture, const std::vector<Mix>& mixes, bool vertical) {
  using Sample = typename Kind::Sample;
  Picture out = picture;
  (vertical ? out.height : out.width) = static_cast<std::int64_t>(mixes.size());
  out.bytes.resize(static_cast<std::size_t>(out.height * out.width * out.channels) * sizeof(Sample));
  std::vector<std::vector<typename Kind::Weight>> weights(mixes.size());
  for (std::size_t i = 0; i < mixes.size(); ++i) {
    for (const double part : mixes[i].weights) weights[i].push_back(Kind::weight(part));
  }
  const std::int64_t step = vertical ? picture.width * picture.channels : picture.channels;
  const auto* samples = reinterpret_cast<const Sample*>(picture.bytes.data());
  auto* to = reinterpret_cast<Sample*>(out.bytes.data());
  for (std::int64_t y = 0; y < out.height; ++y) {
    for (std::int64_t x = 0; x < out.width; ++x) {
      const std::size_t index = static_cast<std::size_t>(vertical ? y : x);
      const std::int64_t first = mixes[index].first;
      const std::int64_t at = (vertical ? first * picture.width + x : y * picture.width + first) * picture.channels;
      for (int c = 0; c < out.channels; ++c) {
        const Sample* from = samples + at + c;
        auto sum = Kind::kBegin;
        for (const auto weight : weights[index]) sum += weight * static_cast<decltype(sum)>(*from), from += step;
        *to++ = Kind::end(sum);
      }
    }
  }
  return out;
}

// Colours times alpha and back: what is invisible must not shine through at edges.
void multiply_alpha(Picture& picture) {
  for (std::size_t i = 0; i < picture.bytes.size(); i += 4) {
    for (std::size_t c = 0; c < 3; ++c) {
      const int product = picture.bytes[i + c] * picture.bytes[i + 3] + 128;
      picture.bytes[i + c] = static_cast<std::uint8_t>(((product >> 8) + product) >> 8);
    }
  }
}
void divide_alpha(Picture& picture) {
  for (std::size_t i = 0; i < picture.bytes.size(); i += 4) {
    const int alpha = picture.bytes[i + 3];
    if (alpha == 0 || alpha == 255) continue;
    for (std::size_t c = 0; c < 3; ++c) {
      picture.bytes[i + c] = static_cast<std::uint8_t>(std::min(255 * picture.bytes[i + c] / alpha, 255));
    }
  }
}

// Places are added up rather than multiplied, as Pillow's are, so that both round alike.
std::vector<std::int64_t> nearest_places(std::int64_t begin, std::int64_t part, std::int64_t to) {
  const double step = static_cast<double>(part) / static_cast<double>(to);
  double at = static_cast<double>(begin) + step * 0.5;
  std::vector<std::int64_t> out;
  for (std::int64_t i = 0; i < to; ++i, at += step)
    out.push_back(std::min(static_cast<std::int64_t>(at), begin + part - 1));
  return out;
}

Picture nearest(const Picture& picture, std::int64_t height, std::int64_t width, const Box& box) {
  const auto columns = nearest_places(box.left, box.width, width), rows = nearest_places(box.top, box.height, height);
  const std::size_t pixel = static_cast<std::size_t>(picture.channels) * (picture.wide ? 2 : 1);
  Picture out = picture;
  out.height = height, out.width = width;
  out.bytes.resize(static_cast<std::size_t>(height * width) * pixel);
  std::uint8_t* to = out.bytes.data();
  for (const std::int64_t y : rows) {
    for (const std::int64_t x : columns) {
      std::memcpy(to, picture.bytes.data() + static_cast<std::size_t>(y * picture.width + x) * pixel, pixel);
      to += pixel;
    }
  }
  return out;
}

}  // namespace

void check_interpolation(const std::string& name) {
  if (name == "nearest" ||
      std::any_of(kKernels.begin(), kKernels.end(), [&](const Kernel& k) { return k.name == name; })) {
    return;
  }
  throw ValueError(
      fmt::format("load_img: interpolation is \"nearest\", \"bilinear\", \"bicubic\", \"lanczos\", \"box\" or "
                  "\"hamming\"; received \"{}\".{}",
                  name, support::did_you_mean(name, {"nearest", "bilinear", "bicubic", "lanczos", "box", "hamming"})));
}

Picture resize(const Picture& picture, std::int64_t height, std::int64_t width, const Box& box,
               const std::string& interpolation) {
  if (interpolation == "nearest") return nearest(picture, height, width, box);
  const Kernel& kernel =
      *std::find_if(kKernels.begin(), kKernels.end(), [&](const Kernel& k) { return k.name == interpolation; });
  Picture out = picture;
  if (out.channels == 4) multiply_alpha(out);
  const bool whole_rows = width == picture.width && box.width == width;
  const bool whole_columns = height == picture.height && box.height == height;
  const auto pass = out.wide ? mix<Wide> : mix<Narrow>;
  if (!whole_rows) out = pass(out, mixes(kernel, picture.width, box.left, box.width, width), false);
  if (!whole_columns) out = pass(out, mixes(kernel, picture.height, box.top, box.height, height), true);
  if (out.channels == 4) divide_alpha(out);
  return out;
}

}  // namespace keras::preprocessing
