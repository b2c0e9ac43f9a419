// The library leaves errors by a function that must not return: ours jumps back to a function of this file, so nothing
// with a destructor lives in those that call the library.
#include "preprocessing/jpeg.h"

#include <fmt/format.h>
#include <keras/error.h>

#ifdef KERAS_WITH_JPEG
// clang-format off
#include <cstdio>
#include <jpeglib.h>
// clang-format on

#include <csetjmp>
#include <cstring>
#endif

namespace keras::preprocessing {

#ifndef KERAS_WITH_JPEG

namespace {
[[noreturn]] void refuse(const std::string& name) {
  throw NotImplementedError(fmt::format(
      "{}: this build of keras.cpp has no libjpeg, so it neither reads nor writes JPEG. Install libjpeg-turbo "
      "(Debian: libjpeg-dev), then configure and build again.",
      name));
}
}  // namespace
Picture decode_jpeg(std::string_view, const std::string& name) { refuse(name); }
std::string encode_jpeg(const Picture&, int, const std::string& name) { refuse(name); }

#else
namespace {

constexpr int kMostScans = 500;  // a progressive picture has about 10; each costs time for the whole of it
// A block of 8 x 8 samples is coded by one bit or more; by far less where the coding is arithmetic.
constexpr std::uint64_t kBlocksAByte = 8, kArithmeticBlocksAByte = 1024;

struct Errors {
  jpeg_error_mgr base;  // first: the library's pointer to it is a pointer to all of this
  std::jmp_buf jump;
  char text[JMSG_LENGTH_MAX];
};

[[noreturn]] void leave(Errors& errors, const char* text) {
  std::strncpy(errors.text, text, sizeof(errors.text) - 1);
  std::longjmp(errors.jump, 1);
}
[[noreturn]] void on_error(j_common_ptr jpeg) {
  auto* errors = reinterpret_cast<Errors*>(jpeg->err);
  jpeg->err->format_message(jpeg, errors->text);
  std::longjmp(errors->jump, 1);
}
void on_message(j_common_ptr, int) {}  // warnings: what can be read of a damaged picture is read
void on_output(j_common_ptr) {}

void set_up(Errors& errors) {
  jpeg_std_error(&errors.base);
  errors.base.error_exit = on_error;
  errors.base.emit_message = on_message;
  errors.base.output_message = on_output;
}

void no_source(j_decompress_ptr) {}
boolean no_more(j_decompress_ptr) { return FALSE; }  // suspends: all bytes were there from the beginning
void on_skip(j_decompress_ptr jpeg, long count) {
  if (count <= 0) return;
  const std::size_t step = std::min(static_cast<std::size_t>(count), jpeg->src->bytes_in_buffer);
  jpeg->src->next_input_byte += step;
  jpeg->src->bytes_in_buffer -= step;
}
void on_progress(j_common_ptr common) {
  auto* jpeg = reinterpret_cast<j_decompress_ptr>(common);
  if (jpeg->input_scan_number > kMostScans) leave(*reinterpret_cast<Errors*>(jpeg->err), "it has more than 500 scans");
}

struct Reading {
  explicit Reading(std::string_view bytes) {
    set_up(errors);
    jpeg.err = &errors.base;
    source.next_input_byte = reinterpret_cast<const JOCTET*>(bytes.data());
    source.bytes_in_buffer = bytes.size();
    source.init_source = source.term_source = no_source;
    source.fill_input_buffer = no_more;
    source.skip_input_data = on_skip;
    source.resync_to_restart = jpeg_resync_to_restart;
    progress.progress_monitor = on_progress;
  }
  ~Reading() { jpeg_destroy_decompress(&jpeg); }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;
  Errors errors{};
  jpeg_decompress_struct jpeg{};
  jpeg_source_mgr source{};
  jpeg_progress_mgr progress{};
};

constexpr const char* kEndsEarly = "the file ends before the picture does";

// False: an error, whose text is set. All of the three.
bool read_header(Reading& reading, std::size_t size) {
  if (setjmp(reading.errors.jump)) return false;
  jpeg_decompress_struct& jpeg = reading.jpeg;
  jpeg_create_decompress(&jpeg);
  jpeg.src = &reading.source;
  jpeg.progress = &reading.progress;
  if (jpeg_read_header(&jpeg, TRUE) != JPEG_HEADER_OK) leave(reading.errors, kEndsEarly);
  if (std::uint64_t{jpeg.image_width} * jpeg.image_height > kMostPixels)
    leave(reading.errors, "it claims to have more than 178,956,970 pixels");
  if (jpeg.num_components != 1 && jpeg.num_components != 3 && jpeg.num_components != 4)
    leave(reading.errors, "it has neither 1 nor 3 nor 4 components");
  const std::uint64_t blocks = std::uint64_t{jpeg.comp_info[0].width_in_blocks} * jpeg.comp_info[0].height_in_blocks;
  if (blocks > (jpeg.arith_code ? kArithmeticBlocksAByte : kBlocksAByte) * size) leave(reading.errors, kEndsEarly);
  jpeg.out_color_space = jpeg.num_components == 1 ? JCS_GRAYSCALE : jpeg.num_components == 3 ? JCS_RGB : JCS_CMYK;
  if (!jpeg_start_decompress(&jpeg)) leave(reading.errors, kEndsEarly);
  return true;
}

bool read_rows(Reading& reading, std::uint8_t* row, std::size_t row_size) {
  if (setjmp(reading.errors.jump)) return false;
  while (reading.jpeg.output_scanline < reading.jpeg.output_height) {
    JSAMPROW rows[] = {row + row_size * reading.jpeg.output_scanline};
    if (jpeg_read_scanlines(&reading.jpeg, rows, 1) != 1) leave(reading.errors, kEndsEarly);
  }
  return true;
}

// In place: 4 inverted inks to 3 colours.
void inks_to_colours(std::vector<std::uint8_t>& bytes) {
  const std::size_t pixels = bytes.size() / 4;
  for (std::size_t i = 0; i < pixels; ++i) {
    const int light = bytes[4 * i + 3];  // the inverse of black
    for (std::size_t c = 0; c < 3; ++c) {
      const int product = (255 - bytes[4 * i + c]) * light + 128;
      bytes[3 * i + c] = static_cast<std::uint8_t>(light - (((product >> 8) + product) >> 8));
    }
  }
  bytes.resize(3 * pixels);
}

struct Writing {
  explicit Writing(std::string& out) : out(out) {
    set_up(errors);
    jpeg.err = &errors.base;
    sink.init_destination = begin;
    sink.empty_output_buffer = empty;
    sink.term_destination = end;
    jpeg.client_data = this;
  }
  ~Writing() { jpeg_destroy_compress(&jpeg); }
  Writing(const Writing&) = delete;
  Writing& operator=(const Writing&) = delete;

