// Which source the data of a call make, and what is refused beforehand.
#include "trainers/source.h"

#include <fmt/format.h>
#include <keras/error.h>

#include "support/files.h"
#include "support/log.h"
#include "trainers/stream.h"

namespace keras {

namespace {

bool is_stream(const Data& data) { return data.sequence() || data.generator(); }

// Whether it is read from a file as it is needed.
bool is_filed(const Data& data) {
  if (!data.matrices().empty()) return true;
  if (!data.has_arrays()) return false;
  for (std::size_t i = 0; i < data.size(); ++i) {
    if (support::is_mapped(data[i].data())) return true;
  }
  return false;
}

void refuse_beside(const Feed& feed, const Data& x, const Data& data, const char* name, const char* what) {
  if (data.empty()) return;
  throw ValueError(fmt::format("{}: x is {}, whose batches have the {} in them, so {} must not be given. Received: {}.",
                               feed.what, x.kind(), what, name, data.kind()));
}

std::unique_ptr<BatchSource> stream_source(const Model& model, const Data& x, const Data& y, const Data& sample_weight,
                                           const Feed& feed) {
  refuse_beside(feed, x, y, "y", "targets");
  refuse_beside(feed, x, sample_weight, "sample_weight", "weights of the samples");
  const bool shuffle = feed.shuffle.samples() || feed.shuffle.batches();
  auto stream = x.sequence()
                    ? sequence_stream(*x.sequence(), shuffle, feed.workers, feed.max_queue_size)
                    : generator_stream(*x.generator(), feed.max_queue_size.value_or(10), feed.workers.value_or(1));
  return std::make_unique<StreamSource>(model, std::move(stream), feed);
}

Dataset arrays_of(const Model& model, const Data& x, const Data& y, const Data& sample_weight, const Feed& feed) {
  const bool by_class = !feed.class_weight.empty();
  Dataset data(model, feed.what, x, y, by_class ? weigh_classes(y, feed.class_weight, sample_weight) : sample_weight);
  if (feed.stage != Stage::predict) data.check_values(feed.what);
  return data;
}

std::pair<std::int64_t, std::int64_t> split_rows(const Feed& feed, std::int64_t rows, double validation_split) {
  const auto train = static_cast<std::int64_t>(static_cast<double>(rows) * (1 - validation_split));
  if (train == 0 || train == rows) {
    throw ValueError(fmt::format("{}: validation_split={} of {} samples leaves none for {}.", feed.what,
                                 validation_split, rows, train == 0 ? "training" : "validation"));
  }
  return {train, rows};
}

}  // namespace

std::unique_ptr<BatchSource> make_source(const Model& model, const Data& x, const Data& y, const Data& sample_weight,
                                         const Feed& feed) {
  if (x.empty()) throw ValueError(fmt::format("{}: there is no input data (x).", feed.what));
  if (is_stream(x)) return stream_source(model, x, y, sample_weight, feed);
  for (const Data* data : {&y, &sample_weight}) {
    if (is_stream(*data)) {
      throw ValueError(fmt::format("{}: {} must be x, with the targets in its batches. Received: {} as {}.", feed.what,
                                   data->kind(), data->kind(), data == &y ? "y" : "sample_weight"));
    }
  }
  if (is_filed(x) || is_filed(y) || is_filed(sample_weight)) {
    return std::make_unique<StreamSource>(
        model, rows_stream(feed.what, x, y, sample_weight, feed.batch_size, feed.shuffle), feed);
  }
  return array_source(arrays_of(model, x, y, sample_weight, feed), feed.batch_size, feed.shuffle);
}

std::pair<std::unique_ptr<BatchSource>, std::unique_ptr<BatchSource>> split_sources(
    const Model& model, const Data& x, const Data& y, const Data& sample_weight, double validation_split,
    const Feed& train, const Feed& test) {
  if (is_stream(x)) {
    throw ValueError(
        fmt::format("{}: validation_split is for Arrays and HDF5Matrices, of which the last rows are for validation. "
                    "Received: {}. Give validation_data instead.",
                    train.what, x.kind()));
  }
  if (is_filed(x) || is_filed(y) || is_filed(sample_weight)) {
    const auto [end, rows] = split_rows(train, rows_of(train.what, x), validation_split);
    Feed weighted = test;
    weighted.class_weight = train.class_weight;
    return {
        make_source(model, rows_of(x, 0, end), rows_of(y, 0, end), rows_of(sample_weight, 0, end), train),
        make_source(model, rows_of(x, end, rows), rows_of(y, end, rows), rows_of(sample_weight, end, rows), weighted)};
  }
  const Dataset all = arrays_of(model, x, y, sample_weight, train);
  const auto [end, rows] = split_rows(train, all.rows(), validation_split);
  return {array_source(all.rows(0, end), train.batch_size, train.shuffle),
          array_source(all.rows(end, rows), test.batch_size, false)};
}

void require_steps(const BatchSource& source, const Data& x, std::optional<std::int64_t> steps, const char* what,
                   const char* name) {
  if (steps || source.steps() || !(x.endless() || x.sequence())) return;
  throw ValueError(fmt::format("{}: {} has no end, so {} must be given. Received: none.", what, source.kind(), name));
}

void require_generator(const Data& data, std::optional<std::int64_t> steps, const char* what, const char* name) {
  if (!is_stream(data)) {
    throw ValueError(
        fmt::format("{} takes a Sequence or a generator. Received: {}. Give it to the function without "
                    "«_generator».",
                    what, data.empty() ? "nothing" : data.kind()));
  }
  if (data.generator() && !steps) {
    throw ValueError(
        fmt::format("{}: a generator does not say how many batches it has, so {} must be given. Received: "
                    "none.",
                    what, name));
  }
}

void warn_of_end(const BatchSource& source, const char* what, std::int64_t done, std::int64_t steps, const char* name) {
  support::warn(
      fmt::format("{}: {} ran out of data after {} of {} steps, so that this pass is a short one. Give {} "
                  "batches, or smaller {}.",
                  what, source.kind(), done, steps, steps, name));
}

void refuse_empty(const BatchSource& source, const char* what) {
  throw ValueError(fmt::format("{}: {} gave no batch.", what, source.kind()));
}

}  // namespace keras
