// Connectionist temporal classification as 2.2.4 has it: probabilities, the last class for the blank.
#include <fmt/format.h>
#include <keras/backend.h>
#include <keras/error.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "ops/record.h"

namespace keras::backend {

namespace {
Tensor logits_of(const Tensor& y_pred) { return ops::log(y_pred + epsilon()); }

void check(const char* name, const Tensor& y_pred, const Tensor& input_length) {
  if (y_pred.ndim() == 3 && y_pred.shape(2).known() && input_length.ndim() >= 1) return;
  throw ValueError(
      fmt::format("backend::{}: y_pred must be (batch, time, classes) and the lengths (batch, 1). Received: shapes {} "
                  "and {}.",
                  name, y_pred.shape().str(), input_length.shape().str()));
}
Tensor vector(const Tensor& lengths) { return ops::reshape(lengths, {-1}); }
}  // namespace

Tensor ctc_batch_cost(const Tensor& y_true, const Tensor& y_pred, const Tensor& input_length,
                      const Tensor& label_length) {
  check("ctc_batch_cost", y_pred, input_length);
  const Tensor loss =
      ops::ctc_loss(y_true, logits_of(y_pred), vector(label_length), vector(input_length), y_pred.shape(2).value() - 1);
  return ops::expand_dims(loss, 1);
}

namespace {
struct Decoded {
  std::vector<Tensor> paths;
  Tensor scores;
};

// The best class of each step, repeated ones and blanks left out.
Decoded decode_greedily(const Tensor& y_pred, const Tensor& input_length) {
  const std::int64_t blank = y_pred.shape(2).value() - 1;
  const Tensor scores = logits_of(y_pred), best = ops::argmax(scores, -1);
  if (!y_pred.shape().known()) return {{ops::cast(best, DType::int64)}, ops::max(scores, {1, 2}, true)};
  const std::int64_t batch = y_pred.shape(0).value(), time = y_pred.shape(1).value();
  const Tensor steps = ops::reshape(ops::arange(0, time), {1, time});
  const Tensor counts = steps < ops::reshape(ops::cast(input_length, DType::int32), {batch, 1});
  const Tensor before = ops::pad(ops::slice(best, {0, 0}, {-1, time - 1}), {{0, 0}, {1, 0}}, -1);
  const Tensor kept =
      ops::logical_and(counts, ops::logical_and(ops::not_equal(best, blank), ops::not_equal(best, before)));
  const Tensor place = ops::cumsum(ops::cast(kept, DType::int32), 1) - 1;  // in the result
  const Tensor lands = ops::logical_and(ops::expand_dims(kept, -1),
                                        ops::equal(ops::expand_dims(place, -1), ops::reshape(steps, {1, 1, time})));
  const Tensor labels = ops::sum(ops::where(lands, ops::expand_dims(best + 1, -1), 0), {1}) - 1;
  return {{ops::cast(labels, DType::int64)}, -ops::sum(ops::where(counts, ops::max(scores, {-1}), 0), {1}, true)};
}

double log_add(double a, double b) {
  const double larger = std::max(a, b);
  return std::isinf(larger) ? larger : larger + std::log1p(std::exp(std::min(a, b) - larger));
}

// Labels so far, with their log probability where the last step was a blank and where it was not.
struct Prefix {
  double blank = -std::numeric_limits<double>::infinity(), label = blank;
  double total() const { return log_add(blank, label); }
};
using Beam = std::map<std::vector<std::int64_t>, Prefix>;
using Ranked = std::vector<std::pair<std::vector<std::int64_t>, Prefix>>;

Ranked best_of(const Beam& beam, std::size_t count) {
  Ranked ranked(beam.begin(), beam.end());
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.second.total() > b.second.total(); });
  if (ranked.size() > count) ranked.resize(count);
  return ranked;
}

