// Files: reading whole, reading in parts, mapping, and writing so that a failure leaves the old file as it was. Every
// failure is an IOError with the path and what the system says.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace keras::support {

std::string system_text(int error);  // "No such file or directory"

// A file opened for reading, from its beginning.
class InputFile {
 public:
  explicit InputFile(const std::string& path);  // IOError: missing, a directory, no permission
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;
  std::size_t read(void* to, std::size_t count);  // as many bytes as there are, at most count
  std::int64_t size() const { return size_; }     // -1: not a regular file, so not known
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  int descriptor_ = -1;
  std::int64_t size_ = -1;
};

std::string read_file(const std::string& path, std::size_t limit = SIZE_MAX);  // IOError when it is larger than limit

// A file's bytes in memory, not copied. The file must not be cut short by anyone while it is mapped.
class MappedFile {
 public:
  explicit MappedFile(const std::string& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  std::string_view bytes() const { return {data_, size_}; }
  // A copy of a part, read from the file: the mapping's pages stay out of memory. IOError.
  void read(std::string_view part, void* to) const;

 private:
  std::string path_;
  int descriptor_ = -1;
  const char* data_ = nullptr;
  std::size_t size_ = 0;
};

bool is_mapped(const void* data);  // whether it lies in a MappedFile
// Copies memory: where it is mapped from a file as MappedFile::read, else as it is.
void read_memory(const void* from, std::size_t count, void* to);

// A file that appears under its name at once and complete, or not at all: a temporary file in the same folder,
// synchronised and renamed by commit(), removed by the destructor otherwise. What is no regular file (/dev/null) is
// written directly.
class AtomicFile {
 public:
  explicit AtomicFile(const std::string& path);  // IOError: no such folder, no permission, a directory
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  void write(const void* data, std::size_t count);  // IOError: disk full …
  void write(std::string_view text) { write(text.data(), text.size()); }
  void commit();
  const std::string& temporary() const { return temporary_; }  // for a library that writes the file by its name

 private:
  void close_now();
  std::string path_, target_, temporary_;  // as given; where links lead; beside the target
  int descriptor_ = -1;
  bool pending_ = false;
};

void write_file(const std::string& path, std::string_view bytes);  // atomically
bool file_exists(const std::string& path);
void make_folders(const std::string& path);  // each that is missing; IOError

// What the first bytes of a file look like, for messages: "an HDF5 file", "a PNG image", "text beginning with …".
std::string describe_contents(std::string_view beginning);

}  // namespace keras::support
