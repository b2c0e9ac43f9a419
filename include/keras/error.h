// The errors the library throws. Each message says what happened where, what was expected, what was received and the
// likely fix. Every class derives from keras::Error.
#pragma once

#include <keras/api.h>

#include <stdexcept>
#include <string>

namespace keras {

class KERAS_API Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message) : std::runtime_error(message) {}
  ~Error() override;
};

// An argument of the right type has a wrong value: a shape, a name, a range.
class KERAS_API ValueError : public Error {
 public:
  using Error::Error;
  ~ValueError() override;
};

// An argument has the wrong type: a dtype, or a configuration of the wrong kind.
class KERAS_API TypeError : public Error {
 public:
  using Error::Error;
  ~TypeError() override;
};

// Something is used in the wrong order or state, such as `fit` before `compile`.
class KERAS_API RuntimeError : public Error {
 public:
  using Error::Error;
  ~RuntimeError() override;
};

// The thing asked for exists in Keras but this build or version does not have it.
class KERAS_API NotImplementedError : public Error {
 public:
  using Error::Error;
  ~NotImplementedError() override;
};

// A file or a connection failed: missing, unreadable, truncated, of another format.
class KERAS_API IOError : public Error {
 public:
  using Error::Error;
  ~IOError() override;
};

}  // namespace keras
