#include <gtest/gtest.h>
#include <keras/error.h>
#include <keras/shape.h>

#include <sstream>

namespace keras {
namespace {

TEST(Shape, PrintsAsKeras) {
  EXPECT_EQ(Shape().str(), "()");
  EXPECT_EQ(Shape({3}).str(), "(3,)");
  EXPECT_EQ(Shape({None, 784}).str(), "(None, 784)");
  std::ostringstream out;
  out << Shape{1, 2};
  EXPECT_EQ(out.str(), "(1, 2)");
}

TEST(Shape, CountsElements) {
  EXPECT_EQ(Shape().elements(), 1);
  EXPECT_EQ(Shape({2, 3, 4}).elements(), 24);
  EXPECT_EQ(Shape({2, 0}).elements(), 0);
  EXPECT_THROW(Shape({None, 2}).elements(), ValueError);
  EXPECT_THROW(Shape({INT64_MAX, 2}).elements(), ValueError);
  EXPECT_THROW(Shape({INT64_MAX / 2}).elements(), ValueError);
  EXPECT_THROW(None.value(), ValueError);
  EXPECT_FALSE(Shape({None}).known());
  EXPECT_THROW(Shape({None}).sizes(), ValueError);
}

TEST(Shape, SlicesAndExtends) {
  const Shape shape{1, 2, 3};
  EXPECT_EQ(shape.slice(1), Shape({2, 3}));
  EXPECT_EQ(shape.slice(0, -1), Shape({1, 2}));
  EXPECT_EQ(shape.slice(-1), Shape({3}));
  EXPECT_EQ(shape.slice(2, 1), Shape());
  EXPECT_EQ(shape.slice(-9, 9), shape);
  EXPECT_EQ(shape.with_front(None), Shape({None, 1, 2, 3}));
  EXPECT_THROW(Shape({1, 2, 3, 4, 5, 6, 7, 8, 9}), ValueError);
  EXPECT_EQ(Dim(-5), None);
  EXPECT_EQ(Dim(2) * None, None);
}

TEST(Shape, RefusesSizesBeyondAnyMemory) {
  const Dim most = Dim::kMost;
  EXPECT_EQ(most.value(), Dim::kMost);
  EXPECT_EQ(most * Dim(0), Dim(0));
  EXPECT_EQ(most * None, None);
  EXPECT_THROW(Dim(Dim::kMost + 1), ValueError);
  EXPECT_THROW(Dim{INT64_MAX}, ValueError);
  EXPECT_EQ(Dim(INT64_MIN), None);
  EXPECT_THROW(most + Dim(1), ValueError);
  EXPECT_THROW(most * Dim(2), ValueError);
  EXPECT_THROW(most * most, ValueError);
  EXPECT_THROW(Shape({most, most, 0}).elements(), ValueError);
  EXPECT_EQ(Shape({0, most}).elements(), 0);
}

TEST(Ints, TakeOneNumberOrAList) {
  EXPECT_EQ(Ints<2>(3), (Ints<2>{3, 3}));
  const Ints<3> ints{1, 2, 3};
  EXPECT_EQ(ints[2], 3);
}

}  // namespace
}  // namespace keras
