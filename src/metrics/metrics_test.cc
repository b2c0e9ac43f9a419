// The metrics against what Keras computes, how names resolve, and what is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/config.h>
#include <keras/error.h>
#include <keras/metrics.h>
#include <keras/ops.h>

#include "tests/support/arguments.h"
#include "tests/support/golden.h"
#include "tests/support/shelves.h"

namespace keras {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

const testing::Golden& golden() {
  static const testing::Golden golden("metrics");
  return golden;
}

class MetricsAgainstKeras : public ::testing::TestWithParam<const char*> {
 protected:
  MetricsAgainstKeras() { config::set_floatx(GetParam()); }
  ~MetricsAgainstKeras() override { config::set_floatx("float32"); }
};

TEST_P(MetricsAgainstKeras, Results) {
  int count = 0;
  for (const Config& c : golden().cases()) {
    if (!c.contains("updates")) continue;
    const std::string name = c.at("name").as_string();
    SCOPED_TRACE(name);
    auto metric = testing::made<Metric>(c.at("class").as_string(), c.at("args"));
    EXPECT_EQ(metric.name(), c.at("key").as_string());
    const bool late = !golden().has(name + "/result_before") && !golden().has(name + "/result_before/64");
    const auto update = [&](int i) {
      const auto input = [&](const std::string& what) {
        const std::string key = what + "_" + std::to_string(i);
        return golden().has(name + "/" + key) ? Tensor(golden().input(c, key, GetParam())) : Tensor();
      };
      const Tensor values = input("values");
      metric.update_state(values.empty() ? input("y_true") : values, input("y_pred"), input("sample_weight"));
    };
    if (late) {
      update(0);
      metric.reset_state();
    }
    const auto& variables = metric.body()->variables();
    ASSERT_EQ(variables.size(), c.at("variables").size());
    for (std::size_t i = 0; i < variables.size(); ++i) {
      EXPECT_EQ(variables[i].name(), c.at("variables").items()[i].as_string());
      EXPECT_EQ(variables[i].dtype(), DType(c.get("variables_dtype", GetParam()).as_string()));
      EXPECT_FALSE(variables[i].trainable());
    }
    if (!late) {
      EXPECT_TRUE(golden().agrees(metric.result(), c, "result_before"));
    }
    for (int i = 0; i < c.at("updates").as_int(); ++i) {
      update(i);
      EXPECT_TRUE(golden().agrees(metric.result(), c, "result_" + std::to_string(i)));
    }
    metric.reset_state();
    EXPECT_TRUE(golden().agrees(metric.result(), c, "result_reset"));
    ++count;
  }
  EXPECT_GT(count, 250);
}

INSTANTIATE_TEST_SUITE_P(Types, MetricsAgainstKeras, ::testing::Values("float64", "float32"),
                         [](const auto& info) { return std::string(info.param); });

Shape shape_of(const Config& sizes) {
  Shape shape;
  read_config(sizes, shape);
  return shape;
}

TEST(Metrics, ResolveByTheShapes) {
  int count = 0;
  for (const Config& c : golden().cases()) {
    const Config* row = c.find("resolve");
    if (!row) continue;
    const Shape y_true = shape_of(row->at("y_true")), y_pred = shape_of(row->at("y_pred"));
    for (const char* name : {"accuracy", "acc", "Accuracy", "mse", "categorical_accuracy", "binary_accuracy"}) {
      const Metric metric = Metric(name).resolve("mse", y_true, y_pred);
      EXPECT_EQ(as_config(metric).at("class_name"), row->at(name).at("class")) << c.at("name") << " " << name;
      EXPECT_EQ(metric.name(), row->at(name).at("key").as_string());
    }
    for (const char* name : {"crossentropy", "ce"}) {
      const Metric metric = Metric(name).resolve("mse", y_true, y_pred);
      EXPECT_EQ(as_config(metric).at("class_name"), as_config(Loss(row->at(name).as_string())).at("class_name"));
      EXPECT_EQ(metric.name(), name);
    }
    ++count;
  }
  EXPECT_EQ(count, 12);
}

TEST(Metrics, NamesAreThoseOfKeras) {
  const testing::Golden arguments("arguments");
  int count = 0;
  for (const Config& c : arguments.cases()) {
    const std::string title = c.at("name").as_string();
    if (!title.starts_with("metrics.get.") || !c.contains("class")) continue;
    const std::string name = title.substr(std::string("metrics.get.").size());
    Config written = as_config(Metric(name));
    if (written.is_string()) continue;  // goes by the shapes
    EXPECT_EQ(written.at("class_name"), c.at("class")) << title;
    EXPECT_EQ(Metric(name).name(), name);  // what is reported is the name that was asked for
    Config config = written.at("config");
    testing::expect_same(config.set("name", c.at("config").at("name")), c.at("config"), title);
    ++count;
  }
  EXPECT_GT(count, 10);
}

TEST(Metrics, ArgumentsAreThoseOfKeras) {
  const testing::Golden arguments("arguments");
  int checked = 0;
  // `other`: what is required, and names that are the class's.
  const auto check = [&]<class A>(const A&, const char* name, const Metric& metric, std::vector<std::string> other) {
    const std::string title = std::string("metrics.") + name;
    const Config& c = arguments.at(title);
    testing::check_defaults<A>(arguments, title, other);
    EXPECT_EQ(as_config(metric).at("class_name").as_string(), name);
    EXPECT_EQ(metric.name(), c.at("default_name").as_string());
    testing::expect_same(as_config(metric).at("config"), c.at("config"), title);
    Metric back;
    read_config(as_config(metric), back);
    EXPECT_EQ(as_config(back), as_config(metric)) << title;
    ++checked;
  };
  check(AUCArgs(), "AUC", metrics::AUC(), {"label_weights"});
  check(MetricNameArgs(), "Accuracy", metrics::Accuracy(), {"name"});
  check(BinaryAccuracyArgs(), "BinaryAccuracy", metrics::BinaryAccuracy(), {});
  check(BinaryCrossentropyMetricArgs(), "BinaryCrossentropy", metrics::BinaryCrossentropy(), {});
  check(BinaryIoUArgs(), "BinaryIoU", metrics::BinaryIoU(), {});
  check(MetricNameArgs(), "CategoricalAccuracy", metrics::CategoricalAccuracy(), {"name"});
  check(CategoricalCrossentropyMetricArgs(), "CategoricalCrossentropy", metrics::CategoricalCrossentropy(), {});
  check(MetricNameArgs(), "CategoricalHinge", metrics::CategoricalHinge(), {"name"});
  check(AxisMetricArgs(), "ConcordanceCorrelation", metrics::ConcordanceCorrelation(), {"name"});
  check(AxisMetricArgs(), "CosineSimilarity", metrics::CosineSimilarity(), {"name"});
  check(F1ScoreArgs(), "F1Score", metrics::F1Score(), {});
  check(FBetaScoreArgs(), "FBetaScore", metrics::FBetaScore(), {});
  check(ConfusionCountArgs(), "FalseNegatives", metrics::FalseNegatives(), {});
  check(ConfusionCountArgs(), "FalsePositives", metrics::FalsePositives(), {});
  check(MetricNameArgs(), "Hinge", metrics::Hinge(), {"name"});
  check(IoUArgs(), "IoU", metrics::IoU(3, {0, 2}), {"num_classes", "target_class_ids"});
  check(MetricNameArgs(), "KLDivergence", metrics::KLDivergence(), {"name"});
  check(MetricNameArgs(), "LogCoshError", metrics::LogCoshError(), {"name"});
  check(MeanMetricArgs(), "Mean", metrics::Mean(), {});
  check(MetricNameArgs(), "MeanAbsoluteError", metrics::MeanAbsoluteError(), {"name"});
  check(MetricNameArgs(), "MeanAbsolutePercentageError", metrics::MeanAbsolutePercentageError(), {"name"});
  check(MeanIoUArgs(), "MeanIoU", metrics::MeanIoU(3), {"num_classes"});
  check(MeanRelativeErrorArgs(), "MeanRelativeError", metrics::MeanRelativeError({1, 2}), {"normalizer"});
  check(MetricNameArgs(), "MeanSquaredError", metrics::MeanSquaredError(), {"name"});
  check(MetricNameArgs(), "MeanSquaredLogarithmicError", metrics::MeanSquaredLogarithmicError(), {"name"});
  check(OneHotIoUArgs(), "OneHotIoU", metrics::OneHotIoU(3, {0, 2}), {"num_classes", "target_class_ids"});
  check(OneHotMeanIoUArgs(), "OneHotMeanIoU", metrics::OneHotMeanIoU(3), {"num_classes"});
  check(AxisMetricArgs(), "PearsonCorrelation", metrics::PearsonCorrelation(), {"name"});
  check(MetricNameArgs(), "Poisson", metrics::Poisson(), {"name"});
  check(PrecisionRecallArgs(), "Precision", metrics::Precision(), {});
  check(PrecisionAtRecallArgs(), "PrecisionAtRecall", metrics::PrecisionAtRecall(0.5), {"recall"});
  check(R2ScoreArgs(), "R2Score", metrics::R2Score(), {});
  check(PrecisionRecallArgs(), "Recall", metrics::Recall(), {});
  check(RecallAtPrecisionArgs(), "RecallAtPrecision", metrics::RecallAtPrecision(0.5), {"precision"});
  check(MetricNameArgs(), "RootMeanSquaredError", metrics::RootMeanSquaredError(), {"name"});
  check(SensitivityAtSpecificityArgs(), "SensitivityAtSpecificity", metrics::SensitivityAtSpecificity(0.5),
        {"specificity"});
  check(MetricNameArgs(), "SparseCategoricalAccuracy", metrics::SparseCategoricalAccuracy(), {"name"});
  check(SparseCategoricalCrossentropyMetricArgs(), "SparseCategoricalCrossentropy",
        metrics::SparseCategoricalCrossentropy(), {});
  check(SparseTopKCategoricalAccuracyArgs(), "SparseTopKCategoricalAccuracy", metrics::SparseTopKCategoricalAccuracy(),
        {});
  check(SpecificityAtSensitivityArgs(), "SpecificityAtSensitivity", metrics::SpecificityAtSensitivity(0.5),
        {"sensitivity"});
  check(MetricNameArgs(), "SquaredHinge", metrics::SquaredHinge(), {"name"});
  check(MetricNameArgs(), "Sum", metrics::Sum(), {"name"});
  check(TopKCategoricalAccuracyArgs(), "TopKCategoricalAccuracy", metrics::TopKCategoricalAccuracy(), {});
  check(ConfusionCountArgs(), "TrueNegatives", metrics::TrueNegatives(), {});
  check(ConfusionCountArgs(), "TruePositives", metrics::TruePositives(), {});
  int classes = 0;
  for (const Config& c : arguments.cases()) {
    const std::string title = c.at("name").as_string();
    classes +=
        title.starts_with("metrics.") && c.at("kind").as_string() == "class" && title != "metrics.MeanMetricWrapper";
  }
  EXPECT_EQ(checked, classes);
  EXPECT_EQ(classes, 44 + 1);  // 42, Mean and Sum; tf.keras's MeanRelativeError
}

TEST(Metrics, ConfigsRoundTrip) {
  const Metric metric = metrics::BinaryAccuracy({.name = "own", .threshold = 0.25});
  Metric back;
  read_config(as_config(metric), back);
  EXPECT_EQ(as_config(back), as_config(metric));
  EXPECT_EQ(back.name(), "own");
  read_config(as_config(Metric("accuracy")), back);
  EXPECT_EQ(back.name(), "accuracy");
}

Tensor largest(const Tensor&, const Tensor& y_pred) { return ops::max(y_pred, {-1}); }

TEST(Metrics, OfAFunctionAndShared) {
  Metric metric = largest;
  const Metric copy = metric;
  metric.update_state(zeros({2, 2}), Array({{1., 2.}, {5., 4.}}));
  EXPECT_EQ(copy.result().operator Array().item(), 3.5);
  EXPECT_THAT([&] { as_config(metric); }, ThrowsMessage<ValueError>(HasSubstr("MetricBody")));
}

TEST(Metrics, IgnoredClassWeighsNothing) {
  Metric metric = metrics::SparseCategoricalCrossentropy({.ignore_class = -1});
  const Array p({{0.5, 0.5}, {0.25, 0.75}});
  metric.update_state(Array(std::vector<std::int32_t>{0, -1}), p, ones({2}));
  EXPECT_NEAR(metric.result().operator Array().item(), 0.6931472, 1e-6);
}

TEST(Metrics, Errors) {
  EXPECT_THAT([] { Metric("categorical_acuracy"); },
              ThrowsMessage<ValueError>(HasSubstr("Did you mean «categorical_accuracy»?")));
  EXPECT_THAT([] { Metric("mean_io_u"); }, ThrowsMessage<ValueError>(HasSubstr("num_classes must be given")));
  EXPECT_THAT([] { Metric("precision_at_recall"); }, ThrowsMessage<ValueError>(HasSubstr("recall must be given")));
  EXPECT_THAT([] { metrics::MeanIoU(3, {.num_classes = 3}); }, ThrowsMessage<ValueError>(HasSubstr("given twice")));
  EXPECT_THAT([] { metrics::IoU(2, {0, 2}); }, ThrowsMessage<ValueError>(HasSubstr("among the 2 classes")));
  EXPECT_THAT([] { metrics::AUC({.curve = "RCO"}); }, ThrowsMessage<ValueError>(HasSubstr("Did you mean «ROC»?")));
  EXPECT_THAT([] { metrics::AUC({.num_thresholds = 1}); }, ThrowsMessage<ValueError>(HasSubstr("2 or more")));
  EXPECT_THAT([] { metrics::AUC({.num_labels = 2}); }, ThrowsMessage<ValueError>(HasSubstr("multi_label")));
  EXPECT_THAT([] { metrics::Precision({.thresholds = 1.5}); }, ThrowsMessage<ValueError>(HasSubstr("[0, 1]")));
  EXPECT_THAT([] { metrics::F1Score({.average = "makro"}); },
              ThrowsMessage<ValueError>(HasSubstr("Did you mean «macro»?")));
  EXPECT_THAT([] { metrics::F1Score().result(); }, ThrowsMessage<ValueError>(HasSubstr("before the first update")));
  EXPECT_THAT([] { metrics::F1Score().update_state(ones({3}), ones({3})); },
              ThrowsMessage<ValueError>(HasSubstr("(samples, columns)")));
  EXPECT_THAT(
      [] {
        metrics::Recall({.class_id = 3}).update_state(ones({3, 3}), ones({3, 3}));
      },
      ThrowsMessage<ValueError>(HasSubstr("class_id=3")));
  EXPECT_THAT(
      [] {
        metrics::Recall().update_state(ones({3, 3}), ones({3, 2}));
      },
      ThrowsMessage<ValueError>(HasSubstr("y_pred.shape=(3, 2)")));
  EXPECT_THAT([] { Metric("accuracy").result(); }, ThrowsMessage<ValueError>(HasSubstr("metrics::BinaryAccuracy")));
  EXPECT_THAT([] { Metric().result(); }, ThrowsMessage<ValueError>(HasSubstr("empty")));
  EXPECT_THAT(
      [] {
        metrics::CategoricalAccuracy().update_state(zeros({5}), zeros({5, 3}));
      },
      ThrowsMessage<ValueError>(HasSubstr("sparse_categorical_accuracy")));
  EXPECT_THAT(
      [] {
        metrics::SparseCategoricalAccuracy().update_state(zeros({5, 3}), zeros({5, 3}));
      },
      ThrowsMessage<ValueError>(HasSubstr("For one-hot labels use categorical_accuracy")));
  EXPECT_THAT(
      [] {
        metrics::BinaryAccuracy().update_state(zeros({5, 2}), zeros({5, 3}));
      },
      ThrowsMessage<ValueError>(HasSubstr("binary_accuracy")));
  EXPECT_THAT([] { metrics::Mean().update_state(zeros({5}), {}, zeros({4})); },
              ThrowsMessage<ValueError>(HasSubstr("sample_weight.shape=(4,)")));
}

}  // namespace
}  // namespace keras
