// Data and what it may be made of: Arrays, a Sequence, a generator, an HDF5Matrix.
#pragma once

#include <keras/array.h>
#include <keras/config.h>
#include <keras/tensor.h>

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace keras {

struct Batch;
namespace utils {
class Sequence;
class HDF5Matrix;
}  // namespace utils

// Gives one batch after the other; none at the end of the data. Called again after that, it may begin anew.
using Generator = std::function<std::optional<Batch>()>;

namespace detail {
template <class R>
inline constexpr bool gives_batches = std::is_same_v<R, Batch> || std::is_same_v<R, std::optional<Batch>>;
template <class F>
concept GeneratesBatches =  // asked for copies last: those of most types lead back to Data
    std::is_invocable_v<F&> && gives_batches<std::invoke_result_t<F&>> && std::is_copy_constructible_v<F>;
}  // namespace detail

// Data for fit, evaluate and predict:
// - an Array (or an expression, which is evaluated), or one for each input or output, in the model's order or by name.
//   Read where they are, not copied. An Array of a mapped file (load_npy with mmap_mode) is read in batches;
// - an HDF5Matrix, or one for each, of which only the batches at work are in memory;
// - a Sequence, or a generator: a callable that returns a Batch or a std::optional<Batch>. Their batches have targets
//   and weights of samples in them, so no others are given beside. Data copies the callable: std::ref(callable) goes on
//   from where a call before left it.
class KERAS_API Data {
 public:
  using Named = std::pair<std::string, Array>;
  Data() = default;
  Data(const Array& array) : first_(array), count_(1) {}
  Data(const Tensor& tensor) : first_(static_cast<Array>(tensor)), count_(1) {}
  Data(std::vector<Array> arrays) : rest_(std::move(arrays)), count_(rest_.size()) {}
  Data(std::initializer_list<Array> arrays) : Data(std::vector<Array>(arrays)) {}
  Data(const std::vector<Named>& arrays) {
    for (const Named& each : arrays) names_.push_back(each.first), rest_.push_back(each.second);
    count_ = rest_.size();
  }
  Data(std::initializer_list<Named> arrays) : Data(std::vector<Named>(arrays)) {}
  Data(const utils::HDF5Matrix& matrix);
  Data(const std::vector<utils::HDF5Matrix>& matrices);
  Data(const std::vector<std::pair<std::string, utils::HDF5Matrix>>& matrices);
  Data(const utils::Sequence& sequence);
  template <class F>
  requires detail::GeneratesBatches<F> Data(F generator)
      : Data(Generator(std::move(generator)), std::is_same_v<std::invoke_result_t<F&>, Batch>) {}

  bool empty() const { return count_ == 0; }
  std::size_t size() const { return count_; }                       // Arrays or matrices; 1 for a Sequence or generator
  const std::vector<std::string>& names() const { return names_; }  // empty: in the model's order
  // TypeError where this data is not made of Arrays.
  const Array& operator[](std::size_t i) const {
    if (source_) refuse();
    return rest_.empty() ? first_ : rest_[i];
  }
  Array& operator[](std::size_t i) {
    if (source_) refuse();
    return rest_.empty() ? first_ : rest_[i];
  }

  bool has_arrays() const { return count_ > 0 && !source_; }
  const utils::Sequence* sequence() const;  // nullptr unless this is one
  const Generator* generator() const;       // likewise
  bool endless() const;                     // a generator that returns a Batch, so that it cannot end
  std::span<const utils::HDF5Matrix> matrices() const;
  std::string kind() const;  // "a Sequence", "a generator", …: for messages

 private:
  struct Source;
  Data(Generator generator, bool endless);
  [[noreturn]] void refuse() const;

  Array first_;
  std::vector<Array> rest_;
  std::vector<std::string> names_;
  std::size_t count_ = 0;
  std::shared_ptr<const Source> source_;  // where there are no Arrays
};

// What a Sequence or a generator gives for one step; y and sample_weight where the model is trained or measured.
struct Batch {
  Data x = {};
  Data y = {};
  Data sample_weight = {};
};

namespace utils {

struct SequenceArgs {
  int workers = 1;                   // threads that call get; 0: the thread that trains does
  bool use_multiprocessing = false;  // taken for compatibility: threads do the work
  int max_queue_size = 10;           // batches that may be ready before they are needed
};

// Derive for an own Sequence: batches by their number, which get() makes in any order and on any thread, with several
// workers in several at once. Draws of keras::random in it depend on the seed and the batch alone, not on the workers.
class KERAS_API SequenceBody {
 public:
  explicit SequenceBody(SequenceArgs args = {}) : args_(args) {}
  SequenceBody(const SequenceBody&) = delete;
  SequenceBody& operator=(const SequenceBody&) = delete;
  virtual ~SequenceBody();

  virtual std::int64_t length() const;                                          // batches
  virtual std::optional<std::int64_t> num_batches() const { return length(); }  // none: without end
  virtual Batch get(std::int64_t index);
  // As get, into a batch that was used before, or is empty at first: an Array whose shape fits may be written again.
  virtual void fill(std::int64_t index, Batch& batch) { batch = get(index); }
  // Called by the thread that trains, while no worker is at a batch.
  virtual void on_epoch_begin() {}
  virtual void on_epoch_end() {}

  const SequenceArgs& args() const { return args_; }

 private:
  SequenceArgs args_;
};

// A handle; copies share the body. Keras 3's PyDataset, Keras 2.2's Sequence.
class KERAS_API Sequence {
 public:
  explicit Sequence(std::shared_ptr<SequenceBody> body) : body_(std::move(body)) {}
  std::int64_t length() const { return body_->length(); }
  Batch get(std::int64_t index) const {
    Batch batch;
    body_->fill(index, batch);
    return batch;
  }
  SequenceBody* operator->() const { return body_.get(); }
  const std::shared_ptr<SequenceBody>& body() const { return body_; }

 private:
  std::shared_ptr<SequenceBody> body_;
};
using PyDataset = Sequence;

template <std::derived_from<SequenceBody> B, class... A>
Sequence make_sequence(A&&... args) {
  return Sequence(std::make_shared<B>(std::forward<A>(args)...));
}

struct HDF5MatrixArgs {
  std::int64_t start = 0;
  std::optional<std::int64_t> end = {};                     // the end of the data set if none
  std::function<Array(const Array& rows)> normalizer = {};  // what is read goes through it, some rows at a time
};
// A data set of an HDF5 file as Data: rows are read when a batch needs them, and the whole is never in memory. What
// Keras 2.2.4 has as keras.utils.HDF5Matrix. In fit, shuffle = "batch" reads far less of a compressed data set than the
// samples one by one. Copies share the file, which nobody may change meanwhile; may be read from several threads.
class KERAS_API HDF5Matrix {
 public:
  // ValueError: no such data set, one without rows, a start or end outside of it; TypeError: no numbers; IOError.
  HDF5Matrix(const std::string& datapath, const std::string& dataset, HDF5MatrixArgs args = {});

  const Shape& shape() const { return shape_; }
  DType dtype() const;
  int ndim() const { return shape_.rank(); }
  std::int64_t size() const { return shape_.elements(); }
  std::int64_t length() const { return end_ - begin_; }

  // Rows as an Array; negative and large numbers as in Array.
  Array operator[](std::int64_t index) const;
  Array slice(std::int64_t begin, std::int64_t end = INT64_MAX) const;
  Array take(std::span<const std::int64_t> rows) const;
  // The same rows into `to`, whose memory is used again if its type fits; row numbers from 0 to length() - 1.
  void read(std::int64_t begin, std::int64_t end, Array& to) const;
  void read(std::span<const std::int64_t> rows, Array& to) const;
  HDF5Matrix part(std::int64_t begin, std::int64_t end) const;  // of these rows, of which none is read now

 private:
  struct State;
  std::shared_ptr<State> state_;
  Shape shape_;
  std::int64_t begin_ = 0, end_ = 0;
};

}  // namespace utils

// The order of the samples in fit: true anew for each epoch, false as they are, "batch" the batches anew and what is in
// them together, with the last, smaller one at the end (Keras 2.2.4's, for data that are read from a file).
class KERAS_API Shuffle {
 public:
  Shuffle(bool samples = true) : samples_(samples) {}
  Shuffle(const char* kind) : Shuffle(std::string(kind)) {}
  Shuffle(const std::string& kind);  // "batch"; ValueError for another
  bool samples() const { return samples_; }
  bool batches() const { return batches_; }

 private:
  bool samples_ = false, batches_ = false;
};
KERAS_API Config as_config(const Shuffle& shuffle);
KERAS_API void read_config(const Config& config, Shuffle& shuffle);

}  // namespace keras
