// The regularizers: one class each, and their table.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/ops.h>
#include <keras/regularizers.h>

#include "support/text.h"
#include "tensor/shelf.h"

namespace keras {

RegularizerBody::~RegularizerBody() = default;

namespace {

class L1Body final : public RegularizerBody {
 public:
  static constexpr auto class_name = "L1";
  using Args = L1Args;
  explicit L1Body(Args args) : args_(args) {}
  Tensor call(const Tensor& weight) const override { return args_.l1 * ops::sum(ops::abs(weight)); }

 private:
  Args args_;
};

class L2Body final : public RegularizerBody {
 public:
  static constexpr auto class_name = "L2";
  using Args = L2Args;
  explicit L2Body(Args args) : args_(args) {}
  Tensor call(const Tensor& weight) const override { return args_.l2 * ops::sum(ops::square(weight)); }

 private:
  Args args_;
};

class L1L2Body final : public RegularizerBody {
 public:
  static constexpr auto class_name = "L1L2";
  using Args = L1L2Args;
  explicit L1L2Body(Args args) : args_(args) {}
  Tensor call(const Tensor& weight) const override {
    if (args_.l1 == 0 && args_.l2 == 0) return ops::zeros({}, weight.dtype());
    if (args_.l2 == 0) return args_.l1 * ops::sum(ops::abs(weight));
    const Tensor squares = args_.l2 * ops::sum(ops::square(weight));
    return args_.l1 == 0 ? squares : args_.l1 * ops::sum(ops::abs(weight)) + squares;
  }

 private:
  Args args_;
};

class OrthogonalBody final : public RegularizerBody {
 public:
  static constexpr auto class_name = "OrthogonalRegularizer";
  using Args = OrthogonalRegularizerArgs;
  explicit OrthogonalBody(Args args) : args_(std::move(args)) {
    if (args_.mode != "rows" && args_.mode != "columns") {
      throw ValueError(fmt::format("OrthogonalRegularizer: mode must be «rows» or «columns», and «{}» was given.{}",
                                   args_.mode, support::did_you_mean(args_.mode, {"rows", "columns"})));
    }
  }
  Tensor call(const Tensor& weight) const override {
    if (weight.ndim() != 2) {
      throw ValueError(fmt::format("OrthogonalRegularizer takes a matrix, and a weight of shape {} was given.",
                                   weight.shape().str()));
    }
    const bool rows = args_.mode == "rows";
    const std::int64_t size = weight.shape(rows ? 0 : 1).value();
    const Tensor length = ops::sum(ops::square(weight), {rows ? 1 : 0}, true);
    const Tensor unit = weight * ops::minimum(ops::rsqrt(length), 1 / config::epsilon());
    const Tensor cosines = rows ? ops::matmul(unit, ops::transpose(unit)) : ops::matmul(ops::transpose(unit), unit);
    const Tensor others = cosines * (1 - Tensor(eye(size).astype(weight.dtype())));
    const double pairs = size > 1 ? 0.5 * static_cast<double>(size) * static_cast<double>(size - 1) : 1;
    return args_.factor * 0.5 * ops::sum(ops::abs(others)) / pairs;
  }

 private:
  Args args_;
};

const Shelf& shelf() {
  static const Shelf shelf("regularizer", "keras.regularizers",
                           {{custom<L1Body>(), {"l1"}},
                            {custom<L2Body>(), {"l2"}},
                            // The last two are of Keras 1.
                            {custom<L1L2Body>(), {"l1l2", "WeightRegularizer", "L1L2Regularizer"}},
                            {custom<OrthogonalBody>(), {"orthogonal_regularizer"}},
                            // Keras 2's function, whose defaults are not those of the class.
                            {{"l1_l2", [](const Config& config) -> std::shared_ptr<Body> {
                                Config args = config.is_null() ? Config::map() : config;
                                for (const char* name : {"l1", "l2"}) {
                                  if (!args.contains(name)) args.set(name, 0.01);
                                }
                                return make_body<L1L2Body>(args_of<L1L2Args>(args, "l1_l2"));
                              }}}});
  return shelf;
}

Regularizer handle(const std::shared_ptr<Body>& body) {
  return Regularizer(std::static_pointer_cast<const RegularizerBody>(body));
}

}  // namespace

Regularizer::Regularizer(const char* name) : Regularizer(handle(shelf().make(name))) {}

Tensor Regularizer::operator()(const Tensor& weight) const {
  return body_ ? body_->call(weight) : ops::zeros({}, weight.dtype());
}

Config as_config(const Regularizer& regularizer) { return shelf().write(regularizer.body()); }
void read_config(const Config& config, Regularizer& regularizer) { regularizer = handle(shelf().read(config)); }

namespace regularizers {
Regularizer L1(double l1) { return make_regularizer<L1Body>({l1}); }
Regularizer L2(double l2) { return make_regularizer<L2Body>({l2}); }
Regularizer L1L2(L1L2Args args) { return make_regularizer<L1L2Body>(args); }
Regularizer OrthogonalRegularizer(OrthogonalRegularizerArgs args) {
  return make_regularizer<OrthogonalBody>(std::move(args));
}
Regularizer l1(double l1) { return L1(l1); }
Regularizer l2(double l2) { return L2(l2); }
Regularizer l1_l2(double l1, double l2) { return L1L2({l1, l2}); }
}  // namespace regularizers

}  // namespace keras
