#include "runtime/scan.h"

#include <cstring>

#include "runtime/execution.h"
#include "support/threads.h"

namespace keras::runtime {

namespace {
constexpr std::size_t kNone = SIZE_MAX;
}

ScanKernel::ScanKernel(std::shared_ptr<const Program> body, Loop loop)
    : body_(std::move(body)), loop_(std::move(loop)) {
  for (std::size_t i = 0; i < body_->inputs.size(); ++i) {
    in_bytes_.push_back(body_->inputs[i].bytes());
    in_step_.push_back(in_bytes_[i] * (loop_.parts > 1 && loop_.cut[i] ? loop_.parts : 1));
  }
  for (const ir::Type& type : body_->outputs) out_bytes_.push_back(type.bytes());
  std::size_t end = aligned((in_bytes_.size() + out_bytes_.size()) * sizeof(void*));
  for (std::size_t j = 0; j < loop_.carries; ++j) {
    const bool stacked = loop_.after[j] >= 0 || loop_.before[j] >= 0;
    buffers_.push_back(stacked ? kNone : end);
    if (!stacked) end += 2 * aligned(out_bytes_[j]);  // what is read and what is written
  }
  memory_ = end;
  part_ = aligned(end + Execution::bytes(*body_));
  workspace_ = part_ * loop_.parts;
}

void ScanKernel::run(const Operands& operands, const Workspace& workspace) const {
  support::parallel_for(static_cast<std::int64_t>(loop_.parts), 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t part = begin; part < end; ++part) {
      const auto p = static_cast<std::size_t>(part);
      run_part(p, operands, {workspace.shared + p * part_, workspace.scratch, workspace.stride});
    }
  });
}

void ScanKernel::run_part(std::size_t part, const Operands& operands, const Workspace& workspace) const {
  const std::size_t inputs = in_bytes_.size(), outputs = out_bytes_.size(), carries = loop_.carries;
  auto** const in = workspace.as<const void*>();
  auto** const out = reinterpret_cast<void**>(workspace.shared) + inputs;
  Execution body(*body_, workspace.shared + memory_, workspace.scratch, workspace.stride);
  const auto place = [&](std::size_t step) { return loop_.reverse ? loop_.length - 1 - step : step; };
  const auto operand = [&](std::size_t i, std::size_t step) {
    const bool cut = loop_.parts > 1 && loop_.cut[i];
    return operands.as<std::byte>(i) + step * in_step_[i] + (cut ? part * in_bytes_[i] : 0);
  };
  const auto result = [&](std::size_t j) { return operands.as<std::byte>(inputs + j) + part * out_bytes_[j]; };
  const auto in_stack = [&](std::size_t k, std::size_t step, std::size_t bytes) {
    return operands.as<std::byte>(inputs + k) + place(step) * bytes * loop_.parts + part * bytes;
  };

  for (std::size_t i = 0; i < inputs; ++i) in[i] = operand(i, 0);
  for (std::size_t j = 0; j < carries && loop_.length > 0; ++j) {
    if (loop_.before[j] < 0) continue;
    void* const first = in_stack(static_cast<std::size_t>(loop_.before[j]), 0, out_bytes_[j]);
    std::memcpy(first, in[j], out_bytes_[j]);
    in[j] = first;
  }
  for (std::size_t step = 0; step < loop_.length; ++step) {
    const bool last = step + 1 == loop_.length;
    for (std::size_t i = carries; i < carries + loop_.slices; ++i) in[i] = operand(i, place(step));
    for (std::size_t k = carries; k < outputs; ++k) out[k] = in_stack(loop_.made[k - carries], step, out_bytes_[k]);
    for (std::size_t j = 0; j < carries; ++j) {
      const auto after = static_cast<std::size_t>(loop_.after[j]), before = static_cast<std::size_t>(loop_.before[j]);
      if (loop_.after[j] >= 0) {
        out[j] = in_stack(after, step, out_bytes_[j]);
      } else if (last) {
        out[j] = result(j);
      } else if (loop_.before[j] >= 0) {
        out[j] = in_stack(before, step + 1, out_bytes_[j]);
      } else {
        out[j] = workspace.shared + buffers_[j] + step % 2 * aligned(out_bytes_[j]);
      }
    }
    body.run_again({in, inputs}, {out, outputs});
    for (std::size_t j = 0; j < carries; ++j) in[j] = out[j];
  }
  for (std::size_t j = 0; j < carries; ++j) {
    if (in[j] != result(j)) std::memcpy(result(j), in[j], out_bytes_[j]);
  }
}

}  // namespace keras::runtime
