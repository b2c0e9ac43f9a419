// What an attribute or a data set is: the type of its elements, its shape, and where they are stored.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "support/hdf5.h"
#include "support/hdf5/chunks.h"
#include "support/hdf5/header.h"
#include "support/hdf5/image.h"

namespace keras::support::hdf5 {

// A datatype message.
struct Element {
  Type type;
  std::uint64_t size = 0;  // bytes in the file, of one
  bool swapped = false;    // its bytes are in the order that this machine has not
  enum Padding : std::uint8_t { terminated, zeros, blanks } padding = terminated;  // of a text
  std::vector<std::int64_t> dims;                                                  // of an array type

  bool variable() const { return type.kind == Type::text && type.size == 0; }
};
Element read_element(const Image& image, std::string_view message);

// A dataspace message.
struct Space {
  bool null = false;
  std::vector<std::int64_t> dims, most;  // most: up to which they may grow; -1: without bound
};
Space read_space(const Image& image, std::string_view message);

struct Stored {
  Element element;
  std::vector<std::int64_t> shape;  // with the dimensions of an array type
  bool null = false;
  std::uint64_t count = 0;                // elements
  std::uint64_t byte_size = 0;            // of all of them in the file
  std::optional<std::string_view> bytes;  // where they lie, if in one piece
  std::string_view fill;                  // an item of the dataspace as it is where nothing is stored; "": zeros
  std::shared_ptr<const Chunks> chunks;

  void set_shape(const Space& space);  // count and byte_size too; a Fault where they are absurd
};

struct ValueParts {
  std::shared_ptr<const Image> image;
  std::shared_ptr<const Header> header;  // keeps `stored`'s views
  std::shared_ptr<const Stored> stored;
  std::string path;  // of the object
  std::string name;  // of the attribute
  bool is_attribute = false;
};

std::shared_ptr<const Stored> read_dataset(const Image& image, const Header& header);
std::shared_ptr<const Stored> read_attribute(const Image& image, std::string_view message);

// All bytes as the file has them, unpacked; views into `buffer` unless they lie in one piece.
std::string_view raw_bytes(const Image& image, const Stored& stored, std::string& buffer);
void raw_into(const Image& image, const Stored& stored, std::span<std::byte> to);
void fill_items(const Stored& stored, std::span<std::byte> to);  // with what is where nothing is stored
// Of chunk `index`, unpacked as `from`, what lies in the rows [begin, end) of the data set; `to` holds these rows.
void place_chunk(const Chunks& chunks, std::size_t index, std::string_view from, std::byte* to, std::uint64_t begin,
                 std::uint64_t end);
// Of this machine's byte order, booleans 0 or 1.
void to_native(const Stored& stored, std::span<std::byte> items);

}  // namespace keras::support::hdf5
