#include "support/http.h"

#include <curl/curl.h>
#include <fmt/format.h>
#include <keras/error.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <memory>
#include <mutex>

#include "support/checksum.h"
#include "support/files.h"
#include "support/late_library.h"
#include "support/text.h"

namespace keras::support {
namespace {

constinit LateLibrary curl_library{KERAS_CURL_SONAME, "to download", "libcurl4"};

KERAS_LATE(curl_library, curl_easy_cleanup);
KERAS_LATE(curl_library, curl_easy_getinfo);
KERAS_LATE(curl_library, curl_easy_init);
KERAS_LATE(curl_library, curl_easy_perform);
KERAS_LATE(curl_library, curl_easy_setopt);
KERAS_LATE(curl_library, curl_easy_strerror);
KERAS_LATE(curl_library, curl_global_init);
KERAS_LATE(curl_library, curl_slist_append);
KERAS_LATE(curl_library, curl_slist_free_all);

using Clock = std::chrono::steady_clock;

struct Transfer {
  const Download& what;
  AtomicFile file;
  Checksum checksum = Checksum(what.checksum);
  std::uint64_t received = 0;
  std::exception_ptr failure = {};  // thrown while libcurl was calling us
  Clock::time_point told = {};
  bool terminal = ::isatty(STDERR_FILENO) == 1;

  void tell(double total, bool last) {
    const auto now = Clock::now();
    if (!last && (!terminal || now - told < std::chrono::milliseconds(100))) return;
    told = now;
    constexpr double kMega = 1e6;
    const std::string size = total > 0
                                 ? fmt::format("{:.1f}/{:.1f} MB", static_cast<double>(received) / kMega, total / kMega)
                                 : fmt::format("{:.1f} MB", static_cast<double>(received) / kMega);
    const std::string line = fmt::format("{}{}{}", terminal ? "\r" : "", size, last ? "\n" : "");
    std::fwrite(line.data(), 1, line.size(), stderr);
  }
};

std::size_t on_data(char* data, std::size_t size, std::size_t count, void* context) {
  auto& transfer = *static_cast<Transfer*>(context);
  try {
    transfer.received += size * count;
    if (transfer.received > transfer.what.most_bytes) {
      throw IOError(fmt::format("«{}» is larger than {} bytes.", transfer.what.url, transfer.what.most_bytes));
    }
    transfer.checksum.add({data, size * count});
    transfer.file.write(data, size * count);
    return size * count;
  } catch (...) {  // no exception may pass through libcurl
    transfer.failure = std::current_exception();
    return 0;
  }
}

int on_progress(void* context, curl_off_t total, curl_off_t, curl_off_t, curl_off_t) {
  static_cast<Transfer*>(context)->tell(static_cast<double>(total), false);
  return 0;
}

using Handle = std::unique_ptr<CURL, void (*)(CURL*)>;
Handle begin(const char* to, const std::string& url) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  Handle curl(curl_easy_init(), curl_easy_cleanup);
  if (!curl) throw IOError(fmt::format("Cannot {} «{}»: libcurl does not start.", to, url));
  return curl;
}

std::size_t drop(char*, std::size_t size, std::size_t count, void*) { return size * count; }

}  // namespace

void download(const Download& what) {
  const Handle curl = begin("download", what.url);

  Transfer transfer{what, AtomicFile(what.path)};
  char detail[CURL_ERROR_SIZE] = "";
  CURL* const c = curl.get();
  curl_easy_setopt(c, CURLOPT_URL, what.url.c_str());
  curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(c, CURLOPT_MAXREDIRS, 10L);
  curl_easy_setopt(c, CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, 30L);
  curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, 60L);
  curl_easy_setopt(c, CURLOPT_ERRORBUFFER, detail);
  curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_data);
  curl_easy_setopt(c, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
  curl_easy_setopt(c, CURLOPT_XFERINFODATA, &transfer);

  fmt::print(stderr, "Downloading data from {}\n", what.url);
  const CURLcode code = curl_easy_perform(c);
  if (transfer.failure) std::rethrow_exception(transfer.failure);
  if (code != CURLE_OK) {
    throw IOError(fmt::format("Cannot download «{}»: {}.", what.url, detail[0] ? detail : curl_easy_strerror(code)));
  }
  transfer.tell(static_cast<double>(transfer.received), true);
  const std::string found = transfer.checksum.hex();
  if (!what.checksum.empty() && found != lower(what.checksum)) {
    throw IOError(
        fmt::format("The file that «{}» sent is not the expected one: its {} is {}, expected {}. Nothing was "
                    "kept.",
                    what.url, transfer.checksum.kind(), found, what.checksum));
  }
  transfer.file.commit();
}

long post(const Post& what) {
  const Handle curl = begin("send to", what.url);
  std::unique_ptr<curl_slist, void (*)(curl_slist*)> headers(nullptr,
                                                             [](curl_slist* list) { curl_slist_free_all(list); });
  for (const auto& [name, value] : what.headers) {
    const std::string line = name + ": " + value;
    headers.reset(curl_slist_append(headers.release(), line.c_str()));
  }
  char detail[CURL_ERROR_SIZE] = "";
  CURL* const c = curl.get();
  curl_easy_setopt(c, CURLOPT_URL, what.url.c_str());
  curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, 30L);
  curl_easy_setopt(c, CURLOPT_TIMEOUT, 60L);
  curl_easy_setopt(c, CURLOPT_ERRORBUFFER, detail);
  curl_easy_setopt(c, CURLOPT_POST, 1L);
  curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(what.body.size()));
  curl_easy_setopt(c, CURLOPT_POSTFIELDS, what.body.c_str());
  curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, drop);
  const CURLcode code = curl_easy_perform(c);
  if (code != CURLE_OK) {
    throw IOError(fmt::format("Cannot send to «{}»: {}.", what.url, detail[0] ? detail : curl_easy_strerror(code)));
  }
  long status = 0;
  curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
  return status;
}

}  // namespace keras::support
