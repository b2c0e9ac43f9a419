#include "support/late_library.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <keras/error.h>

namespace keras::support {

void* LateLibrary::find(const char* symbol) {
  const std::lock_guard lock(mutex_);
  if (!handle_) handle_ = dlopen(name_, RTLD_NOW | RTLD_LOCAL);
  if (!handle_) {
    const char* const why = dlerror();
    throw RuntimeError(fmt::format("The library {} is needed {}, and cannot be loaded: {}. Install it (Debian: {}).",
                                   name_, purpose_, why ? why : "the system does not say why", package_));
  }
  void* const found = dlsym(handle_, symbol);
  if (!found) {
    throw RuntimeError(
        fmt::format("The library {}, which is needed {}, has no {}: it is not the one that keras.cpp was "
                    "built for. Install that (Debian: {}), or build again.",
                    name_, purpose_, symbol, package_));
  }
  return found;
}

}  // namespace keras::support
