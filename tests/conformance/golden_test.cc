// The reference against what real Keras computed: numerics, ops and gradients at ties, in double and in float32.
#include "tests/support/golden.h"

#include <gtest/gtest.h>

#include <numeric>
#include <optional>
#include <set>

#include "autodiff/gradients.h"
#include "primitives/build.h"
#include "primitives/interpret.h"
#include "primitives/value.h"

namespace keras::testing {
namespace {

using ir::Value;
using primitives::Ints;
using primitives::Kind;
using primitives::node;
using primitives::Op;
using Values = std::vector<Value>;

// A golden case of keras.ops as a graph of primitives. The little that keras::ops adds (broadcasting, negative axes,
// casts to floatx) is done here, so that the records are held to Keras by themselves.
class CaseBuilder {
 public:
  CaseBuilder(const Config& c, Values in, DType floatx) : c_(c), in_(std::move(in)), floatx_(floatx) {}

  // Nothing when the op is no primitive, or needs more of keras.ops than the above.
  std::optional<Values> build() {
    const std::string op = c_.at("op").as_string();
    if (c_.contains("listed") && op != "concatenate") return {};
    if (const ir::OpDef* def = primitives::find(op); def && primitives::elementwise(*def)) return elementwise(*def);
    if (op == "sum" || op == "prod" || op == "mean" || op == "any" || op == "all") return reduce(op);
    if (op == "max" || op == "amax") return reduce("reduce_max");
    if (op == "min") return reduce("reduce_min");
    if (op == "argmax" || op == "argmin") return arg(op);
    if (op == "softmax" || op == "log_softmax") return along_axis(op);
    if (op == "cumsum") return cumsum();
    if (op == "matmul") return matmul();
    if (op == "transpose") return transpose();
    if (op == "reshape") return reshape();
    if (op == "broadcast_to") return Values{primitives::broadcast(x(), Shape(ints("shape")))};
    if (op == "concatenate") return concatenate();
    if (op == "slice") return Values{primitives::slice(x(), ints("start_indices"), ints("shape"))};
    if (op == "pad") return pad();
    if (op == "take" || op == "take_along_axis") return take(op == "take" ? Op::gather : Op::take_along_axis);
    if (op == "segment_sum") return segment_sum();
    if (op == "one_hot") return one_hot();
    if (op == "top_k" || op == "top_k_values") return top_k(integer("k"), false, op == "top_k" ? 3 : 1);
    if ((op == "sort" || op == "argsort") && axis(-1) == rank() - 1)
      return top_k(x().type().shape.back().value(), true, op == "sort" ? 1 : 2);
    if (op == "cast") return Values{primitives::cast(x(), DType(c_.at("target").as_string()))};
    return {};
  }

 private:
  const Value& x() const { return in_.front(); }
  int rank() const { return x().type().shape.rank(); }
  const Config* arg_of(std::string_view name) const {
    const Config* args = c_.find("args");
    return args ? args->find(name) : nullptr;
  }
  std::int64_t integer(std::string_view name) const { return arg_of(name)->as_int(); }
  Ints ints(std::string_view name) const { return whole(*arg_of(name)); }
  static Ints whole(const Config& list) {
    Ints out;
    for (const Config& item : list.items()) out.push_back(item.as_int());
    return out;
  }
  std::int64_t axis(std::int64_t standard) const {
    const Config* given = arg_of("axis");
    const std::int64_t a = given ? given->as_int() : standard;
    return a < 0 ? a + rank() : a;
  }

  std::optional<Values> elementwise(const ir::OpDef& op) {
    const auto* info = primitives::elementwise(op);
    if (static_cast<int>(in_.size()) != info->inputs || (c_.contains("args") && c_.at("args").size() != 0)) return {};
    const std::size_t first = info->kind == Kind::choose ? 1 : 0;
    if (info->kind == Kind::choose && in_[0].type().dtype != DType::boolean)
      in_[0] = primitives::cast(in_[0], DType::boolean);
    Shape shape;
    DType dtype = in_[first].type().dtype;
    for (std::size_t i = 0; i < in_.size(); ++i) {
      if (i > first) dtype = result_type(dtype, in_[i].type().dtype);
      const Shape& s = in_[i].type().shape;
      while (shape.rank() < s.rank()) shape = shape.with_front(1);
      for (std::size_t d = 0; d < s.size(); ++d) {
        Dim& size = shape[shape.size() - s.size() + d];
        if (size == Dim(1)) size = s[d];
      }
    }
    if (info->kind == Kind::real && !dtype.is_floating()) dtype = floatx_;
    if (info->kind == Kind::logic) dtype = DType::boolean;
    if (info->kind == Kind::same && dtype == DType::boolean) return {};
    for (std::size_t i = 0; i < in_.size(); ++i) {
      if (i >= first) in_[i] = primitives::cast(in_[i], dtype);
      in_[i] = primitives::broadcast(in_[i], shape);
    }
    return Values{node(static_cast<Op>(op.code), in_)};
  }

