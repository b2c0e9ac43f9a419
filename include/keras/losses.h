// keras::losses: what training makes small.
#pragma once

#include <keras/fields.h>
#include <keras/tensor.h>

namespace keras {

// A loss: call() gives one value a sample (the mean over the last axis, as Keras does); the handle reduces it.
class KERAS_API LossBody : public Body {
 public:
  static constexpr auto category = "loss";
  ~LossBody() override;
  virtual Tensor call(const Tensor& y_true, const Tensor& y_pred) const = 0;
  virtual std::string reduction() const { return "sum_over_batch_size"; }
};

// A handle: a Keras name ("mse", "categorical_crossentropy", …; ValueError with a suggestion for an unknown one), a
// class below, a function of (y_true, y_pred) that gives one value a sample, or an own LossBody. Empty: none.
// "crossentropy" and "ce" are the binary, sparse or categorical one by the shapes they meet, as in Keras 3.
// Where a softmax (or, for the binary one, a sigmoid) made y_pred, a crossentropy is computed from its operand, so that
// no probability is rounded to 0 or 1.
class KERAS_API Loss {
 public:
  using Function = Tensor (*)(const Tensor& y_true, const Tensor& y_pred);
  Loss() = default;
  Loss(const char* name);
  Loss(const std::string& name) : Loss(name.c_str()) {}
  Loss(Function function);
  explicit Loss(std::shared_ptr<const LossBody> body) : body_(std::move(body)) {}
  explicit operator bool() const { return body_ != nullptr; }
  // The reduced loss, a scalar (one value a sample for reduction "none"): sum(weight * value) / number of values for
  // "sum_over_batch_size". ValueError when y_true does not fit y_pred.
  Tensor operator()(const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight = {}) const;
  const LossBody* body() const { return body_.get(); }
  std::string name() const;

 private:
  std::shared_ptr<const LossBody> body_;
};
KERAS_API Config as_config(const Loss& loss);
KERAS_API void read_config(const Config& config, Loss& loss);
template <class B>
Loss make_loss(typename B::Args args = {}) {
  return Loss(make_body<B>(std::move(args)));
}

struct MeanSquaredErrorArgs {
  std::string reduction = "sum_over_batch_size";
  std::string name = "mean_squared_error";
  std::optional<DType> dtype = {};
  static void fields(auto&& f) {
    f("reduction", &MeanSquaredErrorArgs::reduction,
      "sum_over_batch_size, sum, mean, mean_with_sample_weight or none.");
    f("name", &MeanSquaredErrorArgs::name, "Name of the loss.");
    f("dtype", &MeanSquaredErrorArgs::dtype, "Of the computation; floatx if none.");
  }
};
struct MeanAbsoluteErrorArgs {
  std::string reduction = "sum_over_batch_size";
  std::string name = "mean_absolute_error";
  std::optional<DType> dtype = {};
  static void fields(auto&& f) {
    f("reduction", &MeanAbsoluteErrorArgs::reduction,
      "sum_over_batch_size, sum, mean, mean_with_sample_weight or none.");
    f("name", &MeanAbsoluteErrorArgs::name, "Name of the loss.");
    f("dtype", &MeanAbsoluteErrorArgs::dtype, "Of the computation; floatx if none.");
  }
};
struct CategoricalCrossentropyArgs {
  bool from_logits = false;
  double label_smoothing = 0;
  int axis = -1;
  std::string reduction = "sum_over_batch_size";
  std::string name = "categorical_crossentropy";
  std::optional<DType> dtype = {};
  static void fields(auto&& f) {
    using A = CategoricalCrossentropyArgs;
    f("from_logits", &A::from_logits, "Whether y_pred are logits, not probabilities.");
    f("label_smoothing", &A::label_smoothing, "Moves labels towards 1 / classes by this part.", fraction);
    f("axis", &A::axis, "Axis of the classes.");
    f("reduction", &A::reduction, "sum_over_batch_size, sum, mean, mean_with_sample_weight or none.");
    f("name", &A::name, "Name of the loss.");
    f("dtype", &A::dtype, "Of the computation; floatx if none.");
  }
};
struct SparseCategoricalCrossentropyArgs {
  bool from_logits = false;
  std::optional<std::int64_t> ignore_class = {};
  std::string reduction = "sum_over_batch_size";
  int axis = -1;
  std::string name = "sparse_categorical_crossentropy";
  std::optional<DType> dtype = {};
  static void fields(auto&& f) {
    using A = SparseCategoricalCrossentropyArgs;
    f("from_logits", &A::from_logits, "Whether y_pred are logits, not probabilities.");
    f("ignore_class", &A::ignore_class, "A label that counts for nothing.");
    f("reduction", &A::reduction, "sum_over_batch_size, sum, mean, mean_with_sample_weight or none.");
    f("axis", &A::axis, "Axis of the classes.");
    f("name", &A::name, "Name of the loss.");
    f("dtype", &A::dtype, "Of the computation; floatx if none.");
  }
};
struct BinaryCrossentropyArgs {
  bool from_logits = false;
  double label_smoothing = 0;
  int axis = -1;
  std::string reduction = "sum_over_batch_size";
  std::string name = "binary_crossentropy";
  std::optional<DType> dtype = {};
  static void fields(auto&& f) {
    using A = BinaryCrossentropyArgs;
    f("from_logits", &A::from_logits, "Whether y_pred are logits, not probabilities.");
    f("label_smoothing", &A::label_smoothing, "Moves labels towards 1/2 by this part.", fraction);
    f("axis", &A::axis, "Axis the mean is taken along.");
    f("reduction", &A::reduction, "sum_over_batch_size, sum, mean, mean_with_sample_weight or none.");
    f("name", &A::name, "Name of the loss.");
    f("dtype", &A::dtype, "Of the computation; floatx if none.");
  }
};

namespace losses {
KERAS_API Loss MeanSquaredError(MeanSquaredErrorArgs args = {});
KERAS_API Loss MeanAbsoluteError(MeanAbsoluteErrorArgs args = {});
KERAS_API Loss CategoricalCrossentropy(CategoricalCrossentropyArgs args = {});
KERAS_API Loss SparseCategoricalCrossentropy(SparseCategoricalCrossentropyArgs args = {});
KERAS_API Loss BinaryCrossentropy(BinaryCrossentropyArgs args = {});

// One value a sample.
KERAS_API Tensor mean_squared_error(const Tensor& y_true, const Tensor& y_pred);
KERAS_API Tensor mean_absolute_error(const Tensor& y_true, const Tensor& y_pred);
KERAS_API Tensor categorical_crossentropy(const Tensor& y_true, const Tensor& y_pred, bool from_logits = false,
                                          double label_smoothing = 0, int axis = -1);
KERAS_API Tensor sparse_categorical_crossentropy(const Tensor& y_true, const Tensor& y_pred, bool from_logits = false,
                                                 std::optional<std::int64_t> ignore_class = {}, int axis = -1);
KERAS_API Tensor binary_crossentropy(const Tensor& y_true, const Tensor& y_pred, bool from_logits = false,
                                     double label_smoothing = 0, int axis = -1);
}  // namespace losses

}  // namespace keras
