// Losses of numbers against numbers.
#include <keras/config.h>
#include <keras/losses.h>
#include <keras/ops.h>

#include <cmath>

#include "losses/pair.h"

namespace keras::losses {

namespace {
std::pair<Tensor, Tensor> numbers(const char* name, const Tensor& y_true, const Tensor& y_pred) {
  return paired(name, y_true, y_pred, " The last layer of the model must have as many units as y_true has columns.");
}
Tensor difference(const char* name, const Tensor& y_true, const Tensor& y_pred) {
  const auto [wanted, given] = numbers(name, y_true, y_pred);
  return wanted - given;
}
}  // namespace

Tensor mean_squared_error(const Tensor& y_true, const Tensor& y_pred) {
  return ops::mean(ops::square(difference("mean_squared_error", y_true, y_pred)), {-1});
}

Tensor mean_absolute_error(const Tensor& y_true, const Tensor& y_pred) {
  return ops::mean(ops::abs(difference("mean_absolute_error", y_true, y_pred)), {-1});
}

Tensor mean_absolute_percentage_error(const Tensor& y_true, const Tensor& y_pred) {
  const auto [wanted, given] = numbers("mean_absolute_percentage_error", y_true, y_pred);
  const Tensor part = ops::abs((wanted - given) / ops::maximum(ops::abs(wanted), config::epsilon()));
  return 100 * ops::mean(part, {-1});
}

Tensor mean_squared_logarithmic_error(const Tensor& y_true, const Tensor& y_pred) {
  const auto [wanted, given] = numbers("mean_squared_logarithmic_error", y_true, y_pred);
  const auto log = [](const Tensor& x) { return ops::log(ops::maximum(x, config::epsilon()) + 1); };
  return ops::mean(ops::square(log(given) - log(wanted)), {-1});
}

Tensor cosine_similarity(const Tensor& y_true, const Tensor& y_pred, int axis) {
  const auto [wanted, given] = numbers("cosine_similarity", y_true, y_pred);
  const int along = front_axis("cosine_similarity", given, axis);
  return -ops::sum(ops::normalize(wanted, {along}) * ops::normalize(given, {along}), {along});
}

Tensor huber(const Tensor& y_true, const Tensor& y_pred, double delta) {
  const Tensor error = difference("huber", y_true, y_pred), size = ops::abs(error);
  return ops::mean(ops::where(size <= delta, 0.5 * ops::square(error), delta * size - 0.5 * delta * delta), {-1});
}

Tensor log_cosh(const Tensor& y_true, const Tensor& y_pred) {
  const Tensor error = -difference("log_cosh", y_true, y_pred);
  return ops::mean(error + ops::softplus(-2 * error) - std::log(2.0), {-1});
}

}  // namespace keras::losses
