// Where names, links, attributes and texts of variable length lie: local heaps, global heaps and fractal heaps, and the
// version 2 B-trees that index the last.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "support/hdf5/image.h"

namespace keras::support::hdf5 {

// The names of a group of the old style.
class LocalHeap {
 public:
  LocalHeap(const Image& image, std::uint64_t address);
  std::string_view text(std::uint64_t offset) const;  // up to its NUL

 private:
  std::string_view data_;
};

// One collection of the global heap: texts by number.
struct HeapCollection {
  std::uint64_t address = 0;
  struct Item {
    std::uint16_t number;
    std::string_view bytes;
  };
  std::vector<Item> items;  // sorted by number
  std::string_view at(std::uint32_t number) const;
};
std::unique_ptr<const HeapCollection> read_collection(const Image& image, std::uint64_t address);

// Calls `f` with each record of a B-tree of version 2, which must be of the type `type`.
using RecordFunction = std::function<void(std::string_view)>;
void for_each_record(const Image& image, std::uint64_t address, unsigned type, const RecordFunction& f);

// Links and attributes of groups and objects that have many.
class FractalHeap {
 public:
  FractalHeap(const Image& image, std::uint64_t address);
  std::string_view object(std::string_view id);

 private:
  struct Place {
    std::uint64_t address, offset, size;  // of a block: in the file, in the heap
  };
  struct Verified {
    std::string_view bytes;
    std::uint64_t offset;
    unsigned rows;
    bool direct;
  };
  std::string_view managed(std::uint64_t offset, std::uint64_t length);
  std::string_view huge(Cursor& id);
  std::string_view block(const Place& place, bool direct, unsigned rows);  // verified
  std::uint64_t row_size(unsigned row) const;                              // of each of its blocks

  const Image& image_;
  std::uint64_t address_;
  unsigned id_size_ = 0, flags_ = 0, offset_bytes_ = 0, length_bytes_ = 0;
  std::uint64_t most_managed_ = 0, width_ = 0, start_size_ = 0, most_direct_ = 0;
  std::uint64_t huge_tree_ = kNowhere, root_ = kNowhere;
  unsigned heap_bits_ = 0, root_rows_ = 0, direct_rows_ = 0;
  std::unordered_map<std::uint64_t, Verified> verified_;                             // blocks by address
  std::unordered_map<std::uint64_t, std::pair<std::uint64_t, std::uint64_t>> huge_;  // places by number
  bool huge_read_ = false;
};

}  // namespace keras::support::hdf5
