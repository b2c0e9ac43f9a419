// keras::losses: what training makes small.
#pragma once

#include <keras/axis_list.h>
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

// The arguments every loss has, in Keras's order. Spelled out in each Args struct, because designated initializers
// cannot name a base's members.
#define KERAS_LOSS_ARGS(default_name)            \
  std::string reduction = "sum_over_batch_size"; \
  std::string name = default_name;               \
  std::optional<DType> dtype = {};
#define KERAS_LOSS_REDUCTION(A) \
  f("reduction", &A::reduction, "sum_over_batch_size, sum, mean, mean_with_sample_weight or none.");
#define KERAS_LOSS_NAME(A) f("name", &A::name, "Name of the loss.");
#define KERAS_LOSS_DTYPE(A) f("dtype", &A::dtype, "Of the computation; floatx if none.");
#define KERAS_LOSS_FIELDS(A) KERAS_LOSS_REDUCTION(A) KERAS_LOSS_NAME(A) KERAS_LOSS_DTYPE(A)

// Losses without arguments of their own.
#define KERAS_PLAIN_LOSS(A, default_name)                 \
  struct A {                                              \
    KERAS_LOSS_ARGS(default_name)                         \
    static void fields(auto&& f) { KERAS_LOSS_FIELDS(A) } \
  };
KERAS_PLAIN_LOSS(MeanSquaredErrorArgs, "mean_squared_error")
KERAS_PLAIN_LOSS(MeanAbsoluteErrorArgs, "mean_absolute_error")
KERAS_PLAIN_LOSS(MeanAbsolutePercentageErrorArgs, "mean_absolute_percentage_error")
KERAS_PLAIN_LOSS(MeanSquaredLogarithmicErrorArgs, "mean_squared_logarithmic_error")
KERAS_PLAIN_LOSS(LogCoshArgs, "log_cosh")
KERAS_PLAIN_LOSS(HingeArgs, "hinge")
KERAS_PLAIN_LOSS(SquaredHingeArgs, "squared_hinge")
KERAS_PLAIN_LOSS(CategoricalHingeArgs, "categorical_hinge")
KERAS_PLAIN_LOSS(KLDivergenceArgs, "kl_divergence")
KERAS_PLAIN_LOSS(PoissonArgs, "poisson")
KERAS_PLAIN_LOSS(CTCArgs, "ctc")
#undef KERAS_PLAIN_LOSS

