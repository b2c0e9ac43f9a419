// The constraints: one class each, and their table.
#include <keras/constraints.h>
#include <keras/error.h>
#include <keras/ops.h>

#include "tensor/shelf.h"

namespace keras {

ConstraintBody::~ConstraintBody() = default;

namespace {

Tensor norms(const Tensor& weight, const AxisList& axes) {
  return ops::sqrt(ops::sum(ops::square(weight), axes.values(), true));
}

class MaxNormBody final : public ConstraintBody {
 public:
  static constexpr auto class_name = "MaxNorm";
  using Args = MaxNormArgs;
  explicit MaxNormBody(Args args) : args_(std::move(args)) {}
  Tensor call(const Tensor& weight) const override {
    const Tensor norm = norms(weight, args_.axis);
    return weight * (ops::clip(norm, 0, args_.max_value) / (config::epsilon() + norm));
  }

 private:
  Args args_;
};

class NonNegBody final : public ConstraintBody {
 public:
  static constexpr auto class_name = "NonNeg";
  using Args = NoArgs;
  explicit NonNegBody(Args) {}
  Tensor call(const Tensor& weight) const override { return ops::maximum(weight, 0); }
};

class UnitNormBody final : public ConstraintBody {
 public:
  static constexpr auto class_name = "UnitNorm";
  using Args = UnitNormArgs;
  explicit UnitNormBody(Args args) : args_(std::move(args)) {}
  Tensor call(const Tensor& weight) const override { return weight / (config::epsilon() + norms(weight, args_.axis)); }

 private:
  Args args_;
};

class MinMaxNormBody final : public ConstraintBody {
 public:
  static constexpr auto class_name = "MinMaxNorm";
  using Args = MinMaxNormArgs;
  explicit MinMaxNormBody(Args args) : args_(std::move(args)) {}
  Tensor call(const Tensor& weight) const override {
    const Tensor norm = norms(weight, args_.axis);
    Tensor wanted = args_.rate * ops::clip(norm, args_.min_value, args_.max_value);
    if (args_.rate != 1) wanted = wanted + (1 - args_.rate) * norm;
    return weight * (wanted / (config::epsilon() + norm));
  }

 private:
  Args args_;
};

const Shelf& shelf() {
  static const Shelf shelf("constraint", "keras.constraints",
                           {{custom<MaxNormBody>(), {"max_norm", "maxnorm"}},
                            {custom<NonNegBody>(), {"non_neg", "nonneg"}},
                            {custom<UnitNormBody>(), {"unit_norm", "unitnorm"}},
                            {custom<MinMaxNormBody>(), {"min_max_norm"}}});
  return shelf;
}

Constraint handle(const std::shared_ptr<Body>& body) {
  return Constraint(std::static_pointer_cast<const ConstraintBody>(body));
}

}  // namespace

Constraint::Constraint(const char* name) : Constraint(handle(shelf().make(name))) {}

Tensor Constraint::operator()(const Tensor& weight) const { return body_ ? body_->call(weight) : weight; }

Config as_config(const Constraint& constraint) { return shelf().write(constraint.body()); }
void read_config(const Config& config, Constraint& constraint) { constraint = handle(shelf().read(config)); }

namespace constraints {
Constraint MaxNorm(MaxNormArgs args) { return make_constraint<MaxNormBody>(std::move(args)); }
Constraint NonNeg() { return make_constraint<NonNegBody>(); }
Constraint UnitNorm(UnitNormArgs args) { return make_constraint<UnitNormBody>(std::move(args)); }
Constraint MinMaxNorm(MinMaxNormArgs args) { return make_constraint<MinMaxNormBody>(std::move(args)); }
}  // namespace constraints

}  // namespace keras
