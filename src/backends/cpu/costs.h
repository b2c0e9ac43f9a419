// What elementwise work costs, for estimates.
#pragma once

#include "primitives/op.h"

namespace keras::backends::cpu {

inline constexpr double kCallNs = 25, kStepNs = 7,
                        kElementNs = 0.03;  // a call; a step of a tile; an element of a step, avx512

// An op's share of kElementNs: 1 for an addition.
inline double weight(primitives::Op op) {
  using primitives::Op;
  switch (op) {
    case Op::divide:
    case Op::sqrt:
    case Op::reciprocal:
      return 1.5;
    case Op::rsqrt:
      return 3;
    case Op::exp:
      return 4;
    case Op::log:
    case Op::expm1:
      return 6;
    case Op::sigmoid:
    case Op::tanh:
    case Op::erf:
    case Op::log1p:
      return 8;
    case Op::cosh:
    case Op::sinh:
    case Op::sin:
    case Op::cos:
    case Op::tan:
    case Op::arcsin:
    case Op::arccos:
    case Op::arctan:
    case Op::arctan2:
      return 10;
    case Op::softplus:
    case Op::arcsinh:
    case Op::arccosh:
    case Op::arctanh:
      return 14;
    case Op::power:
      return 30;
    case Op::mod:
      return 300;
    default:
      return 1;
  }
}

}  // namespace keras::backends::cpu
