// NumPy's files: .npy (versions 1 to 3 of the format, both byte orders, C and Fortran order) and .npz, zip archives of
// them. bfloat16 is written as NumPy writes the bfloat16 of ml_dtypes: two bytes of no type, '<V2'.
#include <fmt/format.h>
#include <keras/array.h>
#include <keras/error.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <tuple>

#include "support/files.h"
#include "support/text.h"
#include "support/zip.h"
#include "tensor/format.h"

namespace keras {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kMostHeader = 1 << 20;

struct Name {
  DType::Kind kind;
  std::string_view text;  // without the byte order
};
constexpr Name kNames[] = {{DType::boolean, "b1"},  {DType::uint8, "u1"},   {DType::uint16, "u2"},
                           {DType::uint32, "u4"},   {DType::uint64, "u8"},  {DType::int8, "i1"},
                           {DType::int16, "i2"},    {DType::int32, "i4"},   {DType::int64, "i8"},
                           {DType::bfloat16, "V2"}, {DType::float16, "f2"}, {DType::float32, "f4"},
                           {DType::float64, "f8"}};

struct Header {
  DType dtype;
  bool big_endian = false;
  bool fortran = false;
  std::vector<std::int64_t> sizes;
};

// Reads the few forms of Python literals that stand in a header: a dictionary of strings, booleans and tuples of
// integers.
class HeaderParser {
 public:
  HeaderParser(std::string_view text, const std::string& where) : text_(text), where_(where) {}

  Header parse() {
    Header header;
    bool descr = false, order = false, shape = false;
    expect('{');
    while (!take('}')) {
      const std::string_view key = quoted();
      expect(':');
      if (key == "descr") {
        if (blank(), text_.starts_with('[')) refuse("its elements are structures, which no Array holds");
        std::tie(header.dtype, header.big_endian) = dtype_of_text(quoted());
        descr = true;
      } else if (key == "fortran_order") {
        header.fortran = boolean();
        order = true;
      } else if (key == "shape") {
        header.sizes = tuple();
        shape = true;
      } else {
        refuse(fmt::format("its header has the key «{}», which is no part of the format", support::printable(key)));
      }
      if (!take(',')) {
        expect('}');
        break;
      }
    }
    blank();
    if (!text_.empty() || !descr || !order || !shape) refuse("its header does not give descr, fortran_order and shape");
    return header;
  }

 private:
  [[noreturn]] void refuse(std::string_view why) const {
    throw IOError(fmt::format("Cannot read {}: {}.", where_, why));
  }
  [[noreturn]] void unexpected() const {
    refuse(fmt::format("its header is damaged at «{}»", support::printable(text_, 30)));
  }
  void blank() {
    while (!text_.empty() && (text_[0] == ' ' || text_[0] == '\n' || text_[0] == '\t' || text_[0] == '\r')) {
      text_.remove_prefix(1);
    }
  }
  bool take(char c) {
    blank();
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!take(c)) unexpected();
  }
  std::string_view quoted() {
    blank();
    if (text_.empty() || (text_[0] != '\'' && text_[0] != '"')) unexpected();
    const std::size_t end = text_.find(text_[0], 1);
    if (end == std::string_view::npos) unexpected();
    const std::string_view inside = text_.substr(1, end - 1);
    text_.remove_prefix(end + 1);
    return inside;
  }
  bool boolean() {
    blank();
    for (const bool value : {true, false}) {
      const std::string_view word = value ? "True" : "False";
      if (!text_.starts_with(word)) continue;
      text_.remove_prefix(word.size());
      return value;
    }
    unexpected();
  }
  std::vector<std::int64_t> tuple() {
    std::vector<std::int64_t> sizes;
    expect('(');
    while (!take(')')) {
      blank();
      const std::size_t digits = std::min(text_.find_first_not_of("0123456789"), text_.size());
      const auto size = support::parse_int(text_.substr(0, digits));
      if (!size) unexpected();
      if (sizes.size() == Shape::kMaxRank) refuse(fmt::format("it has more than {} axes", Shape::kMaxRank));
      sizes.push_back(*size);
      text_.remove_prefix(digits);
      if (text_.starts_with('L')) text_.remove_prefix(1);  // Python 2 wrote 3L
      if (!take(',')) {
        expect(')');
        break;
      }
    }
    return sizes;
  }
  std::pair<DType, bool> dtype_of_text(std::string_view text) const {
    std::string_view rest = text;
    char order = '=';
    if (!rest.empty() && std::string_view("<>|=").find(rest[0]) != std::string_view::npos) {
      order = rest[0];
      rest.remove_prefix(1);
    }
    for (const Name& name : kNames) {
      if (rest == name.text || (rest == "?" && name.kind == DType::boolean)) return {name.kind, order == '>'};
    }
    if (text == "bfloat16") return {DType::bfloat16, false};
    const std::string_view what = rest.starts_with('O')   ? " (pickled Python objects, which could run code)"
                                  : rest.starts_with('c') ? " (complex numbers)"
                                  : rest.starts_with('U') || rest.starts_with('S') ? " (strings)"
                                                                                   : "";
    refuse(fmt::format(
        "its elements are of NumPy type '{}'{}; an Array holds booleans, integers of 8 to 64 bits and reals "
        "of 16 to 64 bits",
        support::printable(text), what));
  }

