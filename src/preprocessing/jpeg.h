// JPEG by libjpeg-turbo; in a build without it both throw NotImplementedError.
#pragma once

#include "preprocessing/picture.h"

namespace keras::preprocessing {

// Grey or RGB of 8 bits; CMYK and YCCK become RGB, their inks inverted as Adobe writes them. IOError.
Picture decode_jpeg(std::string_view bytes, const std::string& name);
// Grey or RGB; quality 1 to 100.
std::string encode_jpeg(const Picture& picture, int quality, const std::string& name);

}  // namespace keras::preprocessing
