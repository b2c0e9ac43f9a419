// keras::initializers: how weights start.
#pragma once

#include <keras/array.h>
#include <keras/fields.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace keras {

class KERAS_API InitializerBody : public Body {
 public:
  static constexpr auto category = "initializer";
  ~InitializerBody() override;
  virtual Array call(const Shape& shape, DType dtype) const = 0;  // a new draw at each call
};

// A handle: a Keras name ("glorot_uniform", "zeros", …; ValueError with a suggestion for an unknown one), or what one
// of the functions below returns, or an own InitializerBody. Empty and nullptr: none.
class KERAS_API Initializer {
 public:
  Initializer() = default;
  Initializer(std::nullptr_t) {}
  Initializer(const char* name);
  Initializer(const std::string& name) : Initializer(name.c_str()) {}
  explicit Initializer(std::shared_ptr<const InitializerBody> body) : body_(std::move(body)) {}
  explicit operator bool() const { return body_ != nullptr; }
  Array operator()(const Shape& shape, DType dtype = DType::float32) const;  // ValueError when empty
  const InitializerBody* body() const { return body_.get(); }

 private:
  std::shared_ptr<const InitializerBody> body_;
};
KERAS_API Config as_config(const Initializer& initializer);
KERAS_API void read_config(const Config& config, Initializer& initializer);
template <class B>
Initializer make_initializer(typename B::Args args = {}) {
  return Initializer(make_body<B>(std::move(args)));
}

struct ConstantArgs {
  double value = 0;
  static void fields(auto&& f) { f("value", &ConstantArgs::value, "The value of every element."); }
};
struct RandomNormalArgs {
  double mean = 0, stddev = 0.05;
  std::optional<std::int64_t> seed = {};
  static void fields(auto&& f) {
    f("mean", &RandomNormalArgs::mean, "Mean of the values.");
    f("stddev", &RandomNormalArgs::stddev, "Standard deviation of the values.");
    f("seed", &RandomNormalArgs::seed, "Makes the draw repeatable by itself; none: random::seed governs.");
  }
};
struct RandomUniformArgs {
  double minval = -0.05, maxval = 0.05;
  std::optional<std::int64_t> seed = {};
  static void fields(auto&& f) {
    f("minval", &RandomUniformArgs::minval, "Lower bound.");
    f("maxval", &RandomUniformArgs::maxval, "Upper bound.");
    f("seed", &RandomUniformArgs::seed, "Makes the draw repeatable by itself; none: random::seed governs.");
  }
};
struct VarianceScalingArgs {
  double scale = 1;
  std::string mode = "fan_in";
  std::string distribution = "truncated_normal";  // "normal" means it too
  std::optional<std::int64_t> seed = {};
  std::optional<std::vector<int>> input_axes = {};   // both given: fan_in is the product of these axes,
  std::optional<std::vector<int>> output_axes = {};  // and fan_out of these
  static void fields(auto&& f) {
    f("scale", &VarianceScalingArgs::scale, "Factor of the variance.", positive);
    f("mode", &VarianceScalingArgs::mode, "fan_in, fan_out or fan_avg: what the scale is divided by.");
    f("distribution", &VarianceScalingArgs::distribution, "truncated_normal, untruncated_normal or uniform.");
    f("seed", &VarianceScalingArgs::seed, "Makes the draw repeatable by itself; none: random::seed governs.");
    f("input_axes", &VarianceScalingArgs::input_axes, "Axes whose product is fan_in, together with output_axes.");
    f("output_axes", &VarianceScalingArgs::output_axes, "Axes whose product is fan_out, together with input_axes.");
  }
};
struct SeedArgs {
  std::optional<std::int64_t> seed = {};
  std::optional<std::vector<int>> input_axes = {};  // as in VarianceScalingArgs
  std::optional<std::vector<int>> output_axes = {};
  static void fields(auto&& f) {
    f("seed", &SeedArgs::seed, "Makes the draw repeatable by itself; none: random::seed governs.");
    f("input_axes", &SeedArgs::input_axes, "Axes whose product is fan_in, together with output_axes.");
    f("output_axes", &SeedArgs::output_axes, "Axes whose product is fan_out, together with input_axes.");
  }
};
struct OrthogonalArgs {
  double gain = 1;
  std::optional<std::int64_t> seed = {};
  static void fields(auto&& f) {
    f("gain", &OrthogonalArgs::gain, "Factor of the orthogonal matrix.");
    f("seed", &OrthogonalArgs::seed, "Makes the draw repeatable by itself; none: random::seed governs.");
  }
};
struct IdentityArgs {
  double gain = 1;
  static void fields(auto&& f) { f("gain", &IdentityArgs::gain, "Factor of the identity matrix."); }
};
struct STFTArgs {
  std::string side = "real";
  std::optional<std::string> window = "hann";
  std::optional<std::string> scaling = "density";
  bool periodic = false;
  static void fields(auto&& f) {
    f("side", &STFTArgs::side, "real or imag: the cosines or the sines.");
    f("window", &STFTArgs::window,
      "hann, hamming, blackman, nuttall, blackmanharris, flattop, bartlett or boxcar; none: no window.");
    f("scaling", &STFTArgs::scaling, "density or spectrum: what the windowed kernel is divided by; none: nothing.");
    f("periodic", &STFTArgs::periodic, "A window for spectra, whose last sample is left out, and not a symmetric one.");
  }
};

// fan_in and fan_out of a shape: the last two axes times the product of those before (the receptive field). A random
// initializer with a seed draws the same numbers at each call; without one, new numbers each time. Random numbers need
// a floating dtype (TypeError).
namespace initializers {
KERAS_API std::pair<std::int64_t, std::int64_t> compute_fans(const Shape& shape);
KERAS_API Initializer Zeros();
KERAS_API Initializer Ones();
KERAS_API Initializer Constant(double value = 0);
KERAS_API Initializer RandomNormal(RandomNormalArgs args = {});
KERAS_API Initializer RandomUniform(RandomUniformArgs args = {});
KERAS_API Initializer TruncatedNormal(RandomNormalArgs args = {});  // redrawn beyond two standard deviations
// Variance scale / max(1, fan): normal with a stddev of sqrt(scale / fan), divided by 0.8796… when truncated (which
// takes the variance back to that), or uniform in ±sqrt(3 scale / fan).
KERAS_API Initializer VarianceScaling(VarianceScalingArgs args = {});
KERAS_API Initializer
GlorotUniform(SeedArgs args = {});  // Glorot and Bengio, 2010: uniform in ±sqrt(6 / (fan_in + fan_out))
KERAS_API Initializer GlorotNormal(SeedArgs args = {});
KERAS_API Initializer HeUniform(SeedArgs args = {});  // He et al., 2015
KERAS_API Initializer HeNormal(SeedArgs args = {});
KERAS_API Initializer LecunUniform(SeedArgs args = {});  // LeCun et al., 1998
KERAS_API Initializer LecunNormal(SeedArgs args = {});
// Saxe et al., 2014: rows or columns (the fewer) of the shape flattened to (…, last) are orthonormal, times gain. Rank
// 2 or more.
KERAS_API Initializer Orthogonal(OrthogonalArgs args = {});
KERAS_API Initializer Identity(IdentityArgs args = {});  // matrices only
KERAS_API Initializer STFT(STFTArgs args = {});  // the kernel of a short-time Fourier transform: (frame, 1, bins)
}  // namespace initializers

}  // namespace keras
