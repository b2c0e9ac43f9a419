// What a name means to the Keras that will read a configuration, where it means something else here.
#pragma once

#include <keras/config.h>

#include "saving/dialect.h"

namespace keras::saving {

// The layers' functions by the names that the target has for them. Where it computes another one by that name, there
// is one warning, and a note beside the layer, which Keras does not read, tells this library what was meant.
Config with_meanings(const Config& config, const KerasVersion& target);

// The same with other names for the layers whose name has a «/», which Keras 3 refuses: «_» in its place. One warning.
Config without_slashes(const Config& config);

}  // namespace keras::saving
