// fit, evaluate and predict of a Sequence and a generator, as Keras 3 has them.
#include <gtest/gtest.h>
#include <keras/keras.h>

#include "tests/support/golden.h"

namespace keras {
namespace {

constexpr std::int64_t kBatch = 4;

struct Slices final : utils::SequenceBody {
  Slices(std::vector<Array> columns, int workers) : SequenceBody({.workers = workers}), columns_(std::move(columns)) {}
  std::int64_t length() const override { return (columns_[0].length() + kBatch - 1) / kBatch; }
  Batch get(std::int64_t index) override {
    const auto cut = [&](std::size_t i) {
      return i < columns_.size() ? Data(columns_[i].slice(index * kBatch, (index + 1) * kBatch)) : Data();
    };
    return {cut(0), cut(1), cut(2)};
  }
  const std::vector<Array> columns_;
};

class DataGolden : public ::testing::TestWithParam<const char*> {
 protected:
  DataGolden() { config::set_floatx(GetParam()); }
  ~DataGolden() override {
    config::set_floatx("float32");
    config::set_warning_handler({});
  }
};

TEST_P(DataGolden, IsKerass) {
  const testing::Golden golden("data");
  const DType dtype(GetParam());
  for (const Config& c : golden.cases()) {
    SCOPED_TRACE(c.at("name").as_string());
    const Config& how = c.at("case");
    Sequential model(
        {layers::Dense(5, {.activation = "tanh", .input_dim = 3}), layers::Dense(2, {.activation = "softmax"})});
    std::vector<Array> start;
    for (int i = 0; i < 4; ++i) start.push_back(golden.input(c, "start_" + std::to_string(i), dtype));
    model.set_weights(start);
    model.compile({.optimizer = optimizers::SGD({.learning_rate = 0.0625}),
                   .loss = "sparse_categorical_crossentropy",
                   .metrics = {"accuracy"}});
    std::vector<Array> columns{golden.input(c, "x", dtype), golden.input(c, "y", dtype)};
    if (how.find("weights")) columns.push_back(golden.input(c, "weight", dtype));
    const int workers = how.find("workers") ? static_cast<int>(how.at("workers").as_int()) : 1;
    const auto data = utils::make_sequence<Slices>(columns, workers);

    std::vector<int> steps;
    int warnings = 0;
    config::set_warning_handler(
        [&](const std::string& text) { warnings += text.find("ran out") != std::string::npos; });
    FitArgs args{.epochs = 3, .verbose = 0, .shuffle = false};
    args.callbacks = {callbacks::LambdaCallback({.on_epoch_begin = [&](int, const Logs&) { steps.push_back(0); },
                                                 .on_train_batch_end = [&](int, const Logs&) { ++steps.back(); }})};
    if (how.find("validation")) args.validation_data = {data};
    if (how.find("validation_steps")) args.validation_steps = how.at("validation_steps").as_int();
    if (how.find("steps_per_epoch")) args.steps_per_epoch = how.at("steps_per_epoch").as_int();
    const Config& weights = c.at("class_weight");
    for (std::size_t i = 0; i < weights.size(); ++i)
      args.class_weight.emplace_back(static_cast<std::int64_t>(i), weights.items()[i].as_real());
    const auto one_by_one = [&, next = std::int64_t{0}]() mutable -> std::optional<Batch> {
      if (next == data.length()) return std::nullopt;
      return data.get(next++);
    };
    const History history = how.find("generator") ? model.fit(one_by_one, {}, args) : model.fit(data, {}, args);
    const Logs tested = model.evaluate(data);

    std::vector<int> expected_steps;
    for (const Config& count : c.at("steps").items()) expected_steps.push_back(static_cast<int>(count.as_int()));
    EXPECT_EQ(steps, expected_steps);
    EXPECT_EQ(warnings, c.at("warnings").as_int());
    EXPECT_EQ(history.history.size(), c.at("figures").size());
    // Figures are float32 whatever floatx is, so each is compared as float32.
    for (const Config& figure : c.at("figures").items()) {
      const Array values(history.history.at(figure.as_string()));
      EXPECT_TRUE(golden.agrees(values.astype(DType::float32), c, "history_" + figure.as_string()));
    }
    for (const Config& figure : c.at("tests").items()) {
      const Array value = Array::scalar(tested.at(figure.as_string()), DType::float32);
      EXPECT_TRUE(golden.agrees(value, c, "test_" + figure.as_string()));
    }
    const std::vector<Array> after = model.get_weights();
    for (std::size_t i = 0; i < after.size(); ++i)
      EXPECT_TRUE(golden.agrees(after[i], c, "after_" + std::to_string(i)));
    EXPECT_TRUE(golden.agrees(model.predict(data), c, "predicted"));
  }
}

INSTANTIATE_TEST_SUITE_P(Types, DataGolden, ::testing::Values("float64", "float32"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace keras
