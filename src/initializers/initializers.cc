// The initializers: one class each, and their table.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/initializers.h>

#include <algorithm>
#include <cmath>

#include "initializers/draws.h"
#include "initializers/orthogonal.h"
#include "initializers/stft.h"
#include "support/text.h"
#include "tensor/shelf.h"

namespace keras {

InitializerBody::~InitializerBody() = default;

namespace {

using namespace initializers;

// ---- exact ones
template <int value>
class SameBody final : public InitializerBody {
 public:
  static constexpr auto class_name = value ? "Ones" : "Zeros";
  using Args = NoArgs;
  explicit SameBody(Args) {}
  Array call(const Shape& shape, DType dtype) const override { return full(shape, value, dtype); }
};

class ConstantBody final : public InitializerBody {
 public:
  static constexpr auto class_name = "Constant";
  using Args = ConstantArgs;
  explicit ConstantBody(Args args) : args_(args) {}
  Array call(const Shape& shape, DType dtype) const override { return full(shape, args_.value, dtype); }

 private:
  Args args_;
};

class IdentityBody final : public InitializerBody {
 public:
  static constexpr auto class_name = "Identity";
  using Args = IdentityArgs;
  explicit IdentityBody(Args args) : args_(args) {}
  Array call(const Shape& shape, DType dtype) const override {
    if (shape.rank() != 2) {
      throw ValueError(
          fmt::format("Identity makes matrices, and a weight of shape {} was asked for. Orthogonal takes any "
                      "shape of rank 2 or more.",
                      shape.str()));
    }
    Array matrix(shape, DType::float64);
    auto values = matrix.mutable_values<double>();
    const std::int64_t rows = shape[0].value(), columns = shape[1].value();
    for (std::int64_t i = 0; i < std::min(rows, columns); ++i)
      values[static_cast<std::size_t>(i * columns + i)] = args_.gain;
    return matrix.astype(dtype);
  }

 private:
  Args args_;
};

class STFTBody final : public InitializerBody {
 public:
  static constexpr auto class_name = "STFT";
  using Args = STFTArgs;
  explicit STFTBody(Args args) : args_(std::move(args)) { check_stft(args_); }
  Array call(const Shape& shape, DType dtype) const override { return stft_kernel(args_, shape, dtype); }

 private:
  Args args_;
};

// ---- random ones
class RandomNormalBody final : public InitializerBody {
 public:
  static constexpr auto class_name = "RandomNormal";
  using Args = RandomNormalArgs;
  explicit RandomNormalBody(Args args) : args_(args) {}
  Array call(const Shape& shape, DType dtype) const override {
    return draw_normal(shape, dtype, args_.mean, args_.stddev, stream_of(args_.seed));
  }

 private:
  Args args_;
};

class TruncatedNormalBody final : public InitializerBody {
 public:
  static constexpr auto class_name = "TruncatedNormal";
  using Args = RandomNormalArgs;
  explicit TruncatedNormalBody(Args args) : args_(args) {}
  Array call(const Shape& shape, DType dtype) const override {
    return draw_truncated_normal(shape, dtype, args_.mean, args_.stddev, stream_of(args_.seed));
  }

 private:
  Args args_;
};

class RandomUniformBody final : public InitializerBody {
 public:
  static constexpr auto class_name = "RandomUniform";
  using Args = RandomUniformArgs;
  explicit RandomUniformBody(Args args) : args_(args) {}
  Array call(const Shape& shape, DType dtype) const override {
    return draw_uniform(shape, dtype, args_.minval, args_.maxval, stream_of(args_.seed));
  }

 private:
  Args args_;
};

class OrthogonalBody final : public InitializerBody {
 public:
  static constexpr auto class_name = "Orthogonal";
  using Args = OrthogonalArgs;
  explicit OrthogonalBody(Args args) : args_(args) {}
  Array call(const Shape& shape, DType dtype) const override {
    if (shape.rank() < 2) {
      throw ValueError(
          fmt::format("Orthogonal makes weights of rank 2 or more, and one of shape {} was asked for.", shape.str()));
    }
    const std::int64_t rows = shape.slice(0, -1).elements(), columns = shape.back().value();
    const std::int64_t count = std::min(rows, columns), length = std::max(rows, columns);
    if (!dtype.is_floating()) return draw_normal(shape, dtype, 0, 1, 0);  // refuses the dtype
    Array vectors = draw_normal({count, length}, DType::float64, 0, 1, stream_of(args_.seed));
    auto values = vectors.mutable_values<double>();
    orthonormalize(values, count, length);
    for (double& value : values) value *= args_.gain;
    return (rows < columns ? vectors : vectors.transpose()).reshape(shape).astype(dtype);
  }

