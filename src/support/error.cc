// The key functions of the error classes: their type information lives here, once.
#include <keras/error.h>

namespace keras {

Error::~Error() = default;
ValueError::~ValueError() = default;
TypeError::~TypeError() = default;
RuntimeError::~RuntimeError() = default;
NotImplementedError::~NotImplementedError() = default;
IOError::~IOError() = default;

}  // namespace keras
