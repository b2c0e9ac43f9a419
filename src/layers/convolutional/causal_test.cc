// Causal padding with the channels first: the result of the layer with the channels last, transposed, as Keras 3.15 has
// it for Conv1D and tf_keras for SeparableConv1D.
#include <gtest/gtest.h>
#include <keras/layers.h>
#include <keras/ops.h>
#include <keras/random.h>

namespace keras {
namespace {

void check(const Layer& first, const Layer& last) {
  const Array x = random::normal({2, 5, 8});
  const Tensor turned = ops::transpose(x, {0, 2, 1});
  const Array y = first(x);
  last.build({None, 8, 5});
  last.set_weights(first.get_weights());
  const Array expected = ops::transpose(last(turned), {0, 2, 1});
  ASSERT_EQ(y.shape(), expected.shape());
  for (std::size_t i = 0; i < y.values<float>().size(); ++i)
    EXPECT_NEAR(y.values<float>()[i], expected.values<float>()[i], 1e-5) << i;
}

TEST(Causal, PaddingWithTheChannelsFirst) {
  random::seed(5);
  for (const std::int64_t strides : {1, 2}) {
    SCOPED_TRACE(strides);
    check(layers::Conv1D(3, 3, {.strides = strides, .padding = "causal", .data_format = "channels_first"}),
          layers::Conv1D(3, 3, {.strides = strides, .padding = "causal"}));
    check(layers::SeparableConv1D(3, 3, {.strides = strides, .padding = "causal", .data_format = "channels_first"}),
          layers::SeparableConv1D(3, 3, {.strides = strides, .padding = "causal"}));
  }
}

}  // namespace
}  // namespace keras