 private:
  Args args_;
};

// ---- those whose variance follows from the shape
std::int64_t product_of(const Shape& shape, const std::vector<int>& axes) {
  std::int64_t product = 1;
  for (int axis : axes) {
    if (axis < -shape.rank() || axis >= shape.rank()) {
      throw ValueError(fmt::format("VarianceScaling: there is no axis {} in a weight of shape {}.", axis, shape.str()));
    }
    product *= shape[static_cast<std::size_t>(axis < 0 ? axis + shape.rank() : axis)].value();
  }
  return product;
}

Array draw_scaled(const VarianceScalingArgs& args, const Shape& shape, DType dtype) {
  auto [fan_in, fan_out] = compute_fans(shape);
  if (args.input_axes && args.output_axes) {
    fan_in = product_of(shape, *args.input_axes);
    fan_out = product_of(shape, *args.output_axes);
  }
  const double in = static_cast<double>(fan_in), out = static_cast<double>(fan_out);
  const double fan = args.mode == "fan_in" ? in : args.mode == "fan_out" ? out : (in + out) / 2;
  const double variance = args.scale / std::max(1.0, fan);
  const std::uint64_t stream = stream_of(args.seed);
  if (args.distribution == "uniform") {
    const double limit = std::sqrt(3 * variance);
    return draw_uniform(shape, dtype, -limit, limit, stream);
  }
  if (args.distribution == "untruncated_normal") return draw_normal(shape, dtype, 0, std::sqrt(variance), stream);
  constexpr double kTruncated = 0.87962566103423978;  // the standard deviation of a standard normal within ±2
  return draw_truncated_normal(shape, dtype, 0, std::sqrt(variance) / kTruncated, stream);
}

// Axes that were not given are left out: most versions of Keras 3 do not know them.
Config without_empty_axes(Config config) {
  for (const char* name : {"input_axes", "output_axes"}) {
    if (const Config* axes = config.find(name); axes && axes->is_null()) config.erase(name);
  }
  return config;
}

void check_choice(const char* argument, const std::string& value, std::initializer_list<std::string_view> choices) {
  if (std::find(choices.begin(), choices.end(), value) != choices.end()) return;
  throw ValueError(fmt::format("VarianceScaling: {} must be one of {}, and «{}» was given.{}", argument,
                               support::list(choices), value, support::did_you_mean(value, choices)));
}

class VarianceScalingBody final : public InitializerBody {
 public:
  static constexpr auto class_name = "VarianceScaling";
  using Args = VarianceScalingArgs;
  explicit VarianceScalingBody(Args args) : args_(std::move(args)) {
    args_.distribution = support::lower(args_.distribution);
    if (args_.distribution == "normal") args_.distribution = "truncated_normal";
    check_choice("mode", args_.mode, {"fan_in", "fan_out", "fan_avg"});
    check_choice("distribution", args_.distribution, {"truncated_normal", "untruncated_normal", "uniform"});
  }
  Array call(const Shape& shape, DType dtype) const override { return draw_scaled(args_, shape, dtype); }
  Config get_config() const override { return without_empty_axes(config_of(args_)); }

 private:
  Args args_;
};

template <class Kind>
class ScaledBody final : public InitializerBody {
 public:
  static constexpr auto class_name = Kind::name;
  using Args = SeedArgs;
  explicit ScaledBody(Args args)
      : args_{Kind::scale,
              Kind::mode,
              Kind::distribution,
              args.seed,
              std::move(args.input_axes),
              std::move(args.output_axes)} {}
  Array call(const Shape& shape, DType dtype) const override { return draw_scaled(args_, shape, dtype); }
  Config get_config() const override { return without_empty_axes(InitializerBody::get_config()); }

