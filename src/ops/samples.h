// What losses and metrics share: ranks that fit, masks as weights, and what a problem is by the shapes of its labels.
#pragma once

#include <keras/tensor.h>

#include <utility>

namespace keras::ops {

// Keras's squeeze_or_expand_to_same_rank: where the ranks differ by one and the longer shape ends in 1, that axis is
// added to a vector or taken off.
std::pair<Tensor, Tensor> same_rank(const Tensor& a, const Tensor& b);

// a / b, and 0 where b is 0.
Tensor divide_no_nan(const Tensor& a, const Tensor& b);

// The sample weights with a mask of the same meaning in them: masked samples weigh 0. Either may be empty; both: empty.
// `rescale`: the others weigh more, so that a mean over all samples becomes the mean over them.
Tensor masked_weight(const Tensor& weight, const Tensor& mask, DType dtype, bool rescale);

// Whether two shapes can be equal: None equals any size.
bool compatible(const Shape& a, const Shape& b);

// Integer labels as take_along_axis and comparisons want them: int32, or int64 where the labels may not fit.
Tensor integer_labels(const Tensor& labels);

// What "accuracy" and "crossentropy" mean, by Keras's rules.
enum class Problem { binary, sparse, categorical };
Problem problem_of(const Shape& y_true, const Shape& y_pred);

}  // namespace keras::ops
