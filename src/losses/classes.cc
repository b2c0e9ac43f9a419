// The classes of losses, and the table of their names.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/losses.h>

#include <algorithm>
#include <limits>

#include "losses/built_in.h"
#include "ops/samples.h"
#include "support/text.h"
#include "tensor/dispatch.h"

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

struct MeanSquaredErrorLoss final : LossOf<MeanSquaredErrorArgs> {
  static constexpr auto class_name = "MeanSquaredError";
  using LossOf::LossOf;
  Tensor call(const Tensor& y_true, const Tensor& y_pred) const override { return mean_squared_error(y_true, y_pred); }
};

struct MeanAbsoluteErrorLoss final : LossOf<MeanAbsoluteErrorArgs> {
  static constexpr auto class_name = "MeanAbsoluteError";
  using LossOf::LossOf;
  Tensor call(const Tensor& y_true, const Tensor& y_pred) const override { return mean_absolute_error(y_true, y_pred); }
};

struct CategoricalCrossentropyLoss final : LossOf<CategoricalCrossentropyArgs> {
  static constexpr auto class_name = "CategoricalCrossentropy";
  using LossOf::LossOf;
  Tensor call(const Tensor& y_true, const Tensor& y_pred) const override {
    return categorical_crossentropy(y_true, y_pred, args_.from_logits, args_.label_smoothing, args_.axis);
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
  const Args& args() const { return args_; }
};

struct BinaryCrossentropyLoss final : LossOf<BinaryCrossentropyArgs> {
  static constexpr auto class_name = "BinaryCrossentropy";
  using LossOf::LossOf;
  Tensor call(const Tensor& y_true, const Tensor& y_pred) const override {
    return binary_crossentropy(y_true, y_pred, args_.from_logits, args_.label_smoothing, args_.axis);
  }
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
};

// What Keras has beyond these, by both of its spellings.
constexpr std::string_view kLater[] = {"BinaryFocalCrossentropy",
                                       "CTC",
                                       "CategoricalFocalCrossentropy",
                                       "CategoricalHinge",
                                       "Circle",
                                       "CosineSimilarity",
                                       "Dice",
                                       "Hinge",
                                       "Huber",
                                       "KLD",
                                       "KLDivergence",
                                       "LogCosh",
                                       "MAPE",
                                       "MSLE",
                                       "MeanAbsolutePercentageError",
                                       "MeanSquaredLogarithmicError",
                                       "Poisson",
                                       "SquaredHinge",
                                       "Tversky",
                                       "binary_focal_crossentropy",
                                       "categorical_focal_crossentropy",
                                       "categorical_hinge",
                                       "circle",
                                       "cosine_proximity",
                                       "cosine_similarity",
                                       "ctc",
                                       "dice",
                                       "hinge",
                                       "huber",
                                       "kl_divergence",
                                       "kld",
                                       "kullback_leibler_divergence",
                                       "log_cosh",
                                       "logcosh",
                                       "mape",
                                       "mean_absolute_percentage_error",
                                       "mean_squared_logarithmic_error",
                                       "msle",
                                       "poisson",
                                       "squared_hinge",
                                       "tversky"};

}  // namespace

const Shelf& shelf() {
  static const Shelf shelf("loss", "keras.losses",
                           {{custom<BinaryCrossentropyLoss>(), {"binary_crossentropy", "bce", "BCE"}},
                            {custom<CategoricalCrossentropyLoss>(), {"categorical_crossentropy"}},
                            {custom<CrossentropyLoss>(), {"crossentropy", "ce"}},
                            {custom<MeanAbsoluteErrorLoss>(), {"mean_absolute_error", "mae", "MAE"}},
                            {custom<MeanSquaredErrorLoss>(), {"mean_squared_error", "mse", "MSE"}},
                            {custom<SparseCategoricalCrossentropyLoss>(), {"sparse_categorical_crossentropy"}}});
  return shelf;
}

void refuse_later(const std::string& name) {
  if (std::find(std::begin(kLater), std::end(kLater), name) == std::end(kLater)) return;
  throw NotImplementedError(
      fmt::format("The loss \"{}\" of Keras is not in this version. It can be written as a function of "
                  "(y_true, y_pred) that gives one value a sample.",
                  name));
}

namespace {
// The first and last of the labels' values, as long as they are integers that count.
// The place of the first label outside [0, classes), or -1. Looks at the labels where they lie: training does it each
// step.
std::int64_t first_outside(const Array& labels, std::int64_t classes, std::optional<std::int64_t> ignore_class) {
  std::int64_t found = -1;
  dispatch(labels.dtype(), [&]<class T>(std::type_identity<T>) {
    const std::span<const T> values = labels.values<T>();
    for (std::size_t i = 0; i < values.size() && found < 0; ++i) {
      const double label = convert<double>(values[i]);
      const bool ignored = ignore_class && label == static_cast<double>(*ignore_class);
      if (!ignored && !(label >= 0 && label < static_cast<double>(classes))) found = static_cast<std::int64_t>(i);
    }
  });
  return found;
}
}  // namespace

void check_labels(const Loss& loss, const Array& y_true, const Shape& y_pred) {
  const bool by_shape = dynamic_cast<const CrossentropyLoss*>(loss.body()) &&
                        ops::problem_of(y_true.shape(), y_pred) == ops::Problem::sparse;
  const auto* sparse = dynamic_cast<const SparseCategoricalCrossentropyLoss*>(loss.body());
  if (!sparse && !by_shape) return;
  const int axis = sparse ? sparse->args().axis : -1, rank = y_pred.rank();
  if (axis < -rank || axis >= rank || y_true.size() == 0) return;
  const Dim classes = y_pred[static_cast<std::size_t>(axis < 0 ? axis + rank : axis)];
  if (!classes.known()) return;
  if (y_true.ndim() == rank && y_true.shape(axis) != 1) return;  // one-hot labels: the loss says so
  const std::int64_t at = first_outside(y_true, classes.value(), sparse ? sparse->args().ignore_class : std::nullopt);
  if (at < 0) return;
  throw ValueError(
      fmt::format("{}: the label {} of sample {} is outside the classes 0 to {} of predictions of shape {}. Either the "
                  "last layer needs "
                  "more units or the labels do not start at 0.",
                  loss.name(), y_true.flatten()[at].str(), at / (y_true.size() / y_true.length()), classes.value() - 1,
                  y_pred.str()));
}

Loss MeanSquaredError(MeanSquaredErrorArgs args) { return make_loss<MeanSquaredErrorLoss>(std::move(args)); }
Loss MeanAbsoluteError(MeanAbsoluteErrorArgs args) { return make_loss<MeanAbsoluteErrorLoss>(std::move(args)); }
Loss CategoricalCrossentropy(CategoricalCrossentropyArgs args) {
  return make_loss<CategoricalCrossentropyLoss>(std::move(args));
}
Loss SparseCategoricalCrossentropy(SparseCategoricalCrossentropyArgs args) {
  return make_loss<SparseCategoricalCrossentropyLoss>(std::move(args));
}
Loss BinaryCrossentropy(BinaryCrossentropyArgs args) { return make_loss<BinaryCrossentropyLoss>(std::move(args)); }

}  // namespace keras::losses
