// Sequences, (batch, time, …): what loops over their steps need.
#pragma once

#include <keras/ops.h>

namespace keras::ops {

Tensor swap_time(const Tensor& x);  // time before the batch, or after it again
// a where the mask (batch,) holds, else b; a and b may have more axes.
Tensor choose(Tensor mask, const Tensor& a, const Tensor& b);

}  // namespace keras::ops
