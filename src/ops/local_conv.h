// Convolutions whose kernel differs from place to place: what LocallyConnected layers and 2.2.4's local_conv share.
#pragma once

#include <keras/tensor.h>

#include <cstdint>
#include <vector>

namespace keras::ops {

// x: (batch, space…, channels), the kernel (places, window * channels, filters); or, channels first, (batch, channels,
// space…) and (places, channels * window, filters). Sizes but the batch are known and fit: the callers see to it. The
// result has `places` for space and the filters for channels.
Tensor local_conv(const Tensor& x, const Tensor& kernel, const std::vector<std::int64_t>& window,
                  const std::vector<std::int64_t>& strides, const Shape& places, bool channels_first);

}  // namespace keras::ops
