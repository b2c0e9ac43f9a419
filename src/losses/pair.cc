#include "losses/pair.h"

#include <fmt/format.h>
#include <keras/config.h>
#include <keras/error.h>
#include <keras/ops.h>

#include "ops/samples.h"

namespace keras::losses {

Tensor real(const Tensor& x) { return x.dtype().is_floating() ? x : ops::cast(x, config::floatx()); }

std::pair<Tensor, Tensor> paired(const char* name, const Tensor& y_true, const Tensor& y_pred, const char* fix) {
  const Tensor predicted = real(y_pred);
  const auto [wanted, given] = ops::same_rank(ops::cast(y_true, predicted.dtype()), predicted);
  if (!ops::compatible(wanted.shape(), given.shape()))
    refuse(name, "y_true and y_pred must have the same shape", y_true, y_pred, fix);
  return {wanted, given};
}

int front_axis(const char* name, const Tensor& y_pred, int axis) {
  const int rank = y_pred.ndim();
  if (axis < -rank || axis >= rank) {
    throw ValueError(
        fmt::format("{}: there is no axis {} in y_pred. Received: y_pred.shape={}.", name, axis, y_pred.shape().str()));
  }
  return axis < 0 ? axis + rank : axis;
}

void refuse(const char* name, const char* rule, const Tensor& y_true, const Tensor& y_pred, const std::string& fix) {
  throw ValueError(fmt::format("{}: {}. Received: y_true.shape={}, y_pred.shape={}.{}", name, rule,
                               y_true.shape().str(), y_pred.shape().str(), fix));
}

}  // namespace keras::losses
