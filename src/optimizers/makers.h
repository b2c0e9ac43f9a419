// The optimizers by class, for the table of names.
#pragma once

#include <keras/optimizers.h>

#include <string>
#include <string_view>

namespace keras::optimizers {

Maker adadelta();
Maker sgd();
Maker rmsprop();
Maker adam();

std::string snake_case(std::string_view class_name);  // Keras's: RMSprop gives rm_sprop

}  // namespace keras::optimizers
