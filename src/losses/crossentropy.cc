// The crossentropies: from logits, from probabilities, and from the operand of the softmax or sigmoid that made y_pred.
#include "losses/crossentropy.h"

#include <fmt/format.h>
#include <keras/config.h>
#include <keras/error.h>
#include <keras/losses.h>
#include <keras/ops.h>

#include <limits>

#include "losses/built_in.h"
#include "losses/pair.h"
#include "ops/record.h"
#include "ops/samples.h"
#include "ops/tensor_node.h"
#include "primitives/attrs.h"
#include "primitives/primitives.h"

namespace keras::losses {

namespace {
using primitives::Op;

bool made_by(const ops::TensorNode& node, Op op) {
  return node.kind == ops::TensorNode::Kind::op && node.op == &primitives::def(op) && !node.inputs.empty();
}

// What the softmax (along `axis`) or sigmoid that made y_pred was applied to, in y_pred's dtype; empty where nothing of
// the kind made it.
Tensor operand_of(Op op, const Tensor& y_pred, int axis) {
  ops::NodePtr node = ops::node_of(y_pred);
  while (made_by(*node, Op::cast)) node = node->inputs[0];
  if (!made_by(*node, op)) return {};
  if (op == Op::softmax && node->attrs.as<primitives::AxisAttrs>().axis != axis) return {};
  return ops::cast(Tensor(node->inputs[0]), y_pred.dtype());
}

// The likely fix where labels are compared with one probability a class.
std::string class_hint(const Shape& y_true, const Shape& y_pred) {
  if (y_pred.empty() || !y_pred.back().known()) return "";
  const std::int64_t classes = y_pred.back().value();
  if (y_true.rank() < y_pred.rank() || y_true.back() == Dim(1)) {
    if (classes == 1) return " For one probability a sample use binary_crossentropy.";
    return fmt::format(
        " For integer labels use sparse_categorical_crossentropy, or make them one-hot: "
        "utils::to_categorical(labels, {}).",
        classes);
  }
  if (y_true.rank() == y_pred.rank() && y_true.back().known() && y_true.back() != y_pred.back()) {
    return fmt::format(" The labels have {} classes and the model gives {}: the last layer needs {} units.",
                       y_true.back().value(), classes, y_true.back().value());
  }
  return "";
}

// Labels without the class axis.
Tensor sparse_labels(const char* name, const Tensor& y_true, const Tensor& y_pred, int axis) {
  Tensor labels = y_true;
  if (labels.ndim() == y_pred.ndim() && labels.shape(axis) == Dim(1)) labels = ops::squeeze(labels, {axis});
  Shape samples = y_pred.shape().slice(0, axis);
  for (Dim dim : y_pred.shape().slice(axis + 1)) samples.push_back(dim);
  if (!ops::compatible(labels.shape(), samples)) {
    const bool one_hot = labels.ndim() == y_pred.ndim();
    refuse(name, "y_true must have one integer for each sample, the shape of y_pred without its class axis", y_true,
           y_pred, one_hot ? " For one-hot labels use categorical_crossentropy." : "");
  }
  return ops::integer_labels(labels);
}
}  // namespace

Tensor clipped(const Tensor& probability) {
  const double epsilon = config::epsilon();
  return ops::clip(probability, epsilon, 1 - epsilon);
}

Tensor smoothed(const Tensor& one_hot, double label_smoothing) {
  if (label_smoothing == 0) return one_hot;
  const Dim classes = one_hot.shape(-1);
  const Tensor share = classes.known() ? Tensor(label_smoothing / static_cast<double>(classes.value()))
                                       : label_smoothing / ops::sum(ops::ones_like(one_hot), {-1}, true);
  return one_hot * (1 - label_smoothing) + share;
}

Tensor categorical_crossentropy(const Tensor& y_true, const Tensor& y_pred, bool from_logits, double label_smoothing,
                                int axis) {
  constexpr const char* kName = "categorical_crossentropy";
  auto [wanted, given] = ops::same_rank(y_true, real(y_pred));
  if (!ops::compatible(wanted.shape(), given.shape()) || given.ndim() == 0) {
    refuse(kName, "y_true must be one-hot, of the shape of y_pred", y_true, y_pred,
           class_hint(y_true.shape(), y_pred.shape()));
  }
  const int along = front_axis(kName, given, axis);
  wanted = smoothed(ops::cast(wanted, given.dtype()), label_smoothing);
  Tensor logits = operand_of(Op::softmax, given, along);
  if (logits.empty() && from_logits) logits = given;
  if (!logits.empty()) return -ops::sum(wanted * ops::log_softmax(logits, along), {along});
  const Tensor probability = clipped(given / ops::sum(given, {along}, true));
  return -ops::sum(wanted * ops::log(probability), {along});
}

Tensor sparse_categorical_crossentropy(const Tensor& y_true, const Tensor& y_pred, bool from_logits,
                                       std::optional<std::int64_t> ignore_class, int axis) {
  constexpr const char* kName = "sparse_categorical_crossentropy";
  const Tensor given = real(y_pred);
  const int along = front_axis(kName, given, axis);
  Tensor labels = sparse_labels(kName, ops::same_rank(y_true, given).first, given, along);
  Tensor logits = operand_of(Op::softmax, given, along);
  const bool probabilities = logits.empty() && !from_logits;
  if (logits.empty()) logits = given;
  Tensor counts;
  if (ignore_class) {
    counts = ops::not_equal(labels, *ignore_class);
    labels = ops::where(counts, labels, 0);
    logits = ops::where(ops::expand_dims(counts, along), logits, 0);  // what an ignored sample predicts may be NaN
  }
  if (probabilities) logits = ops::log(clipped(logits));  // normalized by the log_softmax, as Keras does
  Tensor inside;
  if (given.shape(along).known()) {  // a label outside the classes gives NaN instead of some other class's loss
    inside = ops::logical_and(labels >= 0, labels < given.shape(along).value());
    labels = ops::where(inside, labels, 0);
  }
  const Tensor score = ops::take_along_axis(ops::log_softmax(logits, along), ops::expand_dims(labels, along), along);
  Tensor values = -ops::squeeze(score, {along});
  if (!inside.empty()) values = ops::where(inside, values, std::numeric_limits<double>::quiet_NaN());
  return counts.empty() ? values : ops::where(counts, values, 0);
}

Tensor binary_crossentropy(const Tensor& y_true, const Tensor& y_pred, bool from_logits, double label_smoothing,
                           int axis) {
  constexpr const char* kName = "binary_crossentropy";
  auto [wanted, given] = ops::same_rank(y_true, real(y_pred));
  if (!ops::compatible(wanted.shape(), given.shape())) {
    const bool classes = !y_pred.shape().empty() && y_pred.shape().back() != Dim(1);
    refuse(kName, "y_true must have the shape of y_pred", y_true, y_pred,
           classes ? " For integer labels of several classes use sparse_categorical_crossentropy with a softmax." : "");
  }
  const int along = front_axis(kName, given, axis);
  wanted = ops::cast(wanted, given.dtype());
  if (label_smoothing != 0) wanted = wanted * (1 - label_smoothing) + 0.5 * label_smoothing;
  return ops::mean(ops::binary_crossentropy(wanted, given, from_logits), {along});
}

Tensor counted(const Tensor& y_true, const Tensor& y_pred, std::int64_t ignore_class, int axis) {
  constexpr const char* kName = "sparse_categorical_crossentropy";
  const int along = front_axis(kName, y_pred, axis);
  return ops::not_equal(sparse_labels(kName, ops::same_rank(y_true, y_pred).first, y_pred, along), ignore_class);
}

}  // namespace keras::losses

