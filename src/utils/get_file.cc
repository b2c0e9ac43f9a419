// get_file: files from the network, kept in the user's folder.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/utils.h>

#include "support/cache.h"
#include "support/checksum.h"
#include "support/files.h"
#include "support/http.h"
#include "support/text.h"

namespace keras::utils {
namespace {

std::string name_in(const std::string& url) {
  const std::string path = url.substr(0, url.find_first_of("?#"));
  const std::size_t host = path.find("://"), slash = path.rfind('/');
  const bool only_host = slash == std::string::npos || (host != std::string::npos && slash < host + 3);
  const std::string name = only_host ? "" : path.substr(slash + 1);
  if (name.empty() || name == "." || name == "..")
    throw ValueError(fmt::format("get_file: the address «{}» does not end in the name of a file: give .fname.", url));
  return name;
}

void check_algorithm(const std::string& algorithm, const std::string& hash) {
  if (algorithm != "auto" && algorithm != "md5" && algorithm != "sha256") {
    throw ValueError(fmt::format("get_file: hash_algorithm is \"auto\", \"md5\" or \"sha256\"; received \"{}\".{}",
                                 algorithm, support::did_you_mean(algorithm, {"auto", "md5", "sha256"})));
  }
  if (algorithm != "auto" && !hash.empty() && hash.size() != (algorithm == "md5" ? 32u : 64u)) {
    throw ValueError(fmt::format("get_file: file_hash has {} digits, which is no {}.", hash.size(), algorithm));
  }
}

}  // namespace

std::string get_file(const std::string& fname, const std::string& origin, GetFileArgs args) {
  const std::string name = fname.empty() ? name_in(origin) : fname;
  if (name.find('/') != std::string::npos || name == "." || name == "..") {
    throw ValueError(
        fmt::format("get_file: fname is a name without folders; received «{}». cache_dir and cache_subdir say where it "
                    "lies.",
                    name));
  }
  const std::string hash = args.file_hash ? *args.file_hash : args.md5_hash.value_or("");
  check_algorithm(args.hash_algorithm, hash);
  const std::string folder = args.cache_subdir.starts_with('/')
                                 ? args.cache_subdir
                                 : args.cache_dir.value_or(support::cache_folder()) + "/" + args.cache_subdir;
  const std::string path = folder + "/" + name;
  const bool there = support::file_exists(path);
  if (there && !args.force_download && (hash.empty() || support::has_checksum(path, hash))) return path;
  try {
    support::make_folders(folder);
    support::download({origin, path, hash});
  } catch (const IOError& error) {
    if (!there || args.force_download) throw;
    throw IOError(fmt::format("{} «{}» is there, but it is not the expected file: its checksum is another one than {}.",
                              error.what(), path, hash));
  }
  return path;
}

}  // namespace keras::utils
