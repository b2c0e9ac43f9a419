// Where data sets are: the user's folder, the copies that come with the library, and downloads.
#pragma once

#include <string>

namespace keras::datasets {

struct Remote {
  std::string url, checksum;
};

// The path of a data set's file, downloaded if need be. `shipped` names the copy that comes with the library, "" if
// there is none. IOError that names every place that was looked at.
std::string find_file(const std::string& path, const std::string& shipped, const Remote& remote);

}  // namespace keras::datasets
