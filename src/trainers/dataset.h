// Dataset: the arrays of one call of fit, evaluate or predict, checked and cut into batches.
#pragma once

#include <keras/models.h>

#include <span>
#include <vector>

#include "support/worker.h"
#include "trainers/trainer_state.h"

namespace keras {

// Columns of equally many rows: inputs, then targets, then the sample weights.
class Dataset {
 public:
  // `what` is the member function that was called, for messages. ValueError: empty or mismatched data.
  Dataset(const Model& model, const char* what, const Data& x, const Data& y, const Data& sample_weight) {
    assign(model, what, x, y, sample_weight);
  }
  Dataset() = default;
  // The same over again, without allocating when there are as many columns as before.
  void assign(const Model& model, const char* what, const Data& x, const Data& y, const Data& sample_weight);
  void clear() { columns_.clear(); }  // lets the arrays go
  std::int64_t rows() const { return rows_; }
  std::span<const Array> targets() const {
    return {columns_.data() + kinds_.inputs, columns_.size() - kinds_.inputs - kinds_.weights};
  }
  Columns kinds() const { return kinds_; }
  const std::vector<Array>& columns() const { return columns_; }
  Dataset rows(std::int64_t begin, std::int64_t end) const;  // shares the memory
  // ValueError names the column and the first row with NaN or infinity.
  void check_values(const char* what) const;
  std::vector<ir::Type> batch_types(std::int64_t rows) const;
  bool has_types(const std::vector<ir::Type>& types) const;  // of a batch of all rows

 private:
  void add_columns(const Model& model, const char* what, const char* kind, const Data& data,
                   const std::vector<std::string>& names);

  std::vector<Array> columns_;
  Columns kinds_;
  std::int64_t rows_ = 0;
};

// ValueError names the first sample of the column with NaN or infinity; `batch` is its number where there are several.
void check_finite(const char* what, const char* name, const Array& column, std::int64_t batch = -1);

// sample_weight, or ones, times the weight of each sample's class. ValueError for several outputs.
Data weigh_classes(const Data& y, const std::vector<std::pair<std::int64_t, double>>& weights,
                   const Data& sample_weight);

// Gives the memory of one batch after the other: the data set's own where rows follow each other, else gathered rows.
class Batches {
 public:
  explicit Batches(const Dataset& data, std::int64_t batch_size);
  // Rows begin … of the order, or of the data set where the order is empty; constant until the next call. Allocates
  // nothing but, once, what it gathers into.
  std::span<const void* const> get(std::int64_t begin, std::int64_t count, std::span<const std::int64_t> order);

  // While it lives, another thread gathers the batch that begins at `begin`, for the next get, if there is such a batch
  // and it is worth it.
  class Ahead {
   public:
    Ahead(Batches& batches, std::int64_t begin, std::span<const std::int64_t> order);
    ~Ahead() { batches_.worker_.wait(); }
    Ahead(const Ahead&) = delete;

   private:
    Batches& batches_;
  };
  // What gathering takes for batches of these types.
  static std::size_t buffer_bytes(const std::vector<ir::Type>& types);

 private:
  struct Column {
    const std::byte* data;
    std::size_t row_bytes;
    std::vector<std::byte> buffers[2];
  };
  struct Part {
    std::int64_t begin = 0, count = 0;
    std::span<const std::int64_t> order;
  };
  void reserve(std::size_t side);
  void gather(const Part& part, std::size_t side);

  std::vector<Column> columns_;
  std::vector<const void*> pointers_;
  std::int64_t rows_, batch_size_;
  std::size_t side_ = 0;  // of the buffers, the one given last
  Part ahead_;            // lies in the other one, unless empty
  support::Worker worker_;
};

}  // namespace keras
