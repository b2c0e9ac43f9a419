// What the floors share. A floor is one training step as a list of calls: oneDNN primitives made once, in oneDNN's own
// layouts, and hand-written loops for the rest. The loop over the steps is timed, then each call, repeated alone and
// between the others; see floor_main. There is no gather and no metric: a few batches lie in memory and take turns.
#pragma once

#include <sched.h>
#include <tbb/cache_aligned_allocator.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>
#include <tbb/version.h>
#include <zip.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <dnnl.hpp>
#include <functional>
#include <random>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

// Before a loop: its iterations do not depend on each other.
#if defined(__clang__)
#define FLOOR_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define FLOOR_INDEPENDENT _Pragma("GCC ivdep")
#endif

namespace floors {

using Floats = std::vector<float, tbb::cache_aligned_allocator<float>>;

struct Options {
  std::string data;     // folder with mnist.npz; empty: made-up pictures
  double seconds = 20;  // of rounds, of which there are three at least
  int threads = 0;      // 0: all
  int steps = 0;        // of a round; 0: an epoch's
};

struct Call {
  std::string name;
  double flops, bytes;  // bytes: of hand-written loops, which memory limits
  std::function<void(std::int64_t step)> run;
};

struct Work {
  std::string workload;
  double steps;                  // of an epoch
  std::vector<Call> calls;       // one step, in order
  std::function<void()> reset;   // parameters and slots as at the beginning
  std::function<double()> loss;  // of the last step's batch
};

inline double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

inline double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// f(begin, end) over [0, n), on all threads, each with the same part in every call.
template <class F>
void parallel(std::int64_t n, F&& f) {
  const std::int64_t threads = tbb::this_task_arena::max_concurrency();
  if (threads == 1) return f(std::int64_t{0}, n);
  const std::int64_t part = (n / threads + 63) / 64 * 64;
  tbb::parallel_for(
      std::int64_t{0}, threads,
      [&](std::int64_t i) { f(std::min(n, i * part), i + 1 == threads ? n : (i + 1) * part); },
      tbb::static_partitioner());
}

// Pictures in [0, 1] and labels below 10, in batches that take turns.
struct Batches {
  std::int64_t count, size;
  Floats x;
  std::vector<int> y;
  const int* labels(std::int64_t step) const { return &y[static_cast<std::size_t>(step % count * size)]; }
  float* pictures(std::int64_t step) { return &x[static_cast<std::size_t>(step % count * size * 784)]; }
};

// The first bytes of an array in mnist.npz.
inline std::vector<unsigned char> read_npz(const std::string& path, const char* name, std::size_t count) {
  zip_t* archive = zip_open(path.c_str(), ZIP_RDONLY, nullptr);
  zip_file_t* file = archive ? zip_fopen(archive, name, 0) : nullptr;
  if (!file) throw std::runtime_error(path + " has no " + name + ", or does not open");
  std::vector<unsigned char> bytes(10 + 65536 + count);
  const auto got = zip_fread(file, bytes.data(), bytes.size());
  zip_fclose(file);
  zip_close(archive);
  const std::size_t header = 10 + bytes[8] + 256u * bytes[9];  // version 1: the length of the header at byte 8
  if (got < 0 || static_cast<std::size_t>(got) < header + count) throw std::runtime_error(path + " is too short");
  return {bytes.begin() + static_cast<std::ptrdiff_t>(header),
          bytes.begin() + static_cast<std::ptrdiff_t>(header + count)};
}

inline Batches make_batches(const Options& options, std::int64_t count, std::int64_t size) {
  const auto n = static_cast<std::size_t>(count * size);
  Batches batches{count, size, Floats(n * 784), std::vector<int>(n)};
  if (!options.data.empty()) {
    const auto x = read_npz(options.data + "/mnist.npz", "x_train.npy", n * 784);
    const auto y = read_npz(options.data + "/mnist.npz", "y_train.npy", n);
    std::transform(x.begin(), x.end(), batches.x.begin(), [](int pixel) { return static_cast<float>(pixel) / 255; });
    std::copy(y.begin(), y.end(), batches.y.begin());
  } else {  // ten prototypes and noise
    std::mt19937 bits(1);
    std::uniform_real_distribution<float> uniform;
    std::vector<float> prototypes(10 * 784);
    for (float& p : prototypes) p = uniform(bits);
    for (std::size_t i = 0; i < n; ++i) {
      batches.y[i] = static_cast<int>(bits() % 10);
      const float* p = &prototypes[static_cast<std::size_t>(batches.y[i]) * 784];
      for (std::size_t j = 0; j < 784; ++j) batches.x[i * 784 + j] = 0.2f * p[j] + 0.8f * uniform(bits);
    }
  }
  return batches;
}

// Parameters, gradients and slots: one piece of memory, so that one loop updates them. The arrays do not begin at equal
// offsets of their pages, or loads would wait for stores to other arrays.
class Parameters {
 public:
  explicit Parameters(std::size_t slots) : arrays_(2 + slots) {}
  // A place for a tensor of uniform numbers up to `limit`; returns its offset.
  std::size_t add(std::size_t size, float limit = 0) {
    const std::size_t offset = initial_.size();
    initial_.resize((offset + size + 31) / 32 * 32);
    std::mt19937 bits(static_cast<unsigned>(offset));
    std::uniform_real_distribution<float> uniform(-1, 1);
    for (std::size_t i = 0; i < size; ++i) initial_[offset + i] = limit * uniform(bits);
    return offset;
  }
  void allocate() {
    stride_ = (initial_.size() + 1023) / 1024 * 1024 + 256;
    memory_.resize(stride_ * arrays_);
    reset();
  }
  void reset() {
    std::fill(memory_.begin(), memory_.end(), 0.f);
    std::copy(initial_.begin(), initial_.end(), value());
  }
  float* value() { return memory_.data(); }
  float* gradient() { return value() + stride_; }
  float* slot(std::size_t i) { return value() + (2 + i) * stride_; }
  std::int64_t size() const { return static_cast<std::int64_t>(initial_.size()); }

