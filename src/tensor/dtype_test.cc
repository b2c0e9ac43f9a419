#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/config.h>
#include <keras/dtype.h>
#include <keras/error.h>

#include <cmath>
#include <limits>
#include <sstream>

#include "tensor/dispatch.h"

namespace keras {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

// keras.backend.result_type of Keras 3.15.1 with TensorFlow, but for one thing: there two unsigned types of which one
// is uint64 meet in uint32, which loses digits; here they meet in uint64.
constexpr const char* kTable = R"(
bool     bool uint8 uint16 uint32 uint64 int8 int16 int32 int64 bfloat16 float16 float32 float64
uint8    uint8 uint8 uint16 uint32 uint64 int16 int16 int32 int64 bfloat16 float16 float32 float64
uint16   uint16 uint16 uint16 uint32 uint64 int32 int32 int32 int64 bfloat16 float16 float32 float64
uint32   uint32 uint32 uint32 uint32 uint64 int64 int64 int64 int64 bfloat16 float16 float32 float64
uint64   uint64 uint64 uint64 uint64 uint64 float32 float32 float32 float32 bfloat16 float16 float32 float64
int8     int8 int16 int32 int64 float32 int8 int16 int32 int64 bfloat16 float16 float32 float64
int16    int16 int16 int32 int64 float32 int16 int16 int32 int64 bfloat16 float16 float32 float64
int32    int32 int32 int32 int64 float32 int32 int32 int32 int64 bfloat16 float16 float32 float64
int64    int64 int64 int64 int64 float32 int64 int64 int64 int64 bfloat16 float16 float32 float64
bfloat16 bfloat16 bfloat16 bfloat16 bfloat16 bfloat16 bfloat16 bfloat16 bfloat16 bfloat16 bfloat16 float32 float32 float64
float16  float16 float16 float16 float16 float16 float16 float16 float16 float16 float32 float16 float32 float64
float32  float32 float32 float32 float32 float32 float32 float32 float32 float32 float32 float32 float32 float64
float64  float64 float64 float64 float64 float64 float64 float64 float64 float64 float64 float64 float64 float64
)";

TEST(DType, PromotesAsInKeras) {
  std::istringstream table(kTable);
  for (int a = 0; a < DType::kCount; ++a) {
    std::string row;
    table >> row;
    EXPECT_EQ(DType(row), static_cast<DType::Kind>(a));
    for (int b = 0; b < DType::kCount; ++b) {
      std::string expected;
      table >> expected;
      EXPECT_STREQ(result_type(static_cast<DType::Kind>(a), static_cast<DType::Kind>(b)).name(), expected.c_str())
          << row << " " << b;
    }
  }
}

TEST(DType, HasNamesSizesAndKinds) {
  for (int k = 0; k < DType::kCount; ++k) {
    const DType dtype = static_cast<DType::Kind>(k);
    EXPECT_EQ(DType(dtype.name()), dtype);
    dispatch(dtype, [&]<class T>(std::type_identity<T>) {
      EXPECT_EQ(dtype.size(), sizeof(T)) << dtype.name();
      EXPECT_EQ(dtype_of<T>::value, dtype.kind());
      EXPECT_EQ(dtype.is_integer(), std::is_integral_v<T> && !(std::is_same_v<T, bool>)) << dtype.name();
    });
  }
  EXPECT_TRUE(DType(DType::bfloat16).is_floating());
  EXPECT_FALSE(DType(DType::uint8).is_signed());
  EXPECT_THAT([] { DType("flaot32"); }, ThrowsMessage<ValueError>(HasSubstr("Did you mean «float32»?")));
  EXPECT_THROW(DType(""), ValueError);
  EXPECT_THROW(DType(static_cast<const char*>(nullptr)), ValueError);
}

// Every float16 and bfloat16, and around every midpoint between two of them.
template <class Half>
void check_half(double largest) {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const Half half{static_cast<std::uint16_t>(bits)};
    const float value = to_float(half);
    if (std::isnan(value)) {
      EXPECT_TRUE(std::isnan(to_float(from_float<Half>(value))));
      EXPECT_TRUE(std::isnan(to_float(from_double<Half>(value))));
      continue;
    }
    EXPECT_EQ(from_float<Half>(value).bits, bits);
    EXPECT_EQ(from_double<Half>(value).bits, bits);
    if (bits % 0x8000 == 0x7FFF || std::isinf(value)) continue;
    const Half above{static_cast<std::uint16_t>(bits + 1)};
    const double next =
        std::isinf(to_float(above)) ? std::copysign(largest, value) : static_cast<double>(to_float(above));
    const double middle = (static_cast<double>(value) + next) / 2;
    EXPECT_EQ(from_double<Half>(std::nextafter(middle, value)).bits, bits);
    EXPECT_EQ(from_double<Half>(middle).bits, bits % 2 == 0 ? bits : bits + 1);
    EXPECT_EQ(from_double<Half>(std::nextafter(middle, next)).bits, bits + 1);
    const auto single = static_cast<float>(middle);
    if (static_cast<double>(single) == middle) {
      EXPECT_EQ(from_float<Half>(single).bits, bits % 2 == 0 ? bits : bits + 1);
    }
  }
}

TEST(Half, RoundsToNearestEven) {
  check_half<float16>(65536);
  check_half<bfloat16>(0x1p128);
}

TEST(Convert, RealToInteger) {
  EXPECT_EQ(convert<int>(-2.9), -2);
  EXPECT_EQ(convert<std::uint8_t>(-1.f), 0);
  EXPECT_EQ(convert<std::uint8_t>(300.f), 255);
  EXPECT_EQ(convert<std::int64_t>(1e300), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(convert<std::int64_t>(-std::numeric_limits<float>::infinity()), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(convert<std::uint64_t>(0x1p63), std::uint64_t{1} << 63);
  EXPECT_EQ(convert<std::int32_t>(std::nan("")), 0);
  EXPECT_EQ(convert<std::int32_t>(2147483647.0), 2147483647);
  EXPECT_EQ(convert<bool>(0.5f), true);
  EXPECT_EQ(convert<bool>(std::nanf("")), true);
  EXPECT_EQ(convert<std::int8_t>(std::int32_t{200}), -56);
  EXPECT_EQ(convert<int>(from_float<bfloat16>(2.5f)), 2);
  EXPECT_EQ(to_float(convert<float16>(std::int64_t{2049})), 2048.f);
}

TEST(Settings, AreCheckedAndKept) {
  EXPECT_EQ(config::floatx(), DType::float32);
  config::set_floatx("float64");
  EXPECT_EQ(Array({1, 2}).dtype(), DType::float64);
  EXPECT_EQ(result_type(DType::uint64, DType::int8), DType::float64);
  config::set_floatx(DType::float32);
  EXPECT_THROW(config::set_floatx("int32"), ValueError);
  EXPECT_EQ(config::epsilon(), 1e-7);
  EXPECT_THROW(config::set_epsilon(-1), ValueError);
  EXPECT_EQ(config::image_data_format(), "channels_last");
  EXPECT_THAT([] { config::set_image_data_format("chanels_first"); },
              ThrowsMessage<ValueError>(HasSubstr("Did you mean «channels_first»?")));
}

}  // namespace
}  // namespace keras
