// Chunked data sets: where each chunk lies, by any of the six indexes, and how it is unpacked.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "support/hdf5/image.h"

namespace keras::support::hdf5 {

struct Filter {
  enum Kind : std::uint8_t { deflate, shuffle, fletcher32 } kind;
  std::uint32_t width = 1;  // of the elements that are shuffled
};

// A filter pipeline message; a Fault names one that is not known.
std::vector<Filter> read_filters(const Image& image, std::string_view message);

// `count` bytes out of a chunk stored as `stored`; bit i of `mask` says that filter i was left out. Whether so many may
// come out of so few is checked before (check_packed). The result lies in `stored` or in one of the buffers.
std::string_view unpack(std::span<const Filter> filters, std::uint32_t mask, std::string_view stored,
                        std::uint64_t count, std::string (&buffers)[2]);
void check_packed(std::span<const Filter> filters, std::uint32_t mask, std::uint64_t stored, std::uint64_t count);

struct Chunk {
  std::uint64_t address, size;  // stored
  std::uint32_t mask;
};

struct Chunks {
  std::vector<std::uint64_t> dims;   // of the data set
  std::vector<std::uint64_t> shape;  // items of a chunk along each axis
  std::uint64_t item = 0;            // bytes of an item of the dataspace
  std::uint64_t bytes = 0;           // of an unpacked chunk
  std::vector<Filter> filters;
  std::vector<Chunk> chunks;
  std::vector<std::uint64_t> places;  // rank numbers for each chunk: its number along each axis
};

// Which index a layout message names, and what it says beside.
struct ChunkIndex {
  enum Kind : std::uint8_t { btree1, single, implicit, fixed_array, extensible_array, btree2 } kind = btree1;
  std::uint64_t address = kNowhere;
  std::uint64_t single_size = 0;  // of the only chunk, if it is filtered
  std::uint32_t single_mask = 0;
};

// Fills in `chunks` and `places`; the rest is given. `most`: how far the axes may grow, -1 without bound.
void find_chunks(const Image& image, const ChunkIndex& index, std::span<const std::int64_t> most, Chunks& chunks);

// What find_chunks hands the arrays: takes the entries of an index one by one.
class ChunkList {
 public:
  // `reserved`: there are chunks up to where the axes may grow, and those outside are left out; else they are a Fault.
  ChunkList(const Image& image, std::span<const std::int64_t> most, Chunks& chunks, bool reserved);
  const Image& image() const { return image_; }
  std::size_t rank() const { return chunks_.dims.size(); }
  std::uint64_t bytes() const { return chunks_.bytes; }

  std::uint64_t most() const;  // chunks when all axes are as large as they may be; a Fault where one has no bound
  std::size_t unbounded() const { return unbounded_; }  // axes
  void add(const std::uint64_t* place, const Chunk& chunk);
  void add(std::uint64_t number, const Chunk& chunk);  // by its number in that grid, the axis without bound first
  void read(std::uint64_t number, Cursor& in, unsigned entry, bool filtered);  // an element of an array of chunks
  void finish() const;                                                         // a Fault where two have one place

 private:
  const Image& image_;
  Chunks& chunks_;
  bool reserved_;
  std::vector<std::uint64_t> grid_;       // chunks along each axis
  std::vector<std::uint64_t> most_grid_;  // when it has grown as far as it may; 0: without bound
  std::vector<std::uint64_t> place_;
  std::size_t first_ = 0, unbounded_ = 0;
};

void read_extensible_array(std::uint64_t address, ChunkList& list);

}  // namespace keras::support::hdf5
