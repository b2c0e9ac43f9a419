#include "support/hdf5/sink.h"

#if H5_VERSION_GE(1, 13, 0)
#include <H5FDdevelop.h>
#endif
#include <fcntl.h>
#include <fmt/format.h>
#include <keras/error.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>

#include "support/files.h"

namespace keras::support::hdf5 {
namespace {

constexpr std::size_t kMost = 1 << 30;  // the system takes less than 2 GiB at a time

// A file as the library has it; its own part comes first.
struct Driver {
  H5FD_t head{};
  Sink* sink = nullptr;
  haddr_t allocated = 0;
};

Driver& driver_of(H5FD_t* file) { return *reinterpret_cast<Driver*>(file); }
const Driver& driver_of(const H5FD_t* file) { return *reinterpret_cast<const Driver*>(file); }

struct Info {  // travels in a property list
  Sink* sink;
};

H5FD_t* open_driver(const char*, unsigned, hid_t list, haddr_t) {
  const auto* info = static_cast<const Info*>(H5Pget_driver_info(list));
  auto* driver = new (std::nothrow) Driver;
  if (driver && info) driver->sink = info->sink;
  return driver ? &driver->head : nullptr;
}

const H5FD_class_t& driver_class() {
  static const H5FD_class_t made = [] {
    H5FD_class_t c{};
#ifdef H5FD_CLASS_VERSION
    c.version = H5FD_CLASS_VERSION;
    c.value = static_cast<H5FD_class_value_t>(600);  // of the range for drivers of no public number
#endif
    c.name = "keras";
    c.maxaddr = HADDR_MAX / 2;
    c.fc_degree = H5F_CLOSE_WEAK;
    c.fapl_size = sizeof(Info);
    c.open = open_driver;
    c.close = [](H5FD_t* file) -> herr_t {
      delete &driver_of(file);
      return 0;
    };
    c.cmp = [](const H5FD_t* a, const H5FD_t* b) { return a < b ? -1 : a > b ? 1 : 0; };
    c.query = [](const H5FD_t*, unsigned long* flags) -> herr_t {
      *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_DATA_SIEVE |
               H5FD_FEAT_AGGREGATE_SMALLDATA | H5FD_FEAT_DEFAULT_VFD_COMPATIBLE;
      return 0;
    };
    c.get_eoa = [](const H5FD_t* file, H5FD_mem_t) { return driver_of(file).allocated; };
    c.set_eoa = [](H5FD_t* file, H5FD_mem_t, haddr_t address) -> herr_t {
      driver_of(file).allocated = address;
      return 0;
    };
    c.get_eof = [](const H5FD_t* file, H5FD_mem_t) -> haddr_t { return driver_of(file).sink->size(); };
    c.read = [](H5FD_t* file, H5FD_mem_t, hid_t, haddr_t at, std::size_t count, void* to) -> herr_t {
      driver_of(file).sink->read(at, to, count);
      return 0;
    };
    c.write = [](H5FD_t* file, H5FD_mem_t, hid_t, haddr_t at, std::size_t count, const void* from) -> herr_t {
      driver_of(file).sink->write(at, from, count);
      return 0;
    };
    c.truncate = [](H5FD_t* file, hid_t, hbool_t) -> herr_t {
      driver_of(file).sink->cut(driver_of(file).allocated);
      return 0;
    };
    constexpr H5FD_mem_t kPools[] = H5FD_FLMAP_DICHOTOMY;
    std::copy(std::begin(kPools), std::end(kPools), c.fl_map);
    return c;
  }();
  return made;
}

}  // namespace

Sink::Sink(const std::string& path) : in_memory_(false) {
  do {
    descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  } while (descriptor_ < 0 && errno == EINTR);
  if (descriptor_ < 0) throw IOError(fmt::format("Cannot write «{}»: {}.", path, system_text(errno)));
}

Sink::~Sink() { close(); }

void Sink::close() noexcept {
  const int descriptor = std::exchange(descriptor_, -1);
  if (descriptor >= 0 && ::close(descriptor) != 0 && errno != EINTR && error_ == 0) error_ = errno;
}

void Sink::write(std::uint64_t at, const void* from, std::size_t count) noexcept {
  size_ = std::max(size_, at + count);
  if (error_ != 0) return;
  if (in_memory_) {
    try {
      if (memory_.size() < size_) memory_.resize(size_);
      std::memcpy(memory_.data() + at, from, count);
    } catch (const std::exception&) {
      error_ = ENOMEM;
    }
    return;
  }
  const char* bytes = static_cast<const char*>(from);
  while (count > 0) {
    const ssize_t done = ::pwrite(descriptor_, bytes, std::min(count, kMost), static_cast<off_t>(at));
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) {
      error_ = errno;
      return;
    }
    bytes += done, at += static_cast<std::uint64_t>(done), count -= static_cast<std::size_t>(done);
  }
}

void Sink::read(std::uint64_t at, void* to, std::size_t count) noexcept {
  std::memset(to, 0, count);
  if (in_memory_) {
    if (at < memory_.size()) std::memcpy(to, memory_.data() + at, std::min<std::size_t>(count, memory_.size() - at));
    return;
  }
  char* bytes = static_cast<char*>(to);
  while (count > 0) {
    const ssize_t got = ::pread(descriptor_, bytes, std::min(count, kMost), static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && error_ == 0) error_ = errno;
    if (got <= 0) return;
    bytes += got, at += static_cast<std::uint64_t>(got), count -= static_cast<std::size_t>(got);
  }
}

void Sink::cut(std::uint64_t size) noexcept {
  if (size == size_) return;
  size_ = size;
  if (error_ != 0) return;
  if (in_memory_) {
    try {
      memory_.resize(size);
    } catch (const std::exception&) {
      error_ = ENOMEM;
    }
  } else if (::ftruncate(descriptor_, static_cast<off_t>(size)) != 0 && errno != EINVAL) {  // EINVAL: a device
    error_ = errno;
  }
}

hid_t create_file(Sink& sink) {
  static hid_t driver = -1;
  if (driver < 0 || H5Iis_valid(driver) <= 0) driver = H5FDregister(&driver_class());
  const hid_t list = H5Pcreate(H5P_FILE_ACCESS);
  const Info info = {&sink};
  hid_t file = -1;
  if (driver >= 0 && list >= 0 && H5Pset_driver(list, driver, &info) >= 0) {
    constexpr unsigned kTruncate = 2;  // H5F_ACC_TRUNC ends the program where header and library are of two versions
    file = H5Fcreate("keras", kTruncate, H5P_DEFAULT, list);
  }
  if (list >= 0) H5Pclose(list);
  return file;
}

}  // namespace keras::support::hdf5
