// Prepared calls of reference functions.
#include "primitives/interpret.h"

#include <algorithm>
#include <cstring>

#include "primitives/attrs.h"
#include "primitives/primitives.h"
#include "primitives/scan.h"
#include "tensor/dispatch.h"

namespace keras::primitives {
namespace {

bool is_16_bit(DType dtype) { return dtype == DType::float16 || dtype == DType::bfloat16; }

template <class Half>
void widen(const void* from, float* to, std::int64_t count) {
  const auto* x = static_cast<const Half*>(from);
  for (std::int64_t i = 0; i < count; ++i) to[i] = convert<float>(x[i]);
}
template <class Half>
void narrow(const float* from, void* to, std::int64_t count) {
  auto* y = static_cast<Half*>(to);
  for (std::int64_t i = 0; i < count; ++i) y[i] = convert<Half>(from[i]);
}

}  // namespace

Call::Call(const ir::OpDef& op, ir::Attrs attrs, std::vector<ir::Type> in, std::vector<ir::Type> out)
    : op_(&op), attrs_(std::move(attrs)), in_(std::move(in)), out_(std::move(out)) {
  if (op.code == static_cast<int>(Op::fused)) {  // its nodes convert for themselves
    body_ = std::make_unique<Interpreter>(*attrs_.as<FusedAttrs>().body);
    workspace_ = body_->workspace();
    return;
  }
  if (op.code == static_cast<int>(Op::scan)) {
    loop_ = std::make_unique<ScanInterpreter>(attrs_.as<ScanAttrs>(), in_, out_);
    workspace_ = loop_->workspace();
    return;
  }
  if (op.code == static_cast<int>(Op::constant)) return;  // copies bytes
  std::size_t place = 0, end = aligned((in_.size() + out_.size()) * sizeof(void*));
  for (auto* types : {&in_, &out_}) {
    for (ir::Type& type : *types) {
      if (is_16_bit(type.dtype)) {
        buffers_.push_back({place, end, type.shape.elements(), type.dtype});
        type.dtype = DType::float32;
        end += aligned(type.bytes());
      }
      ++place;
    }
  }
  if (!buffers_.empty()) workspace_ = end;
}

Call::~Call() = default;
Call::Call(Call&&) noexcept = default;

void Call::run(const void* const* in, void* const* out, std::byte* workspace) const {
  if (body_) return body_->run(in, out, workspace);
  if (loop_) return loop_->run(in, out, workspace);
  const std::size_t n = in_.size();
  if (buffers_.empty()) {
    return op_->reference({attrs_, in_, out_, {in, n}, {out, out_.size()}});
  }
  void** places = reinterpret_cast<void**>(workspace);
  for (std::size_t i = 0; i < n; ++i) places[i] = const_cast<void*>(in[i]);
  std::copy_n(out, out_.size(), places + n);
  for (const Buffer& b : buffers_) {
    auto* wide = reinterpret_cast<float*>(workspace + b.offset);
    places[b.place] = wide;
    if (b.place >= n) continue;
    (b.dtype == DType::float16 ? widen<float16> : widen<bfloat16>)(in[b.place], wide, b.count);
  }
  op_->reference({attrs_, in_, out_, {places, n}, {places + n, out_.size()}});
  for (const Buffer& b : buffers_) {
    if (b.place < n) continue;
    (b.dtype == DType::float16 ? narrow<float16> : narrow<bfloat16>)(static_cast<const float*>(places[b.place]),
                                                                     out[b.place - n], b.count);
  }
}

Interpreter::Interpreter(const ir::Graph& graph) : values_(graph.values.size()) {
  const auto index = [](ir::ValueId v) { return static_cast<std::size_t>(v); };
  const auto take = [&](ir::ValueId v, std::vector<std::size_t>& list) { list.push_back(index(v)); };
  for (const ir::Input& input : graph.inputs) {
    take(input.value, inputs_);
    input_types_.push_back(graph.type(input.value));
  }
  const auto result = [&](ir::ValueId v) {
    results_.push_back({index(v), graph.type(v).bytes()});
    output_types_.push_back(graph.type(v));
  };
  for (const ir::ValueId v : graph.outputs) result(v);
  for (const ir::Update& u : graph.updates) result(u.value);

  for (const ir::Node& node : graph.nodes) {
    if (node.op == &ir::kInput || node.op == &ir::kState) continue;
    std::vector<ir::Type> in, out;
    const std::size_t first = places_.size();
    for (const ir::ValueId v : node.inputs) {
      take(v, places_);
      in.push_back(graph.type(v));
    }
    for (ir::ValueId v = node.first; v < node.first + node.outputs; ++v) {
      take(v, places_);
      out.push_back(graph.type(v));
    }
    most_operands_ = std::max(most_operands_, places_.size() - first);
    steps_.push_back({Call(*node.op, node.attrs, std::move(in), std::move(out)), first, node.inputs.size()});
    scratch_ = std::max(scratch_, steps_.back().call.workspace());
  }
  // The workspace: a pointer to each value, the pointers of one step, the values, the workspace of one step.
  std::size_t end = aligned((values_ + most_operands_) * sizeof(void*));
  for (const ir::ValueInfo& v : graph.values) {
    offsets_.push_back(end);
    end += aligned(v.type.bytes());
  }
  workspace_ = end + aligned(scratch_);
}

void Interpreter::run(const void* const* in, void* const* out, std::byte* workspace) const {
  void** values = reinterpret_cast<void**>(workspace);
  void** operands = values + values_;
  for (std::size_t v = 0; v < values_; ++v) values[v] = workspace + offsets_[v];
  for (std::size_t i = 0; i < inputs_.size(); ++i) values[inputs_[i]] = const_cast<void*>(in[i]);
  for (std::size_t s = 0; s < steps_.size(); ++s) {
    const Step& step = steps_[s];
    const std::size_t end = s + 1 < steps_.size() ? steps_[s + 1].first : places_.size();
    for (std::size_t p = step.first; p < end; ++p) operands[p - step.first] = values[places_[p]];
    step.call.run(operands, operands + step.operands, workspace + workspace_ - aligned(scratch_));
  }
  for (std::size_t r = 0; r < results_.size(); ++r) {
    if (results_[r].bytes) std::memcpy(out[r], values[results_[r].value], results_[r].bytes);
  }
}

std::vector<Array> Interpreter::run(std::span<const Array> inputs) const {
  std::vector<const void*> in;
  std::vector<void*> out;
  std::vector<Array> results;
  for (std::size_t i = 0; i < input_types_.size(); ++i) {
    const ir::Type& want = input_types_[i];
    if (i >= inputs.size() || inputs[i].dtype() != want.dtype || inputs[i].shape() != want.shape) {
      throw std::logic_error("Interpreter: input " + std::to_string(i) + " should be " + want.str());
    }
    in.push_back(inputs[i].data());
  }
  for (const ir::Type& type : output_types_) results.emplace_back(type.shape, type.dtype);
  for (Array& r : results) out.push_back(r.mutable_data());
  run(in.data(), out.data(), Workspace(workspace_).data());
  return results;
}

}  // namespace keras::primitives
