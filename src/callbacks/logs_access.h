// LogsAccess: the figures of a Logs, to be written in place by the loops of training (no allocation, no look-up).
#pragma once

#include <keras/callbacks.h>

#include <string>
#include <utility>
#include <vector>

namespace keras {

struct LogsAccess {
  static std::vector<std::pair<std::string, double>>& items(Logs& logs) { return logs.items_; }
};

}  // namespace keras
