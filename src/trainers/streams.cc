// The Streams: of a Sequence, of a generator, and of the rows of what is read from files.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/random.h>

#include <algorithm>
#include <cstring>

#include "support/files.h"
#include "trainers/stream.h"

namespace keras {

namespace {

int checked(const char* name, int value, int least) {
  if (value >= least) return value;
  throw ValueError(fmt::format("{} must be {} or more. Received: {}.", name, least, value));
}

class SequenceStream final : public Stream {
 public:
  SequenceStream(const utils::Sequence& sequence, bool shuffle, std::optional<int> workers,
                 std::optional<int> max_queue_size)
      : sequence_(sequence),
        shuffle_(shuffle),
        workers_(checked("workers", workers.value_or(sequence->args().workers), 0)),
        queue_(checked("max_queue_size", max_queue_size.value_or(sequence->args().max_queue_size), 1)) {
    count();
  }

  const char* kind() const override { return "the Sequence"; }
  int workers() const override { return workers_; }
  int max_queue_size() const override { return queue_; }
  std::optional<std::int64_t> length() const override { return length_; }
  bool has_hooks() const override { return true; }

  void begin_pass() override {
    count();
    if (shuffle_ && length_) order_ = random::permutation(*length_);
  }
  void begin_epoch() override { sequence_->on_epoch_begin(); }
  void end_epoch() override { sequence_->on_epoch_end(); }
  bool fill(std::int64_t position, Batch& batch) override {
    const bool shuffled = order_.size() > 0;
    sequence_->fill(shuffled ? order_.values<std::int64_t>()[static_cast<std::size_t>(position)] : position, batch);
    return true;
  }

 private:
  void count() {
    length_ = sequence_->num_batches();
    if (length_ && *length_ < 1)
      throw ValueError(fmt::format("The Sequence has no batches: its length() is {}.", *length_));
  }

  const utils::Sequence sequence_;
  const bool shuffle_;
  const int workers_, queue_;
  std::optional<std::int64_t> length_;
  Array order_{Shape{0}, DType::int64};
};

// Called by one thread at a time, batch by batch: it has a state.
class GeneratorStream final : public Stream {
 public:
  GeneratorStream(const Generator& generator, int max_queue_size, int workers)
      : generator_(generator),
        workers_(std::min(1, checked("workers", workers, 0))),
        queue_(checked("max_queue_size", max_queue_size, 1)) {}

  const char* kind() const override { return "the generator"; }
  int workers() const override { return workers_; }
  int max_queue_size() const override { return queue_; }
  std::optional<std::int64_t> length() const override { return std::nullopt; }
  bool can_rewind() const override { return false; }
  bool fill(std::int64_t, Batch& batch) override {
    std::optional<Batch> next = generator_();
    if (next) batch = *std::move(next);
    return next.has_value();
  }

 private:
  Generator generator_;
  const int workers_, queue_;
};

// Copies rows of mapped files without touching the mapping, so that their pages do not stay in memory.
class RowsStream final : public Stream {
 public:
  RowsStream(const char* what, const Data& x, const Data& y, const Data& sample_weight, std::int64_t batch_size,
             Shuffle shuffle)
      : data_{x, y, sample_weight}, rows_(rows_of(what, x)), shuffle_(shuffle) {
    for (const Data* data : {&y, &sample_weight}) {
      if (data->empty() || rows_of(what, *data) == rows_) continue;
      throw ValueError(fmt::format(
          "{}: x, y and sample_weight must have equally many samples (the first axis). Received: {} and {}.", what,
          rows_, rows_of(what, *data)));
    }
    if (rows_ == 0) throw ValueError(fmt::format("{}: the data is empty.", what));
    batch_size_ = std::min(batch_size, rows_);
  }

  const char* kind() const override { return "x"; }
  int workers() const override { return 1; }
  int max_queue_size() const override { return 2; }
  bool draws() const override { return false; }  // the same order as that of Arrays in memory
  std::optional<std::int64_t> rows() const override { return rows_; }
  std::int64_t batch_size() const override { return batch_size_; }
  std::optional<std::int64_t> length() const override { return (rows_ + batch_size_ - 1) / batch_size_; }

  void begin_pass() override {
    if (shuffle_.samples()) order_ = random::permutation(rows_);
    if (!shuffle_.batches()) return;
    const std::int64_t whole = rows_ / batch_size_;
    order_ = random::permutation(whole);
  }

