// keras-bench WORKLOAD [--data DIR] [--seconds S] [--threads N] [--samples N] [--deterministic]: runs one workload and
// prints one JSON line, as peers.py does for the peers. The process pins itself and then starts itself anew, so that
// everything from that exec on is in the figures: loading and initialising the library is import_s, and regressor's
// value reaches from the exec to the result.
#include <keras/config.h>
#include <keras/error.h>
#include <keras/version.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <string>

#include "workloads.h"

namespace {

constexpr auto kStarted = "KERAS_BENCH_STARTED";  // carries the time of the exec to the program that was started

int processors() {
  cpu_set_t set;
  return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 0;
}

// To the first `count` of the processors that the process may run on.
void pin(int count) {
  cpu_set_t allowed, first;
  CPU_ZERO(&first);
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) throw std::runtime_error("sched_getaffinity failed");
  if (count > CPU_COUNT(&allowed)) {
    throw std::runtime_error("--threads " + std::to_string(count) + ": the process may use only " +
                             std::to_string(CPU_COUNT(&allowed)) + " processors");
  }
  for (std::size_t cpu = 0; CPU_COUNT(&first) < count; ++cpu) {
    if (CPU_ISSET(cpu, &allowed)) CPU_SET(cpu, &first);
  }
  if (sched_setaffinity(0, sizeof first, &first) != 0) throw std::runtime_error("sched_setaffinity failed");
}

std::string check_workload(const std::string& name) {
  std::string names;
  for (const bench::Workload& workload : bench::workloads()) {
    if (name == workload.name) return "";
    names += (names.empty() ? "" : ", ") + std::string(workload.name);
  }
  return "there is no workload \"" + name + "\"; the workloads are " + names;
}

long peak_kilobytes() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

void run(const std::string& name, const bench::Options& options, double import_s) {
  for (const bench::Workload& workload : bench::workloads()) {
    if (name != workload.name) continue;
    const keras::Config result = workload.run(options);
    keras::Config line = keras::Config::map({{"engine", "keras.cpp"}, {"workload", name}});
    line.set("value", result.at("value")).set("unit", result.at("unit"));
    line.set("import_s", import_s).set("threads", processors());
    for (const auto& [key, value] : result.entries()) line.set(key, value);
    line.set("peak_mb", static_cast<double>(peak_kilobytes()) / 1024).set("version", keras::version());
    std::printf("%s\n", line.to_json().c_str());
  }
}

}  // namespace

int main(int argc, char** argv) {
  const double main_began = bench::now();
  const char* started = std::getenv(kStarted);
  bench::Options options;
  options.start = started ? std::strtod(started, nullptr) : 0;
  const double import_s = main_began - options.start;
  unsetenv(kStarted);

  CLI::App app("Runs one workload and prints one JSON line: engine, workload, value, unit and more.", "keras-bench");
  std::string name;
  int threads = 0;
  app.add_option("workload", name, "What to run")->required()->check(check_workload);
  app.add_option("--data", options.data, "Folder with mnist.npz; without it, where Keras looks for it");
  app.add_option("--seconds", options.seconds, "Seconds to repeat a workload of many calls")->capture_default_str();
  app.add_option("--samples", options.samples,
                 "Pictures of MNIST to train on, for a quick try; 0: all of the workload's")
      ->check(CLI::NonNegativeNumber);
  app.add_flag_callback("--deterministic", keras::config::enable_op_determinism,
                        "The same bits whatever the number of threads: what that costs");
  app.add_option("--threads", threads, "Pin to so many of the processors; 0: all")->check(CLI::NonNegativeNumber);
  CLI11_PARSE(app, argc, argv);

  try {
    if (!started) {
      if (threads > 0) pin(threads);
      char text[64];
      std::snprintf(text, sizeof text, "%.9f", bench::now());
      setenv(kStarted, text, 1);
      execv("/proc/self/exe", argv);
      throw std::runtime_error(std::string("keras-bench could not start itself: ") + std::strerror(errno));
    }
    run(name, options, import_s);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "keras-bench: %s\n", error.what());
    return 1;
  }
  return 0;
}
