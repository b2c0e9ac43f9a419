// RemoteMonitor: sends the figures of each epoch to a server.
#include <fmt/format.h>
#include <keras/error.h>

#include <algorithm>
#include <cctype>
#include <cmath>

#include "callbacks/monitor.h"
#include "support/http.h"

namespace keras::callbacks {

namespace {

// As a form's field has it: blanks are «+», other bytes than letters, digits and _.-~ are %XX.
std::string form_text(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80 && (std::isalnum(byte) || c == '_' || c == '.' || c == '-' || c == '~')) {
      out += c;
    } else if (c == ' ') {
      out += '+';
    } else {
      out += fmt::format("%{:02X}", byte);
    }
  }
  return out;
}

class RemoteMonitorBody final : public CallbackBody {
 public:
  static constexpr auto class_name = "RemoteMonitor";
  using Args = RemoteMonitorArgs;

  explicit RemoteMonitorBody(const Args& args) : args_(args) {}
  bool wants_batches() const override { return false; }

  void on_epoch_end(int epoch, const Logs& logs) override {
    Config figures = Config::map({{"epoch", epoch}});
    bool finite = true;
    for (const auto& [name, value] : logs) {
      figures.set(name, value);
      finite = finite && std::isfinite(value);
    }
    if (args_.send_as_json && !finite) {
      return warn(class_name, fmt::format("epoch {} has figures that are not finite, which JSON cannot say: it was not "
                                          "sent.",
                                          epoch + 1));
    }
    support::Post post{args_.root + args_.path, {}, {}};
    post.body = args_.send_as_json ? figures.to_json() : form_text(args_.field) + "=" + form_text(figures.to_json());
    post.headers.emplace_back("Content-Type",
                              args_.send_as_json ? "application/json" : "application/x-www-form-urlencoded");
    for (const auto& [name, value] : args_.headers.value_or(HttpHeaders())) {
      if (name == "Content-Type") post.headers.clear();
      post.headers.emplace_back(name, value);
    }
    try {
      support::post(post);
    } catch (const IOError& error) {
      warn(class_name, fmt::format("the server was not reached. {}", error.what()));
    }
  }

 private:
  const Args args_;
};

}  // namespace

Callback RemoteMonitor(RemoteMonitorArgs args) { return make_callback<RemoteMonitorBody>(std::move(args)); }

}  // namespace keras::callbacks
