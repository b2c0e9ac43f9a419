// Graphs: building, text and back, the verifier, dead nodes. With two ops made for it; all real ones are printed and
// read back in primitives/records_test.cc.
#include <gtest/gtest.h>
#include <keras/error.h>

#include <clocale>
#include <cmath>
#include <limits>

#include "ir/graph.h"

namespace keras::ir {
namespace {

struct Everything {
  std::int64_t whole = -7;
  int small = 3;
  bool flag = true;
  double real = 0.1;
  DType dtype = DType::bfloat16;
  Ints list{1, -2, 3};
  Shape shape{2, None, 4};
  std::string text = "a \"quoted\" \\ line\nand another\x01";
  Array array = {};
  GraphPtr graph = {};
  static void fields(auto&& f) {
    f("whole", &Everything::whole);
    f("small", &Everything::small);
    f("flag", &Everything::flag);
    f("real", &Everything::real);
    f("dtype", &Everything::dtype);
    f("list", &Everything::list);
    f("shape", &Everything::shape);
    f("text", &Everything::text);
    f("array", &Everything::array);
    f("graph", &Everything::graph);
  }
};

std::vector<Type> first_type(const Attrs&, std::span<const Type> in) {
  if (in.size() > 1 && in[0] != in[1]) throw ValueError("add: different types");
  return {in[0]};
}
std::vector<Type> two_types(const Attrs&, std::span<const Type> in) { return {in[0], {DType::int32, in[0].shape}}; }
const OpDef kAdd{"add", "a + b.", 2, 1, kElementwise, &kAttrsType<NoAttrs>, first_type, nullptr, nullptr, nullptr, 0};
const OpDef kTwo{"two", "Two results.", 1, 2, 0, &kAttrsType<Everything>, two_types, nullptr, nullptr, nullptr, 1};

const OpDef* find(std::string_view name) { return name == "add" ? &kAdd : name == "two" ? &kTwo : nullptr; }

Type f32(Shape shape) { return {DType::float32, std::move(shape)}; }

Graph example() {
  Graph g;
  const auto x = g.add_input("x", f32({2, 3})), w = g.add_input("w", f32({2, 3}), true);
  const auto y = g.add(kAdd, {}, {x, w});
  g.update(w, y);
  g.outputs = {y, x};
  return g;
}

TEST(Graph, PrintsAsDocumented) {
  EXPECT_EQ(print(example()),
            "graph {\n"
            "  %0 = input \"x\" : f32[2,3]\n"
            "  %1 = state \"w\" : f32[2,3]\n"
            "  %2 = add(%0, %1) : f32[2,3]\n"
            "  update %1 = %2\n"
            "  output %2, %0\n"
            "}\n");
  EXPECT_EQ(print(Graph{}), "graph {\n}\n");
}

void round_trip(const Graph& graph) {
  const std::string text = print(graph);
  const Graph again = parse(text, find);
  EXPECT_EQ(print(again), text);
  ASSERT_EQ(again.nodes.size(), graph.nodes.size());
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) EXPECT_EQ(again.nodes[i].attrs, graph.nodes[i].attrs) << text;
}

TEST(Graph, ReadsBackWhatItPrints) {
  round_trip(Graph{});
  round_trip(example());
  const auto inner = std::make_shared<Graph>(example());
  inner->add(kTwo, Everything{.graph = std::make_shared<Graph>(example())}, {0});
  Graph g;
  const auto x = g.add_input("two words, \"quoted\"", {DType::float64, {}});
  const auto first = g.add(kTwo, Everything{.graph = inner}, {x});
  g.outputs = {first + 1, first};
  round_trip(g);
}

TEST(Graph, NumbersReadBackToTheSameBits) {
  using Limits = std::numeric_limits<double>;
  Graph g;
  const auto x = g.add_input("x", f32({1}));
  for (const double v :
       {0.0, -0.0, 0.1, 1.0 / 3, 1e300, -1e-300, Limits::denorm_min(), Limits::max(), Limits::infinity(),
        -Limits::infinity(), Limits::quiet_NaN(), -Limits::quiet_NaN(), std::nan("77")}) {
    g.add(kTwo, Everything{.whole = INT64_MIN, .real = v, .array = Array(std::vector<double>{v, 1}, {1, 2})}, {x});
    g.add(kTwo, Everything{.array = Array(std::vector<float>{static_cast<float>(v), 16777217.F}, {2})}, {x});
  }
  for (const Array& a :
       {Array(std::vector<std::uint64_t>{0, UINT64_MAX}), Array(std::vector<std::int64_t>{INT64_MIN, INT64_MAX}),
        Array(std::vector<std::int8_t>{-128, 127}), Array(std::vector<std::uint8_t>{0, 255}),
        Array(Shape{2}, DType::boolean), Array(Shape{0, 3}, DType::float16), Array(Shape{}, DType::bfloat16)}) {
    g.add(kTwo, Everything{.array = a}, {x});
  }
  round_trip(g);
}

TEST(Graph, TextIsFreeOfTheLocale) {
  const std::string before = std::setlocale(LC_ALL, nullptr);
  for (const char* name : {"de_DE.UTF-8", "fr_FR.UTF-8", "C.UTF-8"}) {  // as far as the machine has them
    if (!std::setlocale(LC_ALL, name)) continue;
    std::string out;
    print(out, 1234567.25);
    EXPECT_EQ(out, "1234567.25") << name;
  }
  std::setlocale(LC_ALL, before.c_str());
}

void refused(const std::string& text, const std::string& line, const std::string& what) {
  try {
    parse(text, find);
    FAIL() << text;
  } catch (const ValueError& e) {
    EXPECT_NE(std::string(e.what()).find("line " + line + ":"), std::string::npos) << e.what();
    EXPECT_NE(std::string(e.what()).find(what), std::string::npos) << e.what();
  }
}

TEST(Graph, BrokenTextIsRefusedWithItsLine) {
  refused("", "1", "'graph'");
  refused("graph {", "1", "end of the text");
  refused("graph {\n  %0 = input \"x\" : f32[2]\n  %1 = ad(%0, %0) : f32[2]\n}", "3", "'ad(%0");
  refused("graph {\n  %0 = input \"x\" : f32[2]\n  %1 = add(%0, %2) : f32[2]\n}", "3", "stands above");
  refused("graph {\n  %0 = input \"x\" : f32[2]\n  %1 = add(%0, %0) : f32[3]\n}", "3", "f32[2]");
  refused("graph {\n  %0 = input \"x\" : f32[2]\n  %0 = add(%0, %0) : f32[2]\n}", "3", "%0");
  refused("graph {\n  %0 = input \"x\" : f32[2]\n  %1 = add(%0) : f32[2]\n}", "3", "1 operands");
  refused("graph {\n  %0 = input \"x\" : f33[2]\n}", "2", "a type");
  refused("graph {\n  %0 = input \"x : f32[2]\n}", "3", "quote");
  refused("graph {\n  %0 = input \"x\" : f32[2]\n  output %1\n}", "3", "stands above");
  refused("graph {\n  %0 = input \"x\" : f32[2]\n  update %0 = %0\n}", "3", "not a state");
  refused("graph {\n}\nmore", "3", "more");
  refused("graph {\n  %0 = input \"x\" : f32[2]\n  %1, %2 = two(%0) whole=x\n}", "3", "whole number");
  refused("graph {\n  %0 = input \"x\" : f32[2]\n  %1, %2 = two(%0) small=1\n}", "3", "whole=");
}

// Texts with a hole, a double or a foreign character: an error or a graph, nothing worse.
TEST(Graph, DamagedTextNeverCrashes) {
  Graph g;
  const auto x = g.add_input("x", f32({2}));
  g.add(kTwo, Everything{.array = Array(std::vector<float>{1, 2, 3}), .graph = std::make_shared<Graph>(example())},
        {x});
  const std::string text = print(g);
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (const std::string& damaged :
         {text.substr(0, i), text.substr(0, i) + text.substr(i + 1), text.substr(0, i) + '9' + text.substr(i),
          text.substr(0, i) + '}' + text.substr(i), text.substr(0, i) + '\xff' + text.substr(i + 1)}) {
      try {
        parse(damaged, find);
      } catch (const ValueError&) {
      }
    }
  }
  std::string deep = "graph {\n%0 = input \"x\" : f32[2]\n";
  for (int i = 0; i < 10000; ++i)
    deep +=
        "%1, %2 = two(%0) whole=1 small=1 flag=true real=1 dtype=bool list=[] shape=[] text=\"\" array=f32[0]{} "
        "graph={ %0 = input \"x\" : f32[2]\n";
  EXPECT_THROW(parse(deep, find), ValueError);
  refused(
      "graph {\n  %0 = input \"x\" : f32[2]\n  %1, %2 = two(%0) whole=1 small=1 flag=true real=1 dtype=bool list=[] "
      "shape=[] text=\"\" "
      "array=f32[9000000000000]{} graph=null : f32[2], i32[2]\n}",
      "3", "as many numbers");
}

