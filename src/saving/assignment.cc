#include "saving/assignment.h"

#include <fmt/format.h>
#include <keras/error.h>

#include <algorithm>
#include <array>

#include "ops/tensor_node.h"
#include "support/text.h"

namespace keras::saving {
namespace {

constexpr std::size_t kRows = 40;  // of a table in a message

}  // namespace

bool Assignment::Pair::fits() const { return !variable.empty() && array && variable.shape() == array->value.shape(); }

void Assignment::give(const Variable& variable, std::string path, StoredArray array) {
  pairs_.push_back({variable, std::move(path), std::move(array)});
}
void Assignment::missing(const Variable& variable, std::string path) {
  pairs_.push_back({variable, std::move(path), std::nullopt});
}
void Assignment::unused(StoredArray array) { pairs_.push_back({{}, {}, std::move(array)}); }

// All rows where they are few, else those that differ and their neighbours.
std::string Assignment::table() const {
  std::vector<std::array<std::string, 2>> cells;
  std::size_t widest = 8;
  for (const Pair& pair : pairs_) {
    cells.push_back({pair.array ? fmt::format("{} {}", pair.array->name, pair.array->value.shape().str()) : "-",
                     pair.variable.empty() ? "-" : fmt::format("{} {}", pair.path, pair.variable.shape().str())});
    widest = std::max(widest, cells.back()[0].size());
  }
  std::string text = fmt::format("    {:<{}}  {}\n", "the file", widest, "the model");
  std::size_t rows = 0, left_out = 0;
  for (std::size_t i = 0; i < pairs_.size(); ++i) {
    const auto differs = [&](std::size_t k) { return k < pairs_.size() && !pairs_[k].fits(); };
    const bool near = pairs_.size() <= kRows || differs(i) || differs(i + 1) || (i > 0 && differs(i - 1));
    if (!near || rows == kRows) {
      ++left_out;
      continue;
    }
    ++rows;
    text += fmt::format("  {} {:<{}}  {}\n", pairs_[i].fits() ? ' ' : '!', cells[i][0], widest, cells[i][1]);
  }
  if (left_out > 0) text += fmt::format("    … and {} more\n", left_out);
  return text;
}

LoadReport Assignment::commit(const std::string& file, const std::string& model, bool skip_mismatch, bool partial) {
  LoadReport report;
  bool wrong = false;
  for (const Pair& pair : pairs_) {
    if (pair.fits()) {
      report.loaded.push_back(pair.path);
    } else if (!pair.array) {
      report.missing.push_back(pair.path);
      wrong = wrong || !partial;
    } else {
      report.skipped.push_back(pair.array->name);
      if (!pair.variable.empty()) report.missing.push_back(pair.path);
      wrong = wrong || !pair.variable.empty() || !partial;
    }
  }
  if (wrong && !skip_mismatch) {
    throw ValueError(fmt::format(
        "{}: its weights do not fit {}. The rows with ! differ:\n{}Build the model as the one that was saved, "
        "or load what fits with skip_mismatch.",
        file, model, table()));
  }
  for (Pair& pair : pairs_) {
    if (!pair.fits()) continue;
    const DType dtype = pair.variable.dtype();
    const Array& value = pair.array->value;
    pair.variable.state()->value = value.dtype() == dtype ? pair.array->own() : value.astype(dtype);
    pair.array.reset();  // gives its memory back at once
  }
  return report;
}

}  // namespace keras::saving

std::string keras::LoadReport::str() const {
  std::string text = fmt::format("{} weights loaded", loaded.size());
  const auto add = [&](const char* what, const std::vector<std::string>& names) {
    if (!names.empty()) text += fmt::format("; {} {}: {}", names.size(), what, support::list(names));
  };
  add("arrays of the file skipped", skipped);
  add("weights of the model missing in the file", missing);
  return text;
}
