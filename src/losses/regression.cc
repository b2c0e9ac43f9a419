// Losses of numbers against numbers.
#include <fmt/format.h>
#include <keras/config.h>
#include <keras/error.h>
#include <keras/losses.h>
#include <keras/ops.h>

#include "ops/samples.h"

namespace keras::losses {

namespace {
// y_true - y_pred, with the ranks brought together.
Tensor difference(const char* name, const Tensor& y_true, const Tensor& y_pred) {
  const Tensor predicted = y_pred.dtype().is_floating() ? y_pred : ops::cast(y_pred, config::floatx());
  const auto [wanted, given] = ops::same_rank(ops::cast(y_true, predicted.dtype()), predicted);
  if (!ops::compatible(wanted.shape(), given.shape())) {
    throw ValueError(
        fmt::format("{}: y_true and y_pred must have the same shape. Received: y_true.shape={}, y_pred.shape={}. "
                    "The last layer of the model must have as many units as y_true has columns.",
                    name, y_true.shape().str(), y_pred.shape().str()));
  }
  return wanted - given;
}
}  // namespace

Tensor mean_squared_error(const Tensor& y_true, const Tensor& y_pred) {
  return ops::mean(ops::square(difference("mean_squared_error", y_true, y_pred)), {-1});
}

Tensor mean_absolute_error(const Tensor& y_true, const Tensor& y_pred) {
  return ops::mean(ops::abs(difference("mean_absolute_error", y_true, y_pred)), {-1});
}

}  // namespace keras::losses
