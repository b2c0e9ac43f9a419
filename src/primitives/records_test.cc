// What must hold of every record: its samples infer, run, print and read back; its gradients say what they do.
#include <gtest/gtest.h>
#include <keras/error.h>

#include <cstdlib>
#include <new>
#include <set>

#include "primitives/attrs.h"
#include "primitives/draw.h"
#include "primitives/interpret.h"
#include "primitives/primitives.h"

namespace {
thread_local long allocations = 0;  // by the operators below: noinline, or g++ takes their halves for mismatched
}  // namespace

[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* p = std::malloc(size ? size : 1)) return p;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* p) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete(void* p, std::size_t) noexcept { std::free(p); }

namespace keras::primitives {
namespace {

template <class F>
void for_each_sample(F f) {
  for (const ir::OpDef& op : all()) {
    std::size_t number = 0;
    for (const ir::Sample& sample : op.samples()) {
      SCOPED_TRACE(std::string(op.name) + ", sample " + std::to_string(number++));
      f(op, sample);
    }
  }
}

TEST(Records, TableIsWhole) {
  EXPECT_EQ(all().size(), static_cast<std::size_t>(kOps));
  std::set<std::string_view> names;
  for (int code = 0; code < kOps; ++code) {
    const ir::OpDef& op = def(static_cast<Op>(code));
    EXPECT_EQ(op.code, code) << op.name;
    EXPECT_EQ(find(op.name), &op);
    EXPECT_TRUE(names.insert(op.name).second) << op.name;
    EXPECT_FALSE(op.doc.empty()) << op.name;
    EXPECT_TRUE(op.doc.ends_with('.')) << op.name;
    EXPECT_TRUE(op.attrs && op.infer && op.reference && op.samples) << op.name;
    EXPECT_FALSE(op.samples().empty()) << op.name;
  }
  EXPECT_EQ(find("no_such_op"), nullptr);
  EXPECT_EQ(find(""), nullptr);
  EXPECT_EQ(def(Op::tanh).name, "tanh");
  EXPECT_EQ(elementwise(def(Op::tanh))->kind, Kind::real);
  EXPECT_EQ(elementwise(def(Op::where))->inputs, 3);
  EXPECT_EQ(elementwise(def(Op::matmul)), nullptr);
  EXPECT_EQ(elementwise(def(Op::adam_update)), nullptr);
}

TEST(Records, SamplesAreValidGraphsThatPrintAndReadBack) {
  for_each_sample([](const ir::OpDef& op, const ir::Sample& sample) {
    const ir::Graph graph = graph_of(op, sample);
    EXPECT_NO_THROW(ir::verify(graph));
    if (op.outputs >= 0) {
      EXPECT_EQ(graph.outputs.size(), static_cast<std::size_t>(op.outputs));
    }
    const std::string text = ir::print(graph);
    const ir::Graph again = ir::parse(text, find);
    EXPECT_NO_THROW(ir::verify(again));
    EXPECT_EQ(ir::print(again), text);
    ASSERT_EQ(again.nodes.size(), graph.nodes.size());
    EXPECT_EQ(again.nodes.back().attrs, graph.nodes.back().attrs);
    EXPECT_EQ(again.nodes.back().op, graph.nodes.back().op);
  });
}

// Every result byte is written, nothing beside it, operands stay as they are, and nothing is allocated.
TEST(Records, ReferencesWriteTheirResultsAndNothingElse) {
  constexpr std::size_t kGuard = 64;
  for_each_sample([&](const ir::OpDef& op, const ir::Sample& sample) {
    const ir::Graph graph = graph_of(op, sample);
    const std::vector<Array> operands = draw(sample, 7);
    std::vector<Array> before;
    std::vector<const void*> in;
    for (const Array& a : operands) {
      before.push_back(a.copy());
      in.push_back(a.data());
    }
    std::vector<ir::Type> types;
    for (const ir::ValueId v : graph.outputs) types.push_back(graph.type(v));
    const Call call(op, sample.attrs, sample.inputs, types);
    std::vector<std::byte> workspace(call.workspace() + kGuard + 64);
    auto* aligned = reinterpret_cast<std::byte*>((reinterpret_cast<std::uintptr_t>(workspace.data()) + 63) / 64 * 64);
    std::vector<std::vector<std::byte>> first;
    for (const int fill : {0x55, 0xAA}) {
      std::vector<std::vector<std::byte>> results;
      std::vector<void*> out;
      for (const ir::Type& t : types) {
        results.emplace_back(t.bytes() + 2 * kGuard, static_cast<std::byte>(fill));
        out.push_back(results.back().data() + kGuard);
      }
      std::fill_n(aligned, call.workspace() + kGuard, static_cast<std::byte>(fill));
      const long before_run = allocations;
      call.run(in.data(), out.data(), aligned);
      EXPECT_EQ(allocations, before_run) << "a run allocates";
      for (std::size_t i = 0; i < kGuard; ++i) {
        ASSERT_EQ(aligned[call.workspace() + i], static_cast<std::byte>(fill)) << "beyond the workspace";
        for (const auto& r : results) {
          ASSERT_EQ(r[i], static_cast<std::byte>(fill)) << "before a result";
          ASSERT_EQ(r[r.size() - 1 - i], static_cast<std::byte>(fill)) << "behind a result";
        }
      }
      for (auto& r : results) r = {r.begin() + kGuard, r.end() - kGuard};
      if (first.empty()) {
        first = results;
      } else {
        EXPECT_EQ(first, results) << "some bytes of the results were not written";
      }
    }
    for (std::size_t i = 0; i < operands.size(); ++i) EXPECT_TRUE(identical(operands[i], before[i])) << "operand " << i;
  });
}

// infer also answers for shapes with None: unknown sizes pass through, and what is known agrees with the static answer.
TEST(Records, InferPassesUnknownSizesThrough) {
  for_each_sample([](const ir::OpDef& op, const ir::Sample& sample) {
    if (sample.inputs.empty() || op.attrs == &ir::kAttrsType<FusedAttrs> || op.is(ir::kRandom)) return;
    const std::vector<ir::Type> known = op.infer(sample.attrs, sample.inputs);
    std::vector<ir::Type> types = sample.inputs;
    if (chain(op)) return;  // they run on weights, whose shapes are known
    for (ir::Type& t : types) t.shape = Shape(std::vector<Dim>(t.shape.size()));
    std::vector<ir::Type> open;
    ASSERT_NO_THROW(open = op.infer(sample.attrs, types));
    ASSERT_EQ(open.size(), known.size());
    for (std::size_t i = 0; i < open.size(); ++i) {
      EXPECT_EQ(open[i].dtype, known[i].dtype);
      ASSERT_EQ(open[i].shape.size(), known[i].shape.size());
      for (std::size_t d = 0; d < known[i].shape.size(); ++d) {
        EXPECT_TRUE(!open[i].shape[d].known() || open[i].shape[d] == known[i].shape[d])
            << open[i].str() << " for " << known[i].str();
      }
    }
  });
}

}  // namespace
}  // namespace keras::primitives
