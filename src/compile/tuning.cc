#include "compile/tuning.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <numeric>
#include <vector>

#include "support/threads.h"

namespace keras::compile {
namespace {

constexpr int kRuns = 15;         // of which the median counts
constexpr double kLeast = 50e-6;  // seconds that one measurement lasts at least, by repeating

std::mutex mutex;
std::atomic<bool> any = false;
Tuning& table() {
  static auto* const table = new Tuning;  // outlives static destructors
  return *table;
}

thread_local Tuner* current_tuner = nullptr;

// One candidate with operands of its own, all zeros.
class Trial {
 public:
  Trial(const ir::Graph& graph, const ir::Node& node, const runtime::Candidate& candidate) : kernel_(candidate.make()) {
    for (ir::ValueId input : node.inputs) add(graph.type(input).bytes());
    for (int i = 0; i < node.outputs; ++i) add(graph.type(node.first + i).bytes());
    index_.resize(slots_.size());
    std::iota(index_.begin(), index_.end(), 0);
    shared_ = aligned(candidate.workspace), stride_ = aligned(candidate.scratch);
  }

  double seconds() {
    double median = 0;
    support::in_pool([&] {
      std::byte* const memory = take(shared_ + stride_ * static_cast<std::size_t>(support::pool_width()));
      const runtime::Workspace workspace{memory, memory + shared_, stride_};
      const runtime::Operands operands(slots_.data(), index_.data());
      const auto time = [&](int repeats) {
        const auto begin = std::chrono::steady_clock::now();
        for (int i = 0; i < repeats; ++i) kernel_->run(operands, workspace);
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() / repeats;
      };
      time(1);  // fetches memory and code
      const int repeats = static_cast<int>(std::clamp(kLeast / std::max(time(1), 1e-9), 1.0, 1000.0));
      std::vector<double> times;
      for (int run = 0; run < kRuns; ++run) times.push_back(time(repeats));
      std::nth_element(times.begin(), times.begin() + kRuns / 2, times.end());
      median = times[kRuns / 2];
    });
    return median;
  }

 private:
  static std::size_t aligned(std::size_t bytes) { return (bytes + 63) / 64 * 64; }
  std::byte* take(std::size_t bytes) {
    memory_.push_back(std::make_unique<std::byte[]>(bytes + 64));  // zeros
    const auto address = reinterpret_cast<std::uintptr_t>(memory_.back().get());
    return memory_.back().get() + (64 - address % 64) % 64;
  }
  void add(std::size_t bytes) { slots_.push_back(take(bytes)); }

  std::unique_ptr<runtime::Kernel> kernel_;
  std::vector<std::unique_ptr<std::byte[]>> memory_;
  std::vector<void*> slots_;
  std::vector<std::int32_t> index_;
  std::size_t shared_ = 0, stride_ = 0;
};

}  // namespace

Tuning tuning() {
  const std::lock_guard lock(mutex);
  return table();
}
void set_tuning(Tuning tuning) {
  const std::lock_guard lock(mutex);
  any = !tuning.empty();
  table() = std::move(tuning);
}
bool is_tuned() { return any; }

int tuned(const std::string& description, std::span<const runtime::Candidate> candidates) {
  const std::lock_guard lock(mutex);
  const auto at = table().find(description);
  if (at == table().end()) return -1;
  const auto found = std::find_if(candidates.begin(), candidates.end(),
                                  [&](const runtime::Candidate& c) { return c.name == at->second; });
  return found == candidates.end() ? -1 : static_cast<int>(found - candidates.begin());
}

Tuner::Tuner() { current_tuner = this; }
Tuner::~Tuner() { current_tuner = nullptr; }
Tuner* Tuner::current() { return current_tuner; }

std::size_t Tuner::fastest(const std::string& description, const ir::Graph& graph, const ir::Node& node,
                           std::span<const runtime::Candidate> candidates) {
  if (const auto known = found_.find(description); known != found_.end()) {
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      if (candidates[i].name == known->second) return i;
    }
  }
  std::size_t best = 0;
  double least = 0;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const double seconds = Trial(graph, node, candidates[i]).seconds();
    if (i == 0 || seconds < least) best = i, least = seconds;
  }
  found_[description] = candidates[best].name;
  return best;
}

}  // namespace keras::compile
