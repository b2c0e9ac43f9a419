// How far predictions rise and fall with the labels.
#include <keras/config.h>
#include <keras/metrics.h>
#include <keras/ops.h>

#include "losses/pair.h"

namespace keras::metrics {

Tensor pearson_correlation(const Tensor& y_true, const Tensor& y_pred, int axis) {
  const auto [wanted, given] = losses::paired("pearson_correlation", y_true, y_pred);
  const int along = losses::front_axis("pearson_correlation", given, axis);
  const auto standard = [&](const Tensor& x) {
    const Tensor centred = x - ops::mean(x, {along}, true);
    return centred / ops::std(centred, {along}, true);
  };
  return ops::mean(standard(wanted) * standard(given), {along});
}

// Lin, 1989; with the mean of y_pred taken off both factors, as Keras has it.
Tensor concordance_correlation(const Tensor& y_true, const Tensor& y_pred, int axis) {
  const auto [wanted, given] = losses::paired("concordance_correlation", y_true, y_pred);
  const int along = losses::front_axis("concordance_correlation", given, axis);
  const Axes over{along};
  const Tensor wanted_mean = ops::mean(wanted, over, true), given_mean = ops::mean(given, over, true);
  const Tensor product = (wanted - given_mean) * (given - given_mean);
  const Tensor scale = ops::var(wanted - wanted_mean, over, true) + ops::var(given - given_mean, over, true) +
                       ops::square(wanted_mean - given_mean);
  return ops::mean(2 * product / (scale + config::epsilon()), over);
}

}  // namespace keras::metrics
