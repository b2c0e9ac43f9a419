// The fused update of each optimizer on 20 million parameters, beside a probe that reads and writes as many streams of
// memory. Bytes: each weight, gradient and slot once per direction.
#include <keras/layers.h>
#include <keras/models.h>
#include <keras/ops.h>
#include <keras/optimizers.h>
#include <keras/random.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "workloads.h"

namespace bench {
namespace {

using namespace keras;

constexpr std::int64_t kRows = 1000, kColumns = 2000, kVariables = 10;
constexpr std::int64_t kElements = kRows * kColumns * kVariables;

using Vector [[gnu::vector_size(32), gnu::may_alias]] = float;

// Each written stream is one of those read, as in an update.
template <int READ, int WRITTEN>
[[gnu::target("avx2")]] void pass(float* const* streams, std::int64_t begin, std::int64_t end) {
  for (std::int64_t i = begin; i < end; i += 8) {
    Vector sum = *reinterpret_cast<const Vector*>(streams[0] + i);
#pragma GCC unroll 8
    for (int r = 1; r < READ; ++r) sum += *reinterpret_cast<const Vector*>(streams[r] + i);
#pragma GCC unroll 8
    for (int w = 0; w < WRITTEN; ++w) *reinterpret_cast<Vector*>(streams[w] + i) = sum;
  }
}

// Arrays of its own, so many read and the first of them written.
class Probe {
 public:
  explicit Probe(int read) {
    for (int i = 0; i < read; ++i) {
      owned_.emplace_back(static_cast<float*>(std::aligned_alloc(64, kElements * sizeof(float))));
      std::fill_n(owned_.back().get(), kElements, 0.0f);
      streams_.push_back(owned_.back().get());
    }
  }
  double seconds() const {
    const auto run = streams_.size() == 2   ? pass<2, 1>
                     : streams_.size() == 3 ? pass<3, 2>
                     : streams_.size() == 4 ? pass<4, 3>
                                            : pass<5, 4>;
    const std::int64_t threads = config::num_threads(), part = kElements / threads / 8 * 8;
    const double began = now();
    std::vector<std::thread> others;
    for (std::int64_t t = 1; t < threads; ++t)
      others.emplace_back(run, streams_.data(), t * part, t + 1 == threads ? kElements : (t + 1) * part);
    run(streams_.data(), 0, threads == 1 ? kElements : part);
    for (std::thread& other : others) other.join();
    return now() - began;
  }

 private:
  struct Free {
    void operator()(float* p) const { std::free(p); }
  };
  std::vector<std::unique_ptr<float, Free>> owned_;
  std::vector<float*> streams_;
};

struct Line {
  const char* name;
  Optimizer optimizer;
  int read, written;
};

struct Best {
  double update = 1e300, probe = 1e300;
};

// By turns, so that both see the same machine.
Best measure(const Line& line) {
  Optimizer optimizer = line.optimizer;
  std::vector<std::pair<Tensor, Variable>> pairs;
  for (std::int64_t i = 0; i < kVariables; ++i) {
    const Array gradient = random::uniform({kRows, kColumns}, {.minval = -1});
    pairs.emplace_back(gradient, Variable(random::uniform({kRows, kColumns}), {.name = "w" + std::to_string(i)}));
  }
  optimizer.apply_gradients(pairs);  // compiles
  const Probe probe(line.written + 1);
  Best best;
  const double until = now() + 4;
  for (int round = 0; round < 40 && (round < 3 || now() < until); ++round) {
    best.probe = std::min(best.probe, probe.seconds());
    const double began = now();
    optimizer.apply_gradients(pairs);
    best.update = std::min(best.update, now() - began);
  }
  return best;
}

}  // namespace

Config optimizer_updates(const Options&) {
  using namespace optimizers;
  const std::vector<Line> lines{{"SGD", SGD(), 2, 1},
                                {"SGD with momentum", SGD({.momentum = 0.9}), 3, 2},
                                {"RMSprop", RMSprop(), 3, 2},
                                {"Adagrad", Adagrad(), 3, 2},
                                {"Adadelta", Adadelta(), 4, 3},
                                {"Adam", Adam(), 4, 3},
                                {"Adam with amsgrad", Adam({.amsgrad = true}), 5, 4},
                                {"AdamW", AdamW(), 4, 3},
                                {"Adamax", Adamax(), 4, 3},
                                {"Nadam", Nadam(), 4, 3},
                                {"Lion", Lion(), 3, 2},
                                {"Ftrl", Ftrl(), 4, 3},
                                {"ScheduleFreeAdamW", ScheduleFreeAdamW(), 4, 3},
                                {"Lamb", Lamb(), 4, 3},
                                {"Adafactor", Adafactor(), 2, 2},
                                {"Muon", Muon(), 3, 2}};
  Config rows = Config::map();
  double worst = 1e300;
  for (const Line& line : lines) {
    const auto [update, probe] = measure(line);
    const double bytes = static_cast<double>(line.read + line.written) * kElements * sizeof(float);
    rows.set(line.name, Config::map({{"ms", update * 1e3},
                                     {"gb_per_s", bytes / update / 1e9},
                                     {"probe_gb_per_s", bytes / probe / 1e9},
                                     {"share", probe / update}}));
    const std::string name = line.name;
    if (name != "Ftrl" && name != "Lamb" && name != "Adafactor" && name != "Muon")
      worst = std::min(worst, probe / update);
  }
  return Config::map({{"value", worst}, {"unit", "of the probe's bandwidth, at least"}, {"optimizers", rows}});
}

// A training step with a table of 1,000,000 x 64 of which a batch of 32 x 20 words touches 640 rows at most;
// KERAS_PASSES=-touched shows what it costs to update all of them.
Config embedding_step(const Options&) {
  Sequential model({layers::Embedding(1000000, 64), layers::GlobalAveragePooling1D(), layers::Dense(1)});
  model.compile({.optimizer = optimizers::SGD({.learning_rate = 0.01}), .loss = "mse"});
  const Array x = Array(ops::floor(random::uniform({32, 20}, {.minval = 0, .maxval = 1e6}))).astype(DType::int32);
  const Array y = random::uniform({32, 1});
  double best = 1e300;
  for (int round = 0; round < 20; ++round) {
    const double began = now();
    model.train_on_batch(x, y);
    if (round > 0) best = std::min(best, now() - began);
  }
  return Config::map({{"value", best * 1e3}, {"unit", "ms/step"}});
}

}  // namespace bench
