// No allocation in a step: not in any run of a program that ran before, not from one batch of a running fit to the
// next; and at most two in train_on_batch, which returns Logs.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/alloc/count.h"
#include "tests/support/primer.h"
#include "trainers/trainer_state.h"

namespace keras::testing {
namespace {

constexpr int kWarm = 3;
constexpr std::size_t kRuns = 20;

struct Case {
  const char* name;
  Sequential model;
  Examples data;
};

std::vector<Case> cases() {
  random::seed(1);
  const Array labels = random::randint({300}, 0, 10);
  Sequential dropout(
      {layers::Dense(64, {.activation = "relu", .input_dim = 784}), layers::Dropout(0.5), layers::Dense(10)});
  dropout.compile({.optimizer = optimizers::Adam({.clipnorm = 1.0}), .loss = "mse", .metrics = {"mae"}});
  return {{"regressor", regressor_model(), {random::normal({300}), random::normal({300})}},
          {"mnist", mnist_model(), {random::uniform({300, 784}), utils::to_categorical(labels, 10)}},
          {"sparse", mnist_model("sparse_categorical_crossentropy"), {random::uniform({300, 784}), labels}},
          {"dropout", dropout, {random::uniform({300, 784}), utils::to_categorical(labels, 10)}}};
}

// Memory for everything that a program is bound to.
struct Bound {
  std::vector<Array> arrays;
  std::vector<const void*> inputs;
  std::vector<void*> states, outputs;

  explicit Bound(const runtime::Program& program) {
    const auto bind = [&](const std::vector<ir::Type>& types, auto& pointers) {
      for (const ir::Type& type : types) {
        arrays.emplace_back(type.shape, type.dtype);
        pointers.push_back(arrays.back().mutable_data());
      }
    };
    bind(program.inputs, inputs), bind(program.states, states), bind(program.outputs, outputs);
  }
};

TEST(ProgramRun, AllocatesNothing) {
  for (const Case& c : cases()) {
    for (const Stage stage : {Stage::train, Stage::test, Stage::predict}) {
      for (const std::int64_t rows : {32, 12, 1}) {
        SCOPED_TRACE(c.name + std::string(" of ") + std::to_string(rows) + " rows, stage " +
                     std::to_string(static_cast<int>(stage)));
        std::vector<ir::Type> types;
        for (const Array& array :
             {fit_input(c.model, c.data.x, 0), c.data.y.ndim() == 1 ? c.data.y.reshape({-1, 1}) : c.data.y}) {
          if (stage == Stage::predict && !types.empty()) break;
          types.push_back({array.dtype(), array.shape().slice(1).with_front(rows)});
        }
        const auto step = step_program(c.model, stage, types, {1});
        const runtime::Program& program = step->function.program();
        Bound bound(program);
        for (int i = 0; i < kWarm; ++i) program.run(bound.inputs, bound.states, bound.outputs);
        Allocations::arm();
        for (std::size_t i = 0; i < kRuns; ++i) program.run(bound.inputs, bound.states, bound.outputs);
        EXPECT_EQ(Allocations::disarm(), 0u);
      }
    }
  }
}

// The batches of one epoch but for the last, which is a part; and all batches of the next epoch, whose programs exist.
TEST(Fit, AllocatesNothingFromOneBatchToTheNext) {
  for (const Case& c : cases()) {
    for (const bool shuffle : {false, true}) {
      SCOPED_TRACE(c.name + std::string(shuffle ? " shuffled" : " in order"));
      Sequential model = c.model;
      std::vector<std::size_t> counts;
      int epoch = 0;
      const Callback watch =
          callbacks::LambdaCallback({.on_epoch_begin = [&](int now, const Logs&) { epoch = now; },
                                     .on_train_batch_end =
                                         [&](int batch, const Logs&) {
                                           const int first = epoch == 0 ? 3 : 0,
                                                     last = epoch == 0 ? 8 : 9;  // of the batches 0 to 9
                                           if (batch == first) Allocations::arm();
                                           if (batch == last) counts.push_back(Allocations::disarm());
                                         }});
      counts.reserve(2);
      model.fit(c.data.x, c.data.y,
                {.batch_size = 32, .epochs = 2, .verbose = 0, .callbacks = {watch}, .shuffle = shuffle});
      EXPECT_EQ(counts, std::vector<std::size_t>({0, 0}));
    }
  }
}

// Batches large enough to be gathered by another thread, while the step runs.
TEST(Fit, AllocatesNothingWhereBatchesAreGatheredAhead) {
  random::seed(2);
  Sequential model({layers::Dense(4, {.input_dim = 3000}), layers::Dense(1)});
  model.compile({.optimizer = optimizers::SGD({.learning_rate = 1e-5}), .loss = "mse"});
  std::vector<std::size_t> counts;
  counts.reserve(2);
  const Callback watch = callbacks::LambdaCallback({.on_train_batch_end = [&](int batch, const Logs&) {
    if (batch == 2) Allocations::arm();
    if (batch == 8) counts.push_back(Allocations::disarm());
  }});
  model.fit(random::uniform({320, 3000}), ones({320}), {.epochs = 2, .verbose = 0, .callbacks = {watch}});
  EXPECT_EQ(counts, std::vector<std::size_t>({0, 0}));
}

TEST(TrainOnBatch, AllocatesAtMostTwice) {
  for (const Case& c : cases()) {
    SCOPED_TRACE(c.name);
    Sequential model = c.model;
    const std::int64_t rows = c.data.x.ndim() == 1 ? 160 : 32;
    const Array x = c.data.x.slice(0, rows), y = c.data.y.slice(0, rows);
    for (int i = 0; i < kWarm; ++i) model.train_on_batch(x, y);
    std::size_t worst = 0;
    for (std::size_t i = 0; i < kRuns; ++i) {
      Allocations::arm();
      model.train_on_batch(x, y);
      worst = std::max(worst, Allocations::disarm(2));
    }
    EXPECT_LE(worst, 2u);
  }
}

TEST(Evaluate, AllocatesNothingFromOneBatchToTheNext) {
  for (const Case& c : cases()) {
    SCOPED_TRACE(c.name);
    struct Watch final : CallbackBody {
      void on_test_batch_end(int batch, const Logs&) override {
        if (batch == 3) Allocations::arm();
        if (batch == 8) count = Allocations::disarm();
      }
      std::size_t count = 1;
    };
    auto watch = std::make_shared<Watch>();
    watch->describe("Watch", Config::map());
    c.model.evaluate(c.data.x, c.data.y, {.callbacks = {Callback(watch)}});
    EXPECT_EQ(watch->count, 0u);
  }
}

}  // namespace
}  // namespace keras::testing
