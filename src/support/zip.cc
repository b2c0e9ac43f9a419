#include "support/zip.h"

#include <fmt/format.h>
#include <keras/error.h>
#include <zip.h>

#include <algorithm>

#include "support/files.h"
#include "support/text.h"

namespace keras::support {
namespace {

constexpr std::uint64_t kMostEntries = 1 << 20;
constexpr std::uint64_t kDeflateRatio = 1032;  // deflate cannot pack tighter
constexpr std::uint64_t kLarge = std::uint64_t{4} << 30, kLargeRatio = 100;
constexpr std::uint64_t kMostOfOne = std::uint64_t{1} << 43;  // of which kMostEntries do not overflow

std::string text_of(int code, int system) {
  zip_error_t error;
  zip_error_init(&error);
  zip_error_set(&error, code, system);
  std::string text = zip_error_strerror(&error);
  zip_error_fini(&error);
  return text;
}

// Whether unpacking to a folder would write beside it, on any system.
bool leads_out(std::string_view name) {
  constexpr std::string_view kSeparators = "/\\";
  if (name.find_first_of(kSeparators) == 0 ||
      (name.size() > 2 && name[1] == ':' && name.find_first_of(kSeparators) == 2))
    return true;
  while (!name.empty()) {
    const std::size_t end = std::min(name.find_first_of(kSeparators), name.size());
    if (name.substr(0, end) == "..") return true;
    name.remove_prefix(std::min(end + 1, name.size()));
  }
  return false;
}

[[noreturn]] void damaged(const std::string& path, std::string_view what) {
  throw IOError(fmt::format("«{}» is a damaged zip archive: {}.", path, what));
}

}  // namespace

ZipReader::ZipReader(const std::string& path) : path_(path) {
  std::int64_t file_size = 0;
  {
    InputFile file(path);  // says clearly what is wrong with a path
    char beginning[512];
    const std::string_view head(beginning, file.read(beginning, sizeof beginning));
    file_size = std::max<std::int64_t>(file.size(), 0);
    if (!head.starts_with("PK\x03\x04") && !head.starts_with("PK\x05\x06")) {
      throw IOError(fmt::format("«{}» is not a zip archive; it is {}.", path, describe_contents(head)));
    }
  }
  int code = 0;
  archive_ = zip_open(path.c_str(), ZIP_RDONLY, &code);
  if (!archive_) {
    const auto why = code == ZIP_ER_NOZIP ? std::string(
                                                "its directory, which stands at the end, is missing (the file may "
                                                "be cut short)")
                                          : text_of(code, errno);
    damaged(path, why);
  }
  try {
    const zip_int64_t count = zip_get_num_entries(archive_, 0);
    if (static_cast<std::uint64_t>(count) > kMostEntries) damaged(path, fmt::format("{} entries", count));
    std::uint64_t total = 0, packed = 0;
    for (zip_uint64_t i = 0; i < static_cast<zip_uint64_t>(count); ++i) {
      zip_stat_t about;
      zip_stat_init(&about);
      constexpr zip_uint64_t kNeeded = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE;
      if (zip_stat_index(archive_, i, 0, &about) != 0 || (about.valid & kNeeded) != kNeeded) {
        damaged(path, fmt::format("entry {} has no name or size", i));
      }
      packed += std::min(about.comp_size, kMostOfOne);
      total += std::min(about.size, kMostOfOne);
      if (packed > static_cast<std::uint64_t>(file_size) || about.size / kDeflateRatio > about.comp_size ||
          (total > kLarge && total / kLargeRatio > static_cast<std::uint64_t>(file_size))) {
        damaged(path, fmt::format("entry «{}» claims {} bytes, packed into {}, in a file of {}", printable(about.name),
                                  about.size, about.comp_size, file_size));
      }
      if (leads_out(about.name)) {
        throw IOError(fmt::format("«{}»: entry «{}» leads out of the folder of the archive; nothing of it is read.",
                                  path, printable(about.name)));
      }
      entries_.push_back({about.name, about.size, about.comp_size});
    }
  } catch (...) {
    zip_discard(archive_);
    throw;
  }
}

ZipReader::~ZipReader() { zip_discard(archive_); }

const ZipReader::Entry* ZipReader::find(std::string_view name) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(), [name](const Entry& e) { return e.name == name; });
  return found == entries_.end() ? nullptr : &*found;
}

