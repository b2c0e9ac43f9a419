// What chunks go through before they are stored: deflate, shuffle and Fletcher's checksum, undone here.
#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>

#include "support/hdf5/checksum.h"
#include "support/hdf5/chunks.h"

namespace keras::support::hdf5 {
namespace {

constexpr std::uint64_t kDeflateRatio = 1032;  // deflate cannot pack tighter
constexpr std::uint64_t kChecksum = 4;

bool left_out(std::uint32_t mask, std::size_t filter) { return mask >> filter & 1; }

std::string name_of(unsigned filter, std::string_view given) {
  static constexpr std::string_view kNames[] = {"", "deflate", "shuffle", "fletcher32", "szip", "nbit", "scaleoffset"};
  if (filter < std::size(kNames)) return std::string(kNames[filter]);
  if (filter == 32000) return "lzf";
  return given.empty() ? fmt::format("number {}", filter) : std::string(given.substr(0, given.find('\0')));
}

std::string_view inflate_to(std::string& to, std::string_view stored, std::uint64_t count) {
  to.resize(count);
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) damaged("zlib cannot begin to unpack a chunk");
  constexpr std::uint64_t kMost = 1 << 30;  // zlib counts in 32 bits
  const char* from = stored.data();
  std::uint64_t left = stored.size(), done = 0;
  int status = Z_OK;
  while (status == Z_OK) {
    const auto in = static_cast<uInt>(std::min(left, kMost)), out = static_cast<uInt>(std::min(count - done, kMost));
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(from));
    stream.avail_in = in;
    stream.next_out = reinterpret_cast<Bytef*>(to.data() + done);
    stream.avail_out = out;
    status = inflate(&stream, Z_NO_FLUSH);
    from += in - stream.avail_in;
    left -= in - stream.avail_in;
    done += out - stream.avail_out;
  }
  inflateEnd(&stream);
  if (status != Z_STREAM_END || done != count) {
    damaged(fmt::format("a chunk of {} bytes unpacks to {} of the {} bytes that it has (zlib: {})", stored.size(), done,
                        count, stream.msg ? stream.msg : "no error"));
  }
  return to;
}

std::string_view unshuffle_to(std::string& to, std::string_view stored, std::uint32_t width) {
  const std::size_t count = stored.size() / width;
  to.assign(stored);  // what is left over stays at the end
  for (std::size_t part = 0; count > 0 && part < width; ++part) {
    const char* from = stored.data() + part * count;
    for (std::size_t i = 0; i < count; ++i) to[i * width + part] = from[i];
  }
  return to;
}

}  // namespace

std::vector<Filter> read_filters(const Image& image, std::string_view message) {
  constexpr unsigned kMostFilters = 32;
  Cursor in(image, message, "filter message");
  const unsigned version = in.u8(), count = in.u8();
  if (version != 1 && version != 2) in.unsupported(fmt::format("has the version {}", version));
  if (count > kMostFilters) in.fail(fmt::format("has {} filters", count));
  if (version == 1) in.skip(6);
  std::vector<Filter> filters;
  for (unsigned i = 0; i < count; ++i) {
    const unsigned number = in.u16();
    const unsigned name_size = version == 1 || number >= 256 ? in.u16() : 0;
    in.skip(2);  // flags
    const unsigned values = in.u16();
    std::string_view name = in.take(name_size);
    if (version == 1) in.skip((8 - name_size % 8) % 8);
    const std::uint32_t value = values > 0 ? in.u32() : 0;
    if (values > 1) in.skip(4 * (values - 1));
    if (version == 1 && values % 2 == 1) in.skip(4);
    switch (number) {
      case 1:
        filters.push_back({Filter::deflate});
        break;
      case 2:
        if (value == 0) in.fail("shuffles elements of 0 bytes");
        filters.push_back({Filter::shuffle, value});
        break;
      case 3:
        filters.push_back({Filter::fletcher32});
        break;
      default:
        in.unsupported(fmt::format("is of a data set packed by the filter {}", name_of(number, name)));
    }
  }
  if (std::count_if(filters.begin(), filters.end(), [](const Filter& f) { return f.kind == Filter::deflate; }) > 1) {
    in.unsupported("is of a data set that was deflated twice");
  }
  return filters;
}

void check_packed(std::span<const Filter> filters, std::uint32_t mask, std::uint64_t stored, std::uint64_t count) {
  std::uint64_t expected = count;
  for (std::size_t i = 0; i < filters.size(); ++i) {
    if (left_out(mask, i)) continue;
    if (filters[i].kind == Filter::fletcher32) expected += kChecksum;
    if (filters[i].kind == Filter::deflate) {
      if (expected / kDeflateRatio <= stored) return;
      damaged(fmt::format("a chunk of {} bytes is said to unpack to {}", stored, expected));
    }
  }
  if (stored != expected) damaged(fmt::format("a chunk has {} bytes instead of {}", stored, expected));
}

std::string_view unpack(std::span<const Filter> filters, std::uint32_t mask, std::string_view stored,
                        std::uint64_t count, std::string (&buffers)[2]) {
  std::vector<std::uint64_t> before;  // bytes before each filter; of what deflate packed that is known to itself only
  std::uint64_t size = count;
  for (std::size_t i = 0; i < filters.size(); ++i) {
    before.push_back(size);
    if (filters[i].kind == Filter::fletcher32 && !left_out(mask, i)) size += kChecksum;
  }
  std::string_view bytes = stored;
  unsigned turn = 0;
  for (std::size_t i = filters.size(); i-- > 0;) {
    if (left_out(mask, i)) continue;
    switch (filters[i].kind) {
      case Filter::deflate:
        bytes = inflate_to(buffers[turn++ % 2], bytes, before[i]);
        break;
      case Filter::shuffle:
        bytes = unshuffle_to(buffers[turn++ % 2], bytes, filters[i].width);
        break;
      case Filter::fletcher32: {
        if (bytes.size() < kChecksum) damaged(fmt::format("a chunk of {} bytes has no checksum", bytes.size()));
        const std::string_view data = bytes.substr(0, bytes.size() - kChecksum);
        const bool right = fletcher32(data) == little_endian(bytes.substr(data.size()));
        if (checksums_matter && !right) damaged("a chunk has a wrong checksum");
        bytes = data;
      }
    }
  }
  if (bytes.size() != count) damaged(fmt::format("a chunk has {} bytes instead of {}", bytes.size(), count));
  return bytes;
}

}  // namespace keras::support::hdf5
