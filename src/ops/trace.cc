#include "ops/trace.h"

#include <fmt/format.h>

#include <algorithm>

namespace keras::ops {

namespace {
thread_local Trace* current_trace = nullptr;

// FNV-1a, then a finalizer, so that near numbers give far streams.
std::uint64_t hash(std::uint64_t seed, std::size_t place, int n) {
  std::uint64_t h = 0xcbf29ce484222325u ^ seed;
  const auto mix = [&](std::uint64_t v) {
    for (int i = 0; i < 8; ++i) h = (h ^ ((v >> (8 * i)) & 0xff)) * 0x100000001b3u;
  };
  mix(place), mix(static_cast<std::uint64_t>(n));
  h = (h ^ (h >> 33)) * 0xff51afd7ed558ccdu;
  h = (h ^ (h >> 33)) * 0xc4ceb9fe1a85ec53u;
  return h ^ (h >> 33);
}
}  // namespace

Trace::Trace(std::uint64_t seed) : outer_(current_trace), seed_(seed) { current_trace = this; }
Trace::~Trace() { current_trace = outer_; }
Trace* Trace::current() { return current_trace; }

Tensor Trace::read(const VariablePtr& variable) {
  const auto of = [&](const auto& entry) { return entry.first == variable; };
  if (const auto it = std::find_if(updates_.begin(), updates_.end(), of); it != updates_.end()) return it->second;
  if (const auto it = std::find_if(reads_.begin(), reads_.end(), of); it != reads_.end()) return it->second;
  auto node = std::make_shared<TensorNode>();
  node->kind = TensorNode::Kind::variable;
  node->type = {variable->value.dtype(), variable->value.shape()};
  node->symbolic = true;
  node->variable = variable;
  return reads_.emplace_back(variable, Tensor(std::move(node))).second;
}

void Trace::assign(const VariablePtr& variable, const Tensor& value) {
  for (auto& [known, latest] : updates_) {
    if (known == variable) {
      latest = value;
      return;
    }
  }
  updates_.emplace_back(variable, value);
}

std::string Trace::path() const { return fmt::format("{}", fmt::join(scopes_, "/")); }

// Layers count by the order in which they first draw, not by name: a second model of the same layers has other
// automatic names, and the same seed shall give it the same numbers.
std::int64_t Trace::next_stream() {
  const std::string here = path();
  auto it = std::find_if(draws_.begin(), draws_.end(), [&](const auto& entry) { return entry.first == here; });
  if (it == draws_.end()) it = draws_.insert(draws_.end(), {here, 0});
  return static_cast<std::int64_t>(hash(seed_, static_cast<std::size_t>(it - draws_.begin()), it->second++));
}

NoTrace::NoTrace() : trace_(std::exchange(current_trace, nullptr)) {}
NoTrace::~NoTrace() { current_trace = trace_; }

Scope::Scope(const std::string& name) : trace(Trace::current()) {
  if (trace) trace->enter(name);
}
Scope::~Scope() {
  if (trace) trace->leave();
}

}  // namespace keras::ops
