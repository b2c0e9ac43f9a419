// The bytes of an HDF5 file: every access checked, the superblock, what was already taken apart, and how much work the
// file may still cause.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace keras::support {
class MappedFile;
}

namespace keras::support::hdf5 {

struct Header;
struct HeapCollection;

// What is wrong with a file, thrown inside of the reader only; Image::explain makes an Error of it.
struct Fault {
  bool unsupported;  // else damaged
  std::string text;  // "the object header at byte 96 is cut short"
};
[[noreturn]] void damaged(std::string text);
[[noreturn]] void unsupported(std::string text);

constexpr std::uint64_t kNowhere = UINT64_MAX;  // the address of what is not stored

// Products and sums of numbers from the file; a Fault naming `what` instead of an overflow.
std::uint64_t times(std::uint64_t a, std::uint64_t b, std::string_view what);
std::uint64_t plus(std::uint64_t a, std::uint64_t b, std::string_view what);

class Image {
 public:
  Image(std::string name, std::string_view bytes, std::shared_ptr<const void> owner);  // IOError, NotImplementedError
  Image(std::string name, std::shared_ptr<const MappedFile> file);
  ~Image();

  const std::string& name() const { return name_; }
  const std::shared_ptr<const void>& owner() const { return owner_; }
  unsigned offset_size() const { return offset_size_; }  // bytes of an address
  unsigned length_size() const { return length_size_; }  // bytes of a length
  std::uint64_t root() const { return root_; }           // address of the root group's header
  std::uint64_t size() const { return bytes_.size(); }

  // `count` bytes from `address` on; a Fault that names `what` if the file does not have them.
  std::string_view at(std::uint64_t address, std::uint64_t count, std::string_view what) const;
  // Copies a part, of a mapped file without its pages staying in memory.
  void copy(std::string_view part, std::byte* to) const;
  std::uint64_t address_of(std::string_view part) const {
    return static_cast<std::uint64_t>(part.data() - bytes_.data());
  }

  // Likewise, of a part that is taken apart, and of one that holds numbers, asked for once: both are claimed. Numbers
  // lie over nothing else, so a wrong address seldom passes for a right one.
  std::string_view part(std::uint64_t address, std::uint64_t count, std::string_view what) const;
  std::string_view data(std::uint64_t address, std::uint64_t count, std::string_view what) const;

  // The work that a file may cause is in proportion to its size: all that is taken apart or unpacked is charged once,
  // and what its parts would cost only by lying over each other is a Fault. `fill` counts elements without storage.
  void charge(std::uint64_t bytes) const;
  void charge_fill(std::uint64_t bytes) const;
  bool first_time(std::uint64_t address) const;  // that it is asked about this one

  std::shared_ptr<const Header> header(std::uint64_t address) const;  // each is taken apart once
  const HeapCollection& collection(std::uint64_t address) const;      // of the global heap, likewise
  std::mutex& mutex() const { return mutex_; }                        // guards what headers find out later

  [[noreturn]] void explain(const Fault& fault, std::string_view path) const;

 private:
  void read_superblock();
  std::string name_;
  std::string_view bytes_;  // from the superblock on
  std::shared_ptr<const void> owner_;
  const MappedFile* mapped_ = nullptr;  // the owner, where it is one
  unsigned offset_size_ = 8, length_size_ = 8;
  std::uint64_t root_ = 0;
  using Extents = std::map<std::uint64_t, std::uint64_t>;  // where they begin and end; apart from one another
  void refuse_overlap(const Extents& extents, std::uint64_t begin, std::uint64_t end, std::string_view what) const;
  mutable std::mutex claims_;
  mutable Extents parts_, data_;
  mutable std::atomic<std::uint64_t> spent_{0}, filled_{0};
  mutable std::mutex mutex_;
  mutable std::unordered_map<std::uint64_t, std::shared_ptr<const Header>> headers_;
  mutable std::unordered_map<std::uint64_t, std::unique_ptr<const HeapCollection>> collections_;
  mutable std::unordered_set<std::uint64_t> seen_;
};

// Runs `f`; a Fault in it becomes an Error that names the file and `path`.
template <typename F>
auto guarded(const Image& image, std::string_view path, F f) -> decltype(f()) {
  try {
    return f();
  } catch (const Fault& fault) {
    image.explain(fault, path);
  }
}

// Reads little-endian numbers from a part of the file, one after the other.
class Cursor {
 public:
  Cursor(const Image& image, std::string_view bytes, std::string_view what)
      : image_(&image), bytes_(bytes), what_(what) {}

  std::uint64_t number(unsigned size);  // of 0 to 8 bytes
  std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  std::uint64_t u64() { return number(8); }
  std::uint64_t address();  // kNowhere: undefined
  std::uint64_t length() { return number(image_->length_size()); }
  std::string_view take(std::uint64_t count);
  void skip(std::uint64_t count) { take(count); }
  void expect(std::string_view signature);
  void expect_version(unsigned version, bool other_is_damage = true);
  void check();  // the next 4 bytes are the checksum of all before

  std::size_t left() const { return bytes_.size() - position_; }
  std::size_t position() const { return position_; }
  const Image& image() const { return *image_; }
  [[noreturn]] void fail(std::string_view why) const;         // damaged: "the <what> at byte N <why>"
  [[noreturn]] void unsupported(std::string_view why) const;  // "the <what> at byte N <why>"
  std::string where() const;                                  // "the <what> at byte N"

 private:
  const Image* image_;
  std::string_view bytes_, what_;
  std::size_t position_ = 0;
};

std::uint64_t little_endian(std::string_view bytes);  // of 0 to 8 bytes

}  // namespace keras::support::hdf5
