// Tables of comma-separated values.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/preprocessing.h>

#include <algorithm>
#include <array>
#include <set>

#include "support/files.h"
#include "support/text.h"
#include "tensor/format.h"

namespace keras::utils {
namespace {

// What pandas takes for a missing value, too.
constexpr std::array<std::string_view, 17> kMissing = {"",     "#N/A", "#N/A N/A", "#NA",  "-NaN", "-nan",
                                                       "<NA>", "N/A",  "NA",       "NULL", "NaN",  "None",
                                                       "n/a",  "nan",  "null",     "NaT",  "none"};

struct Cell {
  std::string text;
  bool quoted = false;
};
struct Row {
  std::size_t line = 0;  // where it begins, from 1
  std::vector<Cell> cells;
};

// The rows of a text, one at a time.
class Reader {
 public:
  Reader(const std::string& path, std::string_view text, char sep) : path_(path), text_(text), sep_(sep) {
    if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);  // the mark that some programs write before UTF-8
  }
  [[noreturn]] void fail(std::size_t line, const std::string& what) const {
    throw ValueError(fmt::format("read_csv: {}, line {}: {}", path_, line, what));
  }
  void skip_line() {
    while (at_ < text_.size() && !end_of_line()) ++at_;
  }
  // Whether there was another row that is not empty.
  bool next(Row& row) {
    do {
      if (at_ >= text_.size()) return false;
      row = {line_, {}};
      while (!cell(row)) {
      }
    } while (row.cells.size() == 1 && !row.cells[0].quoted && support::trim(row.cells[0].text).empty());
    return true;
  }

 private:
  bool end_of_line() {  // steps over \n, \r\n or \r
    const char c = text_[at_];
    if (c != '\n' && c != '\r') return false;
    at_ += text_.substr(at_).starts_with("\r\n") ? 2 : 1;
    ++line_;
    return true;
  }
  // Reads a cell and what follows it; whether the row ends there.
  bool cell(Row& row) {
    Cell& cell = row.cells.emplace_back();
    while (at_ < text_.size() && text_[at_] == ' ' && sep_ != ' ') ++at_;
    if (at_ < text_.size() && text_[at_] == '"') {
      quoted(cell);
      while (at_ < text_.size() && text_[at_] == ' ' && sep_ != ' ') ++at_;
      if (at_ < text_.size() && text_[at_] != sep_ && text_[at_] != '\n' && text_[at_] != '\r') {
        fail(line_, fmt::format("after the closing quote of cell {} comes «{}» instead of «{}» or the end of the line. "
                                "A quote inside a quoted cell is written twice.",
                                row.cells.size(), support::printable(text_.substr(at_, 1)), sep_));
      }
    }
    while (at_ < text_.size()) {
      if (text_[at_] == sep_) return ++at_, false;
      if (end_of_line()) return true;
      cell.text += text_[at_++];
    }
    return true;
  }
  void quoted(Cell& cell) {
    const std::size_t begin = line_;
    cell.quoted = true;
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '"') {
        if (!text_.substr(at_ + 1).starts_with('"')) {
          ++at_;
          return;
        }
        ++at_;
      }
      if (text_[at_] == '\n') ++line_;
      cell.text += text_[at_];
    }
    fail(begin, "a quoted cell begins here and is not closed before the end of the file.");
  }

  const std::string& path_;
  std::string_view text_;
  char sep_;
  std::size_t at_ = 0, line_ = 1;
};

class TableBuilder {
 public:
  TableBuilder(const Reader& reader, const ReadCsvArgs& args) : reader_(reader), args_(args) {}

