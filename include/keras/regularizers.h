// keras::regularizers: penalties on weights, added to the loss.
#pragma once

#include <keras/fields.h>
#include <keras/tensor.h>

namespace keras {

class KERAS_API RegularizerBody : public Body {
 public:
  static constexpr auto category = "regularizer";
  ~RegularizerBody() override;
  virtual Tensor call(const Tensor& weight) const = 0;  // a scalar
};

// A handle: "l1", "l2", "l1_l2" (0.01 each), "orthogonal_regularizer" (ValueError with a suggestion for an unknown
// name), a function below, or an own RegularizerBody. Empty and nullptr: none.
class KERAS_API Regularizer {
 public:
  Regularizer() = default;
  Regularizer(std::nullptr_t) {}
  Regularizer(const char* name);
  Regularizer(const std::string& name) : Regularizer(name.c_str()) {}
  explicit Regularizer(std::shared_ptr<const RegularizerBody> body) : body_(std::move(body)) {}
  explicit operator bool() const { return body_ != nullptr; }
  Tensor operator()(const Tensor& weight) const;  // a scalar; 0 when empty
  const RegularizerBody* body() const { return body_.get(); }

 private:
  std::shared_ptr<const RegularizerBody> body_;
};
KERAS_API Config as_config(const Regularizer& regularizer);
KERAS_API void read_config(const Config& config, Regularizer& regularizer);
template <class B>
Regularizer make_regularizer(typename B::Args args = {}) {
  return Regularizer(make_body<B>(std::move(args)));
}

struct L1Args {
  double l1 = 0.01;
  static void fields(auto&& f) { f("l1", &L1Args::l1, "Factor of the sum of absolute values.", not_negative); }
};
struct L2Args {
  double l2 = 0.01;
  static void fields(auto&& f) { f("l2", &L2Args::l2, "Factor of the sum of squares.", not_negative); }
};
struct L1L2Args {
  double l1 = 0, l2 = 0;
  static void fields(auto&& f) {
    f("l1", &L1L2Args::l1, "Factor of the sum of absolute values.", not_negative);
    f("l2", &L1L2Args::l2, "Factor of the sum of squares.", not_negative);
  }
};
struct OrthogonalRegularizerArgs {
  double factor = 0.01;
  std::string mode = "rows";
  static void fields(auto&& f) {
    f("factor", &OrthogonalRegularizerArgs::factor, "Factor of the penalty.", not_negative);
    f("mode", &OrthogonalRegularizerArgs::mode, "rows or columns: what should be orthogonal.");
  }
};

namespace regularizers {
KERAS_API Regularizer L1(double l1 = 0.01);
KERAS_API Regularizer L2(double l2 = 0.01);
KERAS_API Regularizer L1L2(L1L2Args args = {});
// The mean absolute cosine of the angles between two rows (or columns) of a matrix. ValueError for another rank.
KERAS_API Regularizer OrthogonalRegularizer(OrthogonalRegularizerArgs args = {});
// Keras 2's functions.
KERAS_API Regularizer l1(double l1 = 0.01);
KERAS_API Regularizer l2(double l2 = 0.01);
KERAS_API Regularizer l1_l2(double l1 = 0.01, double l2 = 0.01);
}  // namespace regularizers

}  // namespace keras
