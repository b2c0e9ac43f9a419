// Pictures in another size, with the rounding of Pillow, which Keras leaves this to.
#pragma once

#include "preprocessing/picture.h"

namespace keras::preprocessing {

struct Box {  // the part of a picture that is resized
  std::int64_t left = 0, top = 0, width = 0, height = 0;
};

// ValueError for a name that is no interpolation.
void check_interpolation(const std::string& name);
Picture resize(const Picture& picture, std::int64_t height, std::int64_t width, const Box& box,
               const std::string& interpolation);

}  // namespace keras::preprocessing