struct CosineSimilarityArgs {
  int axis = -1;
  KERAS_LOSS_ARGS("cosine_similarity")
  static void fields(auto&& f) {
    f("axis", &CosineSimilarityArgs::axis, "Axis of the vectors that are compared.");
    KERAS_LOSS_FIELDS(CosineSimilarityArgs)
  }
};
struct HuberArgs {
  double delta = 1;
  KERAS_LOSS_ARGS("huber_loss")
  static void fields(auto&& f) {
    f("delta", &HuberArgs::delta, "Error from which on the loss grows linearly.");
    KERAS_LOSS_FIELDS(HuberArgs)
  }
};
struct CategoricalCrossentropyArgs {
  bool from_logits = false;
  double label_smoothing = 0;
  int axis = -1;
  KERAS_LOSS_ARGS("categorical_crossentropy")
  static void fields(auto&& f) {
    using A = CategoricalCrossentropyArgs;
    f("from_logits", &A::from_logits, "Whether y_pred are logits, not probabilities.");
    f("label_smoothing", &A::label_smoothing, "Moves labels towards 1 / classes by this part.", fraction);
    f("axis", &A::axis, "Axis of the classes.");
    KERAS_LOSS_FIELDS(A)
  }
};
struct CategoricalFocalCrossentropyArgs {
  double alpha = 0.25;
  double gamma = 2;
  bool from_logits = false;
  double label_smoothing = 0;
  int axis = -1;
  KERAS_LOSS_ARGS("categorical_focal_crossentropy")
  static void fields(auto&& f) {
    using A = CategoricalFocalCrossentropyArgs;
    f("alpha", &A::alpha, "Factor of the loss.");
    f("gamma", &A::gamma, "Power of 1 - probability, by which what is sure already counts less.");
    f("from_logits", &A::from_logits, "Whether y_pred are logits, not probabilities.");
    f("label_smoothing", &A::label_smoothing, "Moves labels towards 1 / classes by this part.", fraction);
    f("axis", &A::axis, "Axis of the classes.");
    KERAS_LOSS_FIELDS(A)
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
    KERAS_LOSS_REDUCTION(A)
    f("axis", &A::axis, "Axis of the classes.");
    KERAS_LOSS_NAME(A)
    KERAS_LOSS_DTYPE(A)
  }
};
struct BinaryCrossentropyArgs {
  bool from_logits = false;
  double label_smoothing = 0;
  int axis = -1;
  KERAS_LOSS_ARGS("binary_crossentropy")
  static void fields(auto&& f) {
    using A = BinaryCrossentropyArgs;
    f("from_logits", &A::from_logits, "Whether y_pred are logits, not probabilities.");
    f("label_smoothing", &A::label_smoothing, "Moves labels towards 1/2 by this part.", fraction);
    f("axis", &A::axis, "Axis the mean is taken along.");
    KERAS_LOSS_FIELDS(A)
  }
};
struct BinaryFocalCrossentropyArgs {
  bool apply_class_balancing = false;
  double alpha = 0.25;
  double gamma = 2;
  bool from_logits = false;
  double label_smoothing = 0;
  int axis = -1;
  KERAS_LOSS_ARGS("binary_focal_crossentropy")
  static void fields(auto&& f) {
    using A = BinaryFocalCrossentropyArgs;
    f("apply_class_balancing", &A::apply_class_balancing,
      "Whether class 1 is weighted by alpha, class 0 by 1 - alpha.");
    f("alpha", &A::alpha, "Weight of class 1.");
    f("gamma", &A::gamma, "Power of 1 - probability, by which what is sure already counts less.");
    f("from_logits", &A::from_logits, "Whether y_pred are logits, not probabilities.");
    f("label_smoothing", &A::label_smoothing, "Moves labels towards 1/2 by this part.", fraction);
    f("axis", &A::axis, "Axis the mean is taken along.");
    KERAS_LOSS_FIELDS(A)
  }
};
struct CategoricalGeneralizedCrossEntropyArgs {
  double q = 0.5;
  KERAS_LOSS_ARGS("categorical_generalized_cross_entropy")
  static void fields(auto&& f) {
    using A = CategoricalGeneralizedCrossEntropyArgs;
    f("q", &A::q, "Between 0 (crossentropy) and 1 (mean absolute error), neither included.");
    KERAS_LOSS_FIELDS(A)
  }
};
struct DiceArgs {
  std::string reduction = "sum_over_batch_size";
  std::string name = "dice";
  AxisList axis = nullptr;
  std::optional<DType> dtype = {};
  static void fields(auto&& f) {
    KERAS_LOSS_REDUCTION(DiceArgs)
    KERAS_LOSS_NAME(DiceArgs)
    f("axis", &DiceArgs::axis, "Axes the overlap is counted along; none: all, the batch too.");
    KERAS_LOSS_DTYPE(DiceArgs)
  }
};
struct TverskyArgs {
  double alpha = 0.5;
  double beta = 0.5;
  std::string reduction = "sum_over_batch_size";
  std::string name = "tversky";
  AxisList axis = nullptr;
  std::optional<DType> dtype = {};
  static void fields(auto&& f) {
    f("alpha", &TverskyArgs::alpha, "Weight of what y_true has and y_pred has not.");
    f("beta", &TverskyArgs::beta, "Weight of what y_pred has and y_true has not.");
    KERAS_LOSS_REDUCTION(TverskyArgs)
    KERAS_LOSS_NAME(TverskyArgs)
    f("axis", &TverskyArgs::axis, "Axes the overlap is counted along; none: all, the batch too.");
    KERAS_LOSS_DTYPE(TverskyArgs)
  }
};
struct CircleArgs {
  double gamma = 80;
  double margin = 0.4;
  bool remove_diagonal = true;
  KERAS_LOSS_ARGS("circle")
  static void fields(auto&& f) {
    f("gamma", &CircleArgs::gamma, "Scale of the similarities.");
    f("margin", &CircleArgs::margin, "Relaxation of the decision boundary.");
    f("remove_diagonal", &CircleArgs::remove_diagonal, "Whether a sample is left out of its own positives.");
    KERAS_LOSS_FIELDS(CircleArgs)
  }
};

