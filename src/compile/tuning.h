// Tuning: kernels that were measured to be the fastest for a node, in place of those with the lowest estimate. Nothing
// is timed unless a Tuner asks for it.
#pragma once

#include <map>
#include <span>
#include <string>

#include "ir/graph.h"
#include "runtime/kernel.h"

namespace keras::compile {

using Tuning = std::map<std::string, std::string>;  // the kernel's name by the node's description
// Of the process; safe to call from any thread. What was compiled before stays as it is.
Tuning tuning();
void set_tuning(Tuning tuning);

// While one lives, the programs that this thread compiles try every kernel that a node could have, and take the
// fastest.
class Tuner {
 public:
  Tuner();
  ~Tuner();
  Tuner(const Tuner&) = delete;
  Tuner& operator=(const Tuner&) = delete;
  static Tuner* current();  // of this thread; nullptr: none

  // Which of several candidates runs fastest, on zeros. Measured once for a description.
  std::size_t fastest(const std::string& description, const ir::Graph& graph, const ir::Node& node,
                      std::span<const runtime::Candidate> candidates);
  const Tuning& found() const { return found_; }

 private:
  Tuning found_;
};

// The place of the candidate that the process's tuning names, or -1.
int tuned(const std::string& description, std::span<const runtime::Candidate> candidates);
bool is_tuned();  // whether there is any tuning: else no description need be made

}  // namespace keras::compile
