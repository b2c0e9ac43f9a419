// keras::random: the seed, and draws that are filled element by element from one stream each.
#include <fmt/format.h>
#include <keras/config.h>
#include <keras/error.h>
#include <keras/random.h>
#include <sys/random.h>

#include <chrono>
#include <cmath>
#include <cstring>
#include <limits>
#include <mutex>
#include <numeric>

#include "support/rng.h"
#include "support/text.h"
#include "support/threads.h"
#include "tensor/dispatch.h"
#include "tensor/format.h"
#include "tensor/random_stream.h"

namespace keras {
namespace {

constexpr std::int64_t kGrain = 1 << 13;

std::uint64_t seed_of_the_system() {
  std::uint64_t seed = 0;
  if (::getrandom(&seed, sizeof seed, 0) != sizeof seed) {
    seed = static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
  }
  return seed;
}

struct State {
  std::mutex mutex;
  std::uint64_t seed = seed_of_the_system();
  std::uint64_t taken = 0;
};
State& state() {
  static State* const instance = new State;  // never destroyed: threads may draw while the program ends
  return *instance;
}

// An array of floatx whose element i is at(i).
template <class Fn>
Array filled(const Shape& shape, Fn at) {
  Array out = Array::empty(shape, config::floatx());
  dispatch(out.dtype(), [&]<class T>(std::type_identity<T>) {
    T* data = static_cast<T*>(out.mutable_data());
    support::parallel_for_in_pool(out.size(), kGrain, [=](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) data[i] = convert<T>(at(static_cast<std::uint64_t>(i)));
    });
  });
  return out;
}

void require_deviation(double stddev, const char* where) {
  if (!(stddev >= 0)) {
    throw ValueError(fmt::format("{}: stddev must not be negative, received {}.", where, support::number(stddev)));
  }
}

}  // namespace

std::uint64_t seed_value() {
  State& s = state();
  const std::lock_guard lock(s.mutex);
  return s.seed;
}

namespace {
thread_local StreamScope* scope = nullptr;
}  // namespace

StreamScope::StreamScope(std::uint64_t stream) : stream_(stream), before_(scope) { scope = this; }
StreamScope::~StreamScope() { scope = before_; }

std::uint64_t next_stream() {
  if (scope) return support::stream_key(scope->stream_, scope->taken_++);
  State& s = state();
  const std::lock_guard lock(s.mutex);
  return support::stream_key(s.seed, s.taken++);
}

RandomState random_state() {
  State& s = state();
  const std::lock_guard lock(s.mutex);
  return {s.seed, s.taken};
}

void set_random_state(const RandomState& to) {
  State& s = state();
  const std::lock_guard lock(s.mutex);
  s.seed = to.seed;
  s.taken = to.taken;
}

namespace random {

void seed(std::uint64_t seed) {
  State& s = state();
  const std::lock_guard lock(s.mutex);
  s.seed = seed;
  s.taken = 0;
}

Array normal(const Shape& shape, NormalArgs args) {
  require_deviation(args.stddev, "random::normal");
  const std::uint64_t stream = next_stream();
  return filled(shape, [=](std::uint64_t i) { return args.mean + args.stddev * support::normal_at(stream, 0, i); });
}

Array truncated_normal(const Shape& shape, NormalArgs args) {
  require_deviation(args.stddev, "random::truncated_normal");
  const std::uint64_t stream = next_stream();
  return filled(shape,
                [=](std::uint64_t i) { return args.mean + args.stddev * support::truncated_normal_at(stream, 0, i); });
}

Array uniform(const Shape& shape, UniformArgs args) {
  if (!(args.minval <= args.maxval)) {
    throw ValueError(fmt::format("random::uniform: minval must not exceed maxval, received {} and {}.",
                                 support::number(args.minval), support::number(args.maxval)));
  }
  const std::uint64_t stream = next_stream();
  if (config::floatx() == DType::float64) {
    return filled(shape, [=](std::uint64_t i) {
      return support::scaled(support::uniform64_at(stream, 0, i), args.minval, args.maxval);
    });
  }
  const auto low = static_cast<float>(args.minval), high = static_cast<float>(args.maxval);
  return filled(shape, [=](std::uint64_t i) { return support::scaled(support::uniform_at(stream, 0, i), low, high); });
}

Array randint(const Shape& shape, std::int64_t minval, std::int64_t maxval) {
  using Limits = std::numeric_limits<std::int32_t>;
  if (minval >= maxval || minval < Limits::min() || maxval - 1 > Limits::max()) {
    throw ValueError(
        fmt::format("random::randint: expected minval < maxval within int32, received {} and {}.", minval, maxval));
  }
  const std::uint64_t stream = next_stream();
  const auto range = static_cast<std::uint64_t>(maxval - minval);
  Array out = Array::empty(shape, DType::int32);
  auto* data = out.mutable_values<std::int32_t>().data();
  support::parallel_for_in_pool(out.size(), kGrain, [=](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      data[i] = static_cast<std::int32_t>(minval + support::below_at(stream, static_cast<std::uint64_t>(i), range));
    }
  });
  return out;
}

Array permutation(std::int64_t n) {
  if (n < 0) throw ValueError(fmt::format("random::permutation: the length must not be negative, received {}.", n));
  support::Sequence numbers(next_stream());
  Array out = Array::empty({n}, DType::int64);
  const auto order = out.mutable_values<std::int64_t>();
  std::iota(order.begin(), order.end(), 0);
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[numbers.below(i)]);
  return out;
}

Array shuffle(const Array& array) { return array.take(permutation(array.length()).values<std::int64_t>()); }

}  // namespace random
}  // namespace keras
