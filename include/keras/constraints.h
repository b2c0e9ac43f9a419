// keras::constraints: projections applied to weights after each update.
#pragma once

#include <keras/axis_list.h>
#include <keras/fields.h>
#include <keras/tensor.h>

namespace keras {

class KERAS_API ConstraintBody : public Body {
 public:
  static constexpr auto category = "constraint";
  ~ConstraintBody() override;
  virtual Tensor call(const Tensor& weight) const = 0;
};

// A handle: "max_norm", "non_neg", "unit_norm", "min_max_norm" and Keras's older spellings (ValueError with a
// suggestion for an unknown name), a function below, or an own ConstraintBody. Empty and nullptr: none.
class KERAS_API Constraint {
 public:
  Constraint() = default;
  Constraint(std::nullptr_t) {}
  Constraint(const char* name);
  Constraint(const std::string& name) : Constraint(name.c_str()) {}
  explicit Constraint(std::shared_ptr<const ConstraintBody> body) : body_(std::move(body)) {}
  explicit operator bool() const { return body_ != nullptr; }
  Tensor operator()(const Tensor& weight) const;  // the weight itself when empty
  const ConstraintBody* body() const { return body_.get(); }

 private:
  std::shared_ptr<const ConstraintBody> body_;
};
KERAS_API Config as_config(const Constraint& constraint);
KERAS_API void read_config(const Config& config, Constraint& constraint);
template <class B>
Constraint make_constraint(typename B::Args args = {}) {
  return Constraint(make_body<B>(std::move(args)));
}

struct MaxNormArgs {
  double max_value = 2;
  AxisList axis = 0;
  static void fields(auto&& f) {
    f("max_value", &MaxNormArgs::max_value, "Largest norm.", was("m"));
    f("axis", &MaxNormArgs::axis, "Axes the norm is taken along.");
  }
};
struct UnitNormArgs {
  AxisList axis = 0;
  static void fields(auto&& f) { f("axis", &UnitNormArgs::axis, "Axes the norm is taken along."); }
};
struct MinMaxNormArgs {
  double min_value = 0, max_value = 1, rate = 1;
  AxisList axis = 0;
  static void fields(auto&& f) {
    f("min_value", &MinMaxNormArgs::min_value, "Smallest norm.", was("low"));
    f("max_value", &MinMaxNormArgs::max_value, "Largest norm.", was("high"));
    f("rate", &MinMaxNormArgs::rate, "1 projects at once; less moves there gradually.");
    f("axis", &MinMaxNormArgs::axis, "Axes the norm is taken along.");
  }
};

// norm = sqrt(sum(square(weight))) along the axes; epsilon is config::epsilon().
namespace constraints {
KERAS_API Constraint MaxNorm(MaxNormArgs args = {});  // weight * clip(norm, 0, max_value) / (epsilon + norm)
KERAS_API Constraint NonNeg();
KERAS_API Constraint UnitNorm(UnitNormArgs args = {});  // weight / (epsilon + norm)
// weight * (rate * clip(norm, min_value, max_value) + (1 - rate) * norm) / (epsilon + norm)
KERAS_API Constraint MinMaxNorm(MinMaxNormArgs args = {});
}  // namespace constraints

}  // namespace keras