TEST(Attrs, CompareByValue) {
  const Attrs a = Everything{}, b = Everything{};
  EXPECT_EQ(a, b);
  EXPECT_FALSE(a == Attrs(Everything{.real = 0.2}));
  EXPECT_FALSE(Attrs(Everything{.real = 0.0}) == Attrs(Everything{.real = -0.0}));
  EXPECT_EQ(Attrs(Everything{.real = NAN}), Attrs(Everything{.real = NAN}));
  EXPECT_FALSE(a == Attrs(NoAttrs{}));
  EXPECT_EQ(Attrs(Everything{.graph = std::make_shared<Graph>(example())}),
            Attrs(Everything{.graph = std::make_shared<Graph>(example())}));
  EXPECT_FALSE(Attrs(Everything{.graph = std::make_shared<Graph>(example())}) == a);
  EXPECT_FALSE(Attrs(Everything{.array = Array({1.})}) == a);
}

TEST(Graph, RefusesWrongNodes) {
  Graph g = example();
  EXPECT_THROW(g.add(kAdd, {}, {0}), std::logic_error);
  EXPECT_THROW(g.add(kAdd, {}, {0, 99}), std::logic_error);
  EXPECT_THROW(g.add(kAdd, {}, {0, -1}), std::logic_error);
  EXPECT_THROW(g.add(kAdd, Everything{}, {0, 1}), std::logic_error);
  EXPECT_THROW(g.update(0, 1), std::logic_error) << "x is no state";
  const auto s = g.add_input("s", f32({}), true);
  EXPECT_THROW(g.update(s, 0), std::logic_error) << "another type";
  EXPECT_NO_THROW(verify(g)) << "nothing was changed";
}