namespace keras::ops {

Tensor categorical_crossentropy(const Tensor& target, const Tensor& output, bool from_logits, int axis) {
  KERAS_RECORD_2(target, output, categorical_crossentropy(target, output, from_logits, axis))
  return losses::categorical_crossentropy(target, output, from_logits, 0, axis);
}

Tensor sparse_categorical_crossentropy(const Tensor& target, const Tensor& output, bool from_logits, int axis) {
  KERAS_RECORD_2(target, output, sparse_categorical_crossentropy(target, output, from_logits, axis))
  return losses::sparse_categorical_crossentropy(target, output, from_logits, {}, axis);
}

Tensor binary_crossentropy(const Tensor& target, const Tensor& output, bool from_logits) {
  KERAS_RECORD_2(target, output, binary_crossentropy(target, output, from_logits))
  const Tensor given = losses::real(output), wanted = cast(target, given.dtype());
  if (!compatible(wanted.shape(), given.shape())) {
    throw ValueError(fmt::format("ops::binary_crossentropy: target must have the shape of output. Received: {} and {}.",
                                 target.shape().str(), output.shape().str()));
  }
  Tensor logits = losses::operand_of(primitives::Op::sigmoid, given, 0);
  if (logits.empty() && from_logits) logits = given;
  if (!logits.empty()) {
    const Tensor rising = logits >= 0;
    const Tensor linear = where(rising, logits, 0) - logits * wanted;
    return linear + log1p(exp(where(rising, -logits, logits)));
  }
  const Tensor p = losses::clipped(given);
  return -(wanted * log(p) + (1 - wanted) * log(1 - p));
}

}  // namespace keras::ops
