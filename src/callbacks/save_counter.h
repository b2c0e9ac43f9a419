// SaveCounter: when a callback saves that does so after so many batches.
#pragma once

#include <fmt/format.h>
#include <keras/callbacks.h>
#include <keras/error.h>

#include "callbacks/state.h"
#include "support/text.h"

namespace keras::callbacks {

class SaveCounter {
 public:
  SaveCounter(const char* callback, const SaveFrequency& frequency) : every_(frequency.batches()) {
    if (every_ >= 0 && (frequency.word().empty() || frequency.by_epoch())) return;
    throw ValueError(fmt::format(
        "{}: save_freq must be \"epoch\" or a number of batches. Received: {}.", callback,
        frequency.word().empty() ? fmt::format("{}", every_) : "«" + support::printable(frequency.word()) + "»"));
  }
  bool by_batches() const { return every_ > 0; }

  // To be asked after each batch, counted from 0 in each epoch.
  bool due(int batch) {
    if (!by_batches()) return false;
    seen_ += last_ < 0 || batch <= last_ ? batch + 1 : batch - last_;
    last_ = batch;
    if (seen_ < every_) return false;
    seen_ = 0;
    return true;
  }

  Config state() const { return Config::map({{"batches_since_save", seen_}, {"last_batch", last_}}); }
  void set_state(const StateReader& read) { read("batches_since_save", seen_), read("last_batch", last_); }

 private:
  std::int64_t every_, seen_ = 0;
  int last_ = -1;
};

}  // namespace keras::callbacks
