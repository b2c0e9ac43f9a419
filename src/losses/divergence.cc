// Losses of distributions: the divergence of Kullback and Leibler, Poisson's, and the generalized crossentropy.
#include <fmt/format.h>
#include <keras/config.h>
#include <keras/error.h>
#include <keras/losses.h>
#include <keras/ops.h>

#include "losses/built_in.h"
#include "losses/pair.h"
#include "ops/samples.h"

namespace keras::losses {

Tensor kl_divergence(const Tensor& y_true, const Tensor& y_pred) {
  auto [wanted, given] = paired("kl_divergence", y_true, y_pred);
  wanted = ops::clip(wanted, config::epsilon(), 1);
  given = ops::clip(given, config::epsilon(), 1);
  return ops::sum(wanted * ops::log(wanted / given), {-1});
}

Tensor poisson(const Tensor& y_true, const Tensor& y_pred) {
  const auto [wanted, given] = paired("poisson", y_true, y_pred);
  return ops::mean(given - wanted * ops::log(given + config::epsilon()), {-1});
}

void check_q(double q) {
  if (q > 0 && q < 1) return;
  throw ValueError(fmt::format(
      "categorical_generalized_cross_entropy: q must lie between 0 and 1, neither of them included. Received: q={}.",
      q));
}

Tensor categorical_generalized_cross_entropy(const Tensor& y_true, const Tensor& y_pred, double q) {
  constexpr const char* kName = "categorical_generalized_cross_entropy";
  check_q(q);
  const Tensor given = real(y_pred);
  Tensor labels = y_true;
  if (labels.ndim() == given.ndim() && labels.ndim() > 0 && labels.shape(-1) == Dim(1))
    labels = ops::squeeze(labels, {-1});
  if (given.ndim() == 0 || !ops::compatible(labels.shape(), given.shape().slice(0, -1))) {
    refuse(kName, "y_true must have one integer for each sample, the shape of y_pred without its last axis", y_true,
           y_pred, "");
  }
  const Tensor places = ops::expand_dims(ops::integer_labels(labels), -1);
  const Tensor each = ops::arange(0, given.shape(-1).value());
  const Tensor probability = ops::sum(given * ops::cast(ops::equal(places, each), given.dtype()), {-1});
  return (1 - ops::power(probability, q)) / q;
}

}  // namespace keras::losses
