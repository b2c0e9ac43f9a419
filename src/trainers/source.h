// BatchSource: where fit, evaluate and predict have their batches from, whatever the data are.
#pragma once

#include <keras/models.h>

#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "trainers/dataset.h"
#include "trainers/trainer_state.h"

namespace keras {

// The memory of one batch, until the source is asked for the next.
struct BatchView {
  std::int64_t rows = 0;
  const std::vector<ir::Type>* types = nullptr;
  Columns kinds;
  std::span<const void* const> inputs;
  const Dataset* unchecked = nullptr;  // the same batch, where its labels were not checked beforehand
  int key = 0;                         // batches of one source with the same key have the same types; 0: compare them
};

// A pass is once through the data; an epoch may be a part of one, and the next epoch goes on from there.
class BatchSource {
 public:
  BatchSource() = default;
  BatchSource(const BatchSource&) = delete;
  BatchSource& operator=(const BatchSource&) = delete;
  virtual ~BatchSource() = default;

  virtual std::optional<std::int64_t> steps() const = 0;           // batches of a pass; none: not known
  virtual std::optional<std::int64_t> rows() const { return {}; }  // samples of a pass
  virtual std::int64_t batch_size() const { return 0; }            // 0: they differ
  virtual const Dataset* whole() const { return nullptr; }         // all data, where they are in memory
  virtual const char* kind() const = 0;                            // "the generator", for messages

  virtual void begin_epoch() = 0;       // begins a pass where none is under way
  virtual const BatchView* next() = 0;  // nullptr where the pass ends
  // Passes over so many batches of the epoch, to be where another run was. They are made only where those behind them
  // could not be made otherwise.
  virtual void skip(std::int64_t batches) = 0;
  virtual void end_epoch() = 0;  // by the end of the pass or before
  virtual void rewind() {}       // the next epoch begins a pass, where the data can be had again
};

// How the data of one call are to be taken.
struct Feed {
  const char* what = "";  // the member function that was called, for messages
  Stage stage = Stage::train;
  std::int64_t batch_size = 32;
  Shuffle shuffle = false;
  std::vector<std::pair<std::int64_t, double>> class_weight = {};
  std::optional<std::int64_t> most = {};  // batches that are ever asked for: no more are taken from a generator
  // Instead of what a Sequence says.
  std::optional<int> workers = {};
  std::optional<int> max_queue_size = {};
};

// ValueError for data that do not fit, for targets or weights beside a Sequence or generator.
std::unique_ptr<BatchSource> make_source(const Model& model, const Data& x, const Data& y, const Data& sample_weight,
                                         const Feed& feed);
// The same without and with the last part of the rows, for validation. ValueError where there are no rows to split.
std::pair<std::unique_ptr<BatchSource>, std::unique_ptr<BatchSource>> split_sources(
    const Model& model, const Data& x, const Data& y, const Data& sample_weight, double validation_split,
    const Feed& train, const Feed& test);

std::unique_ptr<BatchSource> array_source(Dataset data, std::int64_t batch_size, Shuffle shuffle);

// ValueError where `steps` must be given because nobody knows when the data end.
void require_steps(const BatchSource& source, const Data& x, std::optional<std::int64_t> steps, const char* what,
                   const char* name);
// What only fit_generator and its kin ask: a Sequence or generator, the latter with `steps`. ValueError.
void require_generator(const Data& data, std::optional<std::int64_t> steps, const char* what, const char* name);
// Says that the data ended before the steps that were asked for.
void warn_of_end(const BatchSource& source, const char* what, std::int64_t done, std::int64_t steps, const char* name);
[[noreturn]] void refuse_empty(const BatchSource& source, const char* what);

}  // namespace keras
