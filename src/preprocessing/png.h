// PNG by libpng; in a build without it both throw NotImplementedError.
#pragma once

#include "preprocessing/picture.h"

namespace keras::preprocessing {

Picture decode_png(std::string_view bytes, const std::string& name);      // IOError
std::string encode_png(const Picture& picture, const std::string& name);  // of 16 bits where it is wide

}  // namespace keras::preprocessing