  static void begin(j_compress_ptr jpeg) {
    auto* writing = static_cast<Writing*>(jpeg->client_data);
    writing->sink.next_output_byte = writing->buffer;
    writing->sink.free_in_buffer = sizeof(writing->buffer);
  }
  bool append(std::size_t count) {  // no exception may cross the library
    try {
      out.append(reinterpret_cast<const char*>(buffer), count);
      return true;
    } catch (...) {
      return false;
    }
  }
  static boolean empty(j_compress_ptr jpeg) {
    auto* writing = static_cast<Writing*>(jpeg->client_data);
    if (!writing->append(sizeof(writing->buffer))) leave(writing->errors, "there is no memory for it");
    begin(jpeg);
    return TRUE;
  }
  static void end(j_compress_ptr jpeg) {
    auto* writing = static_cast<Writing*>(jpeg->client_data);
    if (!writing->append(sizeof(writing->buffer) - writing->sink.free_in_buffer))
      leave(writing->errors, "there is no memory for it");
  }

  std::string& out;
  Errors errors{};
  jpeg_compress_struct jpeg{};
  jpeg_destination_mgr sink{};
  JOCTET buffer[1 << 14];
};

bool write(Writing& writing, const Picture& picture, int quality) {
  if (setjmp(writing.errors.jump)) return false;
  jpeg_compress_struct& jpeg = writing.jpeg;
  jpeg_create_compress(&jpeg);
  jpeg.client_data = &writing;
  jpeg.dest = &writing.sink;
  if (picture.width > JPEG_MAX_DIMENSION || picture.height > JPEG_MAX_DIMENSION)
    leave(writing.errors, "JPEG holds at most 65,500 pixels a side");
  jpeg.image_width = static_cast<JDIMENSION>(picture.width);
  jpeg.image_height = static_cast<JDIMENSION>(picture.height);
  jpeg.input_components = picture.channels;
  jpeg.in_color_space = picture.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, quality, TRUE);
  jpeg_start_compress(&jpeg, TRUE);
  const std::size_t row_size = static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.channels);
  while (jpeg.next_scanline < jpeg.image_height) {
    JSAMPROW rows[] = {const_cast<JSAMPROW>(picture.bytes.data()) + row_size * jpeg.next_scanline};
    jpeg_write_scanlines(&jpeg, rows, 1);
  }
  jpeg_finish_compress(&jpeg);
  return true;
}

}  // namespace

Picture decode_jpeg(std::string_view bytes, const std::string& name) {
  Reading reading(bytes);
  Picture picture;
  bool fine = read_header(reading, bytes.size());
  if (fine) {
    picture.width = reading.jpeg.output_width;
    picture.height = reading.jpeg.output_height;
    picture.channels = reading.jpeg.num_components;
    const std::size_t row_size = static_cast<std::size_t>(picture.width * picture.channels);
    picture.bytes.resize(row_size * static_cast<std::size_t>(picture.height));
    fine = read_rows(reading, picture.bytes.data(), row_size);
  }
  if (!fine) throw IOError(fmt::format("{} is a damaged JPEG image: {}.", name, reading.errors.text));
  if (picture.channels == 4) inks_to_colours(picture.bytes), picture.channels = 3;
  return picture;
}

std::string encode_jpeg(const Picture& picture, int quality, const std::string& name) {
  std::string out;
  Writing writing(out);
  if (!write(writing, picture, quality))
    throw IOError(fmt::format("{}: the picture cannot be written: {}.", name, writing.errors.text));
  return out;
}

#endif

}  // namespace keras::preprocessing
