// Pictures as Arrays: load_img, img_to_array, array_to_img, save_img.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/preprocessing.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "ops/shapes.h"
#include "preprocessing/jpeg.h"
#include "preprocessing/png.h"
#include "preprocessing/resize.h"
#include "support/files.h"
#include "support/log.h"
#include "support/text.h"
#include "tensor/format.h"

namespace keras::utils {
namespace {

using preprocessing::Box;
using preprocessing::Picture;

// The axes of (a, b, c) moved: (c, a, b), or (b, c, a) if back.
Array move_channels(const Array& x, bool back) {
  const std::int64_t rows = back ? x.shape(0) : x.shape(0) * x.shape(1);
  const std::int64_t columns = x.size() / std::max<std::int64_t>(rows, 1);
  const Shape shape = back ? Shape{x.shape(1), x.shape(2), x.shape(0)} : Shape{x.shape(2), x.shape(0), x.shape(1)};
  return x.reshape({rows, columns}).transpose().reshape(shape);
}

std::uint8_t grey(const std::uint8_t* rgb) {  // ITU-R 601-2 in 16 binary digits
  return static_cast<std::uint8_t>((rgb[0] * 19595 + rgb[1] * 38470 + rgb[2] * 7471 + 0x8000) >> 16);
}

// The same picture with so many channels: 1, 3 or 4.
Picture with_channels(const Picture& from, int channels) {
  if (from.channels == channels) return from;
  Picture out = from;
  out.channels = channels;
  const std::size_t pixels = static_cast<std::size_t>(from.width * from.height),
                    step = static_cast<std::size_t>(from.channels);
  out.bytes.resize(pixels * static_cast<std::size_t>(channels));
  std::uint8_t* to = out.bytes.data();
  for (std::size_t i = 0; i < pixels; ++i, to += channels) {
    const std::uint8_t* pixel = from.bytes.data() + i * step;
    const bool coloured = step >= 3;
    if (channels == 1) {
      to[0] = coloured ? grey(pixel) : pixel[0];
      continue;
    }
    for (int c = 0; c < 3; ++c) to[c] = coloured ? pixel[c] : pixel[0];
    if (channels == 4) to[3] = step % 2 == 0 ? pixel[step - 1] : 255;
  }
  return out;
}

// 16 bits as 8, as Pillow does it: what is above 255 is white.
Picture narrow(const Picture& from) {
  Picture out = from;
  out.wide = false;
  out.bytes.resize(from.bytes.size() / 2);
  for (std::size_t i = 0; i < out.bytes.size(); ++i) {
    std::uint16_t value = 0;
    std::memcpy(&value, from.bytes.data() + 2 * i, 2);
    out.bytes[i] = static_cast<std::uint8_t>(std::min<int>(value, 255));
  }
  return out;
}

int channels_of(const std::string& color_mode) {
  if (color_mode == "grayscale") return 1;
  if (color_mode == "rgb") return 3;
  if (color_mode == "rgba") return 4;
  throw ValueError(fmt::format("load_img: color_mode is \"grayscale\", \"rgb\" or \"rgba\"; received \"{}\".{}",
                               color_mode, support::did_you_mean(color_mode, {"grayscale", "rgb", "rgba"})));
}

Array as_array(const Picture& picture) {
  Array out({picture.height, picture.width, picture.channels}, picture.wide ? DType::uint16 : DType::uint8);
  std::memcpy(out.mutable_data(), picture.bytes.data(), out.nbytes());
  return out;
}

// The opposite: of int32, which array_to_img gives for large values, as 16 bits.
Picture as_picture(const Array& img) {
  Picture out{img.shape(0), img.shape(1), static_cast<int>(img.shape(2)), img.dtype() == DType::int32, {}};
  if (!out.wide) {
    const auto values = img.values<std::uint8_t>();
    out.bytes.assign(values.begin(), values.end());
    return out;
  }
  for (const std::int32_t value : img.values<std::int32_t>()) {
    const auto sample = static_cast<std::uint16_t>(std::clamp(value, 0, 65535));
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(&sample);
    out.bytes.insert(out.bytes.end(), bytes, bytes + 2);
  }
  return out;
}

}  // namespace

Array load_img(const std::string& path, LoadImgArgs args) {
  const int channels = channels_of(args.color_mode);
  preprocessing::check_interpolation(args.interpolation);
  if (args.target_size && ((*args.target_size)[0] < 1 || (*args.target_size)[1] < 1)) {
    throw ValueError(fmt::format("load_img: target_size is (height, width), both 1 or more; received ({}, {}).",
                                 (*args.target_size)[0], (*args.target_size)[1]));
  }
  Picture picture = preprocessing::decode_picture(support::read_file(path), path);
  if (picture.wide && channels != 1) picture = narrow(picture);
  picture = with_channels(picture, channels);
  if (!args.target_size) return as_array(picture);
  const std::int64_t height = (*args.target_size)[0], width = (*args.target_size)[1];
  if (height == picture.height && width == picture.width) return as_array(picture);
  Box box{0, 0, picture.width, picture.height};
  if (args.keep_aspect_ratio) {
    box.height = std::min(picture.height, picture.width * height / width);
    box.width = std::min(picture.width, picture.height * width / height);
    if (box.height < 1 || box.width < 1) {
      throw ValueError(
          fmt::format("load_img: nothing of {}, which is {} x {}, is left when it is cut to the shape of {} x {} "
                      "(height x width).",
                      path, picture.height, picture.width, height, width));
    }
    box.top = (picture.height - box.height) / 2, box.left = (picture.width - box.width) / 2;
  }
  return as_array(preprocessing::resize(picture, height, width, box, args.interpolation));
}

Array img_to_array(const Array& img, ImgToArrayArgs args) {
  const bool first = ops::channels_first("img_to_array", args.data_format, "utils::");
  if (img.ndim() != 2 && img.ndim() != 3) {
    throw ValueError(
        fmt::format("img_to_array: a picture has the shape (height, width, channels) or (height, width); received {}.",
                    img.shape()));
  }
  const Array x = (img.ndim() == 3 ? img : img.reshape({img.shape(0), img.shape(1), 1}))
                      .astype(args.dtype.value_or(config::floatx()));
  return first ? move_channels(x, false) : x;
}

Array array_to_img(const Array& x, ArrayToImgArgs args) {
  const bool first = ops::channels_first("array_to_img", args.data_format, "utils::");
  if (x.ndim() != 3) {
    throw ValueError(
        fmt::format("array_to_img: one picture with 3 axes is expected; received shape {}. Of a batch, take one with "
                    "batch[i].",
                    x.shape()));
  }
  Array img = (first ? move_channels(x, true) : x).astype(DType::float32);
  const std::int64_t channels = img.shape(2);
  if (channels != 1 && channels != 3 && channels != 4) {
    throw ValueError(fmt::format("array_to_img: a picture has 1, 3 or 4 channels; received {} (shape {}, {}).",
                                 channels, x.shape(), first ? "channels first" : "channels last"));
  }
  if (args.scale && img.size() > 0) {
    const auto values = img.mutable_values<float>();
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    const float base = *low, range = *high - *low;
    for (float& v : values) v = (range != 0 ? (v - base) / range : v - base) * 255;
  }
  // What grey of 8 bits cannot hold stays, as in Keras, where such a picture has the mode "I".
  const auto values = std::as_const(img).values<float>();
  const bool deep = channels == 1 && std::any_of(values.begin(), values.end(), [](float v) { return v > 255; });
  return img.astype(deep ? DType::int32 : DType::uint8);
}

void save_img(const std::string& path, const Array& x, SaveImgArgs args) {
  const std::size_t dot = path.find_last_of("./");
  const std::string format = support::lower(
      args.file_format.value_or(dot == std::string::npos || path[dot] == '/' ? "" : path.substr(dot + 1)));
  const bool jpeg = format == "jpeg" || format == "jpg";
  if (!jpeg && format != "png") {
    throw ValueError(
        fmt::format("save_img: pictures are written as PNG or JPEG; {} asks for \"{}\". Name it .png or .jpg, or give "
                    ".file_format = \"png\".",
                    path, format));
  }
  if (args.quality < 1 || args.quality > 100)
    throw ValueError(fmt::format("save_img: quality is 1 to 100; received {}.", args.quality));
  const Array img = array_to_img(x, {args.data_format, args.scale});
  if (img.size() == 0)
    throw ValueError(fmt::format("save_img: {}: the picture has no pixels (shape {}).", path, x.shape()));
  Picture picture = as_picture(img);
  if (!jpeg) return support::write_file(path, preprocessing::encode_png(picture, path));
  if (picture.wide) {
    throw ValueError(
        fmt::format("save_img: {}: JPEG holds values up to 255, and the picture has larger ones. Scale "
                    "them, or write PNG, which holds values up to 65,535.",
                    path));
  }
  if (picture.channels == 4) {
    support::warn(fmt::format("save_img: {}: JPEG has no alpha, so the picture is written as RGB.", path));
    picture = with_channels(picture, 3);
  }
  support::write_file(path, preprocessing::encode_jpeg(picture, args.quality, path));
}

}  // namespace keras::utils
