// Graphs from text.
#include <fmt/format.h>
#include <keras/error.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <unordered_map>

#include "ir/text.h"

namespace keras::ir {

void skip_space(std::string_view& text) {
  const auto at = text.find_first_not_of(" \t\r\n");
  text.remove_prefix(at == std::string_view::npos ? text.size() : at);
}

bool take(std::string_view& text, std::string_view token) {
  skip_space(text);
  if (!text.starts_with(token)) return false;
  text.remove_prefix(token.size());
  return true;
}

void expect(std::string_view& text, std::string_view token) {
  if (!take(text, token)) refuse(text, fmt::format("'{}'", token));
}

std::string_view take_word(std::string_view& text) {
  skip_space(text);
  const auto end = std::ranges::find_if_not(
      text, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.'; });
  const std::string_view word = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(word.size());
  return word;
}

void refuse(std::string_view text, std::string_view expected) {
  const std::string_view line = text.substr(0, std::min(text.find('\n'), std::size_t{40}));
  throw ValueError(
      fmt::format("expected {}, found {}", expected, text.empty() ? "the end of the text" : fmt::format("'{}'", line)));
}

Type parse_type(std::string_view& text) {
  skip_space(text);
  const std::string_view at = text;
  const std::string_view word = take_word(text);
  for (int kind = 0; kind < DType::kCount; ++kind) {
    const DType dtype(static_cast<DType::Kind>(kind));
    if (word != short_name(dtype)) continue;
    Type type{dtype, {}};
    parse(text, type.shape);
    return type;
  }
  refuse(at, "a type such as f32[2,3]");
}

namespace {

thread_local Finder current_finder = nullptr;  // for graphs inside attributes, whose parse function has no room for it
thread_local int depth = 0;
constexpr int kMaxDepth = 16;

class GraphParser {
 public:
  GraphParser(std::string_view& text, Finder find) : text_(text), find_(find) {}

  std::shared_ptr<Graph> run() {
    expect(text_, "{");
    while (!take(text_, "}")) {
      skip_space(text_);
      if (text_.starts_with('%')) {
        node();
      } else if (take(text_, "update")) {
        const ValueId state = operand();
        expect(text_, "=");
        graph_->update(state, operand());
      } else if (take(text_, "output")) {
        do {
          graph_->outputs.push_back(operand());
        } while (take(text_, ","));
      } else {
        refuse(text_, "a node, 'update', 'output' or '}'");
      }
    }
    return graph_;
  }

 private:
  std::int64_t name() {
    expect(text_, "%");
    std::int64_t v = 0;
    parse(text_, v);
    return v;
  }
  ValueId operand() {
    skip_space(text_);
    const std::string_view at = text_;
    const auto found = values_.find(name());
    if (found == values_.end()) {
      text_ = at;
      refuse(at, "a value that stands above");
    }
    return found->second;
  }

  void node() {
    std::vector<std::int64_t> names;
    do {
      names.push_back(name());
    } while (take(text_, ","));
    expect(text_, "=");
    skip_space(text_);
    const std::string_view at = text_;
    const std::string_view word = take_word(text_);
    ValueId first = -1;
    if (word == kInput.name || word == kState.name) {
      std::string input;
      parse(text_, input);
      expect(text_, ":");
      first = graph_->add_input(std::move(input), parse_type(text_), word == kState.name);
      if (names.size() != 1) refuse(at, "one value from an input");
    } else {
      const OpDef* op = find_(word);
      if (!op) {
        text_ = at;
        refuse(at, "the name of an op");
      }
      first = call(*op, names.size());
    }
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (!values_.emplace(names[i], first + static_cast<ValueId>(i)).second)
        refuse(at, fmt::format("a new name, as %{} stands above", names[i]));
    }
  }

  ValueId call(const OpDef& op, std::size_t results) {
    std::vector<ValueId> operands;
    expect(text_, "(");
    if (!take(text_, ")")) {
      do {
        operands.push_back(operand());
      } while (take(text_, ","));
      expect(text_, ")");
    }
    Attrs attrs(*op.attrs, op.attrs->parse(text_));
    const ValueId first = graph_->add(op, std::move(attrs), std::move(operands));
    const auto count = static_cast<std::size_t>(graph_->node_of(first).outputs);
    if (count != results) refuse(text_, fmt::format("{} results of {}, not {}", count, op.name, results));
    expect(text_, ":");
    for (std::size_t i = 0; i < count; ++i) {
      if (i) expect(text_, ",");
      skip_space(text_);
      const std::string_view at = text_;
      const Type& type = graph_->type(first + static_cast<ValueId>(i));
      if (parse_type(text_) != type) refuse(at, type.str());
    }
    return first;
  }

  std::string_view& text_;
  Finder find_;
  std::shared_ptr<Graph> graph_ = std::make_shared<Graph>();
  std::unordered_map<std::int64_t, ValueId> values_;
};

}  // namespace

std::shared_ptr<Graph> parse_graph(std::string_view& text, Finder find) {
  struct Scope {
    Finder before = current_finder;
    Scope(Finder find) {
      current_finder = find;
      ++depth;
    }
    ~Scope() {
      current_finder = before;
      --depth;
    }
  } scope(find);
  if (depth > kMaxDepth) refuse(text, fmt::format("graphs nested at most {} deep", kMaxDepth));
  return GraphParser(text, find).run();
}

void parse(std::string_view& text, GraphPtr& v) {
  if (take(text, "null")) {
    v = nullptr;
  } else {
    if (!current_finder) refuse(text, "a graph inside the text of a graph");
    v = parse_graph(text, current_finder);
  }
}

Graph parse(std::string_view text, const OpDef* (*find)(std::string_view name)) {
  std::string_view rest = text;
  try {
    expect(rest, "graph");
    std::shared_ptr<Graph> graph = parse_graph(rest, find);
    skip_space(rest);
    if (!rest.empty()) refuse(rest, "the end of the text");
    return std::move(*graph);
  } catch (const std::exception& e) {
    const auto read = text.substr(0, text.size() - rest.size());
    throw ValueError(fmt::format("ir::parse: line {}: {}", 1 + std::ranges::count(read, '\n'), e.what()));
  }
}

}  // namespace keras::ir
