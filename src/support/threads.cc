#include "support/threads.h"

#include <fmt/core.h>
#include <keras/error.h>
#include <tbb/global_control.h>
#include <tbb/info.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <mutex>
#include <vector>

#include "support/team.h"
#include "support/text.h"

namespace keras::support {
namespace {

int default_threads() {
  const char* value = std::getenv("KERAS_NUM_THREADS");
  if (value && *value) {
    const auto count = parse_int(value);
    if (count && *count >= 1 && *count <= 4096) return static_cast<int>(*count);
  }
  return std::max(1, tbb::info::default_concurrency());
}

// Never destroyed: threads may be running while the program ends.
struct Pool {
  Order made;
  std::mutex mutex;
  int count = default_threads();
  std::unique_ptr<tbb::global_control> allowance = allow(count);
  std::map<int, std::vector<Team*>> idle;  // by the number of threads, for each that was ever set
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

// A team of the pool's present number of threads, for one caller. Work under way keeps the team it began with.
class Hired {
 public:
  Hired() {
    Pool& p = pool();
    const std::lock_guard lock(p.mutex);
    idle_ = &p.idle[p.count];
    if (idle_->empty()) {
      team_ = new Team(p.count);
      idle_->reserve(++teams_);  // giving it back allocates nothing
    } else {
      team_ = idle_->back();
      idle_->pop_back();
    }
  }
  ~Hired() {
    const std::lock_guard lock(pool().mutex);
    idle_->push_back(team_);
  }
  Hired(const Hired&) = delete;
  Team* team() const { return team_; }

 private:
  static inline std::size_t teams_ = 0;
  std::vector<Team*>* idle_;
  Team* team_;
};

}  // namespace

namespace detail {

void parallel_for(std::int64_t n, std::int64_t grain, RangeFn fn, void* context) {
  grain = std::max<std::int64_t>(grain, 1);
  if (pool_width() > 1) return here.team->run(n, grain, fn, context);
  for (std::int64_t begin = 0; begin < n; begin += grain) fn(context, begin, std::min(n, begin + grain));
}

void in_pool(void (*fn)(void*), void* context) {
  if (here.inside) return fn(context);
  const Hired hired;
  Order begun, done;
  begun.before();
  const unsigned modes = _mm_getcsr();
  hired.team()->enter([&] {
    begun.after();
    {
      const Inside inside(modes, hired.team());  // the arena may run this on a thread of its own
      fn(context);
    }
    done.before();
  });
  done.after();
}

}  // namespace detail

int thread_index() { return here.inside ? tbb::this_task_arena::current_thread_index() : 0; }
int pool_width() { return here.team ? tbb::this_task_arena::max_concurrency() : 1; }

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
  p.count = count;
}

}  // namespace keras::support
