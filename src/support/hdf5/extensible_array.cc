// Extensible arrays, the index of chunks of a data set that may grow along one axis: the first elements lie in the
// index block, the next in data blocks that it names, the rest in data blocks that super blocks name; blocks double in
// size.
#include <fmt/format.h>

#include <bit>

#include "support/hdf5/chunks.h"

namespace keras::support::hdf5 {
namespace {

class ExtensibleArray {
 public:
  ExtensibleArray(std::uint64_t address, ChunkList& list)
      : image_(list.image()), list_(list), address_(address), addresses_(image_.offset_size()) {
    read_header();
    if (list.unbounded() != 1)
      damaged("an extensible array is the index of a data set that cannot grow along one axis");
    if (index_block_ != kNowhere) read_index_block();
  }

 private:
  void read_header() {
    const std::uint64_t size = 16 + 6 * image_.length_size() + addresses_;
    Cursor in(image_, image_.part(address_, size, "extensible array"), "extensible array");
    in.expect("EAHD");
    in.expect_version(0);
    filtered_ = in.u8() != 0;
    entry_ = in.u8();
    const unsigned bits = in.u8();
    first_elements_ = in.u8();
    least_elements_ = in.u8();
    least_pointers_ = in.u8();
    page_bits_ = in.u8();
    for (int counts = 0; counts < 6; ++counts) in.length();
    index_block_ = in.address();
    in.check();
    if (bits == 0 || bits > 64 || page_bits_ > 32 || !std::has_single_bit(least_elements_) ||
        !std::has_single_bit(least_pointers_) || bits < log2_of(least_elements_)) {
      in.fail(fmt::format("is of 2^{} elements, at least {} in a block", bits, least_elements_));
    }
    offset_bytes_ = (bits + 7) / 8;
    super_blocks_ = 1 + bits - log2_of(least_elements_);
    direct_super_blocks_ = 2 * log2_of(least_pointers_);
    if (direct_super_blocks_ > super_blocks_) in.fail("has more blocks than it can have elements");
  }

  void read_index_block() {
    constexpr std::string_view kWhat = "extensible array's index block";
    const std::uint64_t data_blocks = 2 * (std::uint64_t{least_pointers_} - 1);
    const std::uint64_t pointers = data_blocks + super_blocks_ - direct_super_blocks_;
    const std::uint64_t size = 6 + addresses_ + std::uint64_t{first_elements_} * entry_ + pointers * addresses_ + 4;
    Cursor in(image_, image_.part(index_block_, size, kWhat), kWhat);
    in.expect("EAIB");
    prefix(in);
    for (unsigned i = 0; i < first_elements_; ++i) list_.read(next_++, in, entry_, filtered_);
    for (unsigned super = 0; super < super_blocks_; ++super) {
      const std::uint64_t blocks = std::uint64_t{1} << super / 2;
      const std::uint64_t elements = std::uint64_t{least_elements_} << (super + 1) / 2;
      if (super >= direct_super_blocks_) {
        const std::uint64_t address = in.address();
        if (address != kNowhere) read_super_block(address, blocks, elements);
        next_ += blocks * elements;
        continue;
      }
      for (std::uint64_t i = 0; i < blocks; ++i) {
        const std::uint64_t address = in.address();
        if (address != kNowhere) read_data_block(address, next_, elements, {}, 0);
        next_ += elements;
      }
    }
    in.check();
  }

  void read_super_block(std::uint64_t address, std::uint64_t blocks, std::uint64_t elements) {
    constexpr std::string_view kWhat = "extensible array's super block";
    const std::uint64_t pages = pages_of(elements), bitmap_size = times(blocks, (pages + 7) / 8, kWhat);
    const std::uint64_t pointers = times(blocks, addresses_, kWhat);
    const std::uint64_t size = plus(6 + addresses_ + offset_bytes_ + 4, plus(bitmap_size, pointers, kWhat), kWhat);
    Cursor in(image_, image_.part(address, size, kWhat), kWhat);
    in.expect("EASB");
    prefix(in);
    in.skip(offset_bytes_);
    const std::string_view bitmap = in.take(bitmap_size);
    for (std::uint64_t i = 0; i < blocks; ++i) {
      const std::uint64_t block = in.address();
      if (block != kNowhere) read_data_block(block, next_ + i * elements, elements, bitmap, i * pages);
    }
    in.check();
  }

  // `written`: a bit for each page of the super block's blocks, the first of this block's is at `bit`.
  void read_data_block(std::uint64_t address, std::uint64_t number, std::uint64_t elements, std::string_view written,
                       std::uint64_t bit) {
    constexpr std::string_view kWhat = "extensible array's data block";
    const std::uint64_t pages = pages_of(elements), head = 6 + addresses_ + offset_bytes_;
    const std::uint64_t size = plus(times(elements, entry_, kWhat), head + 4 + 4 * pages, kWhat);
    const std::string_view block = image_.part(address, size, kWhat);
    Cursor in(image_, block.substr(0, pages > 0 ? head + 4 : size), kWhat);
    in.expect("EADB");
    prefix(in);
    in.skip(offset_bytes_);
    for (std::uint64_t i = 0; pages == 0 && i < elements; ++i) list_.read(number + i, in, entry_, filtered_);
    in.check();
    const std::uint64_t page = std::uint64_t{1} << page_bits_;
    for (std::uint64_t p = 0; p < pages; ++p, ++bit) {
      if (bit / 8 < written.size() && !(written[bit / 8] & 0x80 >> bit % 8)) continue;
      Cursor part(image_, block.substr(head + 4 + p * (page * entry_ + 4), page * entry_ + 4),
                  "extensible array's page");
      for (std::uint64_t i = 0; i < page; ++i) list_.read(number + p * page + i, part, entry_, filtered_);
      part.check();
    }
  }

  void prefix(Cursor& in) {
    in.expect_version(0);
    in.skip(1);
    if (in.address() != address_) in.fail("belongs to another array");
  }

  std::uint64_t pages_of(std::uint64_t elements) const {
    return elements > std::uint64_t{1} << page_bits_ ? elements >> page_bits_ : 0;
  }
  static unsigned log2_of(unsigned value) { return static_cast<unsigned>(std::bit_width(value)) - 1; }

  const Image& image_;
  ChunkList& list_;
  std::uint64_t address_, index_block_ = kNowhere, next_ = 0;
  unsigned addresses_, entry_ = 0, first_elements_ = 0, least_elements_ = 1, least_pointers_ = 1, page_bits_ = 0;
  unsigned offset_bytes_ = 0, super_blocks_ = 0, direct_super_blocks_ = 0;
  bool filtered_ = false;
};

}  // namespace

void read_extensible_array(std::uint64_t address, ChunkList& list) { ExtensibleArray(address, list); }

}  // namespace keras::support::hdf5