  std::optional<Values> reduce(const std::string& name) {
    const bool logic = name == "any" || name == "all";
    Value v = x();
    if (logic) v = primitives::cast(v, DType::boolean);
    if (!logic && v.type().dtype == DType::boolean) v = primitives::cast(v, DType::int32);
    if (name == "mean" && !v.type().dtype.is_floating()) {
      if (floatx_ == DType::float64) return {};  // Keras takes it in float32 even so
      v = primitives::cast(v, floatx_);
    }
    Ints axes;
    if (const Config* given = arg_of("axis"); given && !given->is_null()) {
      axes = given->is_list() ? whole(*given) : Ints{given->as_int()};
    } else {
      axes.resize(static_cast<std::size_t>(rank()));
      std::iota(axes.begin(), axes.end(), 0);
    }
    for (auto& a : axes) a += a < 0 ? rank() : 0;
    std::ranges::sort(axes);
    if (axes.empty()) return Values{v};
    const Config* keepdims = arg_of("keepdims");
    return Values{node(static_cast<Op>(primitives::find(name)->code), {v},
                       primitives::ReduceAttrs{axes, keepdims && keepdims->as_bool()})};
  }

  std::optional<Values> arg(const std::string& name) {
    if (arg_of("keepdims")) return {};
    Value v = x();
    std::int64_t a = 0;
    if (arg_of("axis")) {
      a = axis(0);
    } else {
      v = primitives::reshape(v, {v.type().shape.elements()});
    }
    return Values{node(name == "argmax" ? Op::argmax : Op::argmin, {v}, primitives::AxisAttrs{a})};
  }

  std::optional<Values> along_axis(const std::string& name) {
    if (arg_of("axis") && arg_of("axis")->is_list()) return {};
    return Values{node(name == "softmax" ? Op::softmax : Op::log_softmax, {x()}, primitives::AxisAttrs{axis(-1)})};
  }

  std::optional<Values> cumsum() {
    Value v = x();
    std::int64_t a = 0;
    if (arg_of("axis")) {
      a = axis(0);
    } else {
      v = primitives::reshape(v, {v.type().shape.elements()});
    }
    return Values{node(Op::cumsum, {v}, primitives::CumsumAttrs{a, false})};
  }

  std::optional<Values> matmul() {
    const Shape &a = in_[0].type().shape, &b = in_[1].type().shape;
    const bool fits = a.rank() >= 2 && (a.slice(0, -2) == b.slice(0, -2) || b.rank() == 2) && b.rank() >= 2;
    if (!fits) return {};
    return Values{primitives::matmul(in_[0], in_[1])};
  }

  std::optional<Values> transpose() {
    Ints axes;
    if (arg_of("axes")) {
      axes = ints("axes");
    } else {
      for (int d = rank(); d-- > 0;) axes.push_back(d);
    }
    return Values{primitives::transpose(x(), axes)};
  }

  std::optional<Values> reshape() {
    Ints shape = ints("newshape");
    std::int64_t known = 1;
    for (const auto size : shape) known *= size < 0 ? 1 : size;
    for (auto& size : shape) {
      if (size < 0) size = x().type().shape.elements() / known;
    }
    return Values{primitives::reshape(x(), Shape(shape))};
  }

  std::optional<Values> concatenate() {
    for (const Value& v : in_) {
      if (v.type().dtype != x().type().dtype) return {};
    }
    return Values{node(Op::concatenate, in_, primitives::AxisAttrs{axis(-1)})};
  }

  std::optional<Values> pad() {
    if (arg_of("mode") && arg_of("mode")->as_string() != "constant") return {};
    Ints before, after;
    for (const Config& pair : arg_of("pad_width")->items()) {
      before.push_back(pair.items()[0].as_int());
      after.push_back(pair.items()[1].as_int());
    }
    const Config* value = arg_of("constant_values");
    return Values{primitives::pad(x(), before, after, value ? value->as_real() : 0)};
  }

  std::optional<Values> take(Op op) {
    Value v = x();
    std::int64_t a = 0;
    if (arg_of("axis")) {
      a = axis(0);
    } else {
      v = primitives::reshape(v, {v.type().shape.elements()});
    }
    return Values{node(op, {v, in_[1]}, primitives::AxisAttrs{a})};
  }

  std::optional<Values> segment_sum() {
    Shape shape = x().type().shape;
    shape[0] = integer("num_segments");
    return Values{node(Op::scatter_add, {primitives::splat(*x().graph, 0, x().type().dtype, shape), in_[1], x()})};
  }

