// The classes of losses, and the table of their names.
#include <keras/config.h>
#include <keras/losses.h>
#include <keras/ops.h>

#include "losses/built_in.h"
#include "ops/samples.h"

namespace keras::losses {

namespace {
template <class A>
class LossOf : public BuiltInLoss {
 public:
  using Args = A;
  explicit LossOf(A args) : BuiltInLoss(args.reduction, args.dtype), args_(std::move(args)) {}

 protected:
  A args_;
};

// A loss without arguments of its own.
template <class A, Tensor (*function)(const Tensor&, const Tensor&)>
class PlainLoss : public LossOf<A> {
 public:
  using LossOf<A>::LossOf;
  Tensor call(const Tensor& y_true, const Tensor& y_pred) const override { return function(y_true, y_pred); }
};
struct MeanSquaredErrorLoss final : PlainLoss<MeanSquaredErrorArgs, mean_squared_error> {
  static constexpr auto class_name = "MeanSquaredError";
  using PlainLoss::PlainLoss;
};
struct MeanAbsoluteErrorLoss final : PlainLoss<MeanAbsoluteErrorArgs, mean_absolute_error> {
  static constexpr auto class_name = "MeanAbsoluteError";
  using PlainLoss::PlainLoss;
};
struct MeanAbsolutePercentageErrorLoss final
    : PlainLoss<MeanAbsolutePercentageErrorArgs, mean_absolute_percentage_error> {
  static constexpr auto class_name = "MeanAbsolutePercentageError";
  using PlainLoss::PlainLoss;
};
struct MeanSquaredLogarithmicErrorLoss final
    : PlainLoss<MeanSquaredLogarithmicErrorArgs, mean_squared_logarithmic_error> {
  static constexpr auto class_name = "MeanSquaredLogarithmicError";
  using PlainLoss::PlainLoss;
};
struct LogCoshLoss final : PlainLoss<LogCoshArgs, log_cosh> {
  static constexpr auto class_name = "LogCosh";
  using PlainLoss::PlainLoss;
};
struct HingeLoss final : PlainLoss<HingeArgs, hinge> {
  static constexpr auto class_name = "Hinge";
  using PlainLoss::PlainLoss;
};
struct SquaredHingeLoss final : PlainLoss<SquaredHingeArgs, squared_hinge> {
  static constexpr auto class_name = "SquaredHinge";
  using PlainLoss::PlainLoss;
};
struct CategoricalHingeLoss final : PlainLoss<CategoricalHingeArgs, categorical_hinge> {
  static constexpr auto class_name = "CategoricalHinge";
  using PlainLoss::PlainLoss;
};
struct KLDivergenceLoss final : PlainLoss<KLDivergenceArgs, kl_divergence> {
  static constexpr auto class_name = "KLDivergence";
  using PlainLoss::PlainLoss;
};
struct PoissonLoss final : PlainLoss<PoissonArgs, poisson> {
  static constexpr auto class_name = "Poisson";
  using PlainLoss::PlainLoss;
};
struct CTCLoss final : PlainLoss<CTCArgs, ctc> {
  static constexpr auto class_name = "CTC";
  using PlainLoss::PlainLoss;
};

struct CosineSimilarityLoss final : LossOf<CosineSimilarityArgs> {
  static constexpr auto class_name = "CosineSimilarity";
  using LossOf::LossOf;
  Tensor call(const Tensor& y_true, const Tensor& y_pred) const override {
    return cosine_similarity(y_true, y_pred, args_.axis);
  }
};

struct HuberLoss final : LossOf<HuberArgs> {
  static constexpr auto class_name = "Huber";
  using LossOf::LossOf;
  Tensor call(const Tensor& y_true, const Tensor& y_pred) const override { return huber(y_true, y_pred, args_.delta); }
};

struct CategoricalCrossentropyLoss final : LossOf<CategoricalCrossentropyArgs> {
  static constexpr auto class_name = "CategoricalCrossentropy";
  using LossOf::LossOf;
  Tensor call(const Tensor& y_true, const Tensor& y_pred) const override {
    return categorical_crossentropy(y_true, y_pred, args_.from_logits, args_.label_smoothing, args_.axis);
  }
};

struct CategoricalFocalCrossentropyLoss final : LossOf<CategoricalFocalCrossentropyArgs> {
  static constexpr auto class_name = "CategoricalFocalCrossentropy";
  using LossOf::LossOf;
  Tensor call(const Tensor& y_true, const Tensor& y_pred) const override {
    return categorical_focal_crossentropy(y_true, y_pred, args_.alpha, args_.gamma, args_.from_logits,
                                          args_.label_smoothing, args_.axis);
  }
};

struct BinaryCrossentropyLoss final : LossOf<BinaryCrossentropyArgs> {
  static constexpr auto class_name = "BinaryCrossentropy";
  using LossOf::LossOf;
  Tensor call(const Tensor& y_true, const Tensor& y_pred) const override {
    return binary_crossentropy(y_true, y_pred, args_.from_logits, args_.label_smoothing, args_.axis);
  }
};

struct BinaryFocalCrossentropyLoss final : LossOf<BinaryFocalCrossentropyArgs> {
  static constexpr auto class_name = "BinaryFocalCrossentropy";
  using LossOf::LossOf;
  Tensor call(const Tensor& y_true, const Tensor& y_pred) const override {
    return binary_focal_crossentropy(y_true, y_pred, args_.apply_class_balancing, args_.alpha, args_.gamma,
                                     args_.from_logits, args_.label_smoothing, args_.axis);
  }
};

struct DiceLoss final : LossOf<DiceArgs> {
  static constexpr auto class_name = "Dice";
  using LossOf::LossOf;
  Tensor call(const Tensor& y_true, const Tensor& y_pred) const override { return dice(y_true, y_pred, args_.axis); }
};

struct TverskyLoss final : LossOf<TverskyArgs> {
  static constexpr auto class_name = "Tversky";
  using LossOf::LossOf;
  Tensor call(const Tensor& y_true, const Tensor& y_pred) const override {
    return tversky(y_true, y_pred, args_.alpha, args_.beta, args_.axis);
  }
};

struct SparseCategoricalCrossentropyLoss final : LossOf<SparseCategoricalCrossentropyArgs> {
  static constexpr auto class_name = "SparseCategoricalCrossentropy";
  using LossOf::LossOf;
  Tensor call(const Tensor& y_true, const Tensor& y_pred) const override {
    return sparse_categorical_crossentropy(y_true, y_pred, args_.from_logits, args_.ignore_class, args_.axis);
  }
  Tensor mask(const Tensor& y_true, const Tensor& y_pred) const override {
    return args_.ignore_class ? counted(y_true, y_pred, *args_.ignore_class, args_.axis) : Tensor();
  }
  std::optional<SparseLabels> sparse_labels(const Shape&, const Shape&) const override {
    return SparseLabels{args_.axis, args_.ignore_class};
  }
};

struct CategoricalGeneralizedCrossEntropyLoss final : LossOf<CategoricalGeneralizedCrossEntropyArgs> {
  static constexpr auto class_name = "CategoricalGeneralizedCrossEntropy";
  explicit CategoricalGeneralizedCrossEntropyLoss(Args args) : LossOf(std::move(args)) { check_q(args_.q); }
  Tensor call(const Tensor& y_true, const Tensor& y_pred) const override {
    return categorical_generalized_cross_entropy(y_true, y_pred, args_.q);
  }
  std::optional<SparseLabels> sparse_labels(const Shape&, const Shape&) const override { return SparseLabels{}; }
};

struct CircleLoss final : LossOf<CircleArgs> {
  static constexpr auto class_name = "Circle";
  using LossOf::LossOf;
  Tensor call(const Tensor& y_true, const Tensor& y_pred) const override {
    return circle(y_true, y_pred, {}, {}, args_.remove_diagonal, args_.gamma, args_.margin);
  }
  Tensor mask(const Tensor& y_true, const Tensor& y_pred) const override { return call(y_true, y_pred) > 0; }
};

// "crossentropy": the one that the shapes ask for.
struct CrossentropyArgs {
  std::string name = "crossentropy";
  static void fields(auto&& f) { f("name", &CrossentropyArgs::name, "Name of the loss."); }
};
struct CrossentropyLoss final : BuiltInLoss {
  static constexpr auto class_name = "Crossentropy";
  using Args = CrossentropyArgs;
  explicit CrossentropyLoss(const CrossentropyArgs&) : BuiltInLoss("sum_over_batch_size", {}) {}
  Tensor call(const Tensor& y_true, const Tensor& y_pred) const override {
    switch (ops::problem_of(y_true.shape(), y_pred.shape())) {
      case ops::Problem::binary:
        return binary_crossentropy(y_true, y_pred);
      case ops::Problem::sparse:
        return sparse_categorical_crossentropy(y_true, y_pred);
      case ops::Problem::categorical:
        break;
    }
    return categorical_crossentropy(y_true, y_pred);
  }
  std::optional<SparseLabels> sparse_labels(const Shape& y_true, const Shape& y_pred) const override {
    if (ops::problem_of(y_true, y_pred) == ops::Problem::sparse) return SparseLabels{};
    return {};
  }
};

// What older versions of Keras said otherwise.
void upgrade(const char*, Config& config) {
  const Config* reduction = config.find("reduction");
  if (!reduction) return;
  if (reduction->is_null()) config.set("reduction", "none");
  if (*reduction == Config("auto")) config.set("reduction", "sum_over_batch_size");
}
}  // namespace

// The first of the names is that of Keras 3's function.
const Shelf& shelf() {
  static const Shelf shelf(
      "loss", "keras.losses",
      {{custom<BinaryCrossentropyLoss>(), {"binary_crossentropy", "bce", "BCE"}},
       {custom<BinaryFocalCrossentropyLoss>(), {"binary_focal_crossentropy"}},
       {custom<CTCLoss>(), {"ctc"}},
       {custom<CategoricalCrossentropyLoss>(), {"categorical_crossentropy"}},
       {custom<CategoricalFocalCrossentropyLoss>(), {"categorical_focal_crossentropy"}},
       {custom<CategoricalGeneralizedCrossEntropyLoss>(), {"categorical_generalized_cross_entropy"}},
       {custom<CategoricalHingeLoss>(), {"categorical_hinge"}},
       {custom<CircleLoss>(), {"circle"}},
       {custom<CosineSimilarityLoss>(), {"cosine_similarity", "cosine_proximity", "cosine", "CosineProximity"}},
       {custom<CrossentropyLoss>(), {"crossentropy", "ce"}},
       {custom<DiceLoss>(), {"dice"}},
       {custom<HingeLoss>(), {"hinge"}},
       {custom<HuberLoss>(), {"huber", "huber_loss"}},
       {custom<KLDivergenceLoss>(),
        {"kl_divergence", "kld", "KLD", "kullback_leibler_divergence", "KullbackLeiblerDivergence"}},
       {custom<LogCoshLoss>(), {"log_cosh", "logcosh", "Logcosh"}},
       {custom<MeanAbsoluteErrorLoss>(), {"mean_absolute_error", "mae", "MAE"}},
       {custom<MeanAbsolutePercentageErrorLoss>(), {"mean_absolute_percentage_error", "mape", "MAPE"}},
       {custom<MeanSquaredErrorLoss>(), {"mean_squared_error", "mse", "MSE"}},
       {custom<MeanSquaredLogarithmicErrorLoss>(), {"mean_squared_logarithmic_error", "msle", "MSLE"}},
       {custom<PoissonLoss>(), {"poisson"}},
       {custom<SparseCategoricalCrossentropyLoss>(), {"sparse_categorical_crossentropy"}},
       {custom<SquaredHingeLoss>(), {"squared_hinge"}},
       {custom<TverskyLoss>(), {"tversky"}}},
      upgrade);
  return shelf;
}

Loss BinaryCrossentropy(BinaryCrossentropyArgs args) { return make_loss<BinaryCrossentropyLoss>(std::move(args)); }
Loss BinaryFocalCrossentropy(BinaryFocalCrossentropyArgs args) {
  return make_loss<BinaryFocalCrossentropyLoss>(std::move(args));
}
Loss CTC(CTCArgs args) { return make_loss<CTCLoss>(std::move(args)); }
Loss CategoricalCrossentropy(CategoricalCrossentropyArgs args) {
  return make_loss<CategoricalCrossentropyLoss>(std::move(args));
}
Loss CategoricalFocalCrossentropy(CategoricalFocalCrossentropyArgs args) {
  return make_loss<CategoricalFocalCrossentropyLoss>(std::move(args));
}
Loss CategoricalGeneralizedCrossEntropy(CategoricalGeneralizedCrossEntropyArgs args) {
  return make_loss<CategoricalGeneralizedCrossEntropyLoss>(std::move(args));
}
Loss CategoricalHinge(CategoricalHingeArgs args) { return make_loss<CategoricalHingeLoss>(std::move(args)); }
Loss Circle(CircleArgs args) { return make_loss<CircleLoss>(std::move(args)); }
Loss CosineSimilarity(CosineSimilarityArgs args) { return make_loss<CosineSimilarityLoss>(std::move(args)); }
Loss Dice(DiceArgs args) { return make_loss<DiceLoss>(std::move(args)); }
Loss Hinge(HingeArgs args) { return make_loss<HingeLoss>(std::move(args)); }
Loss Huber(HuberArgs args) { return make_loss<HuberLoss>(std::move(args)); }
Loss KLDivergence(KLDivergenceArgs args) { return make_loss<KLDivergenceLoss>(std::move(args)); }
Loss LogCosh(LogCoshArgs args) { return make_loss<LogCoshLoss>(std::move(args)); }
Loss MeanAbsoluteError(MeanAbsoluteErrorArgs args) { return make_loss<MeanAbsoluteErrorLoss>(std::move(args)); }
Loss MeanAbsolutePercentageError(MeanAbsolutePercentageErrorArgs args) {
  return make_loss<MeanAbsolutePercentageErrorLoss>(std::move(args));
}
Loss MeanSquaredError(MeanSquaredErrorArgs args) { return make_loss<MeanSquaredErrorLoss>(std::move(args)); }
Loss MeanSquaredLogarithmicError(MeanSquaredLogarithmicErrorArgs args) {
  return make_loss<MeanSquaredLogarithmicErrorLoss>(std::move(args));
}
Loss Poisson(PoissonArgs args) { return make_loss<PoissonLoss>(std::move(args)); }
Loss SparseCategoricalCrossentropy(SparseCategoricalCrossentropyArgs args) {
  return make_loss<SparseCategoricalCrossentropyLoss>(std::move(args));
}
Loss SquaredHinge(SquaredHingeArgs args) { return make_loss<SquaredHingeLoss>(std::move(args)); }
Loss Tversky(TverskyArgs args) { return make_loss<TverskyLoss>(std::move(args)); }

}  // namespace keras::losses
