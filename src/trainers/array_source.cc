// Batches of Arrays in memory: in place, or gathered in a random order by the side of the steps.
#include <keras/random.h>

#include <algorithm>

#include "trainers/source.h"

namespace keras {

namespace {

// Positions in a new random order; for Shuffle "batch" of whole batches, the smaller last one last.
Array shuffled_rows(std::int64_t rows, std::int64_t batch_size, Shuffle shuffle) {
  const std::int64_t whole = rows / batch_size;
  if (!shuffle.batches()) return random::permutation(rows);
  Array order = Array::empty({rows}, DType::int64);
  const auto to = order.mutable_values<std::int64_t>();
  std::size_t at = 0;
  const Array batches = random::permutation(whole);
  for (const std::int64_t batch : batches.values<std::int64_t>()) {
    for (std::int64_t i = 0; i < batch_size; ++i) to[at++] = batch * batch_size + i;
  }
  for (std::int64_t row = whole * batch_size; row < rows; ++row) to[at++] = row;
  return order;
}

class ArraySource final : public BatchSource {
 public:
  ArraySource(Dataset data, std::int64_t batch_size, Shuffle shuffle)
      : data_(std::move(data)),
        batch_size_(std::min(batch_size, data_.rows())),
        shuffle_(shuffle),
        batches_(data_, batch_size_) {
    full_ = data_.batch_types(batch_size_);
    last_ = data_.batch_types(data_.rows() - (*steps() - 1) * batch_size_);
    view_.kinds = data_.kinds();
  }

  std::optional<std::int64_t> steps() const override { return (data_.rows() + batch_size_ - 1) / batch_size_; }
  std::optional<std::int64_t> rows() const override { return data_.rows(); }
  std::int64_t batch_size() const override { return batch_size_; }
  const Dataset* whole() const override { return &data_; }
  const char* kind() const override { return "x"; }

  void begin_epoch() override {
    if (begin_ > 0) return;
    ahead_.reset();
    if (shuffle_.samples() || shuffle_.batches()) order_ = shuffled_rows(data_.rows(), batch_size_, shuffle_);
  }

  const BatchView* next() override {
    ahead_.reset();
    if (begin_ == data_.rows()) return nullptr;
    const auto order = order_.values<std::int64_t>();
    view_.rows = std::min(batch_size_, data_.rows() - begin_);
    const bool full = view_.rows == batch_size_;
    view_.types = full ? &full_ : &last_;
    view_.key = full ? 1 : 2;
    view_.inputs = batches_.get(begin_, view_.rows, order);
    begin_ += view_.rows;
    ahead_.emplace(batches_, begin_, order);
    return &view_;
  }

  void skip(std::int64_t batches) override {
    ahead_.reset();
    begin_ = std::min(begin_ + batches * batch_size_, data_.rows());
  }

  void end_epoch() override {
    if (begin_ == data_.rows()) begin_ = 0;
  }
  void rewind() override { begin_ = 0; }

 private:
  const Dataset data_;
  const std::int64_t batch_size_;
  const Shuffle shuffle_;
  Batches batches_;
  Array order_{Shape{0}, DType::int64};
  std::vector<ir::Type> full_, last_;
  BatchView view_;
  std::int64_t begin_ = 0;               // of the next batch
  std::optional<Batches::Ahead> ahead_;  // of the next batch
};

}  // namespace

std::unique_ptr<BatchSource> array_source(Dataset data, std::int64_t batch_size, Shuffle shuffle) {
  return std::make_unique<ArraySource>(std::move(data), batch_size, shuffle);
}

}  // namespace keras
