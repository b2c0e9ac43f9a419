// Kernel: one prepared piece of work of a program. Everything that can be decided beforehand was decided when it was
// made.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "support/threads.h"

namespace keras::runtime {

// The operands of one call: the node's inputs, then its results, dense row-major. operand[i] is a pointer to the data.
class Operands {
 public:
  Operands(void* const* slots, const std::int32_t* index) : slots_(slots), index_(index) {}
  void* operator[](std::size_t i) const { return slots_[index_[i]]; }
  template <class T>
  T* as(std::size_t i) const {
    return static_cast<T*>((*this)[i]);
  }

 private:
  void* const* slots_;
  const std::int32_t* index_;
};

// The memory of one call beside its operands, as asked for in Candidate, aligned to 64.
struct Workspace {
  std::byte* shared = nullptr;
  std::byte* scratch = nullptr;  // a piece for each thread of the pool, `stride` bytes apart
  std::size_t stride = 0;
  template <class T = void>
  T* as() const {
    return reinterpret_cast<T*>(shared);
  }
  std::byte* mine() const { return scratch + stride * static_cast<std::size_t>(support::thread_index()); }
};

// Immutable after construction: one kernel may run in many threads at once, each with operands and workspace of its
// own. It may spread its work over the threads of the pool by support::parallel_for.
class Kernel {
 public:
  virtual ~Kernel() = default;
  // Allocates nothing and throws nothing.
  virtual void run(const Operands& operands, const Workspace& workspace) const = 0;
};

// What a backend offers for a node.
struct Candidate {
  std::string name;                               // "cpu.softmax", "onednn.matmul(brg:avx512)"
  double cost = 0;                                // estimated nanoseconds; the cheapest candidate is taken
  std::size_t workspace = 0;                      // bytes
  std::size_t scratch = 0;                        // bytes for each thread
  double flops = 0;                               // of one run, for profiles
  bool last_resort = false;                       // taken only where there is no other, whatever it costs
  std::function<std::unique_ptr<Kernel>()> make;  // may be slow; called for the chosen candidate only
};

// A candidate, or the reason why there is none.
struct Offer {
  std::optional<Candidate> candidate;
  std::string reason;
  static Offer no(std::string why) { return {std::nullopt, std::move(why)}; }
  static Offer yes(Candidate c) { return {std::move(c), {}}; }
};

}  // namespace keras::runtime
