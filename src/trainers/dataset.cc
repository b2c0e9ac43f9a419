#include "trainers/dataset.h"

#include <fmt/format.h>
#include <keras/error.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "models/model_state.h"

namespace keras {

namespace {
std::string shapes_of(const std::vector<Array>& columns) {
  std::string text;
  for (const Array& column : columns) text += (text.empty() ? "" : ", ") + column.shape().str();
  return text;
}

// A vector of numbers is a column of one feature each, as Keras takes it.
Array as_column(const Array& array) { return array.ndim() == 1 ? array.reshape({array.shape(0), 1}) : array; }

template <class T>
std::int64_t first_not_finite(const Array& array) {
  const std::span<const T> values = array.values<T>();
  // A sum of 0 * x is NaN when any x is not finite: one pass without branches.
  T probe = 0;
  for (T v : values) probe += 0 * v;
  if (probe == 0) return -1;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) return static_cast<std::int64_t>(i);
  }
  return -1;
}
}  // namespace

void Dataset::assign(const Model& model, const char* what, const Data& x, const Data& y, const Data& sample_weight) {
  columns_.clear();
  if (x.empty()) throw ValueError(fmt::format("{}: there is no input data (x).", what));
  const auto add = [&](const Data& data) {
    for (std::size_t i = 0; i < data.size(); ++i) columns_.push_back(data[i]);
  };
  add(x), add(y), add(sample_weight);
  inputs_ = x.size();
  weighted_ = !sample_weight.empty();
  for (const Array& column : columns_) {
    if (column.ndim() == 0) {
      throw ValueError(
          fmt::format("{}: data must have a first axis of samples. Received: a number of shape ().", what));
    }
  }
  rows_ = columns_[0].length();
  for (const Array& column : columns_) {
    if (column.length() != rows_) {
      throw ValueError(
          fmt::format("{}: x, y and sample_weight must have equally many samples (the first axis). Received: {}.", what,
                      shapes_of(columns_)));
    }
  }
  if (rows_ == 0) throw ValueError(fmt::format("{}: the data is empty. Received: {}.", what, shapes_of(columns_)));
  for (std::size_t i = 0; i < inputs_; ++i) columns_[i] = fit_input(model, columns_[i]);
  for (std::size_t i = inputs_; i + (weighted_ ? 1 : 0) < columns_.size(); ++i) columns_[i] = as_column(columns_[i]);
}

Dataset Dataset::rows(std::int64_t begin, std::int64_t end) const {
  Dataset part;
  for (const Array& column : columns_) part.columns_.push_back(column.slice(begin, end));
  part.inputs_ = inputs_;
  part.weighted_ = weighted_;
  part.rows_ = end - begin;
  return part;
}

void Dataset::check_values(const char* what) const {
  const auto name = [&](std::size_t i) {
    return i < inputs_ ? "x" : weighted_ && i + 1 == columns_.size() ? "sample_weight" : "y";
  };
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const Array& column = columns_[i];
    std::int64_t at = -1;
    if (column.dtype() == DType::float32) at = first_not_finite<float>(column);
    if (column.dtype() == DType::float64) at = first_not_finite<double>(column);
    if (at < 0) continue;
    throw ValueError(
        fmt::format("{}: {} holds {} in sample {}. Training on it would make every weight NaN: clean the data, for "
                    "example by leaving such samples out.",
                    what, name(i), column.flatten()[at].str(), at / (column.size() / rows_)));
  }
}

std::vector<ir::Type> Dataset::batch_types(std::int64_t rows) const {
  std::vector<ir::Type> types;
  for (const Array& column : columns_) {
    ir::Type type{column.dtype(), column.shape()};
    type.shape[0] = rows;
    types.push_back(type);
  }
  return types;
}

bool Dataset::has_types(const std::vector<ir::Type>& types) const {
  return std::equal(types.begin(), types.end(), columns_.begin(), columns_.end(),
                    [](const ir::Type& type, const Array& column) {
                      return type.dtype == column.dtype() && type.shape == column.shape();
                    });
}

Batches::Batches(const Dataset& data, std::int64_t batch_size) : batch_size_(std::min(batch_size, data.rows())) {
  for (const Array& column : data.columns()) {
    columns_.push_back(
        {static_cast<const std::byte*>(column.data()), column.nbytes() / static_cast<std::size_t>(data.rows()), {}});
    pointers_.push_back(nullptr);
  }
}

std::span<const void* const> Batches::get(std::int64_t begin, std::int64_t count, std::span<const std::int64_t> order) {
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    Column& column = columns_[c];
    if (order.empty()) {
      pointers_[c] = column.data + static_cast<std::size_t>(begin) * column.row_bytes;
      continue;
    }
    if (column.buffer.empty()) column.buffer.resize(static_cast<std::size_t>(batch_size_) * column.row_bytes);
    std::byte* to = column.buffer.data();
    for (std::int64_t i = begin; i < begin + count; ++i, to += column.row_bytes) {
      std::memcpy(to, column.data + static_cast<std::size_t>(order[static_cast<std::size_t>(i)]) * column.row_bytes,
                  column.row_bytes);
    }
    pointers_[c] = column.buffer.data();
  }
  return pointers_;
}

}  // namespace keras
