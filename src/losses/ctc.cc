// The loss of connectionist temporal classification with the lengths that Keras's class takes: all time steps, and the
// labels that are not 0.
#include <keras/losses.h>
#include <keras/ops.h>

#include "losses/pair.h"

namespace keras::losses {

Tensor ctc(const Tensor& y_true, const Tensor& y_pred) {
  const Tensor given = real(y_pred);
  if (y_true.ndim() != 2 || given.ndim() != 3) {
    refuse("ctc", "y_true must be labels of the shape (batch, longest), and y_pred logits (batch, time, classes)",
           y_true, y_pred, "");
  }
  const Tensor labels = ops::cast(y_true, DType::int32);
  const Tensor lengths = ops::sum(ops::cast(ops::not_equal(labels, 0), DType::int32), {1});
  const double steps = static_cast<double>(given.shape(1).value());
  const Tensor times = ops::full({given.shape(0)}, steps, DType::int32);
  return ops::ctc_loss(labels, given, lengths, times, 0);
}

}  // namespace keras::losses
