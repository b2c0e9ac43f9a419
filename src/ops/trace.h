// Trace: turns a piece of Keras code (a step of training, say) into one ir::Graph. While a Trace is alive on a thread,
// reading a Variable gives a symbolic Tensor, assigning one records the update, and random ops draw from a stream of
// the layer's own.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "ops/tensor_node.h"
#include "session/session.h"

namespace keras::ops {

using VariablePtr = std::shared_ptr<VariableState>;

class Trace {
 public:
  explicit Trace(std::uint64_t seed = 0);  // fixes the random streams
  ~Trace();
  Trace(const Trace&) = delete;
  static Trace* current();  // of this thread; nullptr outside

  Tensor read(const VariablePtr& variable);
  void assign(const VariablePtr& variable, const Tensor& value);
  void enter(const std::string& scope) { scopes_.push_back(scope); }
  void leave() { scopes_.pop_back(); }
  std::string path() const;    // "sequential/dropout"
  std::int64_t next_stream();  // from the seed, the layer and the number of its draws so far
  const Tensor& step() const { return step_; }
  void set_step(const Tensor& step) { step_ = step; }  // the int64 scalar that tells one run from the next

  // Losses that layers add while they are called (regularizers are the trainer's business).
  void add_loss(const Tensor& loss) { losses_.push_back(loss); }
  std::vector<Tensor> take_losses() { return std::exchange(losses_, {}); }
  // Figures that layers report while they are called, with the path of the layer.
  struct Figure {
    std::string path, name;
    Tensor value;
  };
  void add_metric(const std::string& name, const Tensor& value) { metrics_.push_back({path(), name, value}); }
  std::vector<Figure> take_metrics() { return std::exchange(metrics_, {}); }

  // What the layers give that are called, in their order; only once it was asked for.
  struct Seen {
    std::string layer, class_name;
    Tensor output;
  };
  void observe() { observes_ = true; }
  bool observes() const { return observes_; }
  void see(const std::string& layer, const std::string& class_name, const Tensor& output) {
    seen_.push_back({layer, class_name, output});
  }
  const std::vector<Seen>& seen() const { return seen_; }

  const std::vector<std::pair<VariablePtr, Tensor>>& updates() const { return updates_; }

 private:
  Trace* outer_;
  std::uint64_t seed_;
  Tensor step_;
  std::vector<std::string> scopes_;
  std::vector<std::pair<std::string, int>> draws_;
  std::vector<std::pair<VariablePtr, Tensor>> reads_, updates_;
  std::vector<Tensor> losses_;
  std::vector<Figure> metrics_;
  bool observes_ = false;
  std::vector<Seen> seen_;
};

// No Trace while it lives: a model that is built during a step records its calls as one that is built before.
class NoTrace {
 public:
  NoTrace();
  ~NoTrace();
  NoTrace(const NoTrace&) = delete;

 private:
  Trace* trace_;
};

struct Scope {  // names what happens while it lives, when a Trace is there
  explicit Scope(const std::string& name);
  ~Scope();
  Trace* trace;
};

// A graph and what its inputs are to be bound to.
struct Lowered {
  ir::Graph graph;
  std::vector<NodePtr>
      operands;  // the inputs that are no states, in order: placeholders, and for eager arrays, numbers
  std::vector<VariablePtr> states;  // the state inputs, in order
};
// `placeholders` come first among the inputs, in this order, used or not. Eager: Arrays and numbers become operands, so
// that expressions that differ in them only share a program; else they are constants.
Lowered lower(std::span<const Tensor> outputs, std::span<const std::pair<VariablePtr, Tensor>> updates,
              std::span<const Tensor> placeholders, bool eager);

// A compiled piece of code with its variables: what the trainer runs. Copies share the program.
class Function {
 public:
  Function() = default;
  // Compiles at once. See Lowered, and session::compile for `memory` and `what`.
  Function(std::span<const Tensor> outputs, const Trace& trace, std::span<const Tensor> placeholders,
           std::shared_ptr<runtime::MemoryPool> memory = nullptr, std::string what = "a function",
           std::optional<std::size_t> guard = {});
  explicit operator bool() const { return program_ != nullptr; }

  // Runs on dense memory of the placeholders' types; results go to `outputs`. Variables are read and updated. Allocates
  // nothing (unless a variable's memory is shared with an Array the user holds, which is copied first).
  void run(std::span<const void* const> inputs, std::span<void* const> outputs) const;
  // The same, but false, with all variables as they were, where the output that is its guard is not finite.
  bool run_guarded(std::span<const void* const> inputs, std::span<void* const> outputs) const;
  // The same on copies of the variables that it updates, which the caller holds (see updated_values): the variables
  // stay as they are, so that several threads may run the function at once. Only the states of stateful layers change.
  void run_on(std::span<Array> updated, std::span<const void* const> inputs, std::span<void* const> outputs) const;
  std::vector<VariablePtr> updated() const;   // the variables that it updates
  std::vector<Array> updated_values() const;  // zeros of the types of the variables that the function updates
  void run_timed(std::span<const void* const> inputs, std::span<void* const> outputs, std::span<double> seconds) const;
  const runtime::Program& program() const { return *program_; }
  const session::Stages& stages() const { return *stages_; }  // texts of the compiler's stages, made on demand

 private:
  void* memory_of(std::size_t state) const;

  std::shared_ptr<const runtime::Program> program_;
  std::shared_ptr<const session::Stages> stages_;
  std::vector<VariablePtr> states_;
  std::vector<bool> updated_;  // which states are written
};

}  // namespace keras::ops
