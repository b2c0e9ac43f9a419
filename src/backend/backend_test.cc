// keras::backend beside the numbers: settings, variables, functions, gradients, unknown sizes, and messages.
#include "keras/backend.h"

#include <gtest/gtest.h>
#include <keras/keras.h>

#include "tests/errors/expect.h"

namespace keras {
namespace {

namespace K = backend;
using testing::expect_error;

TEST(BackendSettings, AreThoseOfConfig) {
  K::set_image_dim_ordering("th");
  EXPECT_EQ(config::image_data_format(), "channels_first");
  EXPECT_EQ(K::normalize_data_format(), "channels_first");
  K::set_image_dim_ordering("tf");
  EXPECT_EQ(K::image_dim_ordering(), "tf");
  EXPECT_EQ(K::normalize_data_format("Channels_First"), "channels_first");
  EXPECT_EQ(K::cast_to_floatx(Array({1.0}).astype(DType::float64)).dtype(), DType::float32);
  EXPECT_EQ(K::epsilon(), 1e-7);
  expect_error<ValueError>([] { K::normalize_data_format("channel_last"); }, {"\"channel_last\"", "«channels_last»"});
  expect_error<ValueError>([] { K::set_image_dim_ordering("tt"); }, {"\"tt\""});
}

TEST(BackendSettings, CountNames) {
  K::reset_uids();
  EXPECT_EQ(K::get_uid("dense"), 1);
  EXPECT_EQ(K::get_uid("dense"), 2);
  EXPECT_EQ(K::get_uid(), 1);
  K::clear_session();
  EXPECT_EQ(K::get_uid("dense"), 1);
  EXPECT_EQ(layers::Dense(1).name(), "dense");
}

TEST(BackendVariables, HaveTheConfiguredType) {
  const Variable v = K::variable(arange(3), {}, "counts");
  EXPECT_EQ(v.dtype(), DType::float32);
  EXPECT_EQ(v.name(), "counts");
  EXPECT_EQ(K::variable(arange(3), "float64").dtype(), DType::float64);
  EXPECT_EQ(K::eval(K::eye(2)).str(), "[[1. 0.]\n [0. 1.]]");
  EXPECT_EQ(K::eval(K::ones({2})).str(), "[1. 1.]");
  EXPECT_EQ(K::count_params(K::zeros({3, 4})), 12);
  EXPECT_EQ(K::int_shape(v), (Shape{3}));
  EXPECT_EQ(K::eval(K::constant(Array({2.0}), {}, Shape{2, 2})).str(), "[[2. 2.]\n [2. 2.]]");
  EXPECT_EQ(K::eval(K::zeros_like(v, "int32")).str(), "[0 0 0]");
  EXPECT_TRUE(K::is_tensor(v));
  EXPECT_FALSE(K::is_tensor(3));
}

TEST(BackendVariables, AreSetAllOrNone) {
  const Variable a = K::zeros({2}), b = K::zeros({3});
  K::batch_set_value({{a, Array({1.0, 2.0})}, {b, ones({3})}});
  EXPECT_EQ(K::batch_get_value({a, b})[1].str(), "[1. 1. 1.]");
  expect_error<ValueError>([&] { K::batch_set_value({{a, ones({2})}, {b, ones({4})}}); }, {"(3,)", "(4,)"});
  EXPECT_EQ(K::get_value(a).str(), "[1. 2.]");
}

TEST(BackendVariables, AreUpdatedWhenAsked) {
  const Variable v = K::variable(Array({1.0, 2.0}));
  const K::Update add = K::update_add(v, Array({10.0, 10.0}));
  EXPECT_EQ(K::get_value(v).str(), "[1. 2.]");
  EXPECT_EQ(K::eval(add).str(), "[11. 12.]");
  EXPECT_EQ(K::eval(add).str(), "[21. 22.]");  // what the variable holds then, not when the update was made
  EXPECT_EQ(K::eval(K::update_sub(v, 1)).str(), "[20. 21.]");
  EXPECT_EQ(K::eval(K::update(v, 3.0)).str(), "[3. 3.]");
  EXPECT_EQ(K::eval(K::moving_average_update(v, Array({1.0, 2.0}), 0.5)).str(), "[2.  2.5]");
  EXPECT_EQ(K::get_value(v).str(), "[2.  2.5]");
}

TEST(BackendFunctions, ReadVariablesWhenCalledAndUpdateThem) {
  const Tensor x = K::placeholder({None, 2});
  const Variable w = K::variable(Array({1.0, 2.0}));
  const Tensor twice = Tensor(w) * 2;  // no placeholder in it
  const K::Function f = K::function({x}, {x * w, x + twice}, {K::update_add(w, 1), {w, Tensor(w) * 10}});
  const Array one = ones({1, 2});
  EXPECT_EQ(f({one})[1].str(), "[[3. 5.]]");
  EXPECT_EQ(K::get_value(w).str(), "[10. 20.]");  // the last of two updates, from the values before
  EXPECT_EQ(f({one})[0].str(), "[[10. 20.]]");
  K::set_value(w, Array({5.0, 6.0}));
  EXPECT_EQ(f({ones({2, 2})})[0].str(), "[[5. 6.]\n [5. 6.]]");  // another shape
}

TEST(BackendFunctions, TakeWhatLiesOnTheWay) {
  const Tensor x = K::placeholder({None, 3}), middle = K::square(x), y = middle + 1;
  EXPECT_EQ(K::function({middle}, {y})({ones({1, 3})})[0].str(), "[[2. 2. 2.]]");
  const std::vector<Array> same = K::function({x}, {x, Tensor(Array({7.0}))})({ones({1, 3})});
  EXPECT_EQ(same[0].str(), "[[1. 1. 1.]]");
  EXPECT_EQ(same[1].str(), "[7.]");
}

TEST(BackendFunctions, OfLayersTakeTheLearningPhase) {
  Sequential model({layers::Dense(3, {.kernel_initializer = "ones", .input_dim = 2}), layers::Dropout(0.5)});
  const Tensor inside = model.layers()[0].output();
  const K::Function f = K::function({model.input(), K::learning_phase()}, {model.output(), inside});
  const Array x = ones({50, 2});
  const Array off = Array::scalar(0), on = Array::scalar(1);
  EXPECT_EQ(K::eval(K::min(f({x, off})[0])).item(), 2);
  const Array first = f({x, on})[0], second = f({x, on})[0];
  EXPECT_EQ(K::eval(K::min(first)).item(), 0);
  EXPECT_FALSE(identical(first, second));
  EXPECT_EQ(K::eval(K::min(f({x, on})[1])).item(), 2);
}

TEST(BackendFunctions, SayWhatDoesNotFit) {
  const Tensor x = K::placeholder({None, 2}, {.name = "left"}), y = K::placeholder({None, 2}, {.name = "right"});
  const K::Function f = K::function({x}, {x + 1});
  expect_error<ValueError>([&] { f({ones({3, 4})}); }, {"«left»", "(None, 2)", "(3, 4)"});
  expect_error<ValueError>([&] { f({}); }, {"1 input is expected", "Received: 0"});
  expect_error<ValueError>([&] { K::function({x}, {x + y})({ones({1, 2})}); }, {"«right»", "not among the inputs"});
  expect_error<ValueError>([&] { K::function({Tensor(ones({2}))}, {x}); }, {"input 0 is no placeholder"});
  const Variable v = K::zeros({2});
  expect_error<ValueError>([&] { K::eval(K::update(v, ones({3}))); }, {"\"variable\"", "(2,)", "(3,)"});
  expect_error<ValueError>([&] { K::placeholder({2}, {.ndim = 2}); }, {"ndim=2", "(2,)"});
}

TEST(BackendFunctions, ManyShapesKeepTheLast) {
  const Tensor x = K::placeholder({.ndim = 1});
  EXPECT_TRUE(K::is_placeholder(x));
  EXPECT_TRUE(K::is_keras_tensor(x + 1));
  EXPECT_FALSE(K::is_placeholder(x + 1));
  EXPECT_FALSE(K::is_keras_tensor(Tensor(ones({2}))));
  const K::Function f = K::function({x}, {K::sum(x)});
  for (std::int64_t n = 1; n < 40; ++n) EXPECT_EQ(f({ones({n})})[0].item(), static_cast<double>(n));
}

TEST(BackendGradients, OfPlaceholdersVariablesAndWhatLiesBetween) {
  const Tensor x = K::placeholder({None, 2});
  const Variable w = K::variable(Array({3.0, 4.0}));
  const Tensor middle = x * w, loss = K::sum(K::square(middle));
  const std::vector<Tensor> by_tensors = K::gradients(loss, {x, middle});
  const std::vector<Tensor> by_variables = K::gradients(loss, {w});
  EXPECT_EQ(by_tensors[0].shape(), (Shape{None, 2}));
  const K::Function f = K::function({x}, {by_tensors[0], by_tensors[1], by_variables[0]});
  const Array fed({{1.0, 2.0}});
  EXPECT_EQ(f({fed})[0].str(), "[[18. 64.]]");  // 2 x w²
  EXPECT_EQ(f({fed})[1].str(), "[[ 6. 16.]]");  // 2 x w
  EXPECT_EQ(f({fed})[2].str(), "[ 6. 32.]");    // 2 x² w
  K::set_value(w, Array({1.0, 1.0}));
  EXPECT_EQ(f({fed})[2].str(), "[2. 8.]");
  // As an update: gradient descent.
  const K::Function step = K::function({x}, {loss}, {K::update_sub(w, 0.1 * by_variables[0])});
  const double before = step({fed})[0].item();
  EXPECT_LT(step({fed})[0].item(), before);
  // In a functional model, and of second order.
  const Model model(x, K::gradients(K::sum(by_tensors[0]), {x})[0]);
  K::set_value(w, Array({3.0, 4.0}));
  EXPECT_EQ(model.predict(fed).str(), "[[18. 32.]]");
}

TEST(BackendControl, ChoosesByPhase) {
  const Tensor a = Array({1.0}), b = Array({2.0});
  EXPECT_EQ(K::eval(K::in_train_phase(a, b)).item(), 2);
  EXPECT_EQ(K::eval(K::in_train_phase(a, b, true)).item(), 1);
  EXPECT_EQ(K::eval(K::in_test_phase([&] { return a; }, b)).item(), 1);
  K::set_learning_phase(true);
  EXPECT_EQ(K::eval(K::in_train_phase(a, [&] { return b; })).item(), 1);
  K::clear_session();
  EXPECT_FALSE(K::learning_phase());
  EXPECT_EQ(K::eval(K::switch_(
                        Tensor(true), [&] { return a; }, [&] { return b; }))
                .item(),
            1);
}

TEST(BackendRandom, IsAsAskedFor) {
  random::seed(4);
  EXPECT_TRUE(identical(K::eval(K::random_normal({5}, 0, 1, {}, 3)), K::eval(K::random_normal({5}, 0, 1, {}, 3))));
  EXPECT_FALSE(identical(K::eval(K::random_normal({5})), K::eval(K::random_normal({5}))));
  const Array coins = K::random_binomial({10000}, 0.3);
  EXPECT_NEAR(K::eval(K::mean(coins)).item(), 0.3, 0.02);
  EXPECT_EQ(K::eval(K::mean(K::square(coins) - coins)).item(), 0);
  EXPECT_NEAR(K::eval(K::mean(ops::random_binomial({10000}, 8, 0.25))).item(), 2, 0.05);
  const Array kept = K::dropout(Tensor(ones({10000})), 0.25);
  EXPECT_NEAR(K::eval(K::mean(kept)).item(), 1, 0.03);
  EXPECT_NEAR(K::eval(K::max(kept)).item(), 1 / 0.75, 1e-6);
  EXPECT_EQ(K::eval(K::std(K::dropout(Tensor(ones({4, 100})), 0.5, Shape{4, 1}), {1})).str(), "[0. 0. 0. 0.]");
  EXPECT_LE(K::eval(K::max(K::truncated_normal({1000}))).item(), 2);
  const Variable drawn = K::random_uniform_variable({100}, 2, 3);
  EXPECT_GE(K::eval(K::min(drawn)).item(), 2);
  expect_error<ValueError>([] { K::dropout(Tensor(ones({2})), 1.5); }, {"rate", "1.5"});
  expect_error<ValueError>([] { K::dropout(Tensor(ones({2, 3})), 0.5, Shape{2, 2}); }, {"(2, 2)", "(2, 3)"});
  expect_error<ValueError>([] { K::random_binomial({2}, -1); }, {"probability", "-1"});
}

TEST(BackendConcatenate, PrintsAsThePrimerShows) {
  const Variable t1 = K::variable(Array(std::vector<float>{1, 2, 2, 3, 4, 4, 5, 3}, {2, 2, 2})),
                 t2 = K::variable(Array(std::vector<float>{7, 4, 8, 4, 2, 10, 15, 11}, {2, 2, 2}));
  const std::string along_1 =
      "[[[ 1.  2.]\n  [ 2.  3.]\n  [ 7.  4.]\n  [ 8.  4.]]\n\n [[ 4.  4.]\n  [ 5.  3.]\n  [ 2. 10.]\n  [15. 11.]]]";
  const std::string along_2 = "[[[ 1.  2.  7.  4.]\n  [ 2.  3.  8.  4.]]\n\n [[ 4.  4.  2. 10.]\n  [ 5.  3. 15. 11.]]]";
  const std::string along_0 =
      "[[[ 1.  2.]\n  [ 2.  3.]]\n\n [[ 4.  4.]\n  [ 5.  3.]]\n\n [[ 7.  4.]\n  [ 8.  4.]]\n\n [[ 2. 10.]\n  [15. "
      "11.]]]";
  for (const int axis : {1, -2, 4, -5}) EXPECT_EQ(K::eval(K::concatenate({t1, t2}, axis)).str(), along_1) << axis;
  for (const int axis : {2, -1, -4}) EXPECT_EQ(K::eval(K::concatenate({t1, t2}, axis)).str(), along_2) << axis;
  for (const int axis : {0, -3, 3}) EXPECT_EQ(K::eval(K::concatenate({t1, t2}, axis)).str(), along_0) << axis;
  for (const int axis : {3, -4})
    expect_error<ValueError>([&] { ops::concatenate({t1, t2}, axis); }, {"[-3, 3)", axis == 3 ? "axis=3" : "axis=-4"});
}

TEST(BackendPrint, WritesWheneverItIsComputed) {
  const Tensor x = K::placeholder({None, 2});
  const K::Function f = K::function({x}, {K::print_tensor(x, "x = ") * 2});
  ::testing::internal::CaptureStdout();
  f({Array({{1.5, 2.0}, {3.0, -4.0}})});
  f({Array({{0.0, 1.0}})});
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "x = [[1.5 2]\n [3 -4]]\nx = [[0 1]]\n");
}

TEST(BackendShapes, UnknownSizesStayUnknown) {
  const Tensor x = K::placeholder({None, None, 3}), image = K::placeholder({None, None, 4, 3}),
               volume = K::placeholder({None, 2, None, 4, 3});
  EXPECT_EQ(K::reverse(x, {1}).shape(), (Shape{None, None, 3}));
  EXPECT_EQ(ops::strided_slice(x, {0, 1}, {INT64_MAX, 3}).shape(), (Shape{None, None, 3}));
  EXPECT_EQ(ops::strided_slice(x, {0, 0, 2}, {INT64_MAX, INT64_MAX, INT64_MIN}, {1, -1, -2}).shape(),
            (Shape{None, None, 2}));
  EXPECT_EQ(ops::split(x, 3, -1)[2].shape(), (Shape{None, None, 1}));
  EXPECT_EQ(K::slice(x, {0, 0, 1}, {-1, -1, 2}).shape(), (Shape{None, None, 2}));
  EXPECT_EQ(K::tile(x, {1, 2, 2}).shape(), (Shape{None, None, 6}));
  EXPECT_EQ(K::cumprod(x, 1).shape(), (Shape{None, None, 3}));
  EXPECT_EQ(K::batch_flatten(image).shape(), (Shape{None, None}));
  EXPECT_EQ(K::batch_flatten(K::placeholder({None, 4, 3})).shape(), (Shape{None, 12}));
  EXPECT_EQ(K::batch_dot(x, K::placeholder({None, 3, 5})).shape(), (Shape{None, None, 5}));
  EXPECT_EQ(K::resize_images(image, 2, 3, {}, "bilinear").shape(), (Shape{None, None, 12, 3}));
  EXPECT_EQ(K::resize_volumes(volume, 2, 2, 2).shape(), (Shape{None, 4, None, 8, 3}));
  EXPECT_EQ(ops::resize(image, {7, 8}).shape(), (Shape{None, 7, 8, 3}));
  EXPECT_EQ(K::dropout(x, 0.5).shape(), x.shape());
  EXPECT_EQ(K::l2_normalize(x, 1).shape(), x.shape());
  EXPECT_EQ(K::repeat(K::placeholder({None, 3}), 4).shape(), (Shape{None, 4, 3}));
  EXPECT_EQ(K::local_conv1d(K::placeholder({None, 5, 2}), zeros({2, 6, 3}), {3}, {2}).shape(), (Shape{None, 2, 3}));
  EXPECT_EQ(
      K::conv2d_transpose(image, zeros({3, 3, 5, 3}), {None, 8, 8, 5}, {.strides = {2}, .padding = "same"}).ndim(), 4);
  const auto step = [](const Tensor& now, const std::vector<Tensor>& states) {
    return std::pair(now + states[0], std::vector<Tensor>{now + states[0]});
  };
  const K::RnnResult done = K::rnn(step, x, {K::placeholder({None, 3})}, {.mask = K::placeholder({None, None})});
  EXPECT_EQ(done.outputs.shape(), (Shape{None, None, 3}));
  EXPECT_EQ(done.last_output.shape(), (Shape{None, 3}));
  const K::Function f = K::function({x}, {ops::strided_slice(x, {0, -1}, {INT64_MAX, INT64_MIN}, {1, -2})});
  EXPECT_EQ(f({arange(15).reshape({1, 5, 3})})[0].str(), "[[[12. 13. 14.]\n  [ 6.  7.  8.]\n  [ 0.  1.  2.]]]");
}

TEST(BackendErrors, SayWhatDoesNotFit) {
  const Tensor x = ones({2, 3, 4}), image = ones({1, 4, 4, 2}), flat = ones({2, 3});
  expect_error<ValueError>([&] { K::conv2d(x, ones({2, 2, 4, 1})); }, {"conv2d", "rank 4", "(2, 3, 4)"});
  expect_error<ValueError>([&] { K::conv1d(image, ones({2, 2, 1})); }, {"conv1d", "rank 3", "1 spatial axis"});
  expect_error<ValueError>([&] { K::pool2d(image, {2}, {.pool_mode = "mean"}); }, {"\"mean\"", "\"avg\""});
  expect_error<ValueError>(
      [&] {
        K::conv2d_transpose(image, ones({3, 3, 1, 2}), {1, 12, 8, 1}, {.strides = {2}, .padding = "same"});
      },
      {"7 to 8", "(1, 12, 8, 1)"});
  expect_error<ValueError>([&] { K::bias_add(image, ones({2, 2})); }, {"(1, 4, 4, 2)", "(2, 2)"});
  expect_error<ValueError>([&] { K::batch_dot(x, ones({2, 5, 6})); }, {"(2, 3, 4)", "(2, 5, 6)"});
  expect_error<ValueError>([&] { K::batch_dot(x, x, 0); }, {"cannot be the batch", "expand_dims"});
  expect_error<ValueError>([&] { K::batch_dot(ones({3}), x); }, {"rank 2 or more", "(3,)"});
  expect_error<ValueError>([&] { K::repeat(x, 2); }, {"rank 2", "(2, 3, 4)"});
  expect_error<ValueError>([&] { K::temporal_padding(image); }, {"rank 3", "(1, 4, 4, 2)"});
  expect_error<ValueError>([&] { K::spatial_2d_padding(image, {{1, 1}}); }, {"2 spatial axes", "Received: 1"});
  expect_error<ValueError>([&] { K::resize_images(image, 2, 2, {}, "bilinaer"); }, {"\"bilinaer\"", "«bilinear»"});
  expect_error<ValueError>([&] { K::resize_images(image, 0, 2); }, {"at least 1", "(0, 2)"});
  expect_error<ValueError>([&] { ops::resize(image, {2}); }, {"height and a width", "(2)"});
  expect_error<ValueError>([&] { ops::resize(flat, {2, 2}); }, {"rank 4", "(2, 3)"});
  expect_error<ValueError>([&] { ops::strided_slice(x, {0}, {2}, {0}); }, {"must not be 0"});
  expect_error<ValueError>([&] { K::tile(x, {-1}); }, {"negative", "(-1)"});
  expect_error<ValueError>([&] { K::repeat_elements(x, -2, 0); }, {"negative", "-2"});
  expect_error<ValueError>([&] { ops::split(x, 3, 0); }, {"axis 0", "3 equal parts"});
  expect_error<ValueError>([&] { ops::split(K::placeholder({None, 2}), 2, 0); }, {"(None, 2)", "must be known"});
  expect_error<ValueError>([&] { ops::flip(x, {3}); }, {"flip", "axis=3"});
  expect_error<ValueError>([&] { ops::eye(-1); }, {"negative", "rows=-1"});
  expect_error<ValueError>([&] { ops::normalize(x, {-1}, 0); }, {"order", "0"});
  expect_error<ValueError>([&] { ops::binary_crossentropy(x, flat); }, {"(2, 3, 4)", "(2, 3)"});
  expect_error<ValueError>([&] { K::switch_(x, flat, flat); }, {"no more axes", "(2, 3, 4)"});
  expect_error<ValueError>([&] { K::foldl([](auto& a, auto&) { return a; }, ones({0, 2})); }, {"foldl", "(0, 2)"});
  const auto keep = [](const Tensor& now, const std::vector<Tensor>&) { return std::pair(now, std::vector<Tensor>{}); };
  expect_error<ValueError>([&] { K::rnn(keep, x, {ones({2, 4})}); }, {"as many states", "1. Received: 0"});
  expect_error<ValueError>([&] { K::rnn(keep, x, {}, {.input_length = 5}); }, {"input_length=5", "(2, 3, 4)"});
  expect_error<ValueError>([&] { K::rnn(keep, x, {}, {.mask = ones({2})}); }, {"(batch, time)", "(2,)"});
  expect_error<ValueError>([&] { K::local_conv1d(x, ones({2, 8, 3}), {2}, {2}); }, {"(1, 8, filters)", "(2, 8, 3)"});
  expect_error<ValueError>([&] { K::ctc_batch_cost(flat, flat, flat, flat); }, {"ctc_batch_cost", "(2, 3)"});
  expect_error<ValueError>([&] { ops::ctc_loss(flat, x, ones({2}), ones({2}), 4); }, {"mask_index", "4 classes"});
  expect_error<NotImplementedError>(
      [&] {
        K::ctc_decode(K::placeholder({2, 3, 4}), ones({2}), {.greedy = false});
      },
      {"beam search", "greedy"});
}

}  // namespace
}  // namespace keras
