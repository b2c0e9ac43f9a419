// DType: the type of an array's elements.
#pragma once

#include <keras/api.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace keras {

// A value of Keras's list of dtypes; made from its Keras name, `DType("float32")`, or from a constant,
// `DType::float32`. An unknown name throws ValueError.
class KERAS_API DType {
 public:
  enum Kind : std::uint8_t {
    boolean,
    uint8,
    uint16,
    uint32,
    uint64,
    int8,
    int16,
    int32,
    int64,
    bfloat16,
    float16,
    float32,
    float64,
  };
  static constexpr int kCount = 13;

  constexpr DType(Kind kind = float32) : kind_(kind) {}
  DType(const char* name);
  DType(const std::string& name) : DType(name.c_str()) {}

  constexpr Kind kind() const { return kind_; }
  const char* name() const;  // "bool", "float32", …
  std::size_t size() const;  // bytes of an element
  constexpr bool is_floating() const { return kind_ >= bfloat16; }
  constexpr bool is_integer() const { return kind_ >= uint8 && kind_ <= int64; }
  constexpr bool is_signed() const { return kind_ >= int8; }

  friend constexpr bool operator==(DType a, DType b) { return a.kind_ == b.kind_; }
  friend constexpr bool operator==(DType a, Kind b) { return a.kind_ == b; }

 private:
  Kind kind_;
};

// The dtype two arrays meet in, by Keras 3's table (int32 with float32 gives float32, int64 with int32 gives int64, …).
KERAS_API DType result_type(DType a, DType b);

// The 16-bit floats: storage only, arithmetic happens in float.
struct float16 {
  std::uint16_t bits;
};
struct bfloat16 {
  std::uint16_t bits;
};

}  // namespace keras
