// fmt for the types of this room: fmt::format("{} {}", shape, dtype) gives "(None, 784) float32".
#pragma once

#include <fmt/format.h>
#include <keras/array.h>

#include <string>

template <>
struct fmt::formatter<keras::Dim> : fmt::formatter<std::string> {
  auto format(keras::Dim dim, fmt::format_context& context) const {
    return fmt::formatter<std::string>::format(dim.known() ? std::to_string(dim.raw()) : "None", context);
  }
};

template <>
struct fmt::formatter<keras::Shape> : fmt::formatter<std::string> {
  auto format(const keras::Shape& shape, fmt::format_context& context) const {
    return fmt::formatter<std::string>::format(shape.str(), context);
  }
};

template <>
struct fmt::formatter<keras::DType> : fmt::formatter<std::string> {
  auto format(keras::DType dtype, fmt::format_context& context) const {
    return fmt::formatter<std::string>::format(dtype.name(), context);
  }
};
