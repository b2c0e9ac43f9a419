// The version, as the build gives it.
#include <keras/version.h>

namespace keras {

std::string version() { return KERAS_VERSION; }

}  // namespace keras