  std::string_view text_;
  const std::string& where_;
};

// Where the bytes of one .npy file come from: a file, or an entry of an archive.
struct Source {
  std::function<std::size_t(void* to, std::size_t count)> read;
  std::int64_t size;  // of the whole, or -1
  std::string where;  // "«a.npz», array «x»"
};

void swap_bytes(char* data, std::int64_t count, std::size_t width) {
  for (std::int64_t i = 0; i < count; ++i, data += width) std::reverse(data, data + width);
}

// What stands before the numbers, checked against the size of the file.
struct Preamble {
  Header header;
  Shape shape;  // of the numbers as they lie in the file: reversed where it is Fortran's order
  std::int64_t consumed = 0, bytes = 0;
};

Preamble read_preamble(const Source& source) {
  std::int64_t consumed = 0;
  const auto cut_short = [&](std::string_view part) {
    return IOError(fmt::format("Cannot read {}: it is cut short, {} after {} bytes.", source.where, part, consumed));
  };
  const auto take = [&](void* to, std::size_t count, std::string_view part) {
    const std::size_t got = source.read(to, count);
    consumed += static_cast<std::int64_t>(got);
    if (got != count) throw cut_short(part);
  };

  char start[8];
  const std::size_t got = source.read(start, sizeof start);
  consumed = static_cast<std::int64_t>(got);
  if (!std::string_view(start, got).starts_with(kMagic)) {
    const std::string_view head(start, got);
    if (got > 0 && kMagic.starts_with(head)) throw cut_short("it ends");
    throw IOError(fmt::format("Cannot read {}: it is not in NumPy's .npy format; it is {}.{}", source.where,
                              support::describe_contents(head),
                              head.starts_with("PK") ? " Use load_npz for an .npz file." : ""));
  }
  if (got < sizeof start) throw cut_short("it ends");
  const int version = start[6];
  if (version < 1 || version > 3 || start[7] != 0) {
    throw IOError(fmt::format("Cannot read {}: version {}.{} of the .npy format is not known; 1.0 to 3.0 are.",
                              source.where, version, static_cast<int>(start[7])));
  }
  unsigned char length_bytes[4] = {};
  take(length_bytes, version == 1 ? 2 : 4, "in its header");
  std::size_t length = 0;
  for (std::size_t i = 0; i < 4; ++i) length |= static_cast<std::size_t>(length_bytes[i]) << (8 * i);
  if (length > kMostHeader) {
    throw IOError(
        fmt::format("Cannot read {}: its header claims {} bytes; the file is damaged.", source.where, length));
  }
  std::string text(length, '\0');
  take(text.data(), length, "in its header");
  const Header header = HeaderParser(text, source.where).parse();

  Shape shape;
  std::int64_t bytes = 0;
  try {
    shape = Shape(header.sizes);
    bytes = shape.elements() * static_cast<std::int64_t>(header.dtype.size());
  } catch (const ValueError&) {
    throw IOError(fmt::format("Cannot read {}: its header claims the shape ({}), which fits no memory.", source.where,
                              fmt::join(header.sizes, ", ")));
  }
  if (source.size >= 0 && source.size - consumed < bytes) {
    throw IOError(
        fmt::format("Cannot read {}: it is cut short; {} bytes are missing of {} for the shape {} and dtype {}.",
                    source.where, bytes - (source.size - consumed), bytes, shape, header.dtype));
  }
  if (header.fortran) shape = Shape(std::vector<std::int64_t>(header.sizes.rbegin(), header.sizes.rend()));
  return {header, shape, consumed, bytes};
}

