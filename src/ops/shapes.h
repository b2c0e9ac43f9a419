// Promotion, broadcasting and axes: the rules the front functions share.
#pragma once

#include <keras/ops.h>

#include <vector>

#include "ir/attrs.h"

namespace keras::ops {

// The shape two shapes broadcast to, as NumPy; None with 1 is None, None with n is n. ValueError names `op` and the
// shapes.
Shape broadcast_shapes(const Shape& a, const Shape& b, const char* op);
// An axis counted from the front. ValueError names `op` and the rank.
int normalize_axis(int axis, int rank, const char* op);
ir::Ints normalize_axes(const Axes& axes, int rank, const char* op);  // sorted; all axes when none is given
// Whether this data format, or the configured one where none is given, is channels_first. ValueError names the
// function.
bool channels_first(const char* op, const std::optional<std::string>& data_format, const char* space = "ops::");
// The dtype the operands meet in; numbers follow arrays (see Tensor).
DType promote(const std::vector<Tensor>& operands);
// The operands with one dtype and one shape, ready for an elementwise primitive.
std::vector<Tensor> align(const std::vector<Tensor>& operands, DType dtype, const char* op);

}  // namespace keras::ops
