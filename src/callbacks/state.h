// StateReader: the values of a CallbackState, each checked.
#pragma once

#include <keras/callbacks.h>
#include <keras/error.h>

#include <string>

namespace keras::callbacks {

class StateReader {
 public:
  StateReader(const char* callback, const CallbackState& state) : callback_(callback), values_(state.values) {}

  template <class T>
  void operator()(const char* name, T& value) const {
    const Config* found = values_.is_map() ? values_.find(name) : nullptr;
    if (!found) {
      throw ValueError(std::string(callback_) + ": the state that was kept of it has no «" + name +
                       "»: it is of another callback.");
    }
    read_config(*found, value);
  }

 private:
  const char* callback_;
  const Config& values_;
};

}  // namespace keras::callbacks