Array read_array(const Source& source) {
  const auto [header, shape, consumed, bytes] = read_preamble(source);
  Array array = Array::empty(shape, header.dtype);
  char* data = static_cast<char*>(array.mutable_data());
  const std::size_t got = source.read(data, static_cast<std::size_t>(bytes));
  if (got != static_cast<std::size_t>(bytes)) {
    throw IOError(fmt::format("Cannot read {}: it is cut short, in its numbers after {} bytes.", source.where,
                              consumed + static_cast<std::int64_t>(got)));
  }
  if (header.big_endian) swap_bytes(data, array.size(), header.dtype.size());
  if (header.dtype == DType::boolean) {  // other bytes than 0 and 1 are no bool of C++'s
    for (std::int64_t i = 0; i < array.size(); ++i) data[i] = data[i] != 0;
  }
  return header.fortran ? array.transpose() : array;
}

// A view of the file, which the Array keeps mapped.
Array map_array(const std::string& path, const Source& source, const std::string& mode) {
  if (mode == "r+" || mode == "w+") {
    throw NotImplementedError(fmt::format(
        "load_npy: an Array does not write into its file, as mmap_mode=\"{}\" would have it. Take \"r\", and "
        "save_npy for what has changed.",
        mode));
  }
  if (mode != "r" && mode != "c") {
    throw ValueError(
        fmt::format("load_npy: mmap_mode must be \"r\" or \"c\". Received: \"{}\".", support::printable(mode)));
  }
  const Preamble preamble = read_preamble(source);
  const DType dtype = preamble.header.dtype;
  const auto refuse = [&](std::string_view why) {
    throw ValueError(
        fmt::format("Cannot map {}: {}. Load it without mmap_mode, or save it again from NumPy with "
                    "numpy.ascontiguousarray and a plain dtype.",
                    source.where, why));
  };
  if (preamble.header.big_endian && dtype.size() > 1) refuse("its numbers are in the other order of bytes");
  if (preamble.header.fortran && preamble.shape.rank() > 1) refuse("its axes are in Fortran's order");
  if (preamble.bytes == 0) return Array(preamble.shape, dtype);
  const auto mapped = std::make_shared<const support::MappedFile>(path);
  const auto begin = static_cast<std::size_t>(preamble.consumed), count = static_cast<std::size_t>(preamble.bytes);
  if (mapped->bytes().size() < begin + count) {
    throw IOError(fmt::format("Cannot read {}: it was cut short while it was opened.", source.where));
  }
  const std::string_view numbers = mapped->bytes().substr(begin, count);
  if (reinterpret_cast<std::uintptr_t>(numbers.data()) % dtype.size() != 0) {
    refuse(fmt::format("its numbers begin at byte {}, which is no multiple of {}", begin, dtype.size()));
  }
  if (dtype == DType::boolean) {  // other bytes than 0 and 1 are no bool of C++'s
    std::vector<char> part(1 << 16);
    for (std::size_t at = 0; at < count; at += part.size()) {
      const std::string_view some = numbers.substr(at, part.size());
      mapped->read(some, part.data());
      if (std::any_of(part.data(), part.data() + some.size(), [](char c) { return c != 0 && c != 1; }))
        refuse("it holds bytes that are neither True nor False");
    }
  }
  return Array::view(numbers.data(), preamble.shape, dtype, mapped);
}

