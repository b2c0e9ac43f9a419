// PNG by libpng. Its errors leave by longjmp, so what has a destructor lives outside of the functions that it crosses.
#include "preprocessing/png.h"

#include <fmt/format.h>
#include <keras/error.h>

#ifdef KERAS_WITH_PNG
#include <png.h>

#include <bit>
#include <csetjmp>
#include <cstring>
#include <string_view>
#endif

namespace keras::preprocessing {

#ifndef KERAS_WITH_PNG

namespace {
[[noreturn]] void refuse(const std::string& name) {
  throw NotImplementedError(
      fmt::format("{}: this build of keras.cpp has no libpng, so it neither reads nor writes PNG. Install libpng "
                  "(Debian: libpng-dev), then configure and build again.",
                  name));
}
}  // namespace
Picture decode_png(std::string_view, const std::string& name) { refuse(name); }
std::string encode_png(const Picture&, const std::string& name) { refuse(name); }

#else
namespace {

constexpr std::uint64_t kMostInflation = 1032;  // the bytes that one of deflate can become

struct Source {  // of bytes, for reading; also where an error's text goes
  std::string_view bytes;
  std::string* out = nullptr;
  char error[200] = "";
};

[[noreturn]] void on_error(png_structp png, png_const_charp text) {
  auto* source = static_cast<Source*>(png_get_error_ptr(png));
  std::strncpy(source->error, text, sizeof(source->error) - 1);
  std::longjmp(png_jmpbuf(png), 1);
}
void on_warning(png_structp, png_const_charp) {}
void on_read(png_structp png, png_bytep to, std::size_t count) {
  auto* source = static_cast<Source*>(png_get_io_ptr(png));
  if (count > source->bytes.size()) png_error(png, "the file ends before the picture does");
  std::memcpy(to, source->bytes.data(), count);
  source->bytes.remove_prefix(count);
}
bool append(std::string& out, const char* from, std::size_t count) {  // no exception may cross the library
  try {
    out.append(from, count);
    return true;
  } catch (...) {
    return false;
  }
}
void on_write(png_structp png, png_bytep from, std::size_t count) {
  if (!append(*static_cast<Source*>(png_get_io_ptr(png))->out, reinterpret_cast<const char*>(from), count))
    png_error(png, "there is no memory for it");
}
void on_flush(png_structp) {}

// The header, with the conversions set: palettes and few bits to 8 bits, 16 bits to 8 unless grey alone. False: error.
bool read_header(png_structp png, png_infop info, Picture& picture, Source& source) {
  const std::size_t size = source.bytes.size();
  if (setjmp(png_jmpbuf(png))) return false;
  png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
  // Texts, profiles and the like, no pixel needs them: libpng would take as much memory as their lengths claim.
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
  png_read_info(png, info);
  picture.width = png_get_image_width(png, info);
  picture.height = png_get_image_height(png, info);
  if (static_cast<std::uint64_t>(picture.width) * static_cast<std::uint64_t>(picture.height) > kMostPixels) {
    std::strcpy(source.error, "it claims to have more than 178,956,970 pixels");
    return false;
  }
  if (png_get_rowbytes(png, info) * static_cast<std::uint64_t>(picture.height) > kMostInflation * size) {
    std::strcpy(source.error, "the file ends before the picture does");
    return false;
  }
  const int kind = png_get_color_type(png, info);
  picture.wide = png_get_bit_depth(png, info) == 16 && kind == PNG_COLOR_TYPE_GRAY;
  if (picture.wide) {
    if constexpr (std::endian::native == std::endian::little) png_set_swap(png);
  } else {
    png_set_strip_16(png);
    png_set_expand(png);  // palettes to RGB, grey to 8 bits, a transparent colour to alpha
  }
  png_set_interlace_handling(png);
  png_read_update_info(png, info);
  picture.channels = png_get_channels(png, info);
  return true;
}

bool read_rows(png_structp png, png_bytepp rows) {
  if (setjmp(png_jmpbuf(png))) return false;
  png_read_image(png, rows);
  png_read_end(png, nullptr);
  return true;
}

bool write_rows(png_structp png, png_infop info, const Picture& picture, png_bytepp rows) {
  static constexpr int kKinds[] = {PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB,
                                   PNG_COLOR_TYPE_RGBA};
  if (setjmp(png_jmpbuf(png))) return false;
  png_set_IHDR(png, info, static_cast<png_uint_32>(picture.width), static_cast<png_uint_32>(picture.height),
               picture.wide ? 16 : 8, kKinds[picture.channels - 1], PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  if constexpr (std::endian::native == std::endian::little) {
    if (picture.wide) png_set_swap(png);
  }
  png_write_image(png, rows);
  png_write_end(png, nullptr);
  return true;
}

std::vector<png_bytep> rows_of(std::vector<std::uint8_t>& bytes, std::int64_t height) {
  std::vector<png_bytep> rows(static_cast<std::size_t>(height));
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = bytes.data() + bytes.size() / rows.size() * i;
  return rows;
}

struct Reading {
  explicit Reading(Source& source) : png(png_create_read_struct(PNG_LIBPNG_VER_STRING, &source, on_error, on_warning)) {
    if (png) info = png_create_info_struct(png);
    if (!info) throw IOError("libpng cannot be started: no memory, or another version than this was built for.");
    png_set_read_fn(png, &source, on_read);
  }
  ~Reading() { png_destroy_read_struct(&png, &info, nullptr); }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;
  png_structp png;
  png_infop info = nullptr;
};
struct Writing {
  explicit Writing(Source& source)
      : png(png_create_write_struct(PNG_LIBPNG_VER_STRING, &source, on_error, on_warning)) {
    if (png) info = png_create_info_struct(png);
    if (!info) throw IOError("libpng cannot be started: no memory, or another version than this was built for.");
    png_set_write_fn(png, &source, on_write, on_flush);
  }
  ~Writing() { png_destroy_write_struct(&png, &info); }
  Writing(const Writing&) = delete;
  Writing& operator=(const Writing&) = delete;
  png_structp png;
  png_infop info = nullptr;
};

}  // namespace

Picture decode_png(std::string_view bytes, const std::string& name) {
  Source source{bytes};
  Reading reading(source);
  Picture picture;
  bool fine = read_header(reading.png, reading.info, picture, source);
  if (fine) {
    picture.bytes.resize(png_get_rowbytes(reading.png, reading.info) * static_cast<std::size_t>(picture.height));
    auto rows = rows_of(picture.bytes, picture.height);
    fine = read_rows(reading.png, rows.data());
  }
  if (!fine) throw IOError(fmt::format("{} is a damaged PNG image: {}.", name, source.error));
  return picture;
}

std::string encode_png(const Picture& picture, const std::string& name) {
  std::string file;
  Source source{{}, &file};
  Writing writing(source);
  std::vector<std::uint8_t> bytes = picture.bytes;  // libpng asks for pointers to what may change
  auto rows = rows_of(bytes, picture.height);
  if (!write_rows(writing.png, writing.info, picture, rows.data()))
    throw IOError(fmt::format("{}: the picture cannot be written: {}.", name, source.error));
  return file;
}

#endif

}  // namespace keras::preprocessing
