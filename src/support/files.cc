#include "support/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <keras/error.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <system_error>
#include <utility>

#include "support/text.h"

namespace keras::support {
namespace {

[[noreturn]] void fail(std::string_view what, const std::string& path, int error, std::string_view hint = "") {
  throw IOError(fmt::format("{} «{}»: {}.{}", what, path, system_text(error), hint));
}

// The part of a path that holds the file: "a/b" of "a/b/c", "." of "c".
std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

int open_retrying(const char* path, int flags, mode_t mode = 0) {
  int descriptor;
  do {
    descriptor = ::open(path, flags | O_CLOEXEC, mode);
  } while (descriptor < 0 && errno == EINTR);
  return descriptor;
}

}  // namespace

std::string system_text(int error) { return std::error_code(error, std::generic_category()).message(); }

InputFile::InputFile(const std::string& path) : path_(path) {
  descriptor_ = open_retrying(path.c_str(), O_RDONLY);
  if (descriptor_ < 0) fail("Cannot open", path, errno);
  struct stat about {};
  if (::fstat(descriptor_, &about) != 0 || S_ISDIR(about.st_mode)) {
    const int error = S_ISDIR(about.st_mode) ? EISDIR : errno;
    ::close(descriptor_);
    fail("Cannot read", path, error, error == EISDIR ? " Give the path of a file." : "");
  }
  if (S_ISREG(about.st_mode)) size_ = about.st_size;
}

InputFile::~InputFile() { ::close(descriptor_); }

std::size_t InputFile::read(void* to, std::size_t count) {
  std::size_t done = 0;
  while (done < count) {
    constexpr std::size_t kMost = 1 << 30;  // the system takes less than 2 GiB at a time
    const ssize_t got = ::read(descriptor_, static_cast<char*>(to) + done, std::min(count - done, kMost));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail("Cannot read", path_, errno);
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

std::string read_file(const std::string& path, std::size_t limit) {
  InputFile file(path);
  std::string bytes;
  std::size_t capacity = file.size() > 0 ? static_cast<std::size_t>(file.size()) + 1 : 1 << 16;
  while (true) {
    const std::size_t have = bytes.size();
    bytes.resize(std::min(capacity, limit < SIZE_MAX ? limit + 1 : SIZE_MAX));
    const std::size_t got = file.read(bytes.data() + have, bytes.size() - have);
    const bool full = have + got == bytes.size();
    bytes.resize(have + got);
    if (bytes.size() > limit) {
      throw IOError(fmt::format("«{}» is larger than the {} bytes that such a file may have.", path, limit));
    }
    if (!full) return bytes;
    capacity = 2 * bytes.size() + 1;
  }
}

namespace {
// The files that are mapped now, by where they end in memory.
struct Mappings {
  std::shared_mutex mutex;
  std::map<std::uintptr_t, const MappedFile*> files;

  const MappedFile* find(const void* data) const {
    const auto at = reinterpret_cast<std::uintptr_t>(data);
    const auto found = files.upper_bound(at);
    if (found == files.end()) return nullptr;
    return at >= reinterpret_cast<std::uintptr_t>(found->second->bytes().data()) ? found->second : nullptr;
  }
};
Mappings& mappings() {
  static Mappings* const instance = new Mappings;  // never destroyed: files may be closed while the program ends
  return *instance;
}
std::uintptr_t end_of(std::string_view bytes) { return reinterpret_cast<std::uintptr_t>(bytes.data() + bytes.size()); }
}  // namespace

MappedFile::MappedFile(const std::string& path) : path_(path) {
  descriptor_ = open_retrying(path.c_str(), O_RDONLY);
  if (descriptor_ < 0) fail("Cannot open", path, errno);
  struct stat about {};
  int error = ::fstat(descriptor_, &about) != 0 ? errno : S_ISDIR(about.st_mode) ? EISDIR : 0;
  if (error == 0 && about.st_size > 0) {
    void* memory = ::mmap(nullptr, static_cast<std::size_t>(about.st_size), PROT_READ, MAP_PRIVATE, descriptor_, 0);
    if (memory == MAP_FAILED) {
      error = errno;
    } else {
      data_ = static_cast<const char*>(memory);
      size_ = static_cast<std::size_t>(about.st_size);
    }
  }
  if (error != 0) {
    ::close(descriptor_);
    fail("Cannot read", path, error);
  }
  if (!data_) return;
  Mappings& all = mappings();
  const std::unique_lock lock(all.mutex);
  all.files.emplace(end_of(bytes()), this);
}

MappedFile::~MappedFile() {
  if (data_) {
    Mappings& all = mappings();
    {
      const std::unique_lock lock(all.mutex);
      all.files.erase(end_of(bytes()));
    }
    ::munmap(const_cast<char*>(data_), size_);
  }
  ::close(descriptor_);
}

void MappedFile::read(std::string_view part, void* to) const {
  auto place = static_cast<off_t>(part.data() - data_);
  for (std::size_t done = 0; done < part.size();) {
    constexpr std::size_t kMost = 1 << 30;
    const ssize_t got = ::pread(descriptor_, static_cast<char*>(to) + done, std::min(part.size() - done, kMost), place);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail("Cannot read", path_, errno);
    if (got == 0) {
      throw IOError(fmt::format("Cannot read «{}»: it was cut short while it was in use, to {} bytes of {}.", path_,
                                place, size_));
    }
    done += static_cast<std::size_t>(got);
    place += got;
  }
}

bool is_mapped(const void* data) {
  Mappings& all = mappings();
  const std::shared_lock lock(all.mutex);
  return all.find(data) != nullptr;
}

void read_memory(const void* from, std::size_t count, void* to) {
  Mappings& all = mappings();
  const MappedFile* file = nullptr;
  {
    const std::shared_lock lock(all.mutex);
    file = all.find(from);
  }
  if (file)
    file->read({static_cast<const char*>(from), count}, to);  // whoever holds the memory holds the file
  else
    std::memcpy(to, from, count);
}

AtomicFile::AtomicFile(const std::string& path) : path_(path), target_(path) {
  if (path.empty()) throw IOError("Cannot write a file whose path is empty.");
  struct stat about {};
  const bool exists = ::stat(path.c_str(), &about) == 0;
  if (exists && S_ISDIR(about.st_mode)) fail("Cannot write", path, EISDIR, " Give the path of a file.");
  if (exists && !S_ISREG(about.st_mode)) {
    temporary_ = path;
    descriptor_ = open_retrying(path.c_str(), O_WRONLY);
    if (descriptor_ < 0) fail("Cannot write", path, errno);
    return;
  }
  if (exists) {  // through links, so that a link stays one
    if (char* real = ::realpath(path.c_str(), nullptr)) {
      target_ = real;
      std::free(real);
    }
  }
  static std::atomic<unsigned> count{0};
  do {
    temporary_ = fmt::format("{}/.keras-{}-{}.tmp", folder_of(target_), ::getpid(), count++);
    descriptor_ = open_retrying(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL, 0666);
  } while (descriptor_ < 0 && errno == EEXIST);
  if (descriptor_ < 0) {
    const int error = errno;
    fail("Cannot write", path, error,
         error == ENOENT || error == ENOTDIR ? fmt::format(" The folder «{}» does not exist.", folder_of(path))
         : error == EACCES || error == EROFS
             ? fmt::format(" The folder «{}» must allow new files to be made.", folder_of(path))
             : "");
  }
  pending_ = true;
  if (exists) static_cast<void>(::fchmod(descriptor_, about.st_mode & 07777));
}

AtomicFile::~AtomicFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (pending_) ::unlink(temporary_.c_str());
}

void AtomicFile::write(const void* data, std::size_t count) {
  const char* from = static_cast<const char*>(data);
  while (count > 0) {
    constexpr std::size_t kMost = 1 << 30;
    const ssize_t done = ::write(descriptor_, from, std::min(count, kMost));
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) fail("Cannot write", path_, errno);
    from += done;
    count -= static_cast<std::size_t>(done);
  }
}

void AtomicFile::close_now() {
  const int descriptor = std::exchange(descriptor_, -1);
  if (descriptor >= 0 && ::close(descriptor) != 0 && errno != EINTR) fail("Cannot write", path_, errno);
}

void AtomicFile::commit() {
  close_now();
  if (!pending_) return;
  const int written = open_retrying(temporary_.c_str(), O_RDONLY);
  if (written < 0) fail("Cannot write", path_, errno);
  const int error = ::fsync(written) != 0 ? errno : 0;
  ::close(written);
  if (error != 0 && error != EINVAL && error != ENOTSUP) fail("Cannot write", path_, error);
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail("Cannot write", path_, errno);
  pending_ = false;
  const int folder = open_retrying(folder_of(target_).c_str(), O_RDONLY | O_DIRECTORY);
  if (folder >= 0) {  // so that the new name outlives a power cut; not every file system can
    static_cast<void>(::fsync(folder));
    ::close(folder);
  }
}

void write_file(const std::string& path, std::string_view bytes) {
  AtomicFile file(path);
  file.write(bytes);
  file.commit();
}

bool file_exists(const std::string& path) {
  struct stat about {};
  return ::stat(path.c_str(), &about) == 0;
}

void make_folders(const std::string& path) {
  for (std::size_t end = 1; end <= path.size(); ++end) {
    if (end < path.size() && path[end] != '/') continue;
    const std::string part = path.substr(0, end);
    if (::mkdir(part.c_str(), 0777) == 0 || errno == EEXIST || file_exists(part)) continue;
    fail("Cannot make the folder", part, errno);
  }
}

std::string describe_contents(std::string_view beginning) {
  if (beginning.empty()) return "an empty file";
  struct Kind {
    std::string_view magic, name;
  };
  using namespace std::string_view_literals;
  static constexpr std::array kKinds = {Kind{"\x93NUMPY"sv, "a NumPy .npy file"},
                                        Kind{"PK\x03\x04"sv, "a zip archive"},
                                        Kind{"PK\x05\x06"sv, "an empty zip archive"},
                                        Kind{"\x89HDF\r\n\x1a\n"sv, "an HDF5 file"},
                                        Kind{"\x1f\x8b"sv, "a gzip file"},
                                        Kind{"\x89PNG"sv, "a PNG image"},
                                        Kind{"\xff\xd8\xff"sv, "a JPEG image"},
                                        Kind{"%PDF"sv, "a PDF file"},
                                        Kind{"BZh"sv, "a bzip2 file"},
                                        Kind{"\xfd"
                                             "7zXZ"sv,
                                             "an xz file"},
                                        Kind{"\x80\x02"sv, "a Python pickle"},
                                        Kind{"\x80\x03"sv, "a Python pickle"},
                                        Kind{"\x80\x04"sv, "a Python pickle"},
                                        Kind{"\x80\x05"sv, "a Python pickle"}};
  for (const Kind& kind : kKinds) {
    if (beginning.starts_with(kind.magic)) return std::string(kind.name);
  }
  const std::string head = lower(trim(beginning.substr(0, 200)));
  if (head.starts_with("<!doctype html") || head.starts_with("<html")) return "an HTML page";
  if (head.starts_with("version https://git-lfs")) return "a Git LFS pointer (fetch the real file with `git lfs pull`)";
  const bool text = std::all_of(beginning.begin(), beginning.end(),
                                [](char c) { return (c >= ' ' && c < 127) || c == '\n' || c == '\r' || c == '\t'; });
  return fmt::format("{} beginning with «{}»", text ? "text" : "data", printable(beginning, text ? 40 : 8));
}

}  // namespace keras::support
