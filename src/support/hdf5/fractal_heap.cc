// Fractal heaps: objects of any length in blocks that double in size, reached through a table of blocks. An object's id
// says where in the heap's own address space it lies, or, of large ones, its number in a B-tree.
#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "support/hdf5/checksum.h"
#include "support/hdf5/heaps.h"

namespace keras::support::hdf5 {
namespace {

constexpr std::uint64_t kMostDirect = std::uint64_t{1} << 32;  // bytes of a block

unsigned log2_of(std::uint64_t value) { return static_cast<unsigned>(std::bit_width(value)) - 1; }  // rounded down

}  // namespace

FractalHeap::FractalHeap(const Image& image, std::uint64_t address) : image_(image), address_(address) {
  const std::uint64_t lengths = 12 * image.length_size(), addresses = 3 * image.offset_size();
  const std::uint64_t size = 22 + lengths + addresses + 4;
  Cursor in(image, image.part(address, size, "fractal heap"), "fractal heap");
  in.expect("FRHP");
  in.expect_version(0);
  id_size_ = in.u16();
  const unsigned filters = in.u16();
  if (filters != 0) in.unsupported("is compressed");
  flags_ = in.u8();
  most_managed_ = in.u32();
  in.length();  // the next number of a large object
  huge_tree_ = in.address();
  in.length();
  in.address();
  for (int counts = 0; counts < 8; ++counts) in.length();
  width_ = in.u16();
  start_size_ = in.length();
  most_direct_ = in.length();
  heap_bits_ = in.u16();
  in.skip(2);
  root_ = in.address();
  root_rows_ = in.u16();
  in.check();
  if (!std::has_single_bit(width_) || !std::has_single_bit(start_size_) || !std::has_single_bit(most_direct_) ||
      start_size_ > most_direct_ || most_direct_ > kMostDirect || heap_bits_ == 0 || heap_bits_ > 64) {
    in.fail(fmt::format("has blocks of {} to {} bytes, {} in a row", start_size_, most_direct_, width_));
  }
  offset_bytes_ = (heap_bits_ + 7) / 8;
  length_bytes_ = std::min((log2_of(most_direct_) + 7) / 8, log2_of(most_managed_ | 1) / 8 + 1);
  direct_rows_ = log2_of(most_direct_) - log2_of(start_size_) + 2;
}

std::string_view FractalHeap::object(std::string_view id) {
  Cursor in(image_, id, "id in a fractal heap");
  const unsigned head = in.u8();
  switch (head & 0xf0) {
    case 0x00: {
      const std::uint64_t offset = in.number(offset_bytes_);
      return managed(offset, in.number(length_bytes_));
    }
    case 0x10:
      return huge(in);
    case 0x20: {
      const bool extended = id_size_ > 17;  // then the length has 12 bits
      const unsigned length = extended ? (head & 0x0f) << 8 | in.u8() : head & 0x0f;
      return in.take(length + 1);
    }
    default:
      in.fail(fmt::format("begins with {}", head));
  }
}

std::uint64_t FractalHeap::row_size(unsigned row) const {
  const unsigned doublings = row == 0 ? 0 : row - 1;
  if (doublings + log2_of(start_size_) > 63)
    damaged(fmt::format("the fractal heap at byte {} has too many rows", address_));
  return start_size_ << doublings;
}

std::string_view FractalHeap::block(const Place& place, bool direct, unsigned rows) {
  if (const auto known = verified_.find(place.address); known != verified_.end()) {
    const Verified& block = known->second;
    if (block.offset != place.offset || block.rows != rows || block.direct != direct ||
        (direct && block.bytes.size() != place.size)) {
      damaged(fmt::format("the block at byte {} is at two places of its fractal heap", place.address));
    }
    return block.bytes;
  }
  const std::string_view what = direct ? "fractal heap's direct block" : "fractal heap's indirect block";
  const std::uint64_t prefix = 5 + image_.offset_size() + offset_bytes_;
  const bool checked = !direct || (flags_ & 2);
  std::uint64_t size = place.size;
  if (!direct) {
    const std::uint64_t entries = std::uint64_t{rows} * width_;
    size = prefix + entries * image_.offset_size() + 4;
  }
  const std::string_view bytes = image_.part(place.address, size, what);
  Cursor in(image_, bytes, what);
  in.expect(direct ? "FHDB" : "FHIB");
  in.expect_version(0);
  if (in.address() != address_) in.fail("belongs to another heap");
  if (in.number(offset_bytes_) != place.offset) in.fail(fmt::format("does not begin at {} of its heap", place.offset));
  if (checked && direct) {  // of all the block, with zeros for the checksum itself
    const std::uint64_t at = in.position();
    std::string copy(bytes);
    const std::uint32_t stored = in.u32();
    copy.replace(at, 4, 4, '\0');
    if (checksums_matter && lookup3(copy) != stored) in.fail("has a wrong checksum");
  } else if (checked) {
    in.skip(size - prefix - 4);
    in.check();
  }
  verified_[place.address] = {bytes, place.offset, rows, direct};
  return bytes;
}

std::string_view FractalHeap::managed(std::uint64_t offset, std::uint64_t length) {
  const auto fail = [&]() {
    damaged(fmt::format("an object is said to be at {} of the fractal heap at byte {} and to have {} bytes", offset,
                        address_, length));
  };
  Place place = {root_, 0, start_size_};
  for (unsigned rows = root_rows_; rows > 0;) {  // an indirect block; below it their sizes only fall
    const std::string_view bytes = block(place, false, rows);
    const std::uint64_t within = offset - place.offset;
    const std::uint64_t first_row = start_size_ * width_;
    const unsigned row = within < first_row ? 0 : log2_of(within / first_row) + 1;
    if (row >= rows) fail();
    const std::uint64_t row_start = row == 0 ? 0 : first_row << (row - 1);
    const std::uint64_t column = (within - row_start) / row_size(row);
    const std::uint64_t entry =
        5 + image_.offset_size() + offset_bytes_ + (row * width_ + column) * image_.offset_size();
    Cursor in(image_, bytes.substr(entry), "fractal heap's indirect block");
    place = {in.address(), place.offset + row_start + column * row_size(row), row_size(row)};
    if (row < direct_rows_) break;
    const unsigned covered = log2_of(place.size) - log2_of(first_row) + 1;
    if (place.size < first_row || covered >= rows) fail();
    rows = covered;
  }
  const std::string_view bytes = block(place, true, 0);
  const std::uint64_t within = offset - place.offset;
  if (within > bytes.size() || length > bytes.size() - within) fail();
  return bytes.substr(within, length);
}

std::string_view FractalHeap::huge(Cursor& id) {
  const unsigned addresses = image_.offset_size(), lengths = image_.length_size();
  if (addresses + lengths <= id.left()) {  // the id has room for the place itself
    const std::uint64_t address = id.address();
    return image_.at(address, id.length(), "large object of a fractal heap");
  }
  if (!huge_read_) {
    for_each_record(image_, huge_tree_, 1, [&](std::string_view record) {
      Cursor in(image_, record, "record of a large object");
      const std::uint64_t address = in.address();
      const std::uint64_t length = in.length();
      huge_[in.length()] = {address, length};
    });
    huge_read_ = true;
  }
  const std::uint64_t number = id.number(std::min<unsigned>(static_cast<unsigned>(id.left()), 8));
  const auto found = huge_.find(number);
  if (found == huge_.end())
    damaged(fmt::format("the fractal heap at byte {} has no large object {}", address_, number));
  return image_.at(found->second.first, found->second.second, "large object of a fractal heap");
}

}  // namespace keras::support::hdf5
