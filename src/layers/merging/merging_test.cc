// What merging layers refuse, their masks, and a composite that uses them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/error.h>
#include <keras/layers.h>
#include <keras/ops.h>

namespace keras {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

TEST(Merging, RefusesShapesThatDoNotFit) {
  const auto refuses = [](const Layer& layer, const std::vector<Tensor>& inputs, const char* shapes) {
    EXPECT_THAT([&] { layer(inputs); }, ThrowsMessage<ValueError>(AllOf(
                                            HasSubstr(layer.class_name() + " \"" + layer.name()), HasSubstr(shapes))));
  };
  const auto tensor = [](const Shape& shape) { return Tensor(zeros(shape)); };
  refuses(layers::Add(), {tensor({2, 3}), tensor({2, 4})}, "shapes (2, 3), (2, 4)");
  refuses(layers::Add(), {tensor({2, 3}), tensor({3, 3})}, "batches of one size");
  refuses(layers::Add(), {tensor({2, 5, 3}), tensor({2, 4})}, "shapes (2, 5, 3), (2, 4)");
  refuses(layers::Concatenate(), {tensor({2, 3, 1}), tensor({2, 4, 1})}, "axis=-1, shapes (2, 3, 1), (2, 4, 1)");
  refuses(layers::Concatenate(), {tensor({2, 3}), tensor({2, 3, 1})}, "one rank");
  refuses(layers::Concatenate(2), {tensor({2, 3}), tensor({2, 3})}, "no such axis");
  EXPECT_THAT([] { layers::Concatenate(1, {.axis = 1}); }, ThrowsMessage<ValueError>(HasSubstr("given twice")));
  EXPECT_THAT([] { layers::Add()(std::vector<Tensor>{}); }, ThrowsMessage<ValueError>(HasSubstr("without an input")));
}

TEST(Merging, Masks) {
  const Array x = zeros({2, 2, 3}), first({{1, 0}, {0, 0}}), second({{1, 1}, {0, 0}});
  const auto mask = [](const Array& values) { return ops::cast(values, DType::boolean); };
  const auto mask_of = [](const Layer& layer, const Call& call) {
    const std::vector<Tensor> masks = layer.body()->compute_mask(call);
    return masks.empty() ? std::string("none") : ops::cast(masks[0], DType::float32).str();
  };
  const Tensor none;
  EXPECT_EQ(mask_of(layers::Add(), {.inputs = {x, x}, .masks = {mask(first), mask(second)}}),
            Array({{1, 1}, {0, 0}}).str());
  EXPECT_EQ(mask_of(layers::Add(), {.inputs = {x, x}, .masks = {mask(first), none}}), "none");
  EXPECT_EQ(mask_of(layers::Add(), {.inputs = {x, x}}), "none");
  EXPECT_EQ(mask_of(layers::Concatenate(1), {.inputs = {x, x}, .masks = {mask(first), none}}),
            Array({{1, 0, 1, 1}, {0, 0, 1, 1}}).str());
  EXPECT_EQ(mask_of(layers::Concatenate(), {.inputs = {x, x}, .masks = {mask(first), mask(second)}}),
            Array({{1, 1}, {0, 0}}).str());
}

// A residual block, as users compose one.
struct Residual final : LayerBody {
  static constexpr auto class_name = "Residual";
  using Args = NoArgs;
  explicit Residual(Args) {}
  Tensor call(const Tensor& x) override { return add_({x, join_({conv_(x), conv_(x)})}); }

 private:
  Layer conv_ = child("conv", layers::Conv2D(2, 3, {.padding = "same"}));
  Layer join_ = child("join", layers::Concatenate());
  Layer add_ = child("add", layers::Add());
};

TEST(Merging, InAComposite) {
  const Layer block = make_layer<Residual>();
  EXPECT_EQ(block.compute_output_shape({None, None, 5, 4}).str(), "(None, None, 5, 4)");
  EXPECT_EQ(Array(block(ones({2, 5, 5, 4}))).shape().str(), "(2, 5, 5, 4)");
}

}  // namespace
}  // namespace keras
