#include <keras/axis_list.h>
#include <keras/error.h>
#include <keras/fields.h>

namespace keras {

Config as_config(const AxisList& axes) {
  if (axes.values().empty()) return {};
  return axes.values().size() == 1 ? as_config(axes.values()[0]) : as_config(axes.values());
}

void read_config(const Config& config, AxisList& axes) {
  axes.axes_.clear();
  if (config.is_null()) return;
  if (config.is_number()) {
    read_config(config, axes.axes_.emplace_back());
    return;
  }
  read_config(config, axes.axes_);
  if (axes.axes_.empty())
    throw ValueError("expected an axis, a list of axes or null for all, and an empty list was given");
}

}  // namespace keras