 private:
  std::size_t arrays_, stride_ = 0;
  std::vector<float> initial_;
  Floats memory_;
};

inline float glorot(std::int64_t in, std::int64_t out) { return std::sqrt(6.f / static_cast<float>(in + out)); }

// oneDNN, as the floors use it.
struct Library {
  dnnl::engine engine{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream{engine};
  using Args = std::unordered_map<int, dnnl::memory>;

  static dnnl::memory::desc desc(const dnnl::memory::dims& dims,
                                 dnnl::memory::format_tag tag = dnnl::memory::format_tag::any) {
    return {dims, dnnl::memory::data_type::f32, tag};
  }
  dnnl::memory memory(const dnnl::memory::desc& desc) const {
    dnnl::memory result(desc, engine);
    if (desc.get_size() > 0) std::memset(result.get_data_handle(), 0, desc.get_size());
    return result;
  }
  dnnl::memory memory(const dnnl::memory::desc& desc, float* data) const { return {desc, engine, data}; }
  static dnnl::primitive_attr attr(bool relu = false) {
    dnnl::primitive_attr result;
    result.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    if (relu) {
      dnnl::post_ops after;
      after.append_eltwise(dnnl::algorithm::eltwise_relu, 0, 0);
      result.set_post_ops(after);
    }
    return result;
  }
  // A primitive with the operands of each batch, or with the same ones always.
  template <class Primitive>
  Call call(std::string name, double flops, const typename Primitive::primitive_desc& made,
            std::vector<Args> args) const {
    const dnnl::memory scratchpad = memory(made.scratchpad_desc());
    for (Args& a : args) a.insert({DNNL_ARG_SCRATCHPAD, scratchpad});
    const auto run = [primitive = Primitive(made), args = std::move(args), s = stream](std::int64_t step) mutable {
      primitive.execute(s, args[static_cast<std::size_t>(step) % args.size()]);
    };
    return {std::move(name) + " " + made.impl_info_str(), flops, 0, run};
  }
};

// Softmax of [n, 10] logits, and the gradient of the mean cross-entropy with respect to them; its column sums too.
inline void softmax_gradient(const float* logits, const int* labels, std::int64_t n, float* gradient, float* sums) {
  std::fill_n(sums, 10, 0.f);
  const float scale = 1 / static_cast<float>(n);
  for (std::int64_t i = 0; i < n; ++i, logits += 10, gradient += 10) {
    const float top = *std::max_element(logits, logits + 10);
    float e[10], total = 0;
    for (int j = 0; j < 10; ++j) total += e[j] = std::exp(logits[j] - top);
    for (int j = 0; j < 10; ++j) gradient[j] = e[j] * (scale / total);
    gradient[labels[i]] -= scale;
    for (int j = 0; j < 10; ++j) sums[j] += gradient[j];
  }
}

inline double cross_entropy(const float* logits, const int* labels, std::int64_t n) {
  double sum = 0;
  for (std::int64_t i = 0; i < n; ++i, logits += 10) {
    double total = 0;
    for (int j = 0; j < 10; ++j) total += std::exp(logits[j] - logits[labels[i]]);
    sum += std::log(total);
  }
  return sum / static_cast<double>(n);
}

// To the first `count` of the processors that the process may run on, as peers.py; returns how many there are.
inline int pin(int count) {
  cpu_set_t allowed, first;
  CPU_ZERO(&first);
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) throw std::runtime_error("sched_getaffinity failed");
  if (count == 0) count = CPU_COUNT(&allowed);
  if (count > CPU_COUNT(&allowed)) throw std::runtime_error("--threads: there are not so many processors");
  for (std::size_t cpu = 0; CPU_COUNT(&first) < count; ++cpu) {
    if (CPU_ISSET(cpu, &allowed)) CPU_SET(cpu, &first);
  }
  if (sched_setaffinity(0, sizeof first, &first) != 0) throw std::runtime_error("sched_setaffinity failed");
  return count;
}

// Seconds of a call of f(0), f(1), …
template <class F>
double time_calls(std::int64_t times, F&& f) {
  const double begin = now();
  for (std::int64_t i = 0; i < times; ++i) f(i);
  return (now() - begin) / static_cast<double>(times);
}

// Rounds of: the loop without a clock in it, the loop with a clock between its calls, each call repeated alone. So a
// change of the machine's mood meets all three.
struct Figures {
  std::vector<double> loop;
  std::vector<std::vector<double>> in_loop, alone;  // of each call
  double first_loss = 0, last_loss = 0;
};

inline Figures measure(const Options& options, const Work& work, std::int64_t steps) {
  const std::size_t n = work.calls.size();
  Figures figures{{}, std::vector<std::vector<double>>(n), std::vector<std::vector<double>>(n)};
  const auto step = [&](std::int64_t i) {
    for (const Call& call : work.calls) call.run(i);
  };
  work.reset();
  step(0);
  figures.first_loss = work.loss();
  time_calls(std::max<std::int64_t>(steps / 4, 1), step);  // warms up
  std::vector<std::int64_t> times(n);
  for (std::size_t i = 0; i < n; ++i) {
    const double once = time_calls(3, work.calls[i].run);
    times[i] = std::clamp<std::int64_t>(static_cast<std::int64_t>(0.05 / once), 1, std::max<std::int64_t>(steps, 5));
  }
  for (const double end = now() + options.seconds; figures.loop.size() < 3 || now() < end;) {
    work.reset();
    figures.loop.push_back(time_calls(steps, step));
    figures.last_loss = work.loss();
    work.reset();
    std::vector<double> sums(n);
    double time = now();
    for (std::int64_t k = 0; k < steps; ++k) {
      for (std::size_t i = 0; i < n; ++i) {
        work.calls[i].run(k);
        const double after = now();
        sums[i] += after - std::exchange(time, after);
      }
    }
    for (std::size_t i = 0; i < n; ++i) {
      figures.in_loop[i].push_back(sums[i] / static_cast<double>(steps));
      time_calls(std::max<std::int64_t>(times[i] / 10, 1), work.calls[i].run);
      figures.alone[i].push_back(time_calls(times[i], work.calls[i].run));
    }
  }
  return figures;
}

#if defined(__clang__)
inline constexpr auto kCompiler = "clang " __clang_version__;
#else
inline constexpr auto kCompiler = "g++ " __VERSION__;
#endif

inline void print(const Work& work, const Figures& figures, int threads) {
  const double value = median(figures.loop) * work.steps;
  std::printf(
      "{\"engine\": \"floor\", \"workload\": \"%s\", \"value\": %.6g, \"unit\": \"s/epoch\", \"threads\": %d, "
      "\"calls\": [",
      work.workload.c_str(), value, threads);
  double sum = 0, sum_in_loop = 0, flops = 0;
  for (std::size_t i = 0; i < work.calls.size(); ++i) {
    const Call& call = work.calls[i];
    const double alone = median(figures.alone[i]), in_loop = median(figures.in_loop[i]);
    sum += alone, sum_in_loop += in_loop, flops += call.flops;
    std::printf("%s{\"name\": \"%s\", \"us\": %.4g, \"us_in_loop\": %.4g, \"gflops\": %.4g", i ? ", " : "",
                call.name.c_str(), alone * 1e6, in_loop * 1e6, call.flops / alone / 1e9);
    if (call.bytes > 0) std::printf(", \"gb_s\": %.4g", call.bytes / alone / 1e9);
    std::printf("}");
  }
  std::printf(
      "], \"sum_s\": %.6g, \"sum_in_loop_s\": %.6g, \"best_s\": %.6g, \"gflops\": %.4g, \"steps\": %g, "
      "\"rounds\": %zu, \"first_loss\": %.4g, \"last_loss\": %.4g, \"oneDNN\": \"%d.%d.%d\", \"TBB\": \"%d.%d\", "
      "\"compiler\": \"%s\"}\n",
      sum * work.steps, sum_in_loop * work.steps,
      *std::min_element(figures.loop.begin(), figures.loop.end()) * work.steps, flops * work.steps / value / 1e9,
      work.steps, figures.loop.size(), figures.first_loss, figures.last_loss, dnnl_version()->major,
      dnnl_version()->minor, dnnl_version()->patch, TBB_VERSION_MAJOR, TBB_VERSION_MINOR, kCompiler);
}

// The main of a floor: prints one JSON line. value: seconds an epoch, the median of the rounds; best_s: the shortest;
// sum_s: the sum of the calls, each timed alone (its memory may stay in a nearer cache then); sum_in_loop_s: each timed
// between the others.
inline int floor_main(int argc, char** argv, Work (*make)(const Options&)) {
  CLI::App app("Runs a bare loop of library calls and prints one JSON line.");
  Options options;
  app.add_option("--data", options.data, "Folder with mnist.npz; without it, pictures are made up");
  app.add_option("--seconds", options.seconds, "At least so long, and three rounds")->capture_default_str();
  app.add_option("--threads", options.threads, "Pin to so many processors; 0: all")->check(CLI::NonNegativeNumber);
  app.add_option("--steps", options.steps, "Steps of a round; 0: an epoch's")->check(CLI::NonNegativeNumber);
  CLI11_PARSE(app, argc, argv);
  try {
    const int threads = pin(options.threads);
    tbb::task_arena(threads).execute([&] {
      const Work work = make(options);
      print(work, measure(options, work, options.steps ? options.steps : static_cast<std::int64_t>(work.steps)),
            threads);
    });
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", argv[0], error.what());
    return 1;
  }
  return 0;
}

}  // namespace floors
