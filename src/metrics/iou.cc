// Intersection over union of the regions of classes, from the counts of a confusion matrix.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/ops.h>

#include <algorithm>
#include <numeric>

#include "metrics/built_in.h"
#include "support/arguments.h"

namespace keras::metrics {

namespace {
struct Regions {
  std::int64_t classes = 0;
  std::vector<std::int64_t> targets;
  std::optional<std::int64_t> ignore_class = {};
  bool sparse_y_true = true, sparse_y_pred = true;
  int axis = -1;
};

class IoUBase : public BuiltInMetric {
 public:
  IoUBase(const char* what, std::string name, std::optional<DType> dtype, Regions regions)
      : BuiltInMetric(std::move(name), dtype.value_or(DType::int64)), regions_(std::move(regions)) {
    if (regions_.classes < 1) refuse_missing(what, "num_classes");
    if (regions_.targets.empty()) refuse_missing(what, "target_class_ids");
    for (std::int64_t target : regions_.targets) {
      if (target >= 0 && target < regions_.classes) continue;
      throw ValueError(fmt::format("{}: target_class_ids must be among the {} classes, 0 to {}. Received: {}.", what,
                                   regions_.classes, regions_.classes - 1, target));
    }
    counts_ = add_variable("total_confusion_matrix", {regions_.classes, regions_.classes}, this->dtype());
  }
  std::string direction() const override { return "up"; }

  void update_state(const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight) override {
    const auto flat = [](const Tensor& x, bool sparse, int axis) {
      return ops::reshape(ops::cast(sparse ? x : ops::argmax(x, axis), DType::int64), {Dim()});
    };
    Tensor wanted = flat(y_true, regions_.sparse_y_true, regions_.axis);
    Tensor given = flat(y_pred, regions_.sparse_y_pred, regions_.axis);
    if (wanted.shape().known() && given.shape().known() && wanted.shape() != given.shape()) {
      throw ValueError(
          fmt::format("Metric \"{}\": y_true and y_pred must have a class for each of the same places. Received: "
                      "y_true.shape={}, y_pred.shape={}.",
                      name(), y_true.shape().str(), y_pred.shape().str()));
    }
    const auto inside = [&](const Tensor& x) { return ops::logical_and(x >= 0, x < regions_.classes); };
    Tensor counts = ops::logical_and(inside(wanted), inside(given));
    if (regions_.ignore_class) counts = ops::logical_and(counts, ops::not_equal(wanted, *regions_.ignore_class));
    Tensor weight = ops::cast(counts, dtype());
    if (!sample_weight.empty()) {
      const Tensor own = ops::cast(sample_weight, dtype());
      weight = weight * spread(name(), own.ndim() > 0 ? ops::reshape(own, {Dim()}) : ops::reshape(own, {1}), wanted);
    }
    const Tensor place = ops::where(counts, wanted * regions_.classes + given, 0);
    const Tensor zeros = ops::zeros({regions_.classes * regions_.classes}, dtype());
    const Tensor found = ops::scatter_add(zeros, place, weight);
    counts_.assign(counts_ + ops::reshape(found, counts_.shape()));
  }

  Tensor result() const override {
    const std::int64_t n = regions_.classes;
    const Tensor both = ops::take(ops::reshape(counts_, {n * n}), ops::arange(0, n) * (n + 1));
    const Tensor either = ops::sum(counts_, {0}) + ops::sum(counts_, {1}) - both;
    const auto chosen = [&](const Tensor& x) {
      return ops::cast(ops::take(x, Array(regions_.targets)), DType::float32);
    };
    const Tensor unions = chosen(either), valid = unions > 1e-9;
    const Tensor overlap = ops::where(valid, chosen(both) / (unions + config::epsilon()), 0);
    return ops::sum(overlap) / (ops::sum(ops::cast(valid, DType::float32)) + config::epsilon());
  }

