// What the printer and the parser of the IR share: short names of dtypes, and a reader that takes tokens off a text.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "ir/graph.h"

namespace keras::ir {

const char* short_name(DType dtype);  // f32

void skip_space(std::string_view& text);
bool take(std::string_view& text, std::string_view token);    // after spaces; false when something else stands there
void expect(std::string_view& text, std::string_view token);  // ValueError instead of false
std::string_view take_word(std::string_view& text);           // letters, digits, _ and .; may be empty
[[noreturn]] void refuse(std::string_view text, std::string_view expected);
Type parse_type(std::string_view& text);

using Finder = const OpDef* (*)(std::string_view name);
std::shared_ptr<Graph> parse_graph(std::string_view& text, Finder find);  // "{ … }"
std::string print_body(const Graph& graph);                               // the same

}  // namespace keras::ir
