#include "compile/scan.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "compile/compile.h"
#include "compile/rows.h"
#include "primitives/attrs.h"
#include "runtime/scan.h"
#include "support/threads.h"

namespace keras::compile {

namespace {

// The carry that the output `value` of a body is, as it is before the step or after it; of those in `taken`, none.
int carry_of(const std::vector<ir::ValueId>& carries, ir::ValueId value, const std::vector<bool>& taken) {
  for (std::size_t j = 0; j < carries.size(); ++j) {
    if (carries[j] == value && !taken[j]) return static_cast<int>(j);
  }
  return -1;
}

constexpr std::int64_t kLeastRows = 8;  // of a part: fewer would not fill the tiles of a product

// The body for a part of the rows, where the rows are independent and enough for the threads there are.
struct Parts {
  std::size_t parts;
  Rows rows;
};
std::optional<Parts> parts_of(const ir::Graph& body, std::size_t carries, std::size_t slices) {
  if (carries == 0) return std::nullopt;
  const Shape& state = body.type(body.inputs[0].value).shape;
  if (state.empty()) return std::nullopt;
  const std::int64_t batch = state[0].value();
  std::int64_t parts = std::min<std::int64_t>(support::num_threads(), batch / kLeastRows);
  while (parts > 1 && batch % parts != 0) --parts;
  if (parts < 2) return std::nullopt;
  std::vector<bool> cut;
  for (std::size_t i = 0; i < body.inputs.size(); ++i)
    cut.push_back(i < carries + slices && !body.type(body.inputs[i].value).shape.empty());
  auto rows = with_rows(body, std::move(cut), batch, batch / parts);
  if (!rows) return std::nullopt;
  return Parts{static_cast<std::size_t>(parts), std::move(*rows)};
}

}  // namespace

Choice choose_scan(const ir::Node& node, const runtime::Target& target) {
  const auto& attrs = node.attrs.as<primitives::ScanAttrs>();
  ir::Graph body = *attrs.body;
  const auto carries = static_cast<std::size_t>(attrs.carries);
  runtime::ScanKernel::Loop loop;
  loop.carries = carries;
  loop.slices = static_cast<std::size_t>(attrs.slices);
  loop.length = static_cast<std::size_t>(attrs.length);
  loop.reverse = attrs.reverse;
  loop.after.assign(carries, -1), loop.before.assign(carries, -1);

  // A carry that is stacked anyway lives in the stack.
  std::vector<ir::ValueId> before, after(body.outputs.begin(), body.outputs.begin() + attrs.carries);
  for (std::size_t j = 0; j < carries; ++j) before.push_back(body.inputs[j].value);
  std::vector<bool> taken(carries, false);
  std::vector<ir::ValueId> outputs = after;
  for (std::size_t k = carries; k < body.outputs.size(); ++k) {
    const ir::ValueId value = body.outputs[k];
    int j = carry_of(after, value, taken);
    if (j >= 0) {
      loop.after[static_cast<std::size_t>(j)] = static_cast<int>(k);
    } else if (j = carry_of(before, value, taken); j >= 0) {
      loop.before[static_cast<std::size_t>(j)] = static_cast<int>(k);
    } else {
      loop.made.push_back(k);
      outputs.push_back(value);
      continue;
    }
    taken[static_cast<std::size_t>(j)] = true;
  }
  body.outputs = std::move(outputs);

  if (const auto rows = parts_of(body, loop.carries, loop.slices)) {
    loop.parts = rows->parts;
    loop.cut = rows->rows.cut;
    body = rows->rows.graph;
  }
  const auto program = compile(std::move(body), target, {.what = "a step of a loop"});
  const auto kernel = std::make_shared<runtime::ScanKernel>(program, std::move(loop));
  Choice choice;
  choice.kernel = kernel;
  choice.workspace = kernel->workspace();
  choice.scratch = kernel->scratch();
  const auto length = static_cast<double>(attrs.length);
  for (const runtime::Step& step : program->steps) choice.flops += length * step.flops;
  const auto parts = static_cast<double>(kernel->parts());
  choice.flops *= parts;
  choice.cost = parts * length * program->cost;
  choice.name = kernel->parts() > 1 ? fmt::format("scan({} x {} kernels, {} parts)", attrs.length,
                                                  program->steps.size(), kernel->parts())
                                    : fmt::format("scan({} x {} kernels)", attrs.length, program->steps.size());
  choice.body = program->str();
  return choice;
}

}  // namespace keras::compile