TEST(Graph, TheLatestUpdateCounts) {
  Graph g = example();
  g.update(1, 0);
  ASSERT_EQ(g.updates.size(), 1U);
  EXPECT_EQ(g.updates[0].value, 0);
}

template <class F>
void breaks(const char* what, F damage) {
  Graph g = example();
  g.add(kTwo, Everything{}, {0});
  ASSERT_NO_THROW(verify(g));
  damage(g);
  try {
    verify(g);
    ADD_FAILURE() << what;
  } catch (const std::logic_error& e) {
    EXPECT_NE(std::string(e.what()).find(what), std::string::npos) << e.what();
  }
}

TEST(Verify, RefusesBrokenGraphs) {
  breaks("does not stand above", [](Graph& g) { g.nodes[2].inputs[0] = 2; });
  breaks("does not stand above", [](Graph& g) { g.nodes[2].inputs[0] = -1; });
  breaks("1 operands", [](Graph& g) { g.nodes[2].inputs.pop_back(); });
  breaks("no op", [](Graph& g) { g.nodes[2].op = nullptr; });
  breaks("another op's type", [](Graph& g) { g.nodes[2].attrs = Everything{}; });
  breaks("infer says", [](Graph& g) { g.values[2].type = f32({3, 2}); });
  breaks("infer says", [](Graph& g) { g.values[2].type.dtype = DType::float64; });
  breaks("different types", [](Graph& g) { g.values[0].type = f32({3, 2}); });
  breaks("no static shape", [](Graph& g) { g.values[2].type.shape = {None, 3}; });
  breaks("names another node", [](Graph& g) { g.values[3].node = 0; });
  breaks("should start at", [](Graph& g) { g.nodes[2].first = 3; });
  breaks("results", [](Graph& g) { g.nodes[3].outputs = 3; });
  breaks("values", [](Graph& g) { g.values.push_back({f32({}), 0}); });
  breaks("list of inputs", [](Graph& g) {
    g.inputs.pop_back();
    g.updates.clear();
  });
  breaks("list of inputs", [](Graph& g) { g.inputs[1].state = false; });
  breaks("twice", [](Graph& g) { g.inputs.push_back(g.inputs[0]); });
  breaks("is no input node", [](Graph& g) { g.inputs.push_back({2, "y", false}); });
  breaks("output %99", [](Graph& g) { g.outputs.push_back(99); });
  breaks("not a state", [](Graph& g) { g.updates[0].state = 0; });
  breaks("its new value", [](Graph& g) { g.updates[0].value = 4; });
  breaks("updated twice", [](Graph& g) { g.updates.push_back(g.updates[0]); });
}

TEST(Graph, WithoutDeadNodes) {
  Graph g;
  const auto x = g.add_input("x", f32({2})), unused = g.add_input("unused", f32({2})),
             w = g.add_input("w", f32({2}), true);
  const auto dead = g.add(kAdd, {}, {x, unused});
  const auto kept = g.add(kAdd, {}, {x, w});
  const auto two = g.add(kTwo, Everything{}, {kept});
  g.add(kAdd, {}, {dead, dead});
  const auto next = g.add(kAdd, {}, {w, w});
  g.outputs = {two + 1, two + 1};
  g.update(w, next);
  std::vector<ValueId> map;
  const Graph small = without_dead_nodes(g, &map);
  EXPECT_NO_THROW(verify(small));
  EXPECT_TRUE(
      print(small).starts_with("graph {\n"
                               "  %0 = input \"x\" : f32[2]\n"
                               "  %1 = input \"unused\" : f32[2]\n"
                               "  %2 = state \"w\" : f32[2]\n"
                               "  %3 = add(%0, %2) : f32[2]\n"
                               "  %4, %5 = two(%3) whole=-7 "))
      << print(small);
  EXPECT_EQ(small.nodes.size(), 6U);
  EXPECT_EQ(map, (std::vector<ValueId>{0, 1, 2, -1, 3, 4, 5, -1, 6}));
  EXPECT_EQ(small.outputs, (std::vector<ValueId>{5, 5}));
  EXPECT_EQ(small.updates[0].value, 6);
}

}  // namespace
}  // namespace keras::ir
