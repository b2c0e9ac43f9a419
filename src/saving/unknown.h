// All classes and functions of a model's configuration that the library does not have: one error for all of them.
#pragma once

#include <keras/config.h>

namespace keras::saving {

// Within a ReadScope. ValueError that lists them with their layers, and says how to register them.
void refuse_unknown(const Config& model);

}  // namespace keras::saving
