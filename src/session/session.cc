#include "session/session.h"

#include <fmt/format.h>

#include <list>
#include <mutex>
#include <unordered_map>

#include "backends/cpu/cpu.h"
#include "backends/reference/reference.h"
#include "compile/compile.h"
#include "session/tuning.h"
#ifdef KERAS_WITH_ONEDNN
#include "backends/onednn/onednn.h"
#endif

namespace keras::session {

const runtime::Target& target() {
  static const runtime::Target target{{
#ifdef KERAS_WITH_ONEDNN
      &backends::onednn::backend(),
#endif
      &backends::cpu::backend(),
      &backends::reference::backend(),
  }};
  return target;
}

std::string Stages::text(const std::string& stage) const {
  if (stage == "grad") return ir::print(traced_);
  if (stage == "program") return compile(traced_)->str();
  return ir::print(compile::run_passes(traced_, target()));
}

std::shared_ptr<const runtime::Program> compile(const ir::Graph& graph, std::shared_ptr<runtime::MemoryPool> memory,
                                                std::string what, std::optional<std::size_t> guard) {
  load_tuning_of_environment();
  compile::Options options;
  options.memory = std::move(memory);
  options.what = std::move(what);
  options.guard = guard;
  return compile::compile(graph, target(), options);
}

std::shared_ptr<const runtime::Program> compile_cached(const ir::Graph& graph) {
  struct Cache {
    std::mutex mutex;
    using Entry = std::pair<std::string, std::shared_ptr<const runtime::Program>>;
    std::list<Entry> entries;  // the latest first
    std::unordered_map<std::string_view, std::list<Entry>::iterator> by_text;
    std::shared_ptr<runtime::MemoryPool> memory = std::make_shared<runtime::MemoryPool>();
  };
  static Cache& cache = *new Cache;  // never destroyed: threads may still evaluate while the program ends
  constexpr std::size_t kPrograms = 512;

  std::string key = ir::print(graph);
  {
    const std::lock_guard lock(cache.mutex);
    if (const auto it = cache.by_text.find(key); it != cache.by_text.end()) {
      cache.entries.splice(cache.entries.begin(), cache.entries, it->second);
      return it->second->second;
    }
  }
  auto program = compile(graph, cache.memory);
  const std::lock_guard lock(cache.mutex);
  if (const auto it = cache.by_text.find(key); it != cache.by_text.end()) return it->second->second;
  cache.entries.emplace_front(std::move(key), program);
  cache.by_text.emplace(cache.entries.front().first, cache.entries.begin());
  if (cache.entries.size() > kPrograms) {
    cache.by_text.erase(cache.entries.back().first);
    cache.entries.pop_back();
  }
  return program;
}

}  // namespace keras::session
