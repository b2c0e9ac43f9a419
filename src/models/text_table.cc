#include "models/text_table.h"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace keras {

namespace {

// One horizontal line: its left end, filling, crossing and right end.
struct Rule {
  const char *left, *fill, *cross, *right;
};
struct Box {
  Rule top, head, row, bottom;
  const char *head_bar, *bar, *ellipsis;
};
constexpr Box kUnicode = {
    {"┏", "━", "┳", "┓"}, {"┡", "━", "╇", "┩"}, {"├", "─", "┼", "┤"}, {"└", "─", "┴", "┘"}, "┃", "│", "…"};
constexpr Box kAscii = {
    {"+", "-", "-", "+"}, {"|", "-", "+", "|"}, {"|", "-", "+", "|"}, {"+", "-", "-", "+"}, "|", "|", "."};

bool continues(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }

int length(std::string_view text) {  // in characters
  return static_cast<int>(std::count_if(text.begin(), text.end(), [](char byte) { return !continues(byte); }));
}

std::string_view first(std::string_view text, int characters) {
  std::size_t end = 0;
  for (int n = 0; end < text.size(); ++end) {
    if (!continues(text[end]) && n++ == characters) break;
  }
  return text.substr(0, end);
}

std::string repeat(const char* text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

// Lines of at most `width` characters, broken after blanks; a longer word keeps a line of its own, and is cut there.
std::vector<std::string> wrap(std::string_view text, int width) {
  std::vector<std::string> lines{""};
  while (!text.empty()) {
    std::size_t end = std::min(text.find_first_not_of(' '), text.size());
    end = std::min(text.find(' ', end), text.size());
    const int word = length(text.substr(0, end));
    end = std::min(text.find_first_not_of(' ', end), text.size());
    if (length(lines.back()) + word > width && !lines.back().empty()) lines.emplace_back();
    lines.back() += text.substr(0, end);
    text.remove_prefix(end);
  }
  return lines;
}

std::string fit(std::string text, int width, TextTable::Align align, const Box& box) {
  while (!text.empty() && text.back() == ' ') text.pop_back();
  if (length(text) > width) text = std::string(first(text, width - 1)) + box.ellipsis;
  const int space = width - length(text);
  const int before = align == TextTable::Align::left ? 0 : align == TextTable::Align::right ? space : space / 2;
  return std::string(static_cast<std::size_t>(before), ' ') + text +
         std::string(static_cast<std::size_t>(space - before), ' ');
}

std::string rule(const Rule& rule, const std::vector<int>& widths) {
  std::string line = rule.left;
  for (std::size_t i = 0; i < widths.size(); ++i) {
    if (i > 0) line += rule.cross;
    line += repeat(rule.fill, widths[i] + 2);
  }
  return line + rule.right;
}

// The widths of the texts: two blanks and a bar a column, and a bar at the end, come to them.
std::vector<int> shrink(const std::vector<TextTable::Column>& columns, int width) {
  const int count = static_cast<int>(columns.size());
  int excess = count + 1 - width;
  std::vector<int> widths;
  for (const TextTable::Column& column : columns) excess += column.width + 2;
  for (int i = 0; i < count; ++i) {
    const int padded = columns[static_cast<std::size_t>(i)].width + 2;
    const int share =
        excess > 0 ? std::min(padded, static_cast<int>(std::nearbyint(static_cast<double>(excess) / (count - i)))) : 0;
    excess -= share;
    widths.push_back(std::max(1, padded - share - 2));
  }
  return widths;
}

}  // namespace

std::vector<std::string> TextTable::lines() const {
  const Box& box = ascii ? kAscii : kUnicode;
  const std::vector<int> widths = shrink(columns, width);
  std::vector<std::string> out;
  const auto add_row = [&](const std::vector<std::string>& texts, const char* bar, bool bottom) {
    std::vector<std::vector<std::string>> cells;
    std::size_t height = 1;
    for (std::size_t i = 0; i < columns.size(); ++i)
      height = std::max(height, cells.emplace_back(wrap(texts[i], widths[i])).size());
    for (auto& cell : cells) cell.insert(bottom ? cell.begin() : cell.end(), height - cell.size(), "");
    for (std::size_t line = 0; line < height; ++line) {
      std::string text = bar;
      for (std::size_t i = 0; i < columns.size(); ++i) {
        text += " " + fit(cells[i][line], widths[i], columns[i].align, box) + " " + bar;
      }
      out.push_back(std::move(text));
    }
  };
  std::vector<std::string> titles;
  for (const Column& column : columns) titles.push_back(column.title);
  out.push_back(rule(box.top, widths));
  add_row(titles, box.head_bar, true);
  out.push_back(rule(box.head, widths));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i > 0) out.push_back(rule(box.row, widths));
    add_row(rows[i], box.bar, false);
  }
  out.push_back(rule(box.bottom, widths));
  return out;
}

}  // namespace keras
