// How many positives and negatives are true and false at each of several thresholds: what precision, recall and the
// area under a curve are made of.
#pragma once

#include <keras/metrics.h>

#include <string>
#include <vector>

namespace keras::metrics {

struct Confusion {
  std::vector<double> thresholds;
  bool evenly = false;       // from 0 to 1 with equal steps: counted by buckets, as Keras does
  bool multi_label = false;  // each column by itself
  std::vector<double> label_weights = {};
  std::optional<std::int64_t> top_k = {}, class_id = {};
};

// Of one batch: for each threshold, (thresholds,), or with multi_label (thresholds, columns). What is not used is not
// computed.
struct Counts {
  Tensor true_positives, false_positives, true_negatives, false_negatives;
};
Counts count(const std::string& name, const Confusion& how, const Tensor& y_true, const Tensor& y_pred,
             const Tensor& sample_weight, DType dtype);

bool evenly_distributed(const std::vector<double>& thresholds);
std::vector<double> even_thresholds(std::int64_t count);  // from 0 to 1
void check_thresholds(const char* what, const std::vector<double>& thresholds);

}  // namespace keras::metrics