Beam grown(const Ranked& prefixes, const double* scores, std::int64_t classes) {
  Beam next;
  for (const auto& [labels, prefix] : prefixes) {
    const double total = prefix.total();
    Prefix& same = next[labels];
    same.blank = log_add(same.blank, total + scores[classes - 1]);
    if (!labels.empty()) same.label = log_add(same.label, prefix.label + scores[labels.back()]);
    for (std::int64_t c = 0; c + 1 < classes; ++c) {
      std::vector<std::int64_t> longer = labels;
      longer.push_back(c);
      Prefix& grows = next[longer];
      const bool repeats = !labels.empty() && labels.back() == c;  // only behind a blank
      grows.label = log_add(grows.label, (repeats ? prefix.blank : total) + scores[c]);
    }
  }
  return next;
}

Decoded decode_by_beams(const Tensor& y_pred, const Tensor& input_length, const CtcDecodeArgs& args) {
  if (y_pred.symbolic() || input_length.symbolic()) {
    throw NotImplementedError(
        "backend::ctc_decode: beam search works on values, not on symbolic tensors. Decode what the model predicted, "
        "or "
        "use greedy = true.");
  }
  const Array scores = Array(ops::log_softmax(logits_of(ops::cast(y_pred, DType::float64)), -1));
  const Array lengths = Array(vector(ops::cast(input_length, DType::int64)));
  const std::int64_t batch = scores.shape(0), time = scores.shape(1), classes = scores.shape(2);
  const auto paths = static_cast<std::size_t>(args.top_paths);
  std::vector<Array> labels(paths, full({batch, time}, -1, DType::int64));
  Array logs({batch, args.top_paths}, DType::float64);
  for (std::int64_t b = 0; b < batch; ++b) {
    Ranked beam{{{}, Prefix{0, -std::numeric_limits<double>::infinity()}}};
    for (std::int64_t t = 0; t < std::min(time, lengths.values<std::int64_t>()[static_cast<std::size_t>(b)]); ++t) {
      const double* row = scores.values<double>().data() + (b * time + t) * classes;
      beam = best_of(grown(beam, row, classes), static_cast<std::size_t>(args.beam_width));
    }
    for (std::size_t p = 0; p < paths; ++p) {
      const auto column = static_cast<std::int64_t>(p);
      logs.set({b, column}, p < beam.size() ? beam[p].second.total() : -std::numeric_limits<double>::infinity());
      if (p >= beam.size()) continue;
      // 2.2.4 merges repeated labels of the result, which are blanks apart, once more.
      std::vector<std::int64_t> path = beam[p].first;
      path.erase(std::unique(path.begin(), path.end()), path.end());
      for (std::size_t i = 0; i < path.size(); ++i)
        labels[p].set({b, static_cast<std::int64_t>(i)}, static_cast<double>(path[i]));
    }
  }
  return {{labels.begin(), labels.end()}, logs.astype(y_pred.dtype())};
}
}  // namespace

std::pair<std::vector<Tensor>, Tensor> ctc_decode(const Tensor& y_pred, const Tensor& input_length,
                                                  const CtcDecodeArgs& args) {
  check("ctc_decode", y_pred, input_length);
  if (!args.greedy) {
    if (args.beam_width < 1 || args.top_paths < 1 || args.top_paths > args.beam_width) {
      throw ValueError(fmt::format(
          "backend::ctc_decode: top_paths must lie between 1 and beam_width. Received: top_paths={}, beam_width={}.",
          args.top_paths, args.beam_width));
    }
    Decoded done = decode_by_beams(y_pred, input_length, args);
    return {std::move(done.paths), done.scores};
  }
  const std::vector<Tensor> all{y_pred, input_length};
  if (ops::recording(all)) {
    const std::vector<Tensor> done = ops::record_op(__func__, all, [](const std::vector<Tensor>& in) {
      const Decoded decoded = decode_greedily(in[0], in[1]);
      return std::vector<Tensor>{decoded.paths[0], decoded.scores};
    });
    return {{done[0]}, done[1]};
  }
  Decoded done = decode_greedily(y_pred, input_length);
  return {std::move(done.paths), done.scores};
}

}  // namespace keras::backend
