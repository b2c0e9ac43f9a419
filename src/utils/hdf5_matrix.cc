// utils::HDF5Matrix: rows of a data set, read when they are asked for.
#include <fmt/format.h>
#include <keras/data.h>
#include <keras/error.h>

#include <algorithm>
#include <mutex>
#include <numeric>

#include "support/hdf5.h"

namespace keras::utils {

namespace hdf5 = support::hdf5;

struct HDF5Matrix::State {
  State(const std::string& path, const std::string& name, HDF5MatrixArgs args)
      : rows(hdf5::File(path).dataset(name)), args(std::move(args)) {}

  // Rows [begin, end) of the data set to the memory at `to`.
  void read(std::int64_t begin, std::int64_t end, std::byte* to) {
    const auto count = static_cast<std::size_t>(end - begin) * rows.row_bytes();
    rows.read(static_cast<std::uint64_t>(begin), static_cast<std::uint64_t>(end), {to, count});
  }
  // The Array itself where it has this type and nobody else holds it, else a new one.
  static void reuse(const Shape& shape, DType dtype, Array& to) {
    if (to.shape() != shape || to.dtype() != dtype) to = Array::empty(shape, dtype);
  }
  void normalize(std::int64_t count, const std::string& what, Array& to) const {
    if (!args.normalizer) return;
    to = args.normalizer(to);
    if (to.ndim() > 0 && to.length() == count && (row_shape.empty() || to.shape().slice(1) == row_shape)) return;
    throw ValueError(fmt::format("The normalizer of the {} must give a row for each of {} rows. Received: shape={}.",
                                 what, count, to.shape().str()));
  }

  std::mutex mutex;  // of `rows`
  hdf5::Rows rows;
  HDF5MatrixArgs args;
  Shape row_shape;  // as the normalizer makes it; empty before it is known
  DType dtype = DType::float32;
};

HDF5Matrix::HDF5Matrix(const std::string& datapath, const std::string& dataset, HDF5MatrixArgs args)
    : state_(std::make_shared<State>(datapath, dataset, std::move(args))) {
  const hdf5::Dataset& data = state_->rows.dataset();
  const std::int64_t rows = data.shape()[0];
  begin_ = state_->args.start;
  end_ = state_->args.end.value_or(rows);
  if (begin_ < 0 || begin_ > end_ || end_ > rows) {
    throw ValueError(fmt::format("HDF5Matrix: start and end must lie in the {} rows of the {}. Received: {} and {}.",
                                 rows, data.describe(), begin_, end_));
  }
  shape_ = Shape(data.shape());
  shape_[0] = end_ - begin_;
  state_->dtype = data.type().dtype;
  if (!state_->args.normalizer || rows == 0) return;
  Array first = Array::empty(shape_.slice(1).with_front(1), state_->dtype);
  state_->read(0, 1, static_cast<std::byte*>(first.mutable_data()));
  state_->normalize(1, data.describe(), first);
  state_->row_shape = first.shape().slice(1);
  state_->dtype = first.dtype();
  shape_ = state_->row_shape.with_front(end_ - begin_);
}

DType HDF5Matrix::dtype() const { return state_->dtype; }

void HDF5Matrix::read(std::int64_t begin, std::int64_t end, Array& to) const {
  State& state = *state_;
  if (begin < 0 || begin > end || end > length()) {
    throw ValueError(fmt::format("HDF5Matrix: the rows {} to {} are not in its {}.", begin, end, length()));
  }
  {
    const std::lock_guard lock(state.mutex);
    const hdf5::Dataset& data = state.rows.dataset();
    State::reuse(Shape(data.shape()).slice(1).with_front(end - begin), data.type().dtype, to);
    state.read(begin_ + begin, begin_ + end, static_cast<std::byte*>(to.mutable_data()));
  }
  state.normalize(end - begin, state.rows.dataset().describe(), to);
}

void HDF5Matrix::read(std::span<const std::int64_t> rows, Array& to) const {
  State& state = *state_;
  for (const std::int64_t row : rows) {
    if (row < 0 || row >= length())
      throw ValueError(fmt::format("HDF5Matrix: the row {} is not in its {}.", row, length()));
  }
  std::vector<std::size_t> order(rows.size());  // as they lie in the file, so that each part of it is unpacked once
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return rows[a] < rows[b]; });
  const auto count = static_cast<std::int64_t>(rows.size());
  {
    const std::lock_guard lock(state.mutex);
    const hdf5::Dataset& data = state.rows.dataset();
    State::reuse(Shape(data.shape()).slice(1).with_front(count), data.type().dtype, to);
    auto* const memory = static_cast<std::byte*>(to.mutable_data());
    for (const std::size_t i : order) {
      const std::int64_t row = begin_ + rows[i];
      state.read(row, row + 1, memory + i * state.rows.row_bytes());
    }
  }
  state.normalize(count, state.rows.dataset().describe(), to);
}

Array HDF5Matrix::operator[](std::int64_t index) const {
  const std::int64_t row = index < 0 ? index + length() : index;
  Array rows;
  read(std::span(&row, 1), rows);
  return rows[0];
}

Array HDF5Matrix::slice(std::int64_t begin, std::int64_t end) const {
  const auto clipped = [&](std::int64_t at) {
    return std::clamp<std::int64_t>(at < 0 ? at + length() : at, 0, length());
  };
  Array rows;
  read(clipped(begin), std::max(clipped(begin), clipped(end)), rows);
  return rows;
}

Array HDF5Matrix::take(std::span<const std::int64_t> rows) const {
  Array taken;
  read(rows, taken);
  return taken;
}

HDF5Matrix HDF5Matrix::part(std::int64_t begin, std::int64_t end) const {
  if (begin < 0 || begin > end || end > length()) {
    throw ValueError(fmt::format("HDF5Matrix: the rows {} to {} are not in its {}.", begin, end, length()));
  }
  HDF5Matrix rows = *this;
  rows.begin_ = begin_ + begin;
  rows.end_ = begin_ + end;
  rows.shape_[0] = end - begin;
  return rows;
}

}  // namespace keras::utils
