// The user's folder of what Keras downloads.
#pragma once

#include <string>

namespace keras::support {

// $KERAS_HOME, else ~/.keras, else /tmp/.keras as Keras does where there is no home.
std::string cache_folder();

}  // namespace keras::support
