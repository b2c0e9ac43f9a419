#include "support/threads.h"

#include <fmt/core.h>
#include <immintrin.h>
#include <keras/error.h>
#include <tbb/global_control.h>
#include <tbb/info.h>
#include <tbb/parallel_for.h>
#include <tbb/partitioner.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <utility>

#include "support/text.h"

#ifdef KERAS_TSAN
extern "C" {
void __tsan_acquire(void*);
void __tsan_release(void*);
}
#endif

namespace keras::support {
namespace {

// A point that one thread passes before another, told to the thread sanitizer, which does not see into TBB.
struct Order {
#ifdef KERAS_TSAN
  void before() { __tsan_release(this); }
  void after() { __tsan_acquire(this); }
#else
  void before() {}
  void after() {}
#endif
};

int default_threads() {
  const char* value = std::getenv("KERAS_NUM_THREADS");
  if (value && *value) {
    const auto count = parse_int(value);
    if (count && *count >= 1 && *count <= 4096) return static_cast<int>(*count);
  }
  return std::max(1, tbb::info::default_concurrency());
}

// The arena is replaced, not changed, so that work under way keeps the one it began in. Never destroyed: threads may be
// running while the program ends.
struct Pool {
  Order made;
  std::mutex mutex;
  int count = default_threads();
  std::unique_ptr<tbb::global_control> allowance = allow(count);
  std::shared_ptr<tbb::task_arena> arena = std::make_shared<tbb::task_arena>(count);

  // More threads than the machine has are for those who ask: TBB starts none beyond its limit, and complains on stderr.
  static std::unique_ptr<tbb::global_control> allow(int count) {
    if (count <= tbb::info::default_concurrency()) return nullptr;
    return std::make_unique<tbb::global_control>(tbb::global_control::max_allowed_parallelism,
                                                 static_cast<std::size_t>(count));
  }
};
Pool& pool() {
  static Pool* const instance = [] {
    auto* made = new Pool;
    made->made.before();
    return made;
  }();
  instance->made.after();
  return *instance;
}

thread_local bool is_inside = false;  // this thread works for the pool

// A thread's state while it works for the pool: computing modes as the caller's.
class Inside {
 public:
  explicit Inside(unsigned modes) : before_(_mm_getcsr()), was_inside_(std::exchange(is_inside, true)) {
    if (modes != before_) _mm_setcsr(modes);
  }
  ~Inside() {
    is_inside = was_inside_;
    _mm_setcsr(before_);
  }
  Inside(const Inside&) = delete;

 private:
  unsigned before_;
  bool was_inside_;
};

}  // namespace

namespace detail {

void parallel_for(std::int64_t n, std::int64_t grain, RangeFn fn, void* context) {
  grain = std::max<std::int64_t>(grain, 1);
  if (pool_width() == 1) {
    for (std::int64_t begin = 0; begin < n; begin += grain) fn(context, begin, std::min(n, begin + grain));
    return;
  }
  const std::int64_t chunks = (n - 1) / grain + 1;
  const unsigned modes = _mm_getcsr();
  Order begun, done;
  begun.before();
  tbb::parallel_for(
      std::int64_t{0}, chunks,
      [=, &begun, &done](std::int64_t chunk) {
        begun.after();
        {
          const Inside inside(modes);
          fn(context, chunk * grain, std::min(n, (chunk + 1) * grain));
        }
        done.before();
      },
      tbb::simple_partitioner());
  done.after();
}

void in_pool(void (*fn)(void*), void* context) {
  std::shared_ptr<tbb::task_arena> arena;
  {
    Pool& p = pool();
    const std::lock_guard lock(p.mutex);
    arena = p.arena;
  }
  Order begun, done;
  begun.before();
  const unsigned modes = _mm_getcsr();
  arena->execute([&] {
    begun.after();
    {
      const Inside inside(modes);  // the arena may run this on a thread of its own
      fn(context);
    }
    done.before();
  });
  done.after();
}

}  // namespace detail

int thread_index() { return is_inside ? tbb::this_task_arena::current_thread_index() : 0; }
int pool_width() { return is_inside ? tbb::this_task_arena::max_concurrency() : 1; }

int num_threads() {
  Pool& p = pool();
  const std::lock_guard lock(p.mutex);
  return p.count;
}

void set_num_threads(int count) {
  if (count < 1)
    throw ValueError(fmt::format("set_num_threads: the number of threads is at least 1, received {}.", count));
  Pool& p = pool();
  const std::lock_guard lock(p.mutex);
  if (count == p.count) return;
  p.allowance = Pool::allow(count);
  p.arena = std::make_shared<tbb::task_arena>(count);
  p.count = count;
}

}  // namespace keras::support
