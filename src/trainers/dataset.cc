#include "trainers/dataset.h"

#include <fmt/format.h>
#include <keras/error.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "models/model_state.h"
#include "support/text.h"
#include "support/threads.h"

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

// Whether so many bytes are gathered by another thread while the step runs: waking one takes longer than it takes to
// gather a few.
bool worth_ahead(std::size_t bytes) {
  constexpr std::size_t kLeast = 256 << 10;  // about 30 µs
  return bytes >= kLeast && support::num_threads() > 1;
}
}  // namespace

void Dataset::assign(const Model& model, const char* what, const Data& x, const Data& y, const Data& sample_weight) {
  columns_.clear();
  if (x.empty()) throw ValueError(fmt::format("{}: there is no input data (x).", what));
  const ModelState& state = model.model_body().model_state();
  add_columns(model, what, "x", x, state.input_names);
  add_columns(model, what, "y", y, state.output_names);
  add_columns(model, what, "sample_weight", sample_weight, state.output_names);
  kinds_ = {x.size(), sample_weight.size()};
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
  for (std::size_t i = 0; i < kinds_.inputs; ++i) columns_[i] = fit_input(model, columns_[i], i);
  for (std::size_t i = kinds_.inputs; i + kinds_.weights < columns_.size(); ++i) columns_[i] = as_column(columns_[i]);
}

// In the model's order, where `data` is given by name.
void Dataset::add_columns(const Model& model, const char* what, const char* kind, const Data& data,
                          const std::vector<std::string>& names) {
  if (data.names().empty()) {
    for (std::size_t i = 0; i < data.size(); ++i) columns_.push_back(data[i]);
    return;
  }
  const std::vector<std::string>& given = data.names();
  const auto refuse = [&](const std::string& reason) {
    throw ValueError(fmt::format("{}: {} {} Model \"{}\" knows the names: {}.", what, kind, reason, model.name(),
                                 names.empty() ? "none, for only functional models have them" : support::list(names)));
  };
  for (const std::string& name : given) {
    if (std::find(names.begin(), names.end(), name) == names.end())
      refuse(fmt::format("has an array «{}», which the model has no use for.{}", support::printable(name),
                         support::did_you_mean(name, names)));
  }
  for (const std::string& name : names) {
    const auto at = std::find(given.begin(), given.end(), name);
    if (at != given.end())
      columns_.push_back(data[static_cast<std::size_t>(at - given.begin())]);
    else if (std::string_view(kind) == "x")
      refuse(fmt::format("has no array «{}».", name));
  }
}

Dataset Dataset::rows(std::int64_t begin, std::int64_t end) const {
  Dataset part;
  for (const Array& column : columns_) part.columns_.push_back(column.slice(begin, end));
  part.kinds_ = kinds_;
  part.rows_ = end - begin;
  return part;
}

void check_finite(const char* what, const char* name, const Array& column, std::int64_t batch) {
  std::int64_t at = -1;
  if (column.dtype() == DType::float32) at = first_not_finite<float>(column);
  if (column.dtype() == DType::float64) at = first_not_finite<double>(column);
  if (at < 0) return;
  throw ValueError(
      fmt::format("{}: {} holds {} in sample {}{}. Training on it would make every weight NaN: clean the data, for "
                  "example by leaving such samples out.",
                  what, name, column.flatten()[at].str(), at / (column.size() / column.length()),
                  batch < 0 ? "" : fmt::format(" of batch {}", batch)));
}

void Dataset::check_values(const char* what) const {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const bool is_weight = i + kinds_.weights >= columns_.size();
    check_finite(what, i < kinds_.inputs ? "x" : is_weight ? "sample_weight" : "y", columns_[i]);
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

Batches::Batches(const Dataset& data, std::int64_t batch_size)
    : rows_(data.rows()), batch_size_(std::min(batch_size, data.rows())) {
  for (const Array& column : data.columns()) {
    columns_.push_back(
        {static_cast<const std::byte*>(column.data()), column.nbytes() / static_cast<std::size_t>(data.rows()), {}});
    pointers_.push_back(nullptr);
  }
}

std::span<const void* const> Batches::get(std::int64_t begin, std::int64_t count, std::span<const std::int64_t> order) {
  const bool there = ahead_.count == count && ahead_.begin == begin && ahead_.order.data() == order.data();
  if (there) {
    side_ = 1 - side_;
  } else if (!order.empty()) {
    reserve(side_);
    gather({begin, count, order}, side_);
  }
  ahead_ = {};
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    const Column& column = columns_[c];
    pointers_[c] =
        order.empty() ? column.data + static_cast<std::size_t>(begin) * column.row_bytes : column.buffers[side_].data();
  }
  return pointers_;
}

void Batches::reserve(std::size_t side) {
  for (Column& column : columns_) column.buffers[side].resize(static_cast<std::size_t>(batch_size_) * column.row_bytes);
}

void Batches::gather(const Part& part, std::size_t side) {
  const auto rows = part.order.subspan(static_cast<std::size_t>(part.begin), static_cast<std::size_t>(part.count));
  for (Column& column : columns_) {
    std::byte* to = column.buffers[side].data();
    for (const std::int64_t row : rows) {
      std::memcpy(to, column.data + static_cast<std::size_t>(row) * column.row_bytes, column.row_bytes);
      to += column.row_bytes;
    }
  }
}

Batches::Ahead::Ahead(Batches& batches, std::int64_t begin, std::span<const std::int64_t> order) : batches_(batches) {
  std::size_t row_bytes = 0;
  for (const Column& column : batches.columns_) row_bytes += column.row_bytes;
  const std::int64_t count = std::min(batches.batch_size_, batches.rows_ - begin);
  if (order.empty() || count <= 0 || !worth_ahead(static_cast<std::size_t>(count) * row_bytes)) return;
  batches.reserve(1 - batches.side_);
  batches.ahead_ = {begin, count, order};
  batches.worker_.start(
      [](void* context) {
        auto& self = *static_cast<Batches*>(context);
        self.gather(self.ahead_, 1 - self.side_);
      },
      &batches);
}

std::size_t Batches::buffer_bytes(const std::vector<ir::Type>& types) {
  std::size_t bytes = 0;
  for (const ir::Type& type : types) bytes += type.bytes();
  return worth_ahead(bytes) ? 2 * bytes : bytes;
}

}  // namespace keras
