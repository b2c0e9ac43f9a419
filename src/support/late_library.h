// Shared libraries that few programs use and that bring many others along (HDF5 and libcurl: thirty): they are loaded
// by the first call of one of their functions, so that the start of every program does not pay for them.
#pragma once

#include <atomic>
#include <mutex>
#include <type_traits>

namespace keras::support {

// The library of the system with this name, its soname at build time.
class LateLibrary {
 public:
  // `purpose`: "to write HDF5 files", `package`: the Debian package that has it; both for messages.
  constexpr LateLibrary(const char* name, const char* purpose, const char* package)
      : name_(name), purpose_(purpose), package_(package) {}
  // A function or variable of it. RuntimeError: the library is not there, or not the one that this was built for.
  void* find(const char* symbol);

 private:
  const char *name_, *purpose_, *package_;
  std::mutex mutex_;
  void* handle_ = nullptr;  // for ever: libraries such as these do not bear being unloaded
};

// A function or variable of a late library, which stands for it: called or read as it is.
template <class T>
class Late {
 public:
  constexpr Late(LateLibrary& library, const char* symbol) : library_(library), symbol_(symbol) {}
  operator std::conditional_t<std::is_function_v<T>, T*, T>() const {
    void* found = found_.load(std::memory_order_acquire);
    if (!found) found_.store(found = library_.find(symbol_), std::memory_order_release);
    if constexpr (std::is_function_v<T>) {
      return reinterpret_cast<T*>(found);
    } else {
      return *static_cast<const T*>(found);
    }
  }

 private:
  LateLibrary& library_;
  const char* symbol_;
  mutable std::atomic<void*> found_ = nullptr;
};

}  // namespace keras::support

// Declares, in a namespace of ours, what stands for ::symbol there: the plain name then finds this first.
#define KERAS_LATE(library, symbol) \
  inline constinit const ::keras::support::Late<decltype(::symbol)> symbol { library, #symbol }
