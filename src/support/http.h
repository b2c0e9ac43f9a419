// Downloads through libcurl.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace keras::support {

struct Download {
  std::string url;       // http or https
  std::string path;      // written atomically; its folder must exist
  std::string checksum;  // SHA-256 or MD5 of the whole file, in hexadecimal; "" checks nothing
  std::uint64_t most_bytes = std::uint64_t{1} << 40;
};

// Fetches a file and tells the progress on stderr, on one line rewritten in place when that is a terminal. IOError
// names the URL and the reason: no connection, the server's answer, too large, cut short, a checksum that differs.
void download(const Download& what);

struct Post {
  std::string url;  // http or https
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

// Sends a body by HTTP POST and returns the status of the answer, whatever it is. IOError names the URL and the reason
// where there is no answer.
long post(const Post& what);

}  // namespace keras::support