 private:
  VarianceScalingArgs args_;
};

struct Uniform {
  static constexpr auto distribution = "uniform";
};
struct Normal {
  static constexpr auto distribution = "truncated_normal";
};
template <class Distribution>
struct Glorot : Distribution {
  static constexpr auto name = std::is_same_v<Distribution, Uniform> ? "GlorotUniform" : "GlorotNormal";
  static constexpr auto mode = "fan_avg";
  static constexpr double scale = 1;
};
template <class Distribution>
struct He : Distribution {
  static constexpr auto name = std::is_same_v<Distribution, Uniform> ? "HeUniform" : "HeNormal";
  static constexpr auto mode = "fan_in";
  static constexpr double scale = 2;
};
template <class Distribution>
struct Lecun : Distribution {
  static constexpr auto name = std::is_same_v<Distribution, Uniform> ? "LecunUniform" : "LecunNormal";
  static constexpr auto mode = "fan_in";
  static constexpr double scale = 1;
};

// ---- the table
// tf.keras before 2.4 wrote a dtype, which the weight decides; Keras 3 writes a seed generator as an object.
void upgrade(const char*, Config& config) {
  config.erase("dtype");
  const Config* seed = config.find("seed");
  if (!seed || !seed->is_map()) return;
  const Config arguments = seed->get("config", {});
  config.set("seed", arguments.is_map() ? arguments.get("seed", {}) : Config());
}

const Shelf& shelf() {
  static const Shelf shelf("initializer", "keras.initializers",
                           {{custom<SameBody<0>>(), {"zeros", "zero"}},
                            {custom<SameBody<1>>(), {"ones", "one"}},
                            {custom<ConstantBody>(), {"constant"}},
                            {custom<IdentityBody>(), {"identity", "IdentityInitializer"}},
                            {custom<STFTBody>(), {"stft", "STFTInitializer"}},
                            {custom<RandomNormalBody>(), {"random_normal", "normal"}},
                            {custom<RandomUniformBody>(), {"random_uniform", "uniform"}},
                            {custom<TruncatedNormalBody>(), {"truncated_normal"}},
                            {custom<VarianceScalingBody>(), {"variance_scaling"}},
                            {custom<ScaledBody<Glorot<Uniform>>>(), {"glorot_uniform"}},
                            {custom<ScaledBody<Glorot<Normal>>>(), {"glorot_normal"}},
                            {custom<ScaledBody<He<Uniform>>>(), {"he_uniform"}},
                            {custom<ScaledBody<He<Normal>>>(), {"he_normal"}},
                            {custom<ScaledBody<Lecun<Uniform>>>(), {"lecun_uniform"}},
                            {custom<ScaledBody<Lecun<Normal>>>(), {"lecun_normal"}},
                            {custom<OrthogonalBody>(), {"orthogonal", "OrthogonalInitializer"}}},
                           upgrade);
  return shelf;
}

Initializer handle(const std::shared_ptr<Body>& body) {
  return Initializer(std::static_pointer_cast<const InitializerBody>(body));
}

}  // namespace

Initializer::Initializer(const char* name) : Initializer(handle(shelf().make(name))) {}

Array Initializer::operator()(const Shape& shape, DType dtype) const {
  if (!body_) throw ValueError("An empty Initializer was called: give it a name, such as «glorot_uniform».");
  return body_->call(shape, dtype);
}

Config as_config(const Initializer& initializer) { return shelf().write(initializer.body()); }
void read_config(const Config& config, Initializer& initializer) { initializer = handle(shelf().read(config)); }

namespace initializers {

std::pair<std::int64_t, std::int64_t> compute_fans(const Shape& shape) {
  if (shape.empty()) return {1, 1};
  if (shape.rank() == 1) return {shape[0].value(), shape[0].value()};
  const std::int64_t field = shape.slice(0, -2).elements();
  return {shape[shape.size() - 2].value() * field, shape.back().value() * field};
}

Initializer Zeros() { return make_initializer<SameBody<0>>(); }
Initializer Ones() { return make_initializer<SameBody<1>>(); }
Initializer Constant(double value) { return make_initializer<ConstantBody>({value}); }
Initializer Identity(IdentityArgs args) { return make_initializer<IdentityBody>(args); }
Initializer STFT(STFTArgs args) { return make_initializer<STFTBody>(std::move(args)); }
Initializer RandomNormal(RandomNormalArgs args) { return make_initializer<RandomNormalBody>(args); }
Initializer RandomUniform(RandomUniformArgs args) { return make_initializer<RandomUniformBody>(args); }
Initializer TruncatedNormal(RandomNormalArgs args) { return make_initializer<TruncatedNormalBody>(args); }
Initializer VarianceScaling(VarianceScalingArgs args) { return make_initializer<VarianceScalingBody>(std::move(args)); }
Initializer GlorotUniform(SeedArgs args) { return make_initializer<ScaledBody<Glorot<Uniform>>>(std::move(args)); }
Initializer GlorotNormal(SeedArgs args) { return make_initializer<ScaledBody<Glorot<Normal>>>(std::move(args)); }
Initializer HeUniform(SeedArgs args) { return make_initializer<ScaledBody<He<Uniform>>>(std::move(args)); }
Initializer HeNormal(SeedArgs args) { return make_initializer<ScaledBody<He<Normal>>>(std::move(args)); }
Initializer LecunUniform(SeedArgs args) { return make_initializer<ScaledBody<Lecun<Uniform>>>(std::move(args)); }
Initializer LecunNormal(SeedArgs args) { return make_initializer<ScaledBody<Lecun<Normal>>>(std::move(args)); }
Initializer Orthogonal(OrthogonalArgs args) { return make_initializer<OrthogonalBody>(args); }

}  // namespace initializers

}  // namespace keras
