#include "preprocessing/picture.h"

#include <fmt/format.h>
#include <keras/error.h>

#include "preprocessing/jpeg.h"
#include "preprocessing/png.h"
#include "support/files.h"

namespace keras::preprocessing {

Picture decode_picture(std::string_view bytes, const std::string& name) {
  if (bytes.starts_with("\x89PNG\r\n\x1a\n")) return decode_png(bytes, name);
  if (bytes.starts_with("\xff\xd8\xff")) return decode_jpeg(bytes, name);
  throw IOError(
      fmt::format("{} is no PNG or JPEG image but {}; these two are read.", name, support::describe_contents(bytes)));
}

}  // namespace keras::preprocessing
