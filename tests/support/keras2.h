// For tests of older Keras versions: their meanings for a while, and the warnings that are given.
#pragma once

#include <keras/config.h>

#include <string>
#include <vector>

#include "support/log.h"

namespace keras::testing {

struct Keras2 {  // config::set_compatibility("2.2") while it lives
  Keras2() { config::set_compatibility("2.2"); }
  ~Keras2() { config::set_compatibility("3"); }
  Keras2(const Keras2&) = delete;
};

struct Warnings {  // collects them while it lives; those given before may be given again
  Warnings() {
    support::forget_warnings();
    config::set_warning_handler([this](const std::string& text) { texts.push_back(text); });
  }
  ~Warnings() { config::set_warning_handler(support::print_warning); }
  Warnings(const Warnings&) = delete;
  std::vector<std::string> texts;
};

}  // namespace keras::testing
