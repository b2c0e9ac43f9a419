// Data sets: the layout message, and the elements read from where it says that they lie.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "support/hdf5/value.h"

namespace keras::support::hdf5 {
namespace {

enum Class : unsigned { kCompact, kContiguous, kChunked, kVirtual };

// What a chunked layout says, of version 3 or 4.
ChunkIndex read_chunk_layout(Cursor& in, unsigned version, Chunks& chunks) {
  ChunkIndex index;
  const unsigned flags = version == 3 ? 0 : in.u8();
  const std::size_t axes = in.u8();  // the last one is the bytes of an item
  if (axes != chunks.dims.size() + 1) in.fail(fmt::format("has chunks of {} axes", axes));
  if (version == 3) index.address = in.address();
  const unsigned width = version == 3 ? 4 : in.u8();
  if (width < 1 || width > 8) in.fail(fmt::format("has numbers of {} bytes", width));
  std::uint64_t bytes = chunks.item;
  for (std::size_t axis = 0; axis < axes; ++axis) {
    const std::uint64_t size = in.number(width);
    if (axis + 1 == axes) {
      if (size != chunks.item) in.fail(fmt::format("has items of {} bytes, the data set of {}", size, chunks.item));
      break;
    }
    if (size == 0) in.fail("has empty chunks");
    chunks.shape.push_back(size);
    bytes = times(bytes, size, "the size of a chunk");
  }
  chunks.bytes = bytes;
  if (version == 3) return index;

  constexpr unsigned kEdgesUnfiltered = 1, kFilteredSingle = 2;
  if (flags & kEdgesUnfiltered) in.unsupported("has chunks that are packed but at the edges");
  const unsigned kind = in.u8();
  switch (kind) {
    case 1:
      index.kind = ChunkIndex::single;
      if (flags & kFilteredSingle) {
        index.single_size = in.length();
        index.single_mask = in.u32();
      }
      break;
    case 2:
      index.kind = ChunkIndex::implicit;
      break;
    case 3:
      index.kind = ChunkIndex::fixed_array;
      in.skip(1);
      break;
    case 4:
      index.kind = ChunkIndex::extensible_array;
      in.skip(5);
      break;
    case 5:
      index.kind = ChunkIndex::btree2;
      in.skip(6);
      break;
    default:
      in.unsupported(fmt::format("has an index of the kind {} for its chunks", kind));
  }
  index.address = in.address();
  return index;
}

// An item as it is where nothing is stored; empty: zeros.
std::string_view read_fill(const Image& image, const Header& header, std::uint64_t item) {
  std::string_view value;
  if (const Message* message = header.find(MessageKind::fill)) {
    Cursor in(image, message->body, "fill value message");
    const unsigned version = in.u8();
    if (version < 1 || version > 3) in.unsupported(fmt::format("has the version {}", version));
    bool defined;
    if (version == 3) {
      defined = in.u8() & 0x20;
    } else {
      in.skip(2);
      defined = in.u8() == 1;
      if (version == 1 && in.left() == 0) defined = false;
    }
    const std::uint32_t size = defined ? in.u32() : 0;
    if (size <= INT32_MAX) value = in.take(size);  // a negative one: none
  } else if (const Message* old = header.find(MessageKind::old_fill)) {
    Cursor in(image, old->body, "fill value message");
    value = in.take(in.u32());
  }
  if (!value.empty() && value.size() != item) {
    damaged(fmt::format("a fill value has {} bytes and an item {}", value.size(), item));
  }
  return value;
}

void read_layout(const Image& image, const Header& header, const Space& space, std::uint64_t item, Stored& stored) {
  Cursor in(image, header.find(MessageKind::layout)->body, "layout message");
  const unsigned version = in.u8();
  if (version != 3 && version != 4) in.unsupported(fmt::format("has the version {}", version));
  const unsigned type = in.u8();
  if (type == kVirtual) in.unsupported("is of a virtual data set, put together from others");
  if (type > kVirtual) in.fail(fmt::format("is of the class {}", type));
  if (stored.byte_size == 0) {  // wherever it is
    stored.bytes = std::string_view();
  } else if (type == kCompact) {
    const std::uint64_t size = in.u16();
    if (size < stored.byte_size) in.fail(fmt::format("has {} of {} bytes", size, stored.byte_size));
    stored.bytes = in.take(stored.byte_size);
  } else if (type == kContiguous) {
    const std::uint64_t address = in.address(), size = in.length();
    if (size != stored.byte_size) in.fail(fmt::format("has {} bytes for {}", size, stored.byte_size));
    if (address == kNowhere) return image.charge_fill(stored.byte_size);
    stored.bytes = image.data(address, stored.byte_size, "data set");
  } else {
    auto chunks = std::make_shared<Chunks>();
    chunks->item = item;
    for (const std::int64_t size : space.dims) chunks->dims.push_back(static_cast<std::uint64_t>(size));
    const ChunkIndex index = read_chunk_layout(in, version, *chunks);
    if (const Message* filters = header.find(MessageKind::filters)) {
      chunks->filters = read_filters(image, filters->body);
      for (const Filter& filter : chunks->filters) {
        if (filter.kind == Filter::shuffle && filter.width != item)
          damaged(fmt::format("items of {} bytes are said to be shuffled as ones of {}", item, filter.width));
      }
    }
    find_chunks(image, index, space.most, *chunks);
    const std::uint64_t found = times(chunks->chunks.size(), chunks->bytes, "the size of all chunks");
    if (found < stored.byte_size) image.charge_fill(stored.byte_size - found);
    stored.chunks = std::move(chunks);
  }
}

}  // namespace

std::shared_ptr<const Stored> read_dataset(const Image& image, const Header& header) {
  if (header.find(MessageKind::external_files)) unsupported("the data lie in other files");
  const Message* type = header.find(MessageKind::datatype);
  const Message* shape = header.find(MessageKind::dataspace);
  if (!type || !shape)
    damaged(fmt::format("the data set at byte {} has no {}", header.address, type ? "shape" : "type"));
  auto stored = std::make_shared<Stored>();
  stored->element = read_element(image, type->body);
  const Space space = read_space(image, shape->body);
  stored->set_shape(space);
  std::uint64_t item = stored->element.size;
  for (const std::int64_t size : stored->element.dims) item *= static_cast<std::uint64_t>(size);
  stored->fill = read_fill(image, header, item);
  read_layout(image, header, space, item, *stored);
  return stored;
}

void place_chunk(const Chunks& chunks, std::size_t index, std::string_view from, std::byte* to, std::uint64_t begin,
                 std::uint64_t end) {
  const std::size_t rank = chunks.dims.size();
  std::vector<std::uint64_t> start(rank), extent(rank), row(rank);
  for (std::size_t axis = 0; axis < rank; ++axis) {
    start[axis] = chunks.places[index * rank + axis] * chunks.shape[axis];
    extent[axis] = std::min(chunks.shape[axis], chunks.dims[axis] - start[axis]);
  }
  std::uint64_t skipped = 0;  // items of the chunk before the first row that is wanted
  if (rank > 0) {
    const std::uint64_t first = std::max(start[0], begin), last = std::min(start[0] + extent[0], end);
    if (first >= last) return;
    skipped = first - start[0];
    start[0] = first - begin;
    extent[0] = last - first;
  }
  for (std::size_t axis = 1; axis < rank; ++axis) skipped *= chunks.shape[axis];
  const std::byte* const items = reinterpret_cast<const std::byte*>(from.data()) + skipped * chunks.item;
  const std::uint64_t run = (rank > 0 ? extent[rank - 1] : 1) * chunks.item;
  while (true) {  // row by row along the last axis; `row` counts the others
    std::uint64_t source = 0, target = 0;
    for (std::size_t axis = 0; axis < rank; ++axis) {
      source = source * chunks.shape[axis] + row[axis];
      target = target * chunks.dims[axis] + start[axis] + row[axis];
    }
    std::memcpy(to + target * chunks.item, items + source * chunks.item, run);
    std::size_t axis = rank > 0 ? rank - 1 : 0;
    while (axis > 0 && ++row[axis - 1] == extent[axis - 1]) row[--axis] = 0;
    if (axis == 0) return;
  }
}

void fill_items(const Stored& stored, std::span<std::byte> to) {
  std::memset(to.data(), 0, to.size());
  for (std::size_t at = 0; !stored.fill.empty() && at < to.size(); at += stored.fill.size()) {
    std::memcpy(to.data() + at, stored.fill.data(), stored.fill.size());
  }
}

void raw_into(const Image& image, const Stored& stored, std::span<std::byte> to) {
  if (to.empty()) return;
  if (stored.bytes) {
    image.copy(*stored.bytes, to.data());
    return;
  }
  fill_items(stored, to);
  if (!stored.chunks) return;
  const Chunks& chunks = *stored.chunks;
  std::string buffers[2];
  for (std::size_t i = 0; i < chunks.chunks.size(); ++i) {
    const Chunk& chunk = chunks.chunks[i];
    const std::string_view packed = image.at(chunk.address, chunk.size, "chunk of a data set");
    place_chunk(chunks, i, unpack(chunks.filters, chunk.mask, packed, chunks.bytes, buffers), to.data(), 0, UINT64_MAX);
  }
}

std::string_view raw_bytes(const Image& image, const Stored& stored, std::string& buffer) {
  if (stored.bytes) return *stored.bytes;
  buffer.resize(stored.byte_size);
  raw_into(image, stored, std::as_writable_bytes(std::span(buffer)));
  return buffer;
}

}  // namespace keras::support::hdf5