std::string header_of(const Array& array) {
  const auto* const name =
      std::find_if(std::begin(kNames), std::end(kNames), [&](const Name& n) { return array.dtype() == n.kind; });
  const bool one_byte = array.dtype().size() == 1;
  std::string text = fmt::format("{{'descr': '{}{}', 'fortran_order': False, 'shape': {}, }}", one_byte ? '|' : '<',
                                 name->text, array.shape().str());
  constexpr std::size_t kPrefix = 10, kBlock = 64, kMostOfVersion1 = 65535;
  text.append((kBlock - (kPrefix + text.size() + 1) % kBlock) % kBlock, ' ');
  text += '\n';
  if (text.size() > kMostOfVersion1) throw ValueError("An array of so many dimensions cannot be saved.");
  std::string head(kMagic);
  head += '\x01';
  head += '\0';
  head += static_cast<char>(text.size() & 0xFF);
  head += static_cast<char>(text.size() >> 8);
  return head + text;
}

std::string_view bytes_of(const Array& array) { return {static_cast<const char*>(array.data()), array.nbytes()}; }

}  // namespace

Array load_npy(const std::string& path, LoadNpyArgs args) {
  const std::string where = fmt::format("«{}»", path);
  support::InputFile file(path);
  const Source source{[&](void* to, std::size_t count) { return file.read(to, count); }, file.size(), where};
  return args.mmap_mode ? map_array(path, source, *args.mmap_mode) : read_array(source);
}

void save_npy(const std::string& path, const Array& array) {
  support::AtomicFile file(path);
  file.write(header_of(array));
  file.write(bytes_of(array));
  file.commit();
}

std::map<std::string, Array> load_npz(const std::string& path) {
  constexpr std::string_view kSuffix = ".npy";
  {
    support::InputFile file(path);
    char start[64];
    const std::string_view head(start, file.read(start, sizeof start));
    if (!head.starts_with("PK")) {
      throw IOError(fmt::format("«{}» is not a NumPy .npz file; it is {}.{}", path, support::describe_contents(head),
                                head.starts_with(kMagic) ? " Use load_npy." : ""));
    }
  }
  support::ZipReader zip(path);
  std::map<std::string, Array> arrays;
  std::vector<std::string> others;
  for (const auto& entry : zip.entries()) {
    if (!entry.name.ends_with(kSuffix)) {
      others.push_back(support::printable(entry.name));
      continue;
    }
    const std::string name = entry.name.substr(0, entry.name.size() - kSuffix.size());
    support::ZipReader::Stream stream(zip, entry);
    Array array = read_array({[&](void* to, std::size_t count) { return stream.read(to, count); },
                              static_cast<std::int64_t>(entry.size),
                              fmt::format("«{}», array «{}»", path, support::printable(name))});
    char rest;
    if (stream.read(&rest, 1) != 0) {  // the checksum is compared at the end
      throw IOError(fmt::format("Cannot read «{}», array «{}»: more bytes follow than its {} elements of {} take.",
                                path, support::printable(name), array.size(), array.dtype()));
    }
    arrays[name] = std::move(array);
  }
  if (arrays.empty() && !others.empty()) {
    throw IOError(
        fmt::format("«{}» is a zip archive, but no NumPy .npz file: none of its entries is an array (.npy). They "
                    "are: {}.",
                    path, support::list(others)));
  }
  return arrays;
}

void save_npz(const std::string& path, const NamedArrays& arrays, bool compressed) {
  support::ZipWriter zip(path);
  for (const auto& [name, array] : arrays) {
    if (name.empty()) throw ValueError(fmt::format("save_npz: an array for «{}» has no name.", path));
    zip.add(name + ".npy", header_of(array), bytes_of(array), compressed);
  }
  zip.commit();
}

}  // namespace keras
