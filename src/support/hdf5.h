// HDF5 files, read by our own bounded reader: the subset that h5py and every Keras write. Damage gives an IOError, what
// the format has and this does not a NotImplementedError; never a crash, a hang or memory out of proportion to the
// file. Handles (File, Group, Dataset, Attribute) are values that share the file and keep it open; any number of
// threads may use them. A path's "/" splits it into groups, as in h5py; a leading one starts at the root.
#pragma once

#include <keras/dtype.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace keras::support::hdf5 {

class Image;        // the file's bytes, and what was found in them
struct Header;      // one object header, taken apart
struct ValueParts;  // type, shape and place of a value

// What one element is, whatever its size and byte order in the file. Enumerations are their integers, but h5py's bool.
struct Type {
  enum Kind : std::uint8_t {
    number,  // dtype says which; bool too
    text,    // a string, of fixed or variable length
    opaque,  // `size` bytes that HDF5 knows nothing of; h5py writes NumPy's bfloat16 so
  };
  Kind kind = number;
  DType dtype = DType::float32;  // of a number
  std::size_t size = 4;          // bytes of an element in memory; of a text its length in the file, 0: variable
};

// The elements of an attribute or a data set.
class Value {
 public:
  const Type& type() const;
  const std::vector<std::int64_t>& shape() const;  // {} is a scalar; the dimensions of an array type come last
  bool null() const;                               // h5py.Empty: a type without any element
  std::int64_t count() const;                      // elements; 0 of null

  // Numbers and opaque elements in this machine's byte order, texts of fixed length as they are, row-major.
  std::size_t byte_size() const;               // TypeError: texts of variable length
  void read_into(std::span<std::byte>) const;  // ValueError: the span has not byte_size() bytes
  std::string bytes() const;

  // The bytes where they lie in the file, while a handle lives: only if they are stored in one piece, unfiltered, in
  // this machine's byte order, and aligned for their type. Otherwise nothing; then read_into.
  std::optional<std::string_view> view() const;

  // Without elements these give none whatever the type: Keras writes an empty list of names as one of float64.
  std::vector<std::string> strings() const;  // of any shape; TypeError: no texts. Padding is left off
  std::string string() const;                // the only one; TypeError: no text; ValueError: several or none
  std::vector<std::int64_t> ints() const;    // TypeError: no integers or bools; ValueError: above int64
  std::vector<double> reals() const;         // of any number; TypeError: no numbers
  std::int64_t integer() const;              // the only one
  double real() const;

  // "attribute «names» of «/dense» of «m.h5»", for messages.
  std::string describe() const;
  std::shared_ptr<const void> owner() const;  // keeps view() valid

 protected:
  explicit Value(std::shared_ptr<const ValueParts> parts) : parts_(std::move(parts)) {}
  std::shared_ptr<const ValueParts> parts_;
};

class Attribute : public Value {
 public:
  const std::string& name() const;

 private:
  friend class Object;
  using Value::Value;
};

// What groups and data sets have in common: a place and attributes.
class Object {
 public:
  const std::string& path() const { return path_; }  // "/model_weights/dense", as it was reached
  const std::string& file_name() const;
  std::uint64_t id() const;  // of the object, by whatever path it was reached
  bool is_group() const;
  bool is_dataset() const;  // neither: a committed type

  std::vector<std::string> attributes() const;  // names, in order of creation if the file tracks it, else sorted
  bool has_attribute(std::string_view name) const;
  Attribute attribute(std::string_view name) const;  // ValueError: no such; IOError: damaged
  std::optional<Attribute> find_attribute(std::string_view name) const;

 protected:
  friend class Group;
  Object(std::shared_ptr<const Image> image, std::shared_ptr<const Header> header, std::string path)
      : image_(std::move(image)), header_(std::move(header)), path_(std::move(path)) {}
  std::shared_ptr<const Image> image_;
  std::shared_ptr<const Header> header_;
  std::string path_;
};

class Dataset : public Object, public Value {
  friend class Group;
  friend class Rows;
  Dataset(Object object, std::shared_ptr<const ValueParts> parts)
      : Object(std::move(object)), Value(std::move(parts)) {}
};

// The rows of a data set along its first axis, read in parts: only what they lie in is unpacked. Keeps the chunks
// unpacked last, up to kKept bytes or one of any size, for the next rows. For one thread at a time.
class Rows {
 public:
  static constexpr std::size_t kKept = 16 << 20;
  explicit Rows(Dataset dataset);  // TypeError: no numbers; ValueError: no axis
  const Dataset& dataset() const { return dataset_; }
  std::size_t row_bytes() const { return row_bytes_; }
  bool packed() const;  // in chunks that must be unpacked whole
  // The rows [begin, end) in this machine's byte order. `to` has row_bytes() for each; the rows are there. IOError.
  void read(std::uint64_t begin, std::uint64_t end, std::span<std::byte> to);

 private:
  struct Kept {
    std::size_t chunk;
    std::string bytes;
  };
  void read_chunks(std::uint64_t begin, std::uint64_t end, std::span<std::byte> to);
  std::string_view unpacked(std::size_t chunk, bool keep);

  Dataset dataset_;
  std::size_t row_bytes_ = 0;
  std::vector<std::uint32_t> order_, bands_;  // the chunks by the row they begin at; where each row of chunks begins
  std::vector<Kept> kept_;                    // the latest last
  std::size_t kept_bytes_ = 0;
  std::string stored_, buffers_[2];
};

class Group : public Object {
 public:
  std::vector<std::string> names() const;  // in order of creation if the file tracks it, else sorted, as h5py has it
  std::size_t count() const;

  // Of `path`. Soft links within the file are followed; one that leads nowhere is not there. Damage is an IOError,
  // links to other files a NotImplementedError.
  bool has(std::string_view path) const;
  bool has_group(std::string_view path) const;  // there, and a group
  bool has_dataset(std::string_view path) const;

  Group group(std::string_view path) const;      // ValueError: no such, or a data set
  Dataset dataset(std::string_view path) const;  // ValueError: no such, or a group

  // Calls the visitor with everything below, each object once, by hard links, a group before its members. Groups may
  // contain each other, or be reached on ever more ways: who walks by other means must look at id().
  struct Visitor {
    std::function<void(const Group&)> group;
    std::function<void(const Dataset&)> dataset;
  };
  void walk(const Visitor& visitor) const;

 protected:
  explicit Group(Object object) : Object(std::move(object)) {}

 private:
  friend class File;
  std::optional<Object> find(std::string_view path) const;
  Object at(std::string_view path) const;
  [[noreturn]] void too_deep(std::string_view path) const;
  static Group root_of(std::shared_ptr<const Image> image);
};

// A file's root group. File(path) maps the file; nobody may cut it short meanwhile.
class File : public Group {
 public:
  explicit File(const std::string& path);                // IOError: missing, no HDF5 file (what it is instead), damaged
  File(std::string name, std::string_view bytes);        // bytes that stay the caller's and must outlive every handle
  File(std::string name, std::string&& bytes) = delete;  // take of()
  static File of(std::string name, std::string bytes);   // bytes that the handles own; `name` is for messages

 private:
  explicit File(Group root) : Group(std::move(root)) {}
};

// Whether bytes (the first 8 are enough) begin like an HDF5 file; with a user block one may begin later.
bool is_hdf5(std::string_view beginning);

}  // namespace keras::support::hdf5
