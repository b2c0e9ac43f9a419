// load_vgg16: opening a VGG16 .h5 (550 MB, random weights) beside reading the file and copying it once. Each round is a
// process of its own, so that its peak of memory is its own too.
#include <fcntl.h>
#include <keras/keras.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "workloads.h"

namespace bench {

namespace {

struct Cost {
  double seconds = 0, megabytes = 0;
};

template <class F>
Cost in_child(F&& call) {
  int pipe[2];
  if (::pipe(pipe) != 0) throw std::runtime_error("load_vgg16: no pipe");
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("load_vgg16: no child process");
  if (child == 0) {
    const double begin = now();
    call();
    const double seconds = now() - begin;
    ::_exit(::write(pipe[1], &seconds, sizeof seconds) == sizeof seconds ? 0 : 1);
  }
  ::close(pipe[1]);
  Cost cost;
  const bool answered = ::read(pipe[0], &cost.seconds, sizeof cost.seconds) == sizeof cost.seconds;
  ::close(pipe[0]);
  int status = 0;
  rusage usage = {};
  ::wait4(child, &status, 0, &usage);
  if (!answered || status != 0) throw std::runtime_error("load_vgg16: the child process failed");
  cost.megabytes = static_cast<double>(usage.ru_maxrss) / 1024;
  return cost;
}

void read_and_copy(const std::string& path, std::size_t size) {
  const std::unique_ptr<char[]> bytes(new char[size]), copy(new char[size]);
  const int file = ::open(path.c_str(), O_RDONLY);
  std::size_t done = 0;
  for (ssize_t got; done < size && (got = ::read(file, bytes.get() + done, size - done)) > 0;)
    done += static_cast<std::size_t>(got);
  ::close(file);
  if (done != size) throw std::runtime_error("load_vgg16: cannot read " + path);
  std::memcpy(copy.get(), bytes.get(), size);
  volatile char used = copy[size / 2];  // or the copy would be left out
  static_cast<void>(used);
}

double median_of(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

}  // namespace

keras::Config load_vgg16(const Options& options) {
  namespace fs = std::filesystem;
  const fs::path folder = options.data.empty() ? fs::temp_directory_path() : fs::path(options.data);
  const std::string path = (folder / "vgg16_random_weights.h5").string();
  if (!fs::exists(path)) {
    in_child([&] { keras::applications::VGG16({.weights = std::nullopt}).save(path); });
  }
  const std::size_t size = fs::file_size(path);
  std::vector<double> times, floors, peaks;
  const double end = now() + options.seconds;
  do {
    floors.push_back(in_child([&] { read_and_copy(path, size); }).seconds);
    const Cost cost = in_child([&] { keras::load_model(path); });
    times.push_back(cost.seconds);
    peaks.push_back(cost.megabytes);
  } while (now() < end || times.size() < 5);
  if (options.data.empty()) fs::remove(path);
  const double value = median_of(times), floor = median_of(floors);
  return keras::Config::map({{"value", value},
                             {"unit", "s"},
                             {"read_and_copy_s", floor},
                             {"ratio", value / floor},
                             {"file_mb", static_cast<double>(size) / 1048576},
                             {"load_peak_mb", *std::max_element(peaks.begin(), peaks.end())},
                             {"repeats", static_cast<std::int64_t>(times.size())}});
}

}  // namespace bench
