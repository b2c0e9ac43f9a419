// Graphs and types as text.
#include <fmt/format.h>

#include <algorithm>

#include "ir/text.h"

namespace keras::ir {

const char* short_name(DType dtype) {
  switch (dtype.kind()) {
    case DType::boolean:
      return "bool";
    case DType::uint8:
      return "u8";
    case DType::uint16:
      return "u16";
    case DType::uint32:
      return "u32";
    case DType::uint64:
      return "u64";
    case DType::int8:
      return "i8";
    case DType::int16:
      return "i16";
    case DType::int32:
      return "i32";
    case DType::int64:
      return "i64";
    case DType::bfloat16:
      return "bf16";
    case DType::float16:
      return "f16";
    case DType::float32:
      return "f32";
    case DType::float64:
      return "f64";
  }
  return "?";
}

std::string Type::str() const {
  std::string out = short_name(dtype);
  print(out, shape);
  return out;
}

namespace {

// Attributes may hold graphs of several lines: those are indented along.
void append_indented(std::string& out, std::string_view text) {
  for (const char c : text) {
    out += c;
    if (c == '\n') out += "  ";
  }
}

void print_node(std::string& out, const Graph& graph, const Node& node) {
  const auto append = std::back_inserter(out);
  for (ValueId i = 0; i < node.outputs; ++i) fmt::format_to(append, "{}%{}", i ? ", " : "", node.first + i);
  fmt::format_to(append, " = {}", node.op->name);
  if (node.op == &kInput || node.op == &kState) {
    const Input* input = graph.input_of(node.first);
    out += ' ';
    print(out, input ? input->name : std::string());
  } else {
    out += '(';
    for (std::size_t i = 0; i < node.inputs.size(); ++i) fmt::format_to(append, "{}%{}", i ? ", " : "", node.inputs[i]);
    out += ')';
    const std::string attrs = node.attrs.str();
    if (!attrs.empty()) append_indented(out += ' ', attrs);
  }
  out += " : ";
  for (ValueId i = 0; i < node.outputs; ++i) {
    if (i) out += ", ";
    out += graph.type(node.first + i).str();
  }
}

}  // namespace

std::string print_body(const Graph& graph) {
  std::string out = "{\n";
  for (const Node& node : graph.nodes) {
    out += "  ";
    print_node(out, graph, node);
    out += '\n';
  }
  for (const Update& u : graph.updates)
    fmt::format_to(std::back_inserter(out), "  update %{} = %{}\n", u.state, u.value);
  if (!graph.outputs.empty())
    fmt::format_to(std::back_inserter(out), "  output %{}\n", fmt::join(graph.outputs, ", %"));
  return out + '}';
}

std::string print(const Graph& graph) { return "graph " + print_body(graph) + '\n'; }

}  // namespace keras::ir
