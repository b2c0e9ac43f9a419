// The indexes that say where the chunks of a data set lie, but for extensible arrays.
#include "support/hdf5/chunks.h"

#include <fmt/format.h>

#include <algorithm>

#include "support/hdf5/btree1.h"
#include "support/hdf5/heaps.h"

namespace keras::support::hdf5 {
namespace {

void read_btree1(std::uint64_t address, const Chunks& chunks, ChunkList& list) {
  const std::size_t rank = list.rank();
  std::vector<std::uint64_t> place(rank);
  for_each_leaf(list.image(), address, 1, 8 + 8 * (rank + 1), [&](std::string_view key, std::uint64_t child) {
    Cursor in(list.image(), key, "B-tree's key of a chunk");
    const std::uint64_t size = in.u32();
    const std::uint32_t mask = in.u32();
    for (std::size_t axis = 0; axis < rank; ++axis) {
      const std::uint64_t first = in.u64();
      if (first % chunks.shape[axis] != 0) in.fail(fmt::format("begins at {} of an axis, between two chunks", first));
      place[axis] = first / chunks.shape[axis];
    }
    list.add(place.data(), {child, size, mask});
  });
}

void read_btree2(std::uint64_t address, bool filtered, ChunkList& list) {
  const std::size_t rank = list.rank();
  std::vector<std::uint64_t> place(rank);
  for_each_record(list.image(), address, filtered ? 11 : 10, [&](std::string_view record) {
    Cursor in(list.image(), record, "B-tree's record of a chunk");
    Chunk chunk = {in.address(), list.bytes(), 0};
    if (filtered) {
      const std::uint64_t rest = 4 + 8 * rank;
      if (in.left() < rest || in.left() - rest > 8) in.fail(fmt::format("has {} bytes", record.size()));
      chunk.size = in.number(static_cast<unsigned>(in.left() - rest));
      chunk.mask = in.u32();
    }
    for (std::uint64_t& number : place) number = in.u64();
    list.add(place.data(), chunk);
  });
}

void read_implicit(std::uint64_t address, ChunkList& list) {
  const std::uint64_t count = list.most();
  list.image().at(address, times(count, list.bytes(), "the size of all chunks"), "data of all chunks");
  for (std::uint64_t number = 0; number < count; ++number) {
    list.add(number, {address + number * list.bytes(), list.bytes(), 0});
  }
}

void read_fixed_array(std::uint64_t address, ChunkList& list) {
  const Image& image = list.image();
  const unsigned addresses = image.offset_size();
  const std::uint64_t head_size = 12 + image.length_size() + addresses;
  Cursor head(image, image.part(address, head_size, "fixed array"), "fixed array");
  head.expect("FAHD");
  head.expect_version(0);
  const bool filtered = head.u8() != 0;
  const unsigned entry = head.u8(), page_bits = head.u8();
  const std::uint64_t count = head.length();
  const std::uint64_t block_address = head.address();
  head.check();
  if (page_bits > 32 || entry < addresses)
    head.fail(fmt::format("has pages of 2^{} elements of {} bytes", page_bits, entry));
  if (count != list.most()) head.fail(fmt::format("has {} elements for {} chunks", count, list.most()));
  if (block_address == kNowhere) return;

  const std::uint64_t page = std::uint64_t{1} << page_bits;
  const bool paged = count > page;
  const std::uint64_t pages = paged ? (count - 1) / page + 1 : 0, bitmap_size = (pages + 7) / 8;
  const std::uint64_t prefix = 6 + addresses + bitmap_size;
  const std::uint64_t elements = times(count, entry, "the size of a fixed array");
  const std::uint64_t size = plus(prefix + 4 + 4 * pages, elements, "the size of a fixed array");
  const std::string_view block = image.part(block_address, size, "fixed array's data");
  Cursor in(image, block.substr(0, paged ? prefix + 4 : size), "fixed array's data");
  in.expect("FADB");
  in.expect_version(0);
  in.skip(1);
  if (in.address() != address) in.fail("belongs to another array");
  const std::string_view bitmap = in.take(bitmap_size);
  for (std::uint64_t number = 0; !paged && number < count; ++number) list.read(number, in, entry, filtered);
  in.check();
  for (std::uint64_t i = 0; i < pages; ++i) {
    if (!(bitmap[i / 8] & 0x80 >> i % 8)) continue;  // never written
    const std::uint64_t first = i * page, end = std::min(count, first + page);
    Cursor part(image, block.substr(prefix + 4 + i * (page * entry + 4), (end - first) * entry + 4),
                "fixed array's page");
    for (std::uint64_t number = first; number < end; ++number) list.read(number, part, entry, filtered);
    part.check();
  }
}

}  // namespace

ChunkList::ChunkList(const Image& image, std::span<const std::int64_t> most, Chunks& chunks, bool reserved)
    : image_(image), chunks_(chunks), reserved_(reserved) {
  const auto divided = [](std::uint64_t size, std::uint64_t by) { return size == 0 ? 0 : (size - 1) / by + 1; };
  for (std::size_t axis = 0; axis < rank(); ++axis) {
    grid_.push_back(divided(chunks.dims[axis], chunks.shape[axis]));
    const bool bounded = most[axis] >= 0;
    most_grid_.push_back(bounded ? divided(static_cast<std::uint64_t>(most[axis]), chunks.shape[axis]) : 0);
    if (!bounded) first_ = axis, ++unbounded_;
  }
  place_.resize(rank());
}

std::uint64_t ChunkList::most() const {
  std::uint64_t count = 1;
  for (const std::uint64_t size : most_grid_) count = times(count, size, "the number of chunks");
  if (count == 0) damaged("an index of chunks is of a kind that does not suit the shape");
  return count;
}

void ChunkList::add(const std::uint64_t* place, const Chunk& chunk) {
  if (chunk.address == kNowhere) return;
  for (std::size_t axis = 0; axis < rank(); ++axis) {
    if (place[axis] < grid_[axis]) continue;
    if (reserved_) return;
    damaged(fmt::format("a chunk is number {} along an axis of {}", place[axis], grid_[axis]));
  }
  image_.charge(0);  // for its entry here
  image_.data(chunk.address, chunk.size, "chunk of a data set");
  check_packed(chunks_.filters, chunk.mask, chunk.size, chunks_.bytes);
  chunks_.chunks.push_back(chunk);
  chunks_.places.insert(chunks_.places.end(), place, place + rank());
}

void ChunkList::add(std::uint64_t number, const Chunk& chunk) {
  const auto split_off = [&](std::size_t axis) {
    if (most_grid_[axis] == 0) {
      place_[axis] = number;  // without bound: counted first, so it takes what is left
    } else {
      place_[axis] = number % most_grid_[axis];
      number /= most_grid_[axis];
    }
  };
  for (std::size_t axis = rank(); axis-- > 0;) {
    if (axis != first_) split_off(axis);
  }
  if (rank() > 0) split_off(first_);
  add(place_.data(), chunk);
}

void ChunkList::read(std::uint64_t number, Cursor& in, unsigned entry, bool filtered) {
  Chunk chunk = {in.address(), chunks_.bytes, 0};
  const unsigned rest = image_.offset_size() + 4;
  if (filtered) {
    if (entry < rest || entry - rest > 8) in.fail(fmt::format("has elements of {} bytes", entry));
    chunk.size = in.number(entry - rest);
    chunk.mask = in.u32();
  } else if (entry != image_.offset_size()) {
    in.fail(fmt::format("has elements of {} bytes", entry));
  }
  add(number, chunk);
}

void ChunkList::finish() const {
  std::vector<const std::uint64_t*> order;
  for (std::size_t i = 0; i < chunks_.chunks.size(); ++i) order.push_back(chunks_.places.data() + i * rank());
  const auto end = static_cast<std::ptrdiff_t>(rank());
  const auto before = [end](const std::uint64_t* a, const std::uint64_t* b) {
    return std::lexicographical_compare(a, a + end, b, b + end);
  };
  std::sort(order.begin(), order.end(), before);
  const auto twice = std::adjacent_find(order.begin(), order.end(), [&](auto a, auto b) { return !before(a, b); });
  if (twice != order.end()) damaged("two chunks of a data set have the same place");
}

namespace {
void read_index(const ChunkIndex& index, const Chunks& chunks, ChunkList& list) {
  switch (index.kind) {
    case ChunkIndex::btree1:
      return read_btree1(index.address, chunks, list);
    case ChunkIndex::single: {
      const std::vector<std::uint64_t> origin(list.rank());
      const std::uint64_t size = index.single_size > 0 ? index.single_size : chunks.bytes;
      return list.add(origin.data(), {index.address, size, index.single_mask});
    }
    case ChunkIndex::implicit:
      return read_implicit(index.address, list);
    case ChunkIndex::fixed_array:
      return read_fixed_array(index.address, list);
    case ChunkIndex::extensible_array:
      return read_extensible_array(index.address, list);
    case ChunkIndex::btree2:
      return read_btree2(index.address, !chunks.filters.empty(), list);
  }
}
}  // namespace

void find_chunks(const Image& image, const ChunkIndex& index, std::span<const std::int64_t> most, Chunks& chunks) {
  if (index.address == kNowhere) return;  // nothing was written
  ChunkList list(image, most, chunks, index.kind == ChunkIndex::implicit);
  read_index(index, chunks, list);
  list.finish();
}

}  // namespace keras::support::hdf5