  bool fill(std::int64_t position, Batch& batch) override {
    const auto order = order_.values<std::int64_t>();
    const auto index = static_cast<std::size_t>(position);
    if (shuffle_.batches() && index < order.size()) position = order[index];
    const std::int64_t begin = position * batch_size_, end = std::min(begin + batch_size_, rows_);
    const auto rows = shuffle_.samples()
                          ? order.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin))
                          : std::span<const std::int64_t>();
    read(data_.x, begin, end, rows, batch.x);
    read(data_.y, begin, end, rows, batch.y);
    read(data_.sample_weight, begin, end, rows, batch.sample_weight);
    return true;
  }

 private:
  // The given rows, or begin … end where none are given.
  static void read(const Data& from, std::int64_t begin, std::int64_t end, std::span<const std::int64_t> rows,
                   Data& to) {
    if (from.empty()) return;
    if (to.empty()) {
      const std::vector<Array> none(from.size());
      if (from.names().empty()) {
        to = none;
      } else {
        std::vector<Data::Named> named;
        for (const std::string& name : from.names()) named.emplace_back(name, Array());
        to = named;
      }
    }
    const auto matrices = from.matrices();
    for (std::size_t i = 0; i < from.size(); ++i) {
      if (matrices.empty())
        copy(from[i], begin, end, rows, to[i]);
      else if (rows.empty())
        matrices[i].read(begin, end, to[i]);
      else
        matrices[i].read(rows, to[i]);
    }
  }

  static void copy(const Array& from, std::int64_t begin, std::int64_t end, std::span<const std::int64_t> rows,
                   Array& to) {
    const Shape shape = from.shape().slice(1).with_front(end - begin);
    if (to.shape() != shape || to.dtype() != from.dtype()) to = Array::empty(shape, from.dtype());
    const std::size_t row_bytes = from.nbytes() / static_cast<std::size_t>(from.length());
    const auto* const data = static_cast<const std::byte*>(from.data());
    auto* at = static_cast<std::byte*>(to.mutable_data());
    if (rows.empty()) return support::read_memory(data + static_cast<std::size_t>(begin) * row_bytes, to.nbytes(), at);
    for (const std::int64_t row : rows) {
      support::read_memory(data + static_cast<std::size_t>(row) * row_bytes, row_bytes, at);
      at += row_bytes;
    }
  }

  const Batch data_;
  const std::int64_t rows_;
  const Shuffle shuffle_;
  std::int64_t batch_size_ = 1;
  Array order_{Shape{0}, DType::int64};  // of the samples or of the whole batches
};

}  // namespace

std::unique_ptr<Stream> sequence_stream(const utils::Sequence& sequence, bool shuffle, std::optional<int> workers,
                                        std::optional<int> max_queue_size) {
  return std::make_unique<SequenceStream>(sequence, shuffle, workers, max_queue_size);
}
std::unique_ptr<Stream> generator_stream(const Generator& generator, int max_queue_size, int workers) {
  return std::make_unique<GeneratorStream>(generator, max_queue_size, workers);
}
std::unique_ptr<Stream> rows_stream(const char* what, const Data& x, const Data& y, const Data& sample_weight,
                                    std::int64_t batch_size, Shuffle shuffle) {
  return std::make_unique<RowsStream>(what, x, y, sample_weight, batch_size, shuffle);
}

std::int64_t rows_of(const char* what, const Data& data) {
  std::optional<std::int64_t> rows;
  const auto matrices = data.matrices();
  for (std::size_t i = 0; i < data.size(); ++i) {
    if (matrices.empty() && data[i].ndim() == 0)
      throw ValueError(
          fmt::format("{}: data must have a first axis of samples. Received: a number of shape ().", what));
    const std::int64_t now = matrices.empty() ? data[i].length() : matrices[i].length();
    if (rows.value_or(now) != now) {
      throw ValueError(fmt::format("{}: all data must have equally many samples (the first axis). Received: {} and {}.",
                                   what, *rows, now));
    }
    rows = now;
  }
  return rows.value_or(0);
}

Data rows_of(const Data& data, std::int64_t begin, std::int64_t end) {
  if (data.empty()) return {};
  const auto cut = [&](const auto& part) {
    using Column = std::decay_t<decltype(part(std::size_t{}))>;
    std::vector<Column> columns;
    for (std::size_t i = 0; i < data.size(); ++i) columns.push_back(part(i));
    if (data.names().empty()) return Data(columns);
    std::vector<std::pair<std::string, Column>> named;
    for (std::size_t i = 0; i < data.size(); ++i) named.emplace_back(data.names()[i], columns[i]);
    return Data(named);
  };
  const auto matrices = data.matrices();
  if (!matrices.empty()) return cut([&](std::size_t i) { return matrices[i].part(begin, end); });
  return cut([&](std::size_t i) { return data[i].slice(begin, end); });
}

}  // namespace keras
