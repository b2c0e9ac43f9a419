// The attribute structs of the structured ops. A backend that implements an op includes this and nothing else of its
// record.
#pragma once

#include <string>

#include "ir/attrs.h"

namespace keras::primitives {

using ir::Ints;

struct ReduceAttrs {  // sum, mean, prod, reduce_max, reduce_min, any, all
  Ints axes;          // sorted, not negative; never empty
  bool keepdims = false;
  static void fields(auto&& f) {
    f("axes", &ReduceAttrs::axes);
    f("keepdims", &ReduceAttrs::keepdims);
  }
  friend bool operator==(const ReduceAttrs&, const ReduceAttrs&) = default;
};

struct AxisAttrs {        // argmax, argmin, concatenate, cumsum, softmax, log_softmax, gather, take_along_axis
  std::int64_t axis = 0;  // not negative
  static void fields(auto&& f) { f("axis", &AxisAttrs::axis); }
};

struct UpdateRowsAttrs {
  std::string chain;  // "sgd_update"
  static void fields(auto&& f) { f("chain", &UpdateRowsAttrs::chain); }
};

struct CumsumAttrs {
  std::int64_t axis = 0;
  bool reverse = false;
  static void fields(auto&& f) {
    f("axis", &CumsumAttrs::axis);
    f("reverse", &CumsumAttrs::reverse);
  }
};

struct ShapeAttrs {  // reshape, broadcast: the result's shape. broadcast aligns axes at the right, as NumPy does
  Shape shape;
  static void fields(auto&& f) { f("shape", &ShapeAttrs::shape); }
};

struct TransposeAttrs {
  Ints permutation;
  static void fields(auto&& f) { f("permutation", &TransposeAttrs::permutation); }
};

// [..., m, k] x [..., k, n] -> [..., m, n]; the leading axes are equal or absent in b. transpose_a: a is [..., k, m].
struct MatmulAttrs {
  bool transpose_a = false, transpose_b = false;
  static void fields(auto&& f) {
    f("transpose_a", &MatmulAttrs::transpose_a);
    f("transpose_b", &MatmulAttrs::transpose_b);
  }
};

struct CastAttrs {
  DType dtype;
  static void fields(auto&& f) { f("dtype", &CastAttrs::dtype); }
};

struct ConstantAttrs {
  Array value;
  static void fields(auto&& f) { f("value", &ConstantAttrs::value); }
};

struct SplatAttrs {  // the same number everywhere; needs no memory inside fused loops
  double value = 0;  // integers are exact up to 2^53
  DType dtype;
  Shape shape;
  static void fields(auto&& f) {
    f("value", &SplatAttrs::value);
    f("dtype", &SplatAttrs::dtype);
    f("shape", &SplatAttrs::shape);
  }
};

struct IotaAttrs {  // start + step * i, along `axis`
  double start = 0, step = 1;
  std::int64_t axis = 0;
  DType dtype;
  Shape shape;
  static void fields(auto&& f) {
    f("start", &IotaAttrs::start);
    f("step", &IotaAttrs::step);
    f("axis", &IotaAttrs::axis);
    f("dtype", &IotaAttrs::dtype);
    f("shape", &IotaAttrs::shape);
  }
};

struct OneHotAttrs {  // a new last axis; indices outside [0, classes) give zeros
  std::int64_t classes = 0;
  DType dtype;
  static void fields(auto&& f) {
    f("classes", &OneHotAttrs::classes);
    f("dtype", &OneHotAttrs::dtype);
  }
};

struct PadAttrs {  // constant padding; negative widths are refused
  Ints before, after;
  double value = 0;
  static void fields(auto&& f) {
    f("before", &PadAttrs::before);
    f("after", &PadAttrs::after);
    f("value", &PadAttrs::value);
  }
};

struct SliceAttrs {  // size -1 along an axis of unknown size: as unknown
  Ints start, size;
  static void fields(auto&& f) {
    f("start", &SliceAttrs::start);
    f("size", &SliceAttrs::size);
  }
};

struct StridedSliceAttrs {  // begin, end and step > 0 of every axis, clipped to the shape; end -1: unknown, as its axis
  Ints begin, end, step;
  static void fields(auto&& f) {
    f("begin", &StridedSliceAttrs::begin);
    f("end", &StridedSliceAttrs::end);
    f("step", &StridedSliceAttrs::step);
  }
};

struct AxesAttrs {  // reverse
  Ints axes;        // sorted, not negative
  static void fields(auto&& f) { f("axes", &AxesAttrs::axes); }
};

struct PrintAttrs {
  std::string message;
  static void fields(auto&& f) { f("message", &PrintAttrs::message); }
};

struct TopKAttrs {  // along the last axis, largest first, ties by lower index; ascending: smallest first (sort)
  std::int64_t k = 1;
  bool ascending = false;
  static void fields(auto&& f) {
    f("k", &TopKAttrs::k);
    f("ascending", &TopKAttrs::ascending);
  }
};

// Operands: stream and step, int64 scalars. Element i is made from Philox(key = stream, counter = (step, i)).
struct RandomAttrs {
  double a = 0, b = 1;  // uniform: [a, b); normal and truncated normal: mean, stddev
  DType dtype;
  Shape shape;
  static void fields(auto&& f) {
    f("a", &RandomAttrs::a);
    f("b", &RandomAttrs::b);
    f("dtype", &RandomAttrs::dtype);
    f("shape", &RandomAttrs::shape);
  }
};

// conv, conv_transpose, conv_filter: one entry for each spatial axis (1 to 3 of them). Channels are last: x is
// [batch, space…, channels], the filter [window…, channels / groups, filters], y [batch, space…, filters].
struct ConvAttrs {
  Ints strides, dilations, before, after;  // before, after: zeros around x
  std::int64_t groups = 1;
  Ints sizes;  // the spatial sizes of conv_transpose's result, the window of conv_filter's; empty for conv
  static void fields(auto&& f) {
    f("strides", &ConvAttrs::strides);
    f("dilations", &ConvAttrs::dilations);
    f("before", &ConvAttrs::before);
    f("after", &ConvAttrs::after);
    f("groups", &ConvAttrs::groups);
    f("sizes", &ConvAttrs::sizes);
  }
};

// max_pool and average_pool with what flows back through them; axes as in ConvAttrs. What lies in the padding is no
// element of any window.
struct PoolAttrs {
  Ints window, strides, before, after;
  Ints sizes;  // the spatial sizes of average_pool_transpose's result; else empty
  static void fields(auto&& f) {
    f("window", &PoolAttrs::window);
    f("strides", &PoolAttrs::strides);
    f("before", &PoolAttrs::before);
    f("after", &PoolAttrs::after);
    f("sizes", &PoolAttrs::sizes);
  }
};

// A loop over axis 0 of some operands. The body's inputs are the carries, a slice of each of the `slices` operands that
// it goes over, and what stays the same; its outputs the new carries, then what is stacked along a new axis 0.
struct ScanAttrs {
  ir::GraphPtr body;
  std::int64_t carries = 0, slices = 0, length = 0;
  bool reverse = false;  // from the last slice to the first; what is stacked lies where its slice did
  static void fields(auto&& f) {
    f("body", &ScanAttrs::body);
    f("carries", &ScanAttrs::carries);
    f("slices", &ScanAttrs::slices);
    f("length", &ScanAttrs::length);
    f("reverse", &ScanAttrs::reverse);
  }
};

// A group of nodes that runs as one loop. The body's inputs are the node's operands in order, its outputs the results.
struct FusedAttrs {
  ir::GraphPtr body;
  static void fields(auto&& f) { f("body", &FusedAttrs::body); }
};

}  // namespace keras::primitives