  std::optional<Values> one_hot() {
    const Config* given = arg_of("dtype");
    if (arg_of("axis")) return {};
    return Values{node(Op::one_hot, {x()},
                       primitives::OneHotAttrs{integer("num_classes"), given ? DType(given->as_string()) : floatx_})};
  }

  // which: 1 values, 2 places, 3 both.
  std::optional<Values> top_k(std::int64_t k, bool ascending, int which) {
    const Value values = node(Op::top_k, {x()}, primitives::TopKAttrs{k, ascending}),
                places = values.graph->at(values.id + 1);
    return which == 1 ? Values{values} : which == 2 ? Values{places} : Values{values, places};
  }

  const Config& c_;
  Values in_;
  DType floatx_;
};

struct Built {
  ir::Graph graph;
  Values inputs, results;
};

// The case with all its inputs but `w`; nothing when there is no way to build it.
std::optional<std::unique_ptr<Built>> build(const Golden& golden, const Config& c, DType floatx) {
  if (c.contains("informational") || c.contains("error") || !c.contains("inputs") || !c.contains("op") ||
      c.contains("expression"))
    return {};
  auto built = std::make_unique<Built>();
  for (const Config& name : c.at("inputs").items()) {
    const std::string what = name.as_string();
    if (what == "w") continue;
    const bool stored = c.contains("source");  // casts: inputs are of the dtype they say
    const Array value = stored ? golden.array(c.at("name").as_string() + "/" + what) : golden.input(c, what, floatx);
    built->inputs.push_back(built->graph.at(built->graph.add_input(what, {value.dtype(), value.shape()})));
  }
  auto results = CaseBuilder(c, built->inputs, floatx).build();
  if (!results) return {};
  built->results = std::move(*results);
  return built;
}

std::vector<Array> arrays_of(const Golden& golden, const Config& c, DType floatx, const ir::Graph& graph) {
  std::vector<Array> out;
  for (const ir::Input& input : graph.inputs) {
    const Array value = c.contains("source") ? golden.array(c.at("name").as_string() + "/" + input.name)
                                             : golden.input(c, input.name, floatx);
    out.push_back(value);
  }
  return out;
}

// Runs the cases of a family that we can build, of `at_least` different ops.
void run_family(const std::string& family, bool gradients, std::size_t at_least) {
  const Golden golden(family);
  std::set<std::string> ops;
  for (const Config& c : golden.cases()) {
    for (const DType floatx : {DType(DType::float64), DType(DType::float32)}) {
      const auto built = build(golden, c, floatx);
      if (!built) continue;
      SCOPED_TRACE(c.at("name").as_string());
      ops.insert(c.at("op").as_string());
      ir::Graph& graph = (*built)->graph;
      std::vector<std::string> outputs;
      for (const Config& what : c.at("outputs").items()) {
        const std::string name = what.as_string();
        if (name.starts_with("y")) outputs.push_back(name);
      }
      for (const Value& y : (*built)->results) graph.outputs.push_back(y.id);
      ASSERT_EQ(outputs.size(), graph.outputs.size());
      if (gradients && (*built)->results[0].type().dtype.is_floating()) {
        const Value y = (*built)->results[0], w = graph.at(graph.add_input("w", y.type()));
        const Value loss = y * w;
        std::vector<ir::ValueId> wrt;
        for (std::size_t i = 0; i < (*built)->inputs.size(); ++i) {
          const std::string name = "d" + graph.inputs[i].name;
          if (!golden.has(c.at("name").as_string() + "/" + name + "/64")) continue;
          wrt.push_back((*built)->inputs[i].id);
          outputs.push_back(name);
        }
        for (const ir::ValueId g : autodiff::gradients(graph, loss.id, wrt)) graph.outputs.push_back(g);
      }
      ASSERT_NO_THROW(ir::verify(graph));
      std::vector<Array> in = arrays_of(golden, c, floatx, graph);
      const std::vector<Array> results = primitives::Interpreter(graph).run(in);
      for (std::size_t i = 0; i < results.size(); ++i) {
        Array result = results[i];
        if (result.dtype() == DType::bfloat16) result = result.astype(DType::float32);  // as it is stored
        EXPECT_TRUE(golden.agrees(result, c, outputs[i]));
      }
    }
  }
  EXPECT_GE(ops.size(), at_least) << "fewer ops took part than there should be";
}

TEST(Golden, Numerics) { run_family("numerics", false, 50); }

TEST(Golden, Ops) { run_family("ops", false, 30); }

TEST(Golden, GradientsAtTies) { run_family("autodiff_ties", true, 25); }

}  // namespace
}  // namespace keras::testing
