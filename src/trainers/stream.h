// Stream: batches that somebody makes one by one, and StreamSource, which has native threads make them ahead.
#pragma once

#include <keras/models.h>

#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "trainers/source.h"

namespace keras {

class Stream {
 public:
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  virtual ~Stream() = default;

  virtual const char* kind() const = 0;
  virtual int workers() const = 0;         // threads that may fill at once; 0: the caller does
  virtual int max_queue_size() const = 0;  // batches that may wait
  virtual std::optional<std::int64_t> rows() const { return {}; }
  virtual std::int64_t batch_size() const { return 0; }
  virtual std::optional<std::int64_t> length() const = 0;  // batches of a pass
  virtual bool can_rewind() const { return true; }
  virtual bool has_hooks() const { return false; }  // begin_epoch and end_epoch do something: nobody fills meanwhile

  virtual bool draws() const { return true; }  // fill may use keras::random: then each pass takes a stream for it
  virtual void begin_pass() {}                 // draws the order
  virtual void begin_epoch() {}
  virtual void end_epoch() {}
  // The batch at a position of the pass, into one that was used before; false at the end of what has no length.
  virtual bool fill(std::int64_t position, Batch& batch) = 0;
};

std::unique_ptr<Stream> sequence_stream(const utils::Sequence& sequence, bool shuffle, std::optional<int> workers,
                                        std::optional<int> max_queue_size);
std::unique_ptr<Stream> generator_stream(const Generator& generator, int max_queue_size, int workers);
// Rows of Arrays and HDF5Matrices, copied batch by batch. ValueError: not equally many.
std::unique_ptr<Stream> rows_stream(const char* what, const Data& x, const Data& y, const Data& sample_weight,
                                    std::int64_t batch_size, Shuffle shuffle);

// Data's first axis; ValueError where there is none. Rows [begin, end) of it, which are not copied.
std::int64_t rows_of(const char* what, const Data& data);
Data rows_of(const Data& data, std::int64_t begin, std::int64_t end);

// The batches of a Stream in its order, whatever the number of threads, which fill a ring of batches that are used
// again. Random draws of a batch depend on the seed and its number alone. An exception in a thread comes out of next()
// when its batch is due. Threads sleep when they have nothing to do and are gone with the source.
class StreamSource final : public BatchSource {
 public:
  StreamSource(const Model& model, std::unique_ptr<Stream> stream, const Feed& feed);
  ~StreamSource() override;

  std::optional<std::int64_t> steps() const override { return stream_->length(); }
  std::optional<std::int64_t> rows() const override { return stream_->rows(); }
  std::int64_t batch_size() const override { return stream_->batch_size(); }
  const char* kind() const override { return stream_->kind(); }
  void begin_epoch() override;
  const BatchView* next() override;
  void skip(std::int64_t batches) override;
  void end_epoch() override;
  void rewind() override;

 private:
  struct Slot {
    Batch batch;
    Data weight;  // with class_weight: that of the batch times it
    std::exception_ptr error;
    bool ready = false, end = false;
  };
  Slot& slot(std::int64_t number) { return slots_[static_cast<std::size_t>(number) % slots_.size()]; }
  bool may_claim() const;
  void fill(std::int64_t position, Slot& slot) const;
  void work();
  void begin_pass();
  void go_on_at(std::int64_t number);
  void pause();
  void resume();
  Slot& wait_for(std::int64_t number);
  void release();
  const BatchView* view(Slot& slot);

  const Model model_;
  const std::unique_ptr<Stream> stream_;
  const Feed feed_;
  std::vector<Slot> slots_;

  // Of the caller alone.
  Dataset data_;
  std::vector<ir::Type> types_;
  std::vector<const void*> pointers_;
  BatchView view_;
  bool in_pass_ = false, holds_ = false;     // a pass is under way; the last batch is in use
  std::int64_t of_epoch_ = 0, of_pass_ = 0;  // batches given

  // Batches are numbered through all passes.
  std::mutex mutex_;
  std::condition_variable to_workers_, to_caller_;
  std::int64_t claimed_ = 0, taken_ = 0, released_ = 0;  // numbers that come next
  std::int64_t pass_begin_ = 0, pass_end_ = 0;
  std::uint64_t random_ = 0;  // the stream that those of the batches of this pass come from
  std::int64_t most_;         // that may be claimed; ends of a generator beside
  int busy_ = 0;
  bool paused_ = true, ended_ = false, stop_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace keras
