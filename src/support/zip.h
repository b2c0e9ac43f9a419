// Zip archives (.npz, .keras) through libzip, with limits that a hostile archive runs into before memory does.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct zip;
struct zip_file;

namespace keras::support {

// An archive opened for reading. Not safe to use from several threads at once.
class ZipReader {
 public:
  struct Entry {
    std::string name;
    std::uint64_t size, packed;  // bytes, as the archive claims
  };

  // IOError: missing, no zip archive (what it is instead), damaged; more than 2^20 entries; entries that unpack to more
  // than deflate can make of their bytes, or to over 4 GiB and a hundred times the file; names that lead out of a
  // folder.
  explicit ZipReader(const std::string& path);
  ~ZipReader();
  ZipReader(const ZipReader&) = delete;
  ZipReader& operator=(const ZipReader&) = delete;

  const std::string& path() const { return path_; }
  const std::vector<Entry>& entries() const { return entries_; }
  const Entry* find(std::string_view name) const;
  std::string read(const Entry& entry, std::size_t limit = SIZE_MAX);  // the whole; IOError when larger than limit

  // One entry, read from its beginning.
  class Stream {
   public:
    Stream(ZipReader& reader, const Entry& entry);
    ~Stream();
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
    std::size_t read(void* to, std::size_t count);  // as many bytes as there are; IOError: damaged, wrong checksum
    std::uint64_t size() const { return entry_.size; }

   private:
    const std::string path_;
    const Entry& entry_;
    zip_file* file_;
  };

 private:
  std::string path_;
  zip* archive_ = nullptr;
  std::vector<Entry> entries_;
};

// An archive written as a whole, atomically. The same contents give the same bytes: entries carry no time.
class ZipWriter {
 public:
  explicit ZipWriter(std::string path) : path_(std::move(path)) {}
  // The bytes of an entry are a head and a body; the body is not copied and must stay until commit(). ValueError: a
  // name that is there already, is none, or leads out of a folder.
  void add(std::string name, std::string head, std::string_view body = {}, bool compressed = false);
  void commit();  // IOError: unwritable folder, disk full

 private:
  struct Entry {
    std::string name, head;
    std::string_view body;
    bool compressed;
  };
  std::string path_;
  std::vector<Entry> entries_;
};

}  // namespace keras::support