std::string ZipReader::read(const Entry& entry, std::size_t limit) {
  if (entry.size > limit) {
    throw IOError(fmt::format("«{}»: entry «{}» has {} bytes; such an entry has at most {}.", path_,
                              printable(entry.name), entry.size, limit));
  }
  Stream stream(*this, entry);
  std::string bytes;
  const auto read_to = [&](std::size_t size) {
    const std::size_t before = bytes.size();
    bytes.resize(size);
    return stream.read(bytes.data() + before, size - before) == size - before;
  };
  constexpr std::uint64_t kUsualRatio = 4, kFew = 4096;  // beyond them, memory is asked for only as the bytes come
  bool good = read_to(std::min(entry.size, std::max(kFew, kUsualRatio * entry.packed)));
  while (good && bytes.size() < entry.size) good = read_to(std::min<std::uint64_t>(entry.size, 2 * bytes.size()));
  char more;
  if (!good || stream.read(&more, 1) != 0) {
    damaged(path_, fmt::format("entry «{}» has not the {} bytes that it claims", printable(entry.name), entry.size));
  }
  return bytes;
}

ZipReader::Stream::Stream(ZipReader& reader, const Entry& entry) : path_(reader.path_), entry_(entry) {
  const auto index = static_cast<zip_uint64_t>(&entry - reader.entries_.data());
  file_ = zip_fopen_index(reader.archive_, index, 0);
  if (!file_) damaged(path_, fmt::format("entry «{}»: {}", printable(entry.name), zip_strerror(reader.archive_)));
}

ZipReader::Stream::~Stream() { zip_fclose(file_); }

std::size_t ZipReader::Stream::read(void* to, std::size_t count) {
  std::size_t done = 0;
  while (done < count) {
    const zip_int64_t got = zip_fread(file_, static_cast<char*>(to) + done, count - done);
    if (got < 0) damaged(path_, fmt::format("entry «{}»: {}", printable(entry_.name), zip_file_strerror(file_)));
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

void ZipWriter::add(std::string name, std::string head, std::string_view body, bool compressed) {
  if (name.empty() || name.find('\0') != std::string::npos) {
    throw ValueError(fmt::format("«{}» cannot name an entry of «{}».", printable(name), path_));
  }
  if (leads_out(name)) {
    throw ValueError(fmt::format("«{}» cannot name an entry of «{}»: it leads out of the folder of the archive.",
                                 printable(name), path_));
  }
  for (const Entry& entry : entries_) {
    if (entry.name == name) throw ValueError(fmt::format("Two entries of «{}» have the name «{}».", path_, name));
  }
  entries_.push_back({std::move(name), std::move(head), body, compressed});
}

void ZipWriter::commit() {
  AtomicFile file(path_);
  int code = 0;
  zip_t* archive = zip_open(file.temporary().c_str(), ZIP_CREATE | ZIP_TRUNCATE, &code);
  if (!archive) throw IOError(fmt::format("Cannot write «{}»: {}.", path_, text_of(code, errno)));
  const auto refuse = [&] {
    const std::string why = zip_strerror(archive);
    zip_discard(archive);
    return IOError(fmt::format("Cannot write «{}»: {}.", path_, why));
  };
  for (const Entry& entry : entries_) {
    const auto part = [](std::string_view bytes) {
      return zip_buffer_fragment_t{reinterpret_cast<zip_uint8_t*>(const_cast<char*>(bytes.data())), bytes.size()};
    };
    // libzip 1.7 leaves the offset of an empty first part unset, and reads from wherever it says.
    const zip_buffer_fragment_t parts[] = {part(entry.head), part(entry.body)};
    const std::size_t first = entry.head.empty() ? 1 : 0;
    zip_source_t* source = zip_source_buffer_fragment(archive, parts + first, entry.body.empty() || first ? 1 : 2, 0);
    if (!source) throw refuse();
    const zip_int64_t index = zip_file_add(archive, entry.name.c_str(), source, ZIP_FL_ENC_UTF_8);
    if (index < 0) {
      zip_source_free(source);
      throw refuse();
    }
    constexpr zip_uint16_t kFirstOfJanuary1980 = 1 << 5 | 1;
    const auto i = static_cast<zip_uint64_t>(index);
    if (zip_set_file_compression(archive, i, entry.compressed ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0) != 0 ||
        zip_file_set_dostime(archive, i, 0, kFirstOfJanuary1980, 0) != 0) {
      throw refuse();
    }
  }
  if (entries_.empty()) {  // libzip writes no file for an archive without entries
    zip_discard(archive);
    file.write(std::string_view("PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 22));
  } else if (zip_close(archive) != 0) {
    throw refuse();
  }
  file.commit();
}

}  // namespace keras::support