namespace losses {
KERAS_API Loss BinaryCrossentropy(BinaryCrossentropyArgs args = {});
KERAS_API Loss BinaryFocalCrossentropy(BinaryFocalCrossentropyArgs args = {});  // Lin et al., 2017
KERAS_API Loss CTC(CTCArgs args = {});  // integer labels (batch, longest) padded with 0, logits (batch, time, classes)
                                        // of which class 0 is the blank
KERAS_API Loss CategoricalCrossentropy(CategoricalCrossentropyArgs args = {});
KERAS_API Loss CategoricalFocalCrossentropy(CategoricalFocalCrossentropyArgs args = {});  // Lin et al., 2017
KERAS_API Loss CategoricalGeneralizedCrossEntropy(
    CategoricalGeneralizedCrossEntropyArgs args = {});  // integer labels; Zhang and Sabuncu, 2018
KERAS_API Loss CategoricalHinge(CategoricalHingeArgs args = {});
KERAS_API Loss Circle(CircleArgs args = {});  // integer labels, normalized embeddings; Sun et al., 2020
KERAS_API Loss CosineSimilarity(CosineSimilarityArgs args = {});  // -1: the same direction
KERAS_API Loss Dice(DiceArgs args = {});                          // Sudre et al., 2017
KERAS_API Loss Hinge(HingeArgs args = {});
KERAS_API Loss Huber(HuberArgs args = {});
KERAS_API Loss KLDivergence(KLDivergenceArgs args = {});
KERAS_API Loss LogCosh(LogCoshArgs args = {});
KERAS_API Loss MeanAbsoluteError(MeanAbsoluteErrorArgs args = {});
KERAS_API Loss MeanAbsolutePercentageError(MeanAbsolutePercentageErrorArgs args = {});
KERAS_API Loss MeanSquaredError(MeanSquaredErrorArgs args = {});
KERAS_API Loss MeanSquaredLogarithmicError(MeanSquaredLogarithmicErrorArgs args = {});
KERAS_API Loss Poisson(PoissonArgs args = {});
KERAS_API Loss SparseCategoricalCrossentropy(SparseCategoricalCrossentropyArgs args = {});
KERAS_API Loss SquaredHinge(SquaredHingeArgs args = {});
KERAS_API Loss Tversky(TverskyArgs args = {});  // Salehi et al., 2017

// One value a sample: what the classes reduce. y_true is cast to y_pred's dtype; ValueError where the shapes do not
// fit.
KERAS_API Tensor mean_squared_error(const Tensor& y_true, const Tensor& y_pred);
KERAS_API Tensor mean_absolute_error(const Tensor& y_true, const Tensor& y_pred);
KERAS_API Tensor mean_absolute_percentage_error(const Tensor& y_true, const Tensor& y_pred);
KERAS_API Tensor mean_squared_logarithmic_error(const Tensor& y_true, const Tensor& y_pred);
KERAS_API Tensor cosine_similarity(const Tensor& y_true, const Tensor& y_pred, int axis = -1);
KERAS_API Tensor huber(const Tensor& y_true, const Tensor& y_pred, double delta = 1);
KERAS_API Tensor log_cosh(const Tensor& y_true, const Tensor& y_pred);
// Where all labels are 0 and 1 they are taken for -1 and 1; Keras 2.2 takes them as they are.
KERAS_API Tensor hinge(const Tensor& y_true, const Tensor& y_pred);
KERAS_API Tensor squared_hinge(const Tensor& y_true, const Tensor& y_pred);
KERAS_API Tensor categorical_hinge(const Tensor& y_true, const Tensor& y_pred);
KERAS_API Tensor kl_divergence(const Tensor& y_true, const Tensor& y_pred);
KERAS_API Tensor poisson(const Tensor& y_true, const Tensor& y_pred);
KERAS_API Tensor categorical_crossentropy(const Tensor& y_true, const Tensor& y_pred, bool from_logits = false,
                                          double label_smoothing = 0, int axis = -1);
KERAS_API Tensor categorical_focal_crossentropy(const Tensor& y_true, const Tensor& y_pred, double alpha = 0.25,
                                                double gamma = 2, bool from_logits = false, double label_smoothing = 0,
                                                int axis = -1);
KERAS_API Tensor sparse_categorical_crossentropy(const Tensor& y_true, const Tensor& y_pred, bool from_logits = false,
                                                 std::optional<std::int64_t> ignore_class = {}, int axis = -1);
KERAS_API Tensor binary_crossentropy(const Tensor& y_true, const Tensor& y_pred, bool from_logits = false,
                                     double label_smoothing = 0, int axis = -1);
KERAS_API Tensor binary_focal_crossentropy(const Tensor& y_true, const Tensor& y_pred,
                                           bool apply_class_balancing = false, double alpha = 0.25, double gamma = 2,
                                           bool from_logits = false, double label_smoothing = 0, int axis = -1);
KERAS_API Tensor categorical_generalized_cross_entropy(const Tensor& y_true, const Tensor& y_pred, double q);
KERAS_API Tensor ctc(const Tensor& y_true, const Tensor& y_pred);
KERAS_API Tensor dice(const Tensor& y_true, const Tensor& y_pred, const AxisList& axis = nullptr);
KERAS_API Tensor tversky(const Tensor& y_true, const Tensor& y_pred, double alpha = 0.5, double beta = 0.5,
                         const AxisList& axis = nullptr);
// Of each embedding of y_pred, against the others or against `ref_embeddings` of the labels `ref_labels`.
KERAS_API Tensor circle(const Tensor& y_true, const Tensor& y_pred, const Tensor& ref_labels = {},
                        const Tensor& ref_embeddings = {}, bool remove_diagonal = true, double gamma = 80,
                        double margin = 0.4);
}  // namespace losses

}  // namespace keras
