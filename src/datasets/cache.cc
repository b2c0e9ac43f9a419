#include "datasets/cache.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/utils.h>
#include <unistd.h>

#include <vector>

#include "support/cache.h"
#include "support/files.h"
#include "support/log.h"
#include "support/text.h"

namespace keras::datasets {
namespace {

std::string users_folder() { return support::cache_folder() + "/datasets"; }

// Beside the library: below its folder in the build tree, one or two folders up where it is installed (lib,
// lib/<machine>).
std::vector<std::string> library_folders() {
  Dl_info about{};
  if (::dladdr(reinterpret_cast<const void*>(&users_folder), &about) == 0 || !about.dli_fname) return {};
  std::string path = about.dli_fname;
  if (path.find('/') == std::string::npos) {  // a program found through PATH: what it is called says not where it is
    char buffer[4096];
    const ssize_t length = ::readlink("/proc/self/exe", buffer, sizeof buffer);
    if (length <= 0) return {};
    path.assign(buffer, static_cast<std::size_t>(length));
  }
  const std::string folder = path.substr(0, path.rfind('/'));
  return {folder + "/share/keras/datasets", folder + "/../share/keras/datasets",
          folder + "/../../share/keras/datasets"};
}

}  // namespace

std::string find_file(const std::string& path, const std::string& shipped, const Remote& remote) {
  std::vector<std::string> places;
  const auto found = [&places](const std::string& place) {
    places.push_back(place);
    const bool there = support::file_exists(place);
    if (there) support::log("datasets", place);
    return there;
  };
  const bool named = path.find('/') != std::string::npos;
  if (named && found(path)) return path;
  const std::string cached = users_folder() + "/" + path;
  if (!path.starts_with('/') && found(cached)) return cached;
  if (named) {
    throw IOError(
        fmt::format("There is no file «{}»{}. Give the path of a file, or a bare name such as «mnist.npz», which "
                    "is looked up and downloaded.",
                    path, places.size() > 1 ? fmt::format(", nor «{}»", cached) : ""));
  }
  if (!shipped.empty()) {
    for (const std::string& folder : library_folders()) {
      if (const std::string place = folder + "/" + shipped; found(place)) return place;
    }
  }
  try {
    return utils::get_file(path, remote.url, {.file_hash = remote.checksum});
  } catch (const IOError& error) {
    throw IOError(fmt::format("{} The file was looked for before in: {}.", error.what(), support::list(places)));
  }
}

}  // namespace keras::datasets
