// The names and sizes of the dtypes, and the table in which two of them meet.
#include <fmt/format.h>
#include <keras/config.h>
#include <keras/dtype.h>
#include <keras/error.h>

#include <algorithm>
#include <string_view>

#include "support/text.h"

namespace keras {
namespace {

constexpr std::string_view kNames[DType::kCount] = {"bool",    "uint8",   "uint16", "uint32", "uint64",
                                                    "int8",    "int16",   "int32",  "int64",  "bfloat16",
                                                    "float16", "float32", "float64"};
constexpr std::size_t kSizes[DType::kCount] = {1, 1, 2, 4, 8, 1, 2, 4, 8, 2, 2, 4, 8};

constexpr DType::Kind signed_of(std::size_t bytes) {
  return bytes == 1 ? DType::int8 : bytes == 2 ? DType::int16 : bytes == 4 ? DType::int32 : DType::int64;
}

}  // namespace

DType::DType(const char* name) : kind_(float32) {
  const std::string_view given = name ? name : "";
  const auto* const found = std::find(std::begin(kNames), std::end(kNames), given);
  if (found == std::end(kNames)) {
    throw ValueError(fmt::format("«{}» is not a dtype.{} The dtypes are: {}.", support::printable(given),
                                 support::did_you_mean(given, kNames), support::list(kNames)));
  }
  kind_ = static_cast<Kind>(found - kNames);
}

const char* DType::name() const { return kNames[kind_].data(); }
std::size_t DType::size() const { return kSizes[kind_]; }

DType result_type(DType a, DType b) {
  if (a == b) return a;
  if (a.kind() > b.kind()) std::swap(a, b);  // b is the later one of the enum
  if (a == DType::boolean) return b;
  if (b.is_floating()) {
    if (a == DType::bfloat16 && b == DType::float16) return DType::float32;
    return b;  // a float meets an integer, or a narrower float
  }
  const bool a_signed = a.is_signed(), b_signed = b.is_signed();
  if (a_signed == b_signed) return b;
  // Unsigned a meets signed b: the signed type that holds both, or a float where there is none.
  if (a == DType::uint64) return config::floatx();
  return std::max(signed_of(a.size() * 2), b.kind());
}

}  // namespace keras
