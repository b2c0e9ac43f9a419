// Hinge losses: of a sign, and of one class against the others.
#include <keras/config.h>
#include <keras/losses.h>
#include <keras/ops.h>

#include "losses/pair.h"

namespace keras::losses {

namespace {
// max(1 - y_true * y_pred, 0) of each element.
Tensor shortfall(const char* name, const Tensor& y_true, const Tensor& y_pred) {
  auto [wanted, given] = paired(name, y_true, y_pred);
  if (!config::dialect().hinge_takes_labels_as_they_are) {
    const Tensor binary = ops::all(ops::logical_or(ops::equal(wanted, 0), ops::equal(wanted, 1)));
    wanted = ops::where(binary, 2 * wanted - 1, wanted);
  }
  return ops::maximum(1 - wanted * given, 0);
}
}  // namespace

Tensor hinge(const Tensor& y_true, const Tensor& y_pred) { return ops::mean(shortfall("hinge", y_true, y_pred), {-1}); }

Tensor squared_hinge(const Tensor& y_true, const Tensor& y_pred) {
  return ops::mean(ops::square(shortfall("squared_hinge", y_true, y_pred)), {-1});
}

Tensor categorical_hinge(const Tensor& y_true, const Tensor& y_pred) {
  const auto [wanted, given] = paired("categorical_hinge", y_true, y_pred, " y_true must be one-hot.");
  const Tensor right = ops::sum(wanted * given, {-1}), wrong = ops::max((1 - wanted) * given, {-1});
  return ops::maximum(wrong - right + 1, 0);
}

}  // namespace keras::losses
