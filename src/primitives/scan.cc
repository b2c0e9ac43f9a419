// scan: a loop over time. The runtime runs the body as a program of its own; the reference interprets it.
#include "primitives/scan.h"

#include <cstring>
#include <memory>

#include "primitives/common.h"
#include "primitives/interpret.h"

namespace keras::primitives {
namespace {

ir::Type slice_of(const ir::Type& type) { return {type.dtype, type.shape.slice(1)}; }

bool fits(const ir::Type& a, const ir::Type& b) {
  bool same = a.dtype == b.dtype && a.shape.rank() == b.shape.rank();
  for (std::size_t d = 0; same && d < a.shape.size(); ++d) same = agree(a.shape[d], b.shape[d]);
  return same;
}

std::vector<ir::Type> infer(const ir::Attrs& attrs, Types in) {
  const auto& a = attrs.as<ScanAttrs>();
  if (!a.body) throw ValueError("scan: expected a body; received none.");
  const ir::Graph& body = *a.body;
  const auto carries = static_cast<std::size_t>(a.carries), slices = static_cast<std::size_t>(a.slices);
  if (in.size() != body.inputs.size() || carries + slices > in.size() || body.outputs.size() < carries ||
      !body.updates.empty()) {
    refuse("scan", fmt::format("as many operands as the body has inputs ({})", body.inputs.size()), in);
  }
  for (std::size_t i = 0; i < in.size(); ++i) {
    const ir::Type& inside = body.type(body.inputs[i].value);
    const bool sliced = i >= carries && i < carries + slices;
    if (sliced && (in[i].shape.empty() || !agree(in[i].shape[0], Dim(a.length))))
      refuse("scan", fmt::format("operand {} to have {} slices along axis 0", i, a.length), in);
    if (!fits(sliced ? slice_of(in[i]) : in[i], inside))
      refuse("scan", fmt::format("operand {} to be {} for the body", i, inside.str()), in);
  }
  std::vector<ir::Type> out;
  for (std::size_t i = 0; i < body.outputs.size(); ++i) {
    ir::Type type = body.type(body.outputs[i]);
    if (i < carries) {
      if (!fits(type, in[i])) {
        throw ValueError(
            fmt::format("scan: a carry must keep its dtype and shape; carry {} is {} before a step and {} after it.", i,
                        in[i].str(), type.str()));
      }
      type = in[i];
    } else {
      type.shape = type.shape.with_front(Dim(a.length));
    }
    out.push_back(std::move(type));
  }
  return out;
}

void reference(const ir::ReferenceContext& c) {  // allocates: what runs it more than once prepares a Call instead
  const ScanInterpreter loop(c.as<ScanAttrs>(), {c.in_types.begin(), c.in_types.end()},
                             {c.out_types.begin(), c.out_types.end()});
  loop.run(c.in.data(), c.out.data(), Workspace(loop.workspace()).data());
}

// A running sum, with a factor that stays the same; the sums so far are stacked.
ir::GraphPtr running_sum(DType dtype) {
  const auto graph = std::make_shared<ir::Graph>();
  const ir::Type type{dtype, {3}};
  const ir::Value total = graph->at(graph->add_input("total", type)), x = graph->at(graph->add_input("x", type)),
                  factor = graph->at(graph->add_input("factor", type));
  const ir::Value sum = total * factor + x;
  graph->outputs = {sum.id, sum.id};
  return graph;
}

// A recurrent layer: tanh of products with the input and the state, beside a second carry that counts.
ir::GraphPtr recurrent() {
  const auto graph = std::make_shared<ir::Graph>();
  const ir::Value state = graph->at(graph->add_input("state", f32({2, 3}))),
                  count = graph->at(graph->add_input("count", f32({2, 3}))),
                  x = graph->at(graph->add_input("x", f32({2, 4}))), m = graph->at(graph->add_input("m", f32({2, 3}))),
                  w = graph->at(graph->add_input("w", f32({4, 3}))), u = graph->at(graph->add_input("u", f32({3, 3}))),
                  b = graph->at(graph->add_input("b", f32({3})));
  const ir::Value next = tanh(matmul(x, w) + matmul(state, u) + broadcast(b, {2, 3}));
  const ir::Value counted = count + 0.5 * next * m;
  graph->outputs = {next.id, counted.id, (next * count).id, state.id};
  return graph;
}

// One matrix for the input and the state: what flows back to it is a sum of two products.
ir::GraphPtr shared_matrix() {
  const auto graph = std::make_shared<ir::Graph>();
  const ir::Value state = graph->at(graph->add_input("state", f32({2, 3}))),
                  x = graph->at(graph->add_input("x", f32({2, 3}))), w = graph->at(graph->add_input("w", f32({3, 3})));
  const ir::Value next = tanh(matmul(x, w) + matmul(state, w));
  graph->outputs = {next.id, next.id};
  return graph;
}

std::vector<ir::Sample> samples() {
  std::vector<ir::Sample> out;
  out.push_back({.inputs = {f32({2, 3}), f32({4, 2, 3}), f32({3, 3})},
                 .attrs = ScanAttrs{shared_matrix(), 1, 1, 4},
                 .low = -1,
                 .high = 1});
  for (const bool reverse : {false, true}) {
    out.push_back({.inputs = {f32({3}), f32({4, 3}), f32({3})},
                   .attrs = ScanAttrs{running_sum(DType::float32), 1, 1, 4, reverse}});
    out.push_back(
        {.inputs = {f32({2, 3}), f32({2, 3}), f32({5, 2, 4}), f32({5, 2, 3}), f32({4, 3}), f32({3, 3}), f32({3})},
         .attrs = ScanAttrs{recurrent(), 2, 2, 5, reverse},
         .low = -1,
         .high = 1});
  }
  out.push_back({.inputs = {i32({3}), i32({2, 3}), i32({3})}, .attrs = ScanAttrs{running_sum(DType::int32), 1, 1, 2}});
  out.push_back(
      {.inputs = {f32({3}), f32({0, 3}), f32({3})}, .attrs = ScanAttrs{running_sum(DType::float32), 1, 1, 0}});
  return out;
}

}  // namespace

ScanInterpreter::ScanInterpreter(const ScanAttrs& attrs, const std::vector<ir::Type>& in,
                                 const std::vector<ir::Type>& out)
    : body_(*attrs.body),
      carries_(static_cast<std::size_t>(attrs.carries)),
      slices_(static_cast<std::size_t>(attrs.slices)),
      length_(static_cast<std::size_t>(attrs.length)),
      reverse_(attrs.reverse) {
  const auto step_bytes = [&](const ir::Type& type, bool sliced) {
    return sliced ? type.bytes() / std::max<std::size_t>(1, length_) : type.bytes();
  };
  for (std::size_t i = 0; i < in.size(); ++i)
    in_bytes_.push_back(step_bytes(in[i], i >= carries_ && i < carries_ + slices_));
  for (std::size_t k = 0; k < out.size(); ++k) out_bytes_.push_back(step_bytes(out[k], k >= carries_));
  buffers_ = aligned((in.size() + out.size()) * sizeof(void*));
  memory_ = buffers_;
  for (std::size_t j = 0; j < carries_; ++j) memory_ += aligned(out_bytes_[j]);
  workspace_ = memory_ + body_.workspace();
}

void ScanInterpreter::run(const void* const* in, void* const* out, std::byte* workspace) const {
  const auto** const from = reinterpret_cast<const void**>(workspace);
  auto** const to = reinterpret_cast<void**>(workspace) + in_bytes_.size();
  std::byte* buffer = workspace + buffers_;
  for (std::size_t i = 0; i < in_bytes_.size(); ++i) from[i] = in[i];
  for (std::size_t j = 0; j < carries_; ++j) {  // the body may not write over what it reads
    if (out_bytes_[j]) std::memcpy(out[j], in[j], out_bytes_[j]);
    from[j] = out[j];
    to[j] = buffer;
    buffer += aligned(out_bytes_[j]);
  }
  for (std::size_t t = 0; t < length_; ++t) {
    const std::size_t step = reverse_ ? length_ - 1 - t : t;
    for (std::size_t i = carries_; i < carries_ + slices_; ++i)
      from[i] = static_cast<const std::byte*>(in[i]) + step * in_bytes_[i];
    for (std::size_t k = carries_; k < out_bytes_.size(); ++k)
      to[k] = static_cast<std::byte*>(out[k]) + step * out_bytes_[k];
    body_.run(from, to, workspace + memory_);
    for (std::size_t j = 0; j < carries_; ++j) {
      if (out_bytes_[j]) std::memcpy(out[j], to[j], out_bytes_[j]);
    }
  }
}

const Record records::scan{
    .name = "scan",
    .doc =
        "A body of ops run once for each slice of some operands, which takes carries from step to step. Gives the "
        "last carries, and what each step made, stacked.",
    .inputs = -1,
    .outputs = -1,
    .attrs = attrs_type<ScanAttrs>,
    .infer = infer,
    .vjp = scan_vjp,
    .reference = reference,
    .samples = samples,
};

}  // namespace keras::primitives
