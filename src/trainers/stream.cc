#include "trainers/stream.h"

#include <fmt/format.h>
#include <keras/error.h>

#include <algorithm>
#include <limits>

#include "support/rng.h"
#include "tensor/random_stream.h"

namespace keras {

namespace {
constexpr std::int64_t kNoEnd = std::numeric_limits<std::int64_t>::max();
}  // namespace

StreamSource::StreamSource(const Model& model, std::unique_ptr<Stream> stream, const Feed& feed)
    : model_(model),
      stream_(std::move(stream)),
      feed_(feed),
      slots_(stream_->workers() > 0 ? static_cast<std::size_t>(stream_->max_queue_size()) + 1 : 1),
      most_(feed.most.value_or(kNoEnd)) {}

StreamSource::~StreamSource() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  to_workers_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool StreamSource::may_claim() const {
  return !paused_ && !ended_ && claimed_ < pass_end_ && claimed_ < most_ &&
         claimed_ - released_ < static_cast<std::int64_t>(slots_.size());
}

// Whatever goes wrong is kept for the caller.
void StreamSource::fill(std::int64_t position, Slot& slot) const {
  slot.error = nullptr;
  try {
    const StreamScope random(support::stream_key(random_, static_cast<std::uint64_t>(position)));
    slot.end = !stream_->fill(position, slot.batch);
    if (slot.end) return;
    const Batch& batch = slot.batch;
    if (batch.x.empty())
      throw ValueError(fmt::format("{}: {} gave batch {} without x.", feed_.what, stream_->kind(), position));
    if (feed_.stage == Stage::predict) return;
    const auto check = [&](const char* name, const Data& data) {
      for (std::size_t i = 0; i < data.size(); ++i) {
        if (data[i].size() > 0) check_finite(feed_.what, name, data[i], position);
      }
    };
    check("x", batch.x), check("y", batch.y), check("sample_weight", batch.sample_weight);
    if (!feed_.class_weight.empty()) slot.weight = weigh_classes(batch.y, feed_.class_weight, batch.sample_weight);
  } catch (...) {
    slot.error = std::current_exception();
  }
}

void StreamSource::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    to_workers_.wait(lock, [&] { return stop_ || may_claim(); });
    if (stop_) return;
    const std::int64_t number = claimed_++;
    Slot& mine = slot(number);
    ++busy_;
    lock.unlock();
    fill(number - pass_begin_, mine);  // no pass begins while somebody fills
    lock.lock();
    --busy_;
    mine.ready = true;
    if (mine.end || mine.error) ended_ = true;
    if (mine.end && most_ != kNoEnd) ++most_;
    to_caller_.notify_all();
  }
}

void StreamSource::pause() {
  std::unique_lock lock(mutex_);
  paused_ = true;
  to_caller_.wait(lock, [&] { return busy_ == 0; });
}

void StreamSource::resume() {
  {
    const std::lock_guard lock(mutex_);
    paused_ = false;
  }
  to_workers_.notify_all();
}

// The batch that comes next, while nobody fills; what was made ahead is left out.
void StreamSource::go_on_at(std::int64_t number) {
  const std::lock_guard lock(mutex_);
  for (Slot& each : slots_) each.ready = each.end = false;
  taken_ = released_ = claimed_ = number;
  ended_ = false;
}

void StreamSource::begin_pass() {
  pause();
  stream_->begin_pass();
  random_ = stream_->draws() ? next_stream() : support::stream_key(seed_value(), 0);
  pass_begin_ = claimed_;
  const std::optional<std::int64_t> length = stream_->length();
  pass_end_ = length ? pass_begin_ + *length : kNoEnd;
  go_on_at(pass_begin_);
  in_pass_ = true;
  of_pass_ = 0;
  while (static_cast<int>(threads_.size()) < stream_->workers()) threads_.emplace_back([this] { work(); });
  resume();
}

// A generator has to be called for what is left out, too.
void StreamSource::skip(std::int64_t batches) {
  if (!stream_->can_rewind()) {
    while (batches-- > 0) next();
    return;
  }
  release();
  pause();
  go_on_at(std::min(taken_ + batches, pass_end_));
  of_epoch_ += batches, of_pass_ += batches;
  resume();
}

void StreamSource::begin_epoch() {
  release();
  of_epoch_ = 0;
  if (stream_->has_hooks()) {
    pause();
    stream_->begin_epoch();
  }
  if (!in_pass_)
    begin_pass();
  else
    resume();
}

void StreamSource::end_epoch() {
  release();
  if (in_pass_ && taken_ == pass_end_) in_pass_ = false;
  if (!stream_->has_hooks()) return;
  pause();
  stream_->end_epoch();
}

void StreamSource::rewind() {
  release();
  if (stream_->can_rewind()) in_pass_ = false;
}

StreamSource::Slot& StreamSource::wait_for(std::int64_t number) {
  Slot& wanted = slot(number);
  if (threads_.empty()) {
    ++claimed_;
    fill(number - pass_begin_, wanted);
    return wanted;
  }
  std::unique_lock lock(mutex_);
  if (most_ <= number) {
    most_ = number + 1;
    to_workers_.notify_all();
  }
  to_caller_.wait(lock, [&] { return wanted.ready; });
  return wanted;
}

void StreamSource::release() {
  if (!holds_) return;
  holds_ = false;
  data_.clear();  // so that the Arrays of the batch may be written to again
  {
    const std::lock_guard lock(mutex_);
    slot(taken_ - 1).ready = false;
    released_ = taken_;
  }
  to_workers_.notify_one();
}

const BatchView* StreamSource::next() {
  release();
  for (;;) {
    if (!in_pass_ || taken_ == pass_end_) {
      in_pass_ = false;
      return nullptr;
    }
    Slot& next = wait_for(taken_);
    ++taken_;
    holds_ = true;
    if (next.error) std::rethrow_exception(std::exchange(next.error, nullptr));
    if (!next.end) return view(next);
    release();
    in_pass_ = false;
    // The end that an earlier epoch came upon without seeing it.
    if (of_epoch_ > 0 || of_pass_ == 0) return nullptr;
    begin_pass();
  }
}

const BatchView* StreamSource::view(Slot& slot) {
  const bool predicts = feed_.stage == Stage::predict;
  const Batch& batch = slot.batch;
  data_.assign(model_, feed_.what, batch.x, predicts ? Data() : batch.y,
               predicts                     ? Data()
               : feed_.class_weight.empty() ? batch.sample_weight
                                            : slot.weight);
  if (!data_.has_types(types_)) {
    types_ = data_.batch_types(data_.rows());
    pointers_.resize(types_.size());
  }
  for (std::size_t i = 0; i < pointers_.size(); ++i) pointers_[i] = data_.columns()[i].data();
  ++of_epoch_, ++of_pass_;
  view_ = {data_.rows(), &types_, data_.kinds(), pointers_, &data_, 0};
  return &view_;
}

}  // namespace keras
