#include "command.h"

#include <keras/callbacks.h>
#include <keras/config.h>
#include <keras/error.h>
#include <keras/saving.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>

namespace cli {

using namespace keras;
namespace fs = std::filesystem;

Talk& talk() {
  static Talk talk;
  return talk;
}

bool ends_with(const std::string& path, const std::string& suffix) {
  return path.size() >= suffix.size() &&
         std::equal(suffix.rbegin(), suffix.rend(), path.rbegin(),
                    [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

CLI::Validator ending(std::vector<std::string> suffixes) {
  return {[suffixes](std::string& path) {
            const bool fits = std::any_of(suffixes.begin(), suffixes.end(),
                                          [&](const std::string& suffix) { return ends_with(path, suffix); });
            return fits ? std::string() : path + " ends in none of " + listed(suffixes);
          },
          ""};
}

CLI::Validator at_least(double least, const char* what) {
  return {[least, what](std::string& text) {
            double value = 0;
            return CLI::detail::lexical_cast(text, value) && value >= least ? std::string() : text + " is no " + what;
          },
          ""};
}

CLI::Validator below_one() {
  return {[](std::string& text) {
            double value = 0;
            return CLI::detail::lexical_cast(text, value) && value >= 0 && value < 1
                       ? std::string()
                       : text + " is no part of the data: 0 or more, and less than 1";
          },
          ""};
}

void add_talk_options(CLI::App& command) {
  command.add_flag("--quiet", talk().quiet, "Nothing on standard error but errors");
  command.add_flag("--verbose", talk().verbose, "Errors with all that is known, in several lines");
}

void model_argument(CLI::App& command, std::string& model) {
  command.add_option("MODEL", model, "The file of a model, of any Keras: .keras, .h5, .hdf5 or .json")
      ->required()
      ->type_name("");
}

void batch_size_option(CLI::App& command, std::int64_t& batch_size) {
  command.add_option("--batch-size", batch_size, "Samples of a step")
      ->type_name("N")
      ->capture_default_str()
      ->check(at_least(1, "number of samples"));
}

Model open_model(const std::string& path, bool compile, bool weights_wanted) {
  if (talk().quiet) config::set_warning_handler([](const std::string&) {});
  Model model = load_model(path, {.compile = compile});
  std::ifstream file(path, std::ios::binary);
  char first = 0;
  file >> first;
  if (weights_wanted && (first == '{' || first == '"')) {
    note(path + " is an architecture without weights: they are new ones");
  }
  return model;
}

void check_can_write(const std::string& path) {
  const fs::path folder = fs::path(path).parent_path();
  if (!folder.empty() && !fs::is_directory(folder)) {
    throw IOError("cannot write " + path + ": there is no folder " + folder.string());
  }
  if (fs::is_directory(path)) throw IOError("cannot write " + path + ": it is a folder");
  const std::string probe = path + ".part";
  const bool writable = std::ofstream(probe).good();
  std::error_code ignored;
  fs::remove(probe, ignored);
  if (!writable) throw IOError("cannot write " + path + ": no file can be made in its folder");
}

void write_text(const std::string& path, const std::string& text) {
  check_can_write(path);
  const std::string temporary = path + ".part";
  std::ofstream file(temporary, std::ios::binary);
  file << text;
  file.close();
  std::error_code error;
  if (file) fs::rename(temporary, path, error);
  if (!file || error) {
    std::error_code ignored;
    fs::remove(temporary, ignored);
    throw IOError("cannot write " + path + (error ? ": " + error.message() : ": the disk may be full"));
  }
}

void note(const std::string& text) {
  if (!talk().quiet) std::fprintf(stderr, "%s\n", text.c_str());
}

namespace {

struct ProgressArgs {
  std::string work = {};
  static void fields(auto&& f) { f("work", &ProgressArgs::work, "What is going on, for the lines."); }
};
struct Progress final : CallbackBody {
  static constexpr auto class_name = "Progress";
  using Args = ProgressArgs;
  using Clock = std::chrono::steady_clock;
  explicit Progress(Args args) : work_(std::move(args.work)) {}
  void on_epoch_begin(int epoch, const Logs&) override { epoch_ = epoch + 1; }
  void on_epoch_end(int epoch, const Logs& logs) override { print("epoch " + std::to_string(epoch + 1), logs); }
  void on_train_batch_end(int batch, const Logs& logs) override {
    tell("epoch " + std::to_string(epoch_) + ", batch ", batch, logs);
  }
  void on_test_batch_end(int batch, const Logs&) override { tell(work_ + ", batch ", batch, Logs()); }
  void on_predict_batch_end(int batch, const Logs&) override { tell(work_ + ", batch ", batch, Logs()); }

  void tell(const std::string& what, int batch, const Logs& logs) {
    constexpr std::chrono::seconds kBetween(2);
    if (Clock::now() - told_ < kBetween) return;
    const auto steps = params().find("steps");
    print(what + std::to_string(batch + 1) +
              (steps == params().end() ? "" : " of " + std::to_string(static_cast<long long>(steps->second))),
          logs);
  }
  void print(const std::string& what, const Logs& logs) {
    std::fprintf(stderr, "%s", what.c_str());
    for (const auto& [name, value] : logs) std::fprintf(stderr, "  %s: %.6g", name.c_str(), value);
    std::fprintf(stderr, "\n");
    told_ = Clock::now();
  }

 private:
  std::string work_;
  int epoch_ = 0;
  Clock::time_point told_ = Clock::now();
};

}  // namespace

std::vector<Callback> progress(const std::string& work) {
  if (talk().quiet) return {};
  return {make_callback<Progress>({.work = work})};
}

}  // namespace cli
