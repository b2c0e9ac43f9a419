// Order: nodes where they keep least in memory. Random numbers are drawn just before what reads them; what is the last
// to read something larger than its result comes as soon as its operands are there, as the gradients of weights do,
// which else would wait for the end of the step.
#include <algorithm>

#include "compile/passes.h"
#include "compile/rewrite.h"

namespace keras::compile {

namespace {
class Scheduler {
 public:
  explicit Scheduler(const ir::Graph& graph)
      : graph_(graph),
        next_(graph),
        done_(graph.nodes.size(), false),
        late_(graph.nodes.size(), false),
        waiting_(graph.nodes.size(), 0),
        left_(graph.values.size(), 0),
        readers_(graph.values.size()) {
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
      const ir::Node& node = graph.nodes[i];
      done_[i] = ir::is_input(node);
      bool random = node.op->is(ir::kRandom), late = random || node.op->is(ir::kElementwise);
      for (const ir::ValueId input : node.inputs) {
        const std::size_t from = producer(input);
        readers_[at(input)].push_back(i);
        ++left_[at(input)];
        waiting_[i] += !ir::is_input(graph.nodes[from]);
        random = random || late_[from];
        late = late && (late_[from] || graph.nodes[from].inputs.empty());
      }
      late_[i] = random && late;
    }
    for (const ir::ValueId output : graph.outputs) ++left_[at(output)];  // stay
    for (const ir::Update& update : graph.updates) ++left_[at(update.value)];
    for (const ir::Input& input : graph.inputs) ++left_[at(input.value)];
  }

  ir::Graph run() {
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      if (!late_[i]) emit(i);
    }
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) emit(i);
    return next_.finish();
  }

 private:
  static std::size_t at(ir::ValueId id) { return static_cast<std::size_t>(id); }
  std::size_t producer(ir::ValueId id) const { return static_cast<std::size_t>(graph_.values[at(id)].node); }

  void emit(std::size_t i) {
    if (done_[i]) return;
    done_[i] = true;
    const ir::Node& node = graph_.nodes[i];
    for (const ir::ValueId input : node.inputs) emit(producer(input));  // what is late
    next_.keep(node);
    for (const ir::ValueId input : node.inputs) --left_[at(input)];
    for (int r = 0; r < node.outputs; ++r) {
      for (const std::size_t reader : readers_[at(node.first + r)]) --waiting_[reader];
    }
    for (int r = 0; r < node.outputs; ++r) {
      for (const std::size_t reader : readers_[at(node.first + r)]) hurry(reader);
    }
    for (const ir::ValueId input : node.inputs) {  // that another one may free now
      if (left_[at(input)] != 1) continue;
      for (const std::size_t reader : readers_[at(input)]) hurry(reader);
    }
  }

  void hurry(std::size_t i) {
    const ir::Node& node = graph_.nodes[i];
    if (done_[i] || waiting_[i] > 0 || node.op->is(ir::kElementwise)) return;
    std::size_t frees = 0, takes = 0;
    for (const ir::ValueId input : node.inputs) {
      if (left_[at(input)] == 1) frees += graph_.type(input).bytes();
    }
    for (int r = 0; r < node.outputs; ++r) takes += graph_.type(node.first + r).bytes();
    if (frees > takes) emit(i);
  }

  const ir::Graph& graph_;
  Rewriter next_;
  std::vector<bool> done_, late_;
  std::vector<int> waiting_;  // operands that are not made yet
  std::vector<int> left_;     // readers to come
  std::vector<std::vector<std::size_t>> readers_;
};
}  // namespace

ir::Graph order(const ir::Graph& graph, const runtime::Target&) { return Scheduler(graph).run(); }

}  // namespace keras::compile
