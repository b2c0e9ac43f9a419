// Integer labels, looked at where they lie before a step uses them.
#include <fmt/format.h>
#include <keras/error.h>

#include "losses/built_in.h"
#include "tensor/dispatch.h"

namespace keras::losses {

namespace {
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
  const auto* own = dynamic_cast<const BuiltInLoss*>(loss.body());
  const std::optional<SparseLabels> labels =
      own ? own->sparse_labels(y_true.shape(), y_pred) : std::optional<SparseLabels>();
  if (!labels) return;
  const int axis = labels->axis, rank = y_pred.rank();
  if (axis < -rank || axis >= rank || y_true.size() == 0) return;
  const Dim classes = y_pred[static_cast<std::size_t>(axis < 0 ? axis + rank : axis)];
  if (!classes.known()) return;
  if (y_true.ndim() == rank && y_true.shape(axis) != 1) return;  // one-hot labels: the loss says so
  const std::int64_t at = first_outside(y_true, classes.value(), labels->ignore_class);
  if (at < 0) return;
  throw ValueError(
      fmt::format("{}: the label {} of sample {} is outside the classes 0 to {} of predictions of shape {}. Either the "
                  "last layer needs "
                  "more units or the labels do not start at 0.",
                  loss.name(), y_true.flatten()[at].str(), at / (y_true.size() / y_true.length()), classes.value() - 1,
                  y_pred.str()));
}

}  // namespace keras::losses