  void name_columns(std::vector<std::string> names, std::size_t line) {
    if (!args_.names.empty()) {
      if (args_.names.size() != names.size()) {
        reader_.fail(line, fmt::format("there are {} columns, but {} names were given: {}.", names.size(),
                                       args_.names.size(), support::list(args_.names)));
      }
      names = args_.names;
    }
    std::set<std::string_view> seen;
    for (const std::string& name : names) {
      if (seen.insert(name).second) continue;
      reader_.fail(line,
                   fmt::format("two columns are called «{}». If the first row holds data, read with .header = false; "
                               "else give .names.",
                               support::printable(name)));
    }
    table_.columns = std::move(names);
    columns_.resize(table_.columns.size());
  }
  void add(const Row& row) {
    if (row.cells.size() != columns_.size()) {
      reader_.fail(row.line, fmt::format("{} cells, where {} are expected, as in the first row. Is the separator «{}»?",
                                         row.cells.size(), columns_.size(), args_.sep));
    }
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const std::string_view text =
          row.cells[i].quoted ? std::string_view(row.cells[i].text) : support::trim(row.cells[i].text);
      Column& column = columns_[i];
      if (is_missing(text)) {
        column.numbers.push_back(args_.missing);
        if (args_.categories) column.missing.push_back(rows_);
      } else if (const auto value = support::parse_real(text)) {
        column.numbers.push_back(*value);
      } else if (args_.categories) {
        column.numbers.push_back(0);
        column.is_text = true;
      } else {
        reader_.fail(row.line,
                     fmt::format("cell {} (column «{}») is «{}», which is no number. {}", i + 1, table_.columns[i],
                                 support::printable(text),
                                 rows_ == 0 && !args_.header
                                     ? "If the first row has the names of the columns, read with .header = true; "
                                       "if the column holds text, with .categories = true."
                                     : "If the column holds text, read with .categories = true; if the cell stands for "
                                       "a missing value, name it in .na_values."));
      }
      if (args_.categories) column.texts.emplace_back(text);
    }
    ++rows_;
  }
  Table finish() {
    const std::size_t width = columns_.size();
    Array values({static_cast<std::int64_t>(rows_), static_cast<std::int64_t>(width)}, DType::float64);
    double* to = values.mutable_values<double>().data();
    for (std::size_t i = 0; i < width; ++i) {
      Column& column = columns_[i];
      if (column.is_text) number_texts(column, table_.categories[table_.columns[i]]);
      for (std::size_t row = 0; row < rows_; ++row) to[row * width + i] = column.numbers[row];
    }
    table_.values = values.astype(args_.dtype.value_or(config::floatx()));
    return std::move(table_);
  }

 private:
  struct Column {
    std::vector<double> numbers;
    std::vector<std::string> texts;
    std::vector<std::size_t> missing;  // rows
    bool is_text = false;
  };
  bool is_missing(std::string_view text) const {
    return std::find(kMissing.begin(), kMissing.end(), text) != kMissing.end() ||
           std::find(args_.na_values.begin(), args_.na_values.end(), text) != args_.na_values.end();
  }
  void number_texts(Column& column, std::vector<std::string>& names) const {
    std::vector<bool> there(rows_, true);
    for (const std::size_t row : column.missing) there[row] = false;
    std::set<std::string> sorted;
    for (std::size_t row = 0; row < rows_; ++row) {
      if (there[row]) sorted.insert(column.texts[row]);
    }
    names.assign(sorted.begin(), sorted.end());
    for (std::size_t row = 0; row < rows_; ++row) {
      if (!there[row]) continue;
      const auto found = std::lower_bound(names.begin(), names.end(), column.texts[row]);
      column.numbers[row] = static_cast<double>(found - names.begin());
    }
  }

  const Reader& reader_;
  const ReadCsvArgs& args_;
  Table table_;
  std::vector<Column> columns_;
  std::size_t rows_ = 0;
};

std::int64_t position(const Table& table, const std::string& name) {
  const auto found = std::find(table.columns.begin(), table.columns.end(), name);
  if (found != table.columns.end()) return found - table.columns.begin();
  throw ValueError(fmt::format("Table: there is no column «{}», only {}.{}", name, support::list(table.columns),
                               support::did_you_mean(name, table.columns)));
}

}  // namespace

Table read_csv(const std::string& path, ReadCsvArgs args) {
  if (args.sep == '"' || args.sep == '\n' || args.sep == '\r') {
    throw ValueError(
        "read_csv: sep is the character between cells, such as ',', ';' or '\\t'; quotes and line ends have "
        "a meaning of their own.");
  }
  const std::string text = support::read_file(path);
  if (text.find('\0') != std::string::npos) {
    throw IOError(fmt::format("read_csv: {} is no text but {}.", path, support::describe_contents(text)));
  }
  Reader reader(path, text, args.sep);
  for (std::int64_t i = 0; i < args.skip_rows; ++i) reader.skip_line();
  TableBuilder builder(reader, args);
  Row row;
  bool more = reader.next(row);
  if (!more) throw ValueError(fmt::format("read_csv: {} has no rows (skip_rows is {}).", path, args.skip_rows));
  std::vector<std::string> names;
  for (std::size_t i = 0; i < row.cells.size(); ++i) {
    names.push_back(args.header ? std::string(support::trim(row.cells[i].text)) : std::to_string(i));
  }
  builder.name_columns(std::move(names), row.line);
  if (args.header) more = reader.next(row);
  for (; more; more = reader.next(row)) builder.add(row);
  return builder.finish();
}

Array Table::column(const std::string& name) const { return select({name}).reshape({length()}); }

Array Table::select(const std::vector<std::string>& names) const {
  if (names.empty()) throw ValueError("Table: select needs the name of a column at least.");
  std::vector<Array> parts;
  for (const std::string& name : names) {
    const std::int64_t i = position(*this, name);
    parts.push_back(values.slice(i, i + 1, 1));
  }
  return concatenate(parts, 1);
}

Array Table::drop(const std::vector<std::string>& names) const {
  for (const std::string& name : names) position(*this, name);
  std::vector<std::string> kept;
  for (const std::string& name : columns) {
    if (std::find(names.begin(), names.end(), name) == names.end()) kept.push_back(name);
  }
  return select(kept);
}

}  // namespace keras::utils
