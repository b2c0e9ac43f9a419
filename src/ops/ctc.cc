// The loss of connectionist temporal classification: a loop over time in which each sample has the log probability of
// every prefix of its labels, blanks between them.
#include <fmt/format.h>
#include <keras/config.h>
#include <keras/error.h>
#include <keras/ops.h>

#include <limits>

#include "ops/record.h"

namespace keras::ops {

namespace {
constexpr double kNever = -1e30;  // the logarithm of no probability; its sums and differences stay finite

// x with `n` places put before its last axis's elements, which move up.
Tensor shifted(const Tensor& x, std::int64_t n) {
  const Tensor kept = slice(x, {0, 0}, {-1, x.shape(1).value() - n});
  return pad(kept, {{0, 0}, {n, 0}}, kNever);
}
Tensor log_sum(const Tensor& a, const Tensor& b) {
  const Tensor larger = maximum(a, b);
  return larger + log1p(exp(minimum(a, b) - larger));
}
Tensor within(const Tensor& places, const Tensor& lengths) { return places < expand_dims(lengths, -1); }
}  // namespace

Tensor ctc_loss(const Tensor& target, const Tensor& output, const Tensor& target_length, const Tensor& output_length,
                std::int64_t mask_index) {
  const std::vector<Tensor> all{target, output, target_length, output_length};
  if (recording(all)) {
    return record_op(__func__, all, [mask_index](const std::vector<Tensor>& in) -> std::vector<Tensor> {
      return {ctc_loss(in[0], in[1], in[2], in[3], mask_index)};
    })[0];
  }
  if (target.ndim() != 2 || output.ndim() != 3 || target_length.ndim() != 1 || output_length.ndim() != 1) {
    throw ValueError(fmt::format(
        "ops::ctc_loss: expected target (batch, labels), output (batch, time, classes) and lengths (batch,). "
        "Received: shapes {}, {}, {} and {}.",
        target.shape().str(), output.shape().str(), target_length.shape().str(), output_length.shape().str()));
  }
  const Dim classes = output.shape(2);
  if (classes.known() && (mask_index < 0 || mask_index >= classes.value())) {
    throw ValueError(fmt::format("ops::ctc_loss: mask_index must be one of the {} classes. Received: {}.",
                                 classes.value(), mask_index));
  }
  const Tensor scores = log_softmax(output, -1);
  if (!target.shape().known() || !output.shape().known()) return sum(scores, {1, 2});  // of the same type
  const std::int64_t batch = target.shape(0).value(), labels = target.shape(1).value(), states = 2 * labels + 1;

  // The labels with blanks around them; what lies behind a label's end may be no class.
  const Tensor places = reshape(arange(0, labels), {1, labels}), lengths = cast(target_length, DType::int32);
  const Tensor known = where(within(places, lengths), cast(target, DType::int32), mask_index);
  const Tensor blanks = ops::full({batch, labels, 1}, static_cast<double>(mask_index), DType::int32);
  const Tensor joined = reshape(concatenate({blanks, expand_dims(known, -1)}, -1), {batch, 2 * labels});
  const Tensor path = concatenate({joined, ops::full({batch, 1}, static_cast<double>(mask_index), DType::int32)}, -1);
  // A label may follow the one before without a blank between them if they differ.
  const Tensor before =
      states > 2 ? pad(slice(path, {0, 0}, {batch, states - 2}), {{0, 0}, {2, 0}}, static_cast<double>(mask_index))
                 : ops::full({batch, states}, static_cast<double>(mask_index), DType::int32);
  const Tensor skips = logical_and(not_equal(path, mask_index), not_equal(path, before));

  const std::int64_t time = output.shape(1).value();
  const Tensor wide = broadcast_to(expand_dims(path, 1), {batch, time, states});
  const Tensor emitted = transpose(take_along_axis(scores, wide, -1), {1, 0, 2});  // (time, batch, states)
  const Tensor counts = within(reshape(arange(0, time), {1, time}), cast(output_length, DType::int32));
  const Tensor first = reshape(arange(0, states) < 2, {1, states});
  const Tensor start = where(first, take(emitted, 0, 0), kNever);
  const ScanStep done = scan(
      [&](const std::vector<Tensor>& carry, const std::vector<Tensor>& slices) -> ScanStep {
        const Tensor& now = carry[0];
        const Tensor one = states > 1 ? log_sum(now, shifted(now, 1)) : now;
        const Tensor two = states > 2 ? log_sum(one, where(skips, shifted(now, 2), kNever)) : one;
        return {{where(expand_dims(slices[1], -1), two + slices[0], now)}, {}};
      },
      {start}, {slice(emitted, {1, 0, 0}, {-1, -1, -1}), slice(transpose(counts, {1, 0}), {1, 0}, {-1, -1})});
  // It ends in the last blank or the last label.
  const Tensor last = 2 * lengths;
  const auto ends_in = [&](const Tensor& at) {
    return squeeze(take_along_axis(done.carry[0], expand_dims(maximum(at, 0), -1), -1), {-1});
  };
  const Tensor total = log_sum(ends_in(last), where(last > 0, ends_in(last - 1), kNever));
  return where(total > kNever / 2, -total, std::numeric_limits<double>::infinity());
}

}  // namespace keras::ops
