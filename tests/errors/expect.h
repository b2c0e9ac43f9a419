// What every test of a bad input asks: the right kind of error, a message that names what was received, and nothing
// lost.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <vector>

#include "tests/support/primer.h"

namespace keras::testing {

// That `call` throws an E, with all of these parts in the
// message.
template <class E, class F>
void expect_error(F&& call, std::initializer_list<const char*> parts) {
  try {
    call();
  } catch (const E& error) {
    for (const char* part : parts) EXPECT_THAT(error.what(), ::testing::HasSubstr(part));
    return;
  } catch (const std::exception& error) {
    ADD_FAILURE() << "another error: " << error.what();
    return;
  }
  ADD_FAILURE() << "no error; expected one with «" << (parts.size() ? *parts.begin() : "") << "»";
}

// A trained classifier of 4 numbers into 3 classes. still_whole() after each misuse: the weights have the same bits,
// the optimizer stands where it stood, and the model trains on.
class Classifier : public ::testing::Test {
 protected:
  void SetUp() override { make("sparse_categorical_crossentropy", labels); }

  void make(const Loss& loss, const Array& targets) {
    random::seed(1);
    model = Sequential(
        {layers::Dense(8, {.activation = "relu", .input_dim = 4}), layers::Dense(3, {.activation = "softmax"})});
    model.compile({.optimizer = "adam", .loss = loss, .metrics = {"accuracy"}});
    y = targets;
    model.fit(x, y, {.verbose = 0});
    before = model.get_weights();
    iterations = model.optimizer().iterations();
  }

  void still_whole() {
    ASSERT_TRUE(model.compiled());
    EXPECT_TRUE(same_weights(model.get_weights(), before));
    EXPECT_EQ(model.optimizer().iterations(), iterations);
    EXPECT_FALSE(model.stop_training());
    model.fit(x, y, {.verbose = 0});
    model.train_on_batch(x, y);
    EXPECT_EQ(model.optimizer().iterations(), iterations + 3);
    EXPECT_FALSE(same_weights(model.get_weights(), before));
    EXPECT_EQ(model.predict(x).shape(), Shape({40, 3}));
    before = model.get_weights();
    iterations = model.optimizer().iterations();
  }

  // The same misuse through every door that takes data.
  template <class E>
  void expect_refused(const Array& bad_x, const Array& bad_y, std::initializer_list<const char*> parts) {
    expect_error<E>([&] { model.fit(bad_x, bad_y, {.verbose = 0}); }, parts);
    still_whole();
    expect_error<E>([&] { model.fit(x, y, {.verbose = 0, .validation_data = {.x = bad_x, .y = bad_y}}); }, parts);
    still_whole();
    expect_error<E>([&] { model.train_on_batch(bad_x, bad_y); }, parts);
    expect_error<E>([&] { model.test_on_batch(bad_x, bad_y); }, parts);
    expect_error<E>([&] { model.evaluate(bad_x, bad_y); }, parts);
    still_whole();
  }

  const Array x = linspace(-1, 1, 160).reshape({40, 4});
  const Array labels =
      concatenate(std::vector<Array>{zeros({15}, DType::int32), ones({13}, DType::int32), full({12}, 2, DType::int32)});
  Array y;
  Sequential model;
  std::vector<Array> before;
  std::int64_t iterations = 0;
};

}  // namespace keras::testing