 private:
  const Regions regions_;
  Variable counts_;
};

std::vector<std::int64_t> all_classes(std::int64_t classes) {
  std::vector<std::int64_t> all(static_cast<std::size_t>(std::max<std::int64_t>(classes, 1)));
  std::iota(all.begin(), all.end(), 0);
  return all;
}

struct IoUMetric final : IoUBase {
  static constexpr auto class_name = "IoU";
  using Args = IoUArgs;
  explicit IoUMetric(const Args& a)
      : IoUBase(class_name, a.name.value_or("io_u"), a.dtype,
                {a.num_classes, a.target_class_ids, a.ignore_class, a.sparse_y_true, a.sparse_y_pred, a.axis}) {}
};
struct BinaryIoUMetric final : IoUBase {
  static constexpr auto class_name = "BinaryIoU";
  using Args = BinaryIoUArgs;
  explicit BinaryIoUMetric(const Args& a)
      : IoUBase(class_name, a.name.value_or("binary_io_u"), a.dtype, {2, a.target_class_ids}),
        threshold_(a.threshold) {}
  void update_state(const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight) override {
    const Tensor scores = ops::cast(y_pred, DType::float32);
    IoUBase::update_state(y_true, ops::cast(scores >= threshold_, DType::int32), sample_weight);
  }

 private:
  double threshold_;
};
struct MeanIoUMetric final : IoUBase {
  static constexpr auto class_name = "MeanIoU";
  using Args = MeanIoUArgs;
  explicit MeanIoUMetric(const Args& a)
      : IoUBase(class_name, a.name.value_or("mean_io_u"), a.dtype,
                {a.num_classes, all_classes(a.num_classes), a.ignore_class, a.sparse_y_true, a.sparse_y_pred, a.axis}) {
  }
};
struct OneHotIoUMetric final : IoUBase {
  static constexpr auto class_name = "OneHotIoU";
  using Args = OneHotIoUArgs;
  explicit OneHotIoUMetric(const Args& a)
      : IoUBase(class_name, a.name.value_or("one_hot_io_u"), a.dtype,
                {a.num_classes, a.target_class_ids, a.ignore_class, false, a.sparse_y_pred, a.axis}) {}
};
struct OneHotMeanIoUMetric final : IoUBase {
  static constexpr auto class_name = "OneHotMeanIoU";
  using Args = OneHotMeanIoUArgs;
  explicit OneHotMeanIoUMetric(const Args& a)
      : IoUBase(class_name, a.name.value_or("one_hot_mean_io_u"), a.dtype,
                {a.num_classes, all_classes(a.num_classes), a.ignore_class, false, a.sparse_y_pred, a.axis}) {}
};

// The arguments with the positional ones in them.
template <class A>
A sized(const char* what, A args, std::int64_t num_classes) {
  if (args.num_classes != 0) support::refuse_twice(what, "num_classes");
  args.num_classes = num_classes;
  return args;
}
template <class A>
A aimed(const char* what, A args, std::int64_t num_classes, std::vector<std::int64_t> targets) {
  args = sized(what, std::move(args), num_classes);
  if (!args.target_class_ids.empty()) support::refuse_twice(what, "target_class_ids");
  args.target_class_ids = std::move(targets);
  return args;
}
}  // namespace

Lines iou_lines() {
  return {{custom<BinaryIoUMetric>(), {"binary_io_u"}},
          {custom<IoUMetric>(), {"io_u"}},
          {custom<MeanIoUMetric>(), {"mean_io_u"}},
          {custom<OneHotIoUMetric>(), {"one_hot_io_u"}},
          {custom<OneHotMeanIoUMetric>(), {"one_hot_mean_io_u"}}};
}

Metric IoU(std::int64_t num_classes, std::vector<std::int64_t> target_class_ids, IoUArgs args) {
  return make_metric<IoUMetric>(aimed("IoU", std::move(args), num_classes, std::move(target_class_ids)));
}
Metric BinaryIoU(BinaryIoUArgs args) { return make_metric<BinaryIoUMetric>(std::move(args)); }
Metric MeanIoU(std::int64_t num_classes, MeanIoUArgs args) {
  return make_metric<MeanIoUMetric>(sized("MeanIoU", std::move(args), num_classes));
}
Metric OneHotIoU(std::int64_t num_classes, std::vector<std::int64_t> target_class_ids, OneHotIoUArgs args) {
  return make_metric<OneHotIoUMetric>(aimed("OneHotIoU", std::move(args), num_classes, std::move(target_class_ids)));
}
Metric OneHotMeanIoU(std::int64_t num_classes, OneHotMeanIoUArgs args) {
  return make_metric<OneHotMeanIoUMetric>(sized("OneHotMeanIoU", std::move(args), num_classes));
}

}  // namespace keras::metrics
