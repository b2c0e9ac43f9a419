#include "ops/local_conv.h"

#include <keras/ops.h>

#include "ops/record.h"

namespace keras::ops {

namespace {
// For each place the elements of space that its window sees, as numbers in row-major order.
Array seen_from(const Shape& space, const std::vector<std::int64_t>& window, const std::vector<std::int64_t>& strides,
                const Shape& places) {
  std::vector<std::int32_t> found;
  std::int64_t elements = 1;
  for (const std::int64_t size : window) elements *= size;
  for (std::int64_t place = 0; place < places.elements(); ++place) {
    for (std::int64_t i = 0; i < elements; ++i) {
      std::int64_t at = 0, step = 1, rest_of_place = place, rest_of_window = i;
      for (std::size_t d = window.size(); d-- > 0;) {
        at += (rest_of_place % places[d].value() * strides[d] + rest_of_window % window[d]) * step;
        step *= space[d].value(), rest_of_place /= places[d].value(), rest_of_window /= window[d];
      }
      found.push_back(static_cast<std::int32_t>(at));
    }
  }
  return found.empty() ? Array({0}, DType::int32) : Array(found);
}
}  // namespace

Tensor local_conv(const Tensor& x, const Tensor& kernel, const std::vector<std::int64_t>& window,
                  const std::vector<std::int64_t>& strides, const Shape& places, bool channels_first) {
  KERAS_RECORD_2(x, kernel, local_conv(x, kernel, window, strides, places, channels_first))
  const Dim batch = x.shape(0), channels = x.shape(channels_first ? 1 : -1), filters = kernel.shape(2);
  const Shape space = channels_first ? x.shape().slice(2) : x.shape().slice(1, -1);
  const Array seen = seen_from(space, window, strides, places);
  const std::int64_t count = places.elements(), elements = count == 0 ? 0 : seen.size() / count;
  Tensor rows;  // (places, batch, what a window sees)
  Shape shape{batch};
  if (channels_first) {
    rows = take(reshape(x, {batch, channels, space.elements()}), seen, 2);
    rows = transpose(reshape(rows, {batch, channels, count, elements}), {2, 0, 1, 3});
    rows = reshape(rows, {count, batch, channels * Dim(elements)});
    shape.push_back(filters);
  } else {
    rows = take(reshape(x, {batch, space.elements(), channels}), seen, 1);
    rows = transpose(reshape(rows, {batch, count, channels * Dim(elements)}), {1, 0, 2});
  }
  for (const Dim size : places) shape.push_back(size);
  if (!channels_first) shape.push_back(filters);
  return reshape(transpose(matmul(rows, kernel), channels_first ? Axes{1, 2, 0} : Axes{1, 0, 2}), shape);
}

}  // namespace keras::ops
