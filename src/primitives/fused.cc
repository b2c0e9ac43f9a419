// fused: a group of nodes that runs as one loop. Backends compile the body; the reference interprets it node by node.
#include "primitives/common.h"
#include "primitives/interpret.h"

namespace keras::primitives {
namespace {

std::vector<ir::Type> infer(const ir::Attrs& attrs, Types in) {
  const auto& body = attrs.as<FusedAttrs>().body;
  if (!body) throw ValueError("fused: expected a body; received none.");
  ir::verify(*body);
  bool fits = body->inputs.size() == in.size() && body->updates.empty() && !body->outputs.empty();
  for (std::size_t i = 0; fits && i < in.size(); ++i)
    fits = !body->inputs[i].state && body->type(body->inputs[i].value) == in[i];
  if (!fits)
    refuse("fused", "operands of the types of the body's inputs, and a body with outputs and without states", in);
  std::vector<ir::Type> out;
  for (const ir::ValueId v : body->outputs) out.push_back(body->type(v));
  return out;
}

// Allocates: what runs a fused op more than once prepares a Call instead.
void reference(const ir::ReferenceContext& c) {
  const Interpreter body(*c.as<FusedAttrs>().body);
  body.run(c.in.data(), c.out.data(), Workspace(body.workspace()).data());
}

std::vector<ir::Sample> samples() {
  std::vector<ir::Sample> out;
  for (const DType dtype : {DType(DType::float32), DType(DType::bfloat16)}) {
    const auto graph = std::make_shared<ir::Graph>();  // relu(x * w + b) and its largest element in each row
    const ir::Type type{dtype, {5, 7}}, row{dtype, {7}};
    const ir::Value x = graph->at(graph->add_input("x", type)), w = graph->at(graph->add_input("w", row)),
                    b = graph->at(graph->add_input("b", row));
    const ir::Value y = node(Op::relu, {x * broadcast(w, type.shape) + broadcast(b, type.shape)});
    graph->outputs = {y.id, node(Op::reduce_max, {y}, ReduceAttrs{{1}, true}).id};
    out.push_back({.inputs = {type, row, row}, .attrs = FusedAttrs{graph}});
  }
  const auto gelu = std::make_shared<ir::Graph>();
  const ir::Value x = gelu->at(gelu->add_input("x", f32({3, 347})));
  gelu->outputs = {(0.5 * x * (1 + erf(x * 0.7071067811865476))).id};
  out.push_back({.inputs = {f32({3, 347})}, .attrs = FusedAttrs{gelu}});
  return out;
}

}  // namespace

const Record records::fused{
    .name = "fused",
    .doc =
        "A graph of elementwise ops, broadcasts and reductions of their results that runs as one loop. The compiler "
        "makes it after "
        "differentiation.",
    .inputs = -1,
    .outputs = -1,
    .attrs = attrs_type<FusedAttrs>,
    .infer = infer,
    .vjp = no_gradient,
    .reference = reference,
    .samples = samples,
};

}  // namespace keras::primitives
