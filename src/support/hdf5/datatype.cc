// Datatype and dataspace messages.
#include <fmt/format.h>

#include <bit>

#include "support/hdf5/value.h"

namespace keras::support::hdf5 {
namespace {

constexpr unsigned kMostRank = 32;  // HDF5's own limit

enum Class : unsigned {
  kInteger,
  kReal,
  kTime,
  kText,
  kBits,
  kOpaque,
  kCompound,
  kReference,
  kEnumeration,
  kVariable,
  kArray,
};

std::string_view name_of(unsigned type) {
  switch (type) {
    case kTime:
      return "a time";
    case kBits:
      return "a bit field";
    case kCompound:
      return "a compound of several fields";
    case kReference:
      return "a reference";
    case kVariable:
      return "a list of variable length";
    default:
      return "of an unknown class";
  }
}

struct Head {
  unsigned type, version;
  std::uint32_t bits;
  std::uint64_t size;
};

Head read_head(Cursor& in) {
  Head head;
  const unsigned first = in.u8();
  head.type = first & 15, head.version = first >> 4;
  head.bits = static_cast<std::uint32_t>(in.number(3));
  head.size = in.u32();
  if (head.version < 1 || head.version > 5) in.unsupported(fmt::format("has the version {}", head.version));
  if (head.size == 0) in.fail("says that an element has 0 bytes");
  return head;
}

[[noreturn]] void odd_number(Cursor& in, std::uint64_t size) {
  in.unsupported(fmt::format("is of a number of {} bytes in a form that no processor has", size));
}

bool is_big(std::uint32_t bits) { return bits & 1; }
bool needs_swap(std::uint32_t bits) { return is_big(bits) != (std::endian::native == std::endian::big); }

DType::Kind integer_of(Cursor& in, const Head& head) {
  const bool negative = head.bits & 8;
  const unsigned offset = in.u16(), precision = in.u16();
  if (offset != 0 || precision != 8 * head.size) odd_number(in, head.size);
  switch (head.size) {
    case 1:
      return negative ? DType::int8 : DType::uint8;
    case 2:
      return negative ? DType::int16 : DType::uint16;
    case 4:
      return negative ? DType::int32 : DType::uint32;
    case 8:
      return negative ? DType::int64 : DType::uint64;
    default:
      odd_number(in, head.size);
  }
}

DType::Kind real_of(Cursor& in, const Head& head) {
  struct Form {
    std::uint64_t size;
    unsigned exponent_bits, mantissa_bits;
    std::uint32_t bias;
    DType::Kind dtype;
  };
  static constexpr Form kForms[] = {{2, 5, 10, 15, DType::float16},
                                    {2, 8, 7, 127, DType::bfloat16},
                                    {4, 8, 23, 127, DType::float32},
                                    {8, 11, 52, 1023, DType::float64}};
  const bool vax = head.bits & 0x40;
  const unsigned normalization = head.bits >> 4 & 3, sign = head.bits >> 8 & 0xff;
  const unsigned offset = in.u16(), precision = in.u16();
  const unsigned exponent_at = in.u8(), exponent_bits = in.u8(), mantissa_at = in.u8(), mantissa_bits = in.u8();
  const std::uint32_t bias = in.u32();
  for (const Form& form : kForms) {
    if (head.size == form.size && exponent_bits == form.exponent_bits && mantissa_bits == form.mantissa_bits &&
        bias == form.bias && exponent_at == mantissa_bits && mantissa_at == 0 && offset == 0 &&
        precision == 8 * head.size && sign == precision - 1 && normalization == 2 && !vax) {
      return form.dtype;
    }
  }
  odd_number(in, head.size);
}

Element::Padding padding_of(Cursor& in, std::uint32_t bits) {
  if ((bits & 15) > 2) in.fail("is of a text of unknown padding");
  return static_cast<Element::Padding>(bits & 15);
}

// h5py writes NumPy's bool as an enumeration of int8, FALSE = 0 and TRUE = 1. Any other is its integers.
bool is_bool(Cursor& in, const Head& head, DType base) {
  const unsigned members = head.bits & 0xffff;
  if (base != DType::int8 || members != 2) return false;
  const auto name = [&] {
    std::string text;
    for (char c; (c = static_cast<char>(in.u8())) != 0;) text += c;
    if (head.version < 3) in.skip((8 - (text.size() + 1) % 8) % 8);
    return text;
  };
  const std::string first = name(), second = name();
  const unsigned first_value = in.u8(), second_value = in.u8();
  return first == "FALSE" && second == "TRUE" && first_value == 0 && second_value == 1;
}

}  // namespace

Element read_element(const Image& image, std::string_view message) {
  Cursor in(image, message, "datatype message");
  Element element;
  Head head = read_head(in);
  while (head.type == kArray) {
    const unsigned rank = in.u8();
    if (rank == 0 || element.dims.size() + rank > kMostRank) in.fail(fmt::format("is of an array of {} axes", rank));
    if (head.version < 3) in.skip(3);
    std::uint64_t count = 1;
    for (unsigned axis = 0; axis < rank; ++axis) {
      element.dims.push_back(in.u32());
      count = times(count, static_cast<std::uint64_t>(element.dims.back()), "the size of an array type");
    }
    if (head.version < 3) in.skip(4 * rank);
    const std::uint64_t size = head.size;
    head = read_head(in);
    if (count == 0 || times(count, head.size, "the size of an array type") != size) {
      in.fail(fmt::format("is of {} bytes, made of {} elements of {} bytes", size, count, head.size));
    }
  }
  element.size = head.size;
  element.type.size = head.size;
  switch (head.type) {
    case kInteger:
      element.type.dtype = integer_of(in, head);
      element.swapped = head.size > 1 && needs_swap(head.bits);
      break;
    case kReal:
      element.type.dtype = real_of(in, head);
      element.swapped = needs_swap(head.bits);
      break;
    case kText:
      element.type.kind = Type::text;
      element.padding = padding_of(in, head.bits);
      break;
    case kOpaque:
      element.type.kind = Type::opaque;
      break;
    case kEnumeration: {
      const Head base = read_head(in);
      if (base.type != kInteger || base.size != head.size) in.fail("is of an enumeration of no integers");
      element.type.dtype = integer_of(in, base);
      element.swapped = base.size > 1 && needs_swap(base.bits);
      if (is_bool(in, head, element.type.dtype)) element.type.dtype = DType::boolean;
      break;
    }
    case kVariable:
      if ((head.bits & 15) != 1) in.unsupported(fmt::format("is {}", name_of(kVariable)));
      if (head.size != 8 + std::uint64_t{image.offset_size()}) in.fail("is of a text in an unknown place");
      element.type.kind = Type::text;
      element.type.size = 0;
      break;
    default:
      in.unsupported(fmt::format("is {}", name_of(head.type)));
  }
  return element;
}

Space read_space(const Image& image, std::string_view message) {
  Cursor in(image, message, "dataspace message");
  Space space;
  const unsigned version = in.u8();
  if (version != 1 && version != 2) in.unsupported(fmt::format("has the version {}", version));
  const unsigned rank = in.u8(), flags = in.u8();
  if (rank > kMostRank) in.fail(fmt::format("has {} axes", rank));
  if (version == 1) {
    in.skip(5);
  } else {
    const unsigned type = in.u8();
    if (type > 2 || (type != 1 && rank != 0)) in.fail(fmt::format("is of type {} with {} axes", type, rank));
    space.null = type == 2;
  }
  for (unsigned axis = 0; axis < rank; ++axis) {
    const std::uint64_t size = in.length();
    if (size > INT64_MAX) in.fail(fmt::format("has an axis of {} elements", size));
    space.dims.push_back(static_cast<std::int64_t>(size));
  }
  space.most = space.dims;
  for (unsigned axis = 0; axis < rank && (flags & 1); ++axis) {
    const std::uint64_t size = in.length(), unlimited = kNowhere >> (64 - 8 * image.length_size());
    if (size == unlimited) {
      space.most[axis] = -1;
    } else if (size > INT64_MAX || static_cast<std::int64_t>(size) < space.dims[axis]) {
      in.fail(fmt::format("has an axis of {} elements, at most {}", space.dims[axis], size));
    } else {
      space.most[axis] = static_cast<std::int64_t>(size);
    }
  }
  return space;
}

void Stored::set_shape(const Space& space) {
  null = space.null;
  shape = space.dims;
  shape.insert(shape.end(), element.dims.begin(), element.dims.end());
  bool empty = null;
  std::uint64_t total = element.size;  // as if no axis were empty: users multiply them, too
  for (const std::int64_t size : shape) {
    empty |= size == 0;
    if (size > 0) total = times(total, static_cast<std::uint64_t>(size), "the size of a value");
  }
  if (total > INT64_MAX) damaged(fmt::format("a value of {} bytes", total));
  count = empty ? 0 : total / element.size;
  byte_size = empty ? 0 : total;
}

}  // namespace keras::support::hdf5
