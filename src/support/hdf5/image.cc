#include "support/hdf5/image.h"

#include <fmt/format.h>
#include <keras/error.h>

#include <algorithm>
#include <cstring>
#include <iterator>

#include "support/files.h"
#include "support/hdf5.h"
#include "support/hdf5/checksum.h"
#include "support/hdf5/header.h"
#include "support/hdf5/heaps.h"
#include "support/text.h"

namespace keras::support::hdf5 {
namespace {

using namespace std::string_view_literals;
constexpr auto kSignature = "\x89HDF\r\n\x1a\n"sv;

// A sound file's bytes are each taken apart once, some (texts, data within headers) twice.
constexpr std::uint64_t kWorkPerByte = 8, kWorkAnyway = 1 << 20;
constexpr std::uint64_t kFillPerByte = 4, kFillAnyway = 16 << 20;

}  // namespace

void damaged(std::string text) { throw Fault{false, std::move(text)}; }
void unsupported(std::string text) { throw Fault{true, std::move(text)}; }

std::uint64_t times(std::uint64_t a, std::uint64_t b, std::string_view what) {
  std::uint64_t product;
  if (__builtin_mul_overflow(a, b, &product)) damaged(fmt::format("{} is {} times {}", what, a, b));
  return product;
}

std::uint64_t plus(std::uint64_t a, std::uint64_t b, std::string_view what) {
  std::uint64_t sum;
  if (__builtin_add_overflow(a, b, &sum)) damaged(fmt::format("{} is {} and {} more", what, a, b));
  return sum;
}

std::uint64_t little_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

bool is_hdf5(std::string_view beginning) { return beginning.starts_with(kSignature); }

Image::Image(std::string name, std::shared_ptr<const MappedFile> file) : Image(std::move(name), file->bytes(), file) {
  mapped_ = file.get();
}

void Image::copy(std::string_view part, std::byte* to) const {
  if (mapped_ && part.data() >= bytes_.data() && part.data() < bytes_.data() + bytes_.size())
    mapped_->read(part, to);
  else
    std::memcpy(to, part.data(), part.size());
}

Image::Image(std::string name, std::string_view bytes, std::shared_ptr<const void> owner)
    : name_(std::move(name)), bytes_(bytes), owner_(std::move(owner)) {
  const std::string_view beginning = bytes.substr(0, 512);
  std::uint64_t user_block = 0;
  while (!is_hdf5(bytes_)) {  // it may begin at byte 512, 1024, 2048 …
    user_block = std::max<std::uint64_t>(512, 2 * user_block);
    if (user_block >= bytes.size()) {
      throw IOError(fmt::format("«{}» is not an HDF5 file; it is {}.", name_, describe_contents(beginning)));
    }
    bytes_ = bytes.substr(user_block);
  }
  guarded(*this, "", [&] { read_superblock(); });
}

Image::~Image() = default;

void Image::read_superblock() {
  Cursor in(*this, bytes_, "superblock");
  in.expect(kSignature);
  const unsigned version = in.u8();
  if (version > 3) in.unsupported(fmt::format("has the version {}", version));
  const auto sizes = [&] {
    for (unsigned* size : {&offset_size_, &length_size_}) {
      *size = in.u8();
      if (*size != 2 && *size != 4 && *size != 8) in.fail(fmt::format("has addresses or lengths of {} bytes", *size));
    }
  };
  std::uint64_t base, end;
  if (version < 2) {
    in.skip(4);  // versions of parts that have one version only
    sizes();
    in.skip(1 + 4 + 4);  // sizes of nodes, of which only the used part matters; flags
    if (version == 1) in.skip(4);
    base = in.address();
    in.skip(offset_size_);  // free space
    end = in.address();
    if (in.address() != kNowhere) in.unsupported("belongs to a file in several pieces");
    in.skip(offset_size_);  // the name of the root group's entry
    root_ = in.address();
  } else {
    sizes();
    in.skip(1);
    base = in.address();
    in.address();  // the extension, which says how to write
    end = in.address();
    root_ = in.address();
    in.check();
  }
  part(0, in.position(), "superblock");
  if (end < base || end - base > size()) {
    damaged(fmt::format("it should have {} bytes and has {}: it is cut short", end - base, size()));
  }
}

std::string_view Image::at(std::uint64_t address, std::uint64_t count, std::string_view what) const {
  if (address == kNowhere) damaged(fmt::format("the {} is said to be nowhere", what));
  if (address > size() || count > size() - address) {
    damaged(fmt::format("the {} is said to be at byte {} and to have {} bytes, and the file has {}", what, address,
                        count, size()));
  }
  return bytes_.substr(address, count);
}

void Image::refuse_overlap(const Extents& extents, std::uint64_t begin, std::uint64_t end,
                           std::string_view what) const {
  const auto next = extents.lower_bound(end);
  if (next == extents.begin() || std::prev(next)->second <= begin) return;
  damaged(fmt::format("the {} at byte {} lies over {} at byte {}", what, begin,
                      &extents == &data_ ? "the data of a data set" : "another part of the file",
                      std::prev(next)->first));
}

std::string_view Image::part(std::uint64_t address, std::uint64_t count, std::string_view what) const {
  const std::string_view bytes = at(address, count, what);
  charge(count);
  if (count == 0) return bytes;
  std::uint64_t begin = address, end = address + count;
  const std::lock_guard lock(claims_);
  refuse_overlap(data_, begin, end, what);
  auto other = parts_.upper_bound(begin);
  if (other != parts_.begin() && std::prev(other)->second >= begin) --other;
  while (other != parts_.end() && other->first <= end) {  // which it lies over, or touches
    begin = std::min(begin, other->first), end = std::max(end, other->second);
    other = parts_.erase(other);
  }
  parts_.emplace(begin, end);
  return bytes;
}

std::string_view Image::data(std::uint64_t address, std::uint64_t count, std::string_view what) const {
  const std::string_view bytes = at(address, count, what);
  if (count == 0) return bytes;
  const std::lock_guard lock(claims_);
  refuse_overlap(data_, address, address + count, what);
  refuse_overlap(parts_, address, address + count, what);
  data_.emplace(address, address + count);
  return bytes;
}

void Image::charge(std::uint64_t bytes) const {
  constexpr std::uint64_t kAtLeast = 16;  // so that empty things count, too
  const std::uint64_t count = std::max(bytes, kAtLeast);
  const std::uint64_t limit = kWorkAnyway + kWorkPerByte * size();
  if (count > limit || spent_.fetch_add(count) > limit - count) {
    spent_ = limit;
    damaged("its parts lie over each other, and together are many times as large as the file");
  }
}

void Image::charge_fill(std::uint64_t bytes) const {
  const std::uint64_t limit = kFillAnyway + kFillPerByte * size();
  if (bytes > limit || filled_.fetch_add(bytes) > limit - bytes) {
    filled_ = limit;
    damaged(
        fmt::format("{} bytes of data sets are not stored in the file of {} bytes, only their shapes", bytes, size()));
  }
}

bool Image::first_time(std::uint64_t address) const {
  const std::lock_guard lock(mutex_);
  return seen_.insert(address).second;
}

std::shared_ptr<const Header> Image::header(std::uint64_t address) const {
  const std::lock_guard lock(mutex_);
  auto& header = headers_[address];
  if (!header) header = read_header(*this, address);
  return header;
}

const HeapCollection& Image::collection(std::uint64_t address) const {
  const std::lock_guard lock(mutex_);
  auto& collection = collections_[address];
  if (!collection) collection = read_collection(*this, address);
  return *collection;
}

void Image::explain(const Fault& fault, std::string_view path) const {
  const std::string place = path.empty() ? "" : fmt::format(" at «{}»", printable(path, 200));
  if (fault.unsupported) {
    throw NotImplementedError(fmt::format(
        "«{}» cannot be read{}: {}, which is not supported. Save it again in the way that Keras and h5py save by "
        "themselves.",
        name_, place, fault.text));
  }
  throw IOError(fmt::format("«{}» is a damaged HDF5 file{}: {}. Get an undamaged copy.", name_, place, fault.text));
}

std::uint64_t Cursor::number(unsigned size) { return little_endian(take(size)); }

std::uint64_t Cursor::address() {
  const unsigned size = image_->offset_size();
  const std::uint64_t value = number(size);
  return value == kNowhere >> (64 - 8 * size) ? kNowhere : value;
}

std::string_view Cursor::take(std::uint64_t count) {
  if (count > left()) fail(fmt::format("ends before its {} bytes from {} on", count, position_));
  const std::string_view part = bytes_.substr(position_, count);
  position_ += count;
  return part;
}

void Cursor::expect(std::string_view signature) {
  const std::string_view found = take(signature.size());
  if (found != signature) {
    fail(fmt::format("begins with «{}» instead of «{}»", printable(found), printable(signature)));
  }
}

void Cursor::expect_version(unsigned version, bool other_is_damage) {
  const unsigned found = u8();
  if (found == version) return;
  const std::string why = fmt::format("has the version {} instead of {}", found, version);
  if (other_is_damage) fail(why);
  unsupported(why);
}

void Cursor::check() {
  const std::string_view before = bytes_.substr(0, position_);
  const std::uint32_t stored = u32();
  if (checksums_matter && lookup3(before) != stored) fail("has a wrong checksum");
}

std::string Cursor::where() const { return fmt::format("the {} at byte {}", what_, image_->address_of(bytes_)); }
void Cursor::fail(std::string_view why) const { damaged(fmt::format("{} {}", where(), why)); }
void Cursor::unsupported(std::string_view why) const { hdf5::unsupported(fmt::format("{} {}", where(), why)); }

}  // namespace keras::support::hdf5
