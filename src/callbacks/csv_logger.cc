// CSVLogger: the figures of each epoch as a row of a table, in the form of Python's csv.writer.
#include <fcntl.h>
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/models.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "callbacks/state.h"
#include "support/files.h"
#include "support/text.h"

namespace keras::callbacks {

namespace {

class CSVLoggerBody final : public CallbackBody {
 public:
  static constexpr auto class_name = "CSVLogger";
  using Args = CSVLoggerArgs;

  explicit CSVLoggerBody(const Args& args) : args_(args) {
    if (args_.filename.empty()) throw ValueError("CSVLogger: filename must be the name of a file. Received: none.");
    if (args_.separator.size() == 1) return;
    throw ValueError(fmt::format("CSVLogger: separator must be one character. Received: «{}».",
                                 support::printable(args_.separator)));
  }
  ~CSVLoggerBody() override { close_file(); }
  bool wants_batches() const override { return false; }

  void on_train_begin(const Logs&) override {
    close_file();
    file_ = ::open(args_.filename.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (file_ < 0) fail("cannot be opened");
    names_.clear();
    began_ = false;
    rows_end_ = 0;
    if (!args_.append) return;  // what was there goes when there is something to write
    rows_end_ = ::lseek(file_, 0, SEEK_END);
    header_ = rows_end_ == 0;
    began_ = true;
  }

  void on_epoch_end(int epoch, const Logs& logs) override {
    begin();
    std::string text;
    if (names_.empty()) {
      text = choose_columns(logs);
      if (!header_) text.clear();
      header_ = config::dialect().plain_callbacks ? header_ : false;
    }
    text += fmt::format("{}", epoch);
    for (const std::string& name : names_) {
      const double* value = logs.find(name);
      text += args_.separator;
      text += field(!value         ? "NA"
                    : name == "lr" ? support::number(static_cast<float>(*value))
                                   : support::number(*value));
    }
    write(text + "\r\n");
  }

  void on_train_end(const Logs&) override {
    if (file_ >= 0) begin();
    close_file();
  }

  CallbackState get_state() const override {
    CallbackState state;
    state.values.set("bytes", static_cast<std::int64_t>(began_ ? rows_end_ : 0)).set("columns", as_config(names_));
    state.values.set("header", header_);
    return state;
  }
  // The file goes on behind the rows of the epochs that were kept, whatever else came to be in it.
  void set_state(const CallbackState& state) override {
    const StateReader read(class_name, state);
    std::int64_t bytes = 0;
    read("bytes", bytes), read("columns", names_), read("header", header_);
    struct stat status {};
    if (file_ < 0 || bytes <= 0 || ::fstat(file_, &status) != 0) return;
    if (status.st_size < bytes) {  // rows are gone: what follows begins a table anew
      names_.clear();
      header_ = status.st_size == 0;
    }
    rows_end_ = std::min<off_t>(status.st_size, bytes);
    if (::ftruncate(file_, rows_end_) != 0) fail("cannot be written to");
    began_ = true;
  }

 private:
  [[noreturn]] void fail(const char* what) const {
    throw IOError(fmt::format("CSVLogger: «{}» {}: {}.", args_.filename, what, support::system_text(errno)));
  }

  void begin() {
    if (began_) return;
    if (::ftruncate(file_, 0) != 0 && errno != EINVAL) fail("cannot be written to");  // EINVAL: no regular file
    began_ = true;
    header_ = true;
  }

  // The columns of the first epoch; with Keras 3 also those of a validation that has not come yet.
  std::string choose_columns(const Logs& logs) {
    for (const auto& [name, value] : logs) names_.push_back(name);
    std::sort(names_.begin(), names_.end());
    const bool tested =
        std::any_of(names_.begin(), names_.end(), [](const std::string& name) { return name.starts_with("val_"); });
    if (!tested && !config::dialect().plain_callbacks) {
      for (std::size_t i = 0, count = names_.size(); i < count; ++i) names_.push_back("val_" + names_[i]);
    }
    std::string head = field("epoch");
    for (const std::string& name : names_) head += args_.separator + field(name);
    return head + "\r\n";
  }

  std::string field(const std::string& text) const {
    if (text.find_first_of("\"\r\n" + args_.separator) == std::string::npos) return text;
    std::string quoted = "\"";
    for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
    return quoted + "\"";
  }

  void write(const std::string& text) {
    if (::lseek(file_, rows_end_, SEEK_SET) < 0 && errno != ESPIPE) fail("cannot be written to");
    for (std::size_t done = 0; done < text.size();) {
      const ssize_t count = ::write(file_, text.data() + done, text.size() - done);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) fail("cannot be written to");
      done += static_cast<std::size_t>(count);
    }
    rows_end_ += static_cast<off_t>(text.size());
  }

  void close_file() {
    if (file_ >= 0) ::close(file_);
    file_ = -1;
  }

  const Args args_;
  int file_ = -1;
  off_t rows_end_ = 0;
  bool began_ = false;  // the file holds nothing but what is to stay
  bool header_ = true;  // whether it needs one
  std::vector<std::string> names_;
};

}  // namespace

Callback CSVLogger(const std::string& filename, CSVLoggerArgs args) {
  if (!args.filename.empty()) throw ValueError("CSVLogger: filename is given twice, positionally and as a field.");
  args.filename = filename;
  return make_callback<CSVLoggerBody>(std::move(args));
}

}  // namespace keras::callbacks
