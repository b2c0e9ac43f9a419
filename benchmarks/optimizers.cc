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

template <int READ, int WRITTEN>
double probe_seconds() {
  struct Free {
    void operator()(float* p) const { std::free(p); }
  };
  std::vector<std::unique_ptr<float, Free>> owned;
  std::vector<float*> streams;
  for (int i = 0; i < READ; ++i) {
    owned.emplace_back(static_cast<float*>(std::aligned_alloc(64, kElements * sizeof(float))));
    std::fill_n(owned.back().get(), kElements, 0.0f);
    streams.push_back(owned.back().get());
  }
  const std::int64_t threads = config::num_threads(), part = kElements / threads / 8 * 8;
  double best = 1e300;
  for (int round = 0; round < 7; ++round) {
    const double began = now();
    std::vector<std::thread> others;
    for (std::int64_t t = 1; t < threads; ++t)
      others.emplace_back(pass<READ, WRITTEN>, streams.data(), t * part, t + 1 == threads ? kElements : (t + 1) * part);
    pass<READ, WRITTEN>(streams.data(), 0, threads == 1 ? kElements : part);
    for (std::thread& other : others) other.join();
    best = std::min(best, now() - began);
  }
  return best;
}

struct Line {
  const char* name;
  Optimizer optimizer;
  int read, written;
};

double probe_of(const Line& line) {
  if (line.written == 1) return probe_seconds<2, 1>();
  if (line.written == 2) return probe_seconds<3, 2>();
  if (line.written == 3) return probe_seconds<4, 3>();
  return probe_seconds<5, 4>();
}

double update_seconds(Optimizer optimizer) {
  std::vector<std::pair<Tensor, Variable>> pairs;
  for (std::int64_t i = 0; i < kVariables; ++i) {
    const Array gradient = random::uniform({kRows, kColumns}, {.minval = -1});
    pairs.emplace_back(gradient, Variable(random::uniform({kRows, kColumns}), {.name = "w" + std::to_string(i)}));
  }
  double best = 1e300;
  for (int round = 0; round < 8; ++round) {
    const double began = now();
    optimizer.apply_gradients(pairs);
    if (round > 0) best = std::min(best, now() - began);  // the first one compiles
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
    const double probe = probe_of(line), update = update_seconds(line.optimizer);
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
