// AxisList: the axes that a norm or a sum is taken along, as an argument.
#pragma once

#include <keras/config.h>

#include <initializer_list>
#include <vector>

namespace keras {

// One axis or several: `0` or `{0, 1}`; nullptr: all of them.
class AxisList {
 public:
  AxisList(int axis = 0) : axes_{axis} {}
  AxisList(std::nullptr_t) {}
  AxisList(std::initializer_list<int> axes) : axes_(axes) {}
  const std::vector<int>& values() const { return axes_; }

 private:
  friend KERAS_API void read_config(const Config& config, AxisList& axes);
  std::vector<int> axes_;
};
KERAS_API Config as_config(const AxisList& axes);
KERAS_API void read_config(const Config& config, AxisList& axes);

}  // namespace keras
