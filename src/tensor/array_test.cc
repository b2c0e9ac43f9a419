#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/array.h>
#include <keras/error.h>

#include <cstring>
#include <memory>
#include <numeric>

namespace keras {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

Array counting(const Shape& shape) { return arange(shape.elements()).reshape(shape); }

TEST(Array, IsMadeFromNumbers) {
  EXPECT_EQ(Array({1.f, 2.f}).shape(), Shape({2}));
  EXPECT_EQ(Array({1, 2}).dtype(), DType::float32);
  EXPECT_EQ(Array({{1., 2.}, {3., 4.}, {5., 6.}}).shape(), Shape({3, 2}));
  EXPECT_EQ(Array({{1}, {2}}).shape(), Shape({2, 1}));
  EXPECT_EQ(Array({{1.}}).shape(), Shape({1, 1}));
  EXPECT_EQ(Array({5.}).shape(), Shape({1}));
  const int n = 3;
  EXPECT_THAT(Array({n, 1.5}).values<float>(), ElementsAre(3, 1.5f));
  EXPECT_THAT(Array({{n, 4}}).values<float>(), ElementsAre(3, 4));
  EXPECT_EQ(Array(Shape{2, 3}).shape(), Shape({2, 3}));
  EXPECT_EQ(Array({2, 3}, DType::int8).nbytes(), 6u);
  EXPECT_THAT(Array(std::vector<int>{1, 2}).values<std::int32_t>(), ElementsAre(1, 2));
  EXPECT_EQ(Array(std::vector<double>{1, 2, 3, 4}, {2, 2}).dtype(), DType::float64);
  EXPECT_EQ(Array().shape(), Shape({0}));
  EXPECT_EQ(Array::scalar(2.5).item(), 2.5);
  EXPECT_EQ(Array::scalar_int(1LL << 53, DType::int64).values<std::int64_t>()[0], 1LL << 53);
  EXPECT_THROW(Array(std::vector<int>{1, 2}, {3}), ValueError);
  EXPECT_THAT([] { Array({{1., 2.}, {3.}}); }, ThrowsMessage<ValueError>(HasSubstr("row 1 has 1")));
  EXPECT_THROW(Array(Shape{None, 2}), ValueError);
}

TEST(Array, MemoryIsAlignedAndZeroed) {
  for (const std::int64_t n : {0, 1, 17, 100000}) {
    const Array array(Shape{n}, DType::int8);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(array.data()) % 64, 0u);
    EXPECT_EQ(std::accumulate(array.values<std::int8_t>().begin(), array.values<std::int8_t>().end(), 0), 0);
  }
}

TEST(Array, WritingNeverChangesAnother) {
  Array a({1., 2., 3., 4.});
  Array copy = a;
  const Array part = a.slice(1, 3), square = a.reshape({2, 2});
  EXPECT_EQ(copy.data(), a.data());
  copy.set({0}, 9);
  EXPECT_EQ(a.at({0}), 1);
  a.set({1}, 7);
  EXPECT_EQ(part.at({0}), 2);
  EXPECT_EQ(square.at({0, 1}), 2);
  EXPECT_EQ(a.at({1}), 7);
}

TEST(Array, TheOnlyOwnerWritesInPlace) {
  Array a({1., 2., 3., 4.});
  const void* before = a.data();
  a.set({0}, 5);
  EXPECT_EQ(a.data(), before);
  Array part = a.slice(2);
  a = Array();
  before = part.data();
  part.mutable_values<float>()[1] = 8;
  EXPECT_EQ(part.data(), before);
  EXPECT_THAT(part.values<float>(), ElementsAre(3, 8));
}

TEST(Array, ViewsAreReadNotWritten) {
  const std::vector<float> memory = {1, 2, 3};
  Array view = Array::view(std::span(memory), {3});
  EXPECT_EQ(view.data(), memory.data());
  view.set({0}, 5);
  EXPECT_EQ(memory[0], 1);
  EXPECT_EQ(view.at({0}), 5);
  auto owner = std::make_shared<std::vector<int>>(3, 4);
  const std::weak_ptr<std::vector<int>> watch = owner;
  {
    const int* data = owner->data();
    const Array kept = Array::view(data, {3}, DType::int32, std::move(owner));
    EXPECT_EQ(kept.slice(1).at({1}), 4);
    EXPECT_FALSE(watch.expired());
  }
  EXPECT_TRUE(watch.expired());
}

TEST(Array, IsEmptyAfterAMove) {
  Array a({1., 2.});
  const Array b = std::move(a);
  EXPECT_EQ(b.size(), 2);
  EXPECT_EQ(a.size(), 0);  // NOLINT: what a moved-from Array promises
  EXPECT_EQ(a.str(), "[]");
  a = b;
  EXPECT_EQ(a.size(), 2);
}

TEST(Array, Slices) {
  const Array a = counting({5, 2});
  EXPECT_THAT(a.slice(1, 3).values<std::int32_t>(), ElementsAre(2, 3, 4, 5));
  EXPECT_THAT(a.slice(-1).values<std::int32_t>(), ElementsAre(8, 9));
  EXPECT_EQ(a.slice(3, 100).shape(), Shape({2, 2}));
  EXPECT_EQ(a.slice(4, 2).shape(), Shape({0, 2}));
  EXPECT_EQ(a.slice(-100, -4).shape(), Shape({1, 2}));
  EXPECT_EQ(a.slice(7).str(), "[]");
  EXPECT_EQ(a.slice(1).data(), a.values<std::int32_t>().data() + 2);
  EXPECT_THAT(a.slice(1, 2, 1).values<std::int32_t>(), ElementsAre(1, 3, 5, 7, 9));
  EXPECT_THAT(counting({2, 3, 2}).slice(1, 3, -2).values<std::int32_t>(), ElementsAre(2, 3, 4, 5, 8, 9, 10, 11));
  EXPECT_THROW(a.slice(0, 1, 2), ValueError);
  EXPECT_THROW(Array::scalar(1).slice(0), TypeError);
  EXPECT_EQ(a[-1].shape(), Shape({2}));
  EXPECT_EQ(a[2].at({1}), 5);
  EXPECT_THAT([&] { a[5]; }, ThrowsMessage<ValueError>(HasSubstr("index 5")));
}

TEST(Array, Takes) {
  const Array a = counting({3, 2});
  const std::vector<std::int64_t> rows = {2, 0, -1};
  EXPECT_THAT(a.take(rows).values<std::int32_t>(), ElementsAre(4, 5, 0, 1, 4, 5));
  const std::vector<std::int64_t> bad = {3};
  EXPECT_THROW(a.take(bad), ValueError);
  EXPECT_EQ(a.take({}).shape(), Shape({0, 2}));
}

TEST(Array, Reshapes) {
  const Array a = counting({2, 6});
  EXPECT_EQ(a.reshape({3, -1}).shape(), Shape({3, 4}));
  EXPECT_EQ(a.flatten().shape(), Shape({12}));
  EXPECT_EQ(a.reshape({4, 3}).data(), a.data());
  EXPECT_EQ(Array(Shape{0, 3}).reshape({3, 0}).shape(), Shape({3, 0}));
  EXPECT_EQ(Array(Shape{0, 3}).reshape({-1, 3}).shape(), Shape({0, 3}));
  EXPECT_THAT([&] { a.reshape({5, 2}); }, ThrowsMessage<ValueError>(HasSubstr("(2, 6) (12 elements)")));
  EXPECT_THROW(a.reshape({5, -1}), ValueError);
  EXPECT_THROW(a.reshape({-1, -1}), ValueError);
  EXPECT_THROW(Array(Shape{0, 3}).reshape({-1, 0}), ValueError);
}

TEST(Array, Transposes) {
  EXPECT_THAT(counting({2, 3}).transpose().values<std::int32_t>(), ElementsAre(0, 3, 1, 4, 2, 5));
  const Array a = counting({2, 3, 4}), t = a.transpose();
  EXPECT_EQ(t.shape(), Shape({4, 3, 2}));
  for (std::int64_t i = 0; i < 2; ++i) {
    for (std::int64_t j = 0; j < 3; ++j) {
      for (std::int64_t k = 0; k < 4; ++k) EXPECT_EQ(t.at({k, j, i}), a.at({i, j, k}));
    }
  }
  EXPECT_EQ(counting({3}).transpose().shape(), Shape({3}));
  EXPECT_EQ(Array(Shape{0, 3}).transpose().shape(), Shape({3, 0}));
}

TEST(Array, Converts) {
  const Array a({-1.7, 0, 2.5});
  EXPECT_THAT(a.astype("int32").values<std::int32_t>(), ElementsAre(-1, 0, 2));
  EXPECT_THAT(a.astype(DType::boolean).values<bool>(), ElementsAre(true, false, true));
  EXPECT_EQ(a.astype(DType::float32).data(), a.data());
  EXPECT_EQ(a.astype("bfloat16").astype("float64").at({2}), 2.5);
  EXPECT_EQ(counting({300000}).astype("float64").at({299999}), 299999);
}

TEST(Array, ErrorsNameWhatWasReceived) {
  const Array a = counting({2, 3});
  EXPECT_THAT([&] { static_cast<void>(a.values<float>()); },
              ThrowsMessage<TypeError>(HasSubstr("dtype int32 are asked for as float32")));
  EXPECT_THROW(a.at({0}), ValueError);
  EXPECT_THROW(a.at({0, 3}), ValueError);
  EXPECT_EQ(a.at({-1, -1}), 5);
  EXPECT_THROW(a.item(), ValueError);
  EXPECT_EQ(a.shape(-1), 3);
  EXPECT_THROW(a.shape(2), ValueError);
  EXPECT_THROW(Array::scalar(1).length(), TypeError);
  EXPECT_THAT([] { Array(Shape{Dim::kMost}); }, ThrowsMessage<RuntimeError>(HasSubstr("no memory")));
}

TEST(Array, IdenticalComparesTypeShapeAndBytes) {
  EXPECT_TRUE(identical(Array({1., 2.}), Array({1., 2.})));
  EXPECT_FALSE(identical(Array({1., 2.}), Array({1., 3.})));
  EXPECT_FALSE(identical(Array({0.}), Array({-0.})));
  EXPECT_FALSE(identical(Array({1., 2.}), Array({{1., 2.}})));
  EXPECT_FALSE(identical(Array({1.}), Array({1.}).astype("float64")));
  EXPECT_TRUE(identical(Array(), Array()));
}

TEST(Constructors, AreThoseOfNumpy) {
  EXPECT_THAT(zeros({2}).values<float>(), ElementsAre(0, 0));
  EXPECT_THAT(ones({2}, "int8").values<std::int8_t>(), ElementsAre(1, 1));
  EXPECT_THAT(full({2}, 0.5).values<float>(), ElementsAre(0.5f, 0.5f));
  EXPECT_THAT(eye(2, 3).values<float>(), ElementsAre(1, 0, 0, 0, 1, 0));
  EXPECT_THAT(linspace(-1, 1, 5).values<float>(), ElementsAre(-1, -0.5f, 0, 0.5f, 1));
  EXPECT_EQ(linspace(0, 1).size(), 50);
  EXPECT_THAT(linspace(3, 4, 1).values<float>(), ElementsAre(3));
  EXPECT_EQ(linspace(3, 4, 0).size(), 0);
  EXPECT_EQ(linspace(0.1, 0.3, 7).at({6}), static_cast<double>(0.3f));
  EXPECT_THAT(arange(3).values<std::int32_t>(), ElementsAre(0, 1, 2));
  EXPECT_THAT(arange(5, -1, -2).values<std::int32_t>(), ElementsAre(5, 3, 1));
  EXPECT_EQ(arange(2, 2).size(), 0);
  EXPECT_EQ(arange(5, 2).size(), 0);
  EXPECT_THROW(arange(0, 5, 0), ValueError);
  EXPECT_THROW(arange(1LL << 40), ValueError);
  EXPECT_THROW(linspace(0, 1, -1), ValueError);
}

TEST(Constructors, Concatenate) {
  const Array a = counting({2, 2}), b = counting({1, 2}).astype("float32");
  const Array both[] = {a, b};
  const Array joined = concatenate(both);
  EXPECT_EQ(joined.dtype(), DType::float32);
  EXPECT_THAT(joined.values<float>(), ElementsAre(0, 1, 2, 3, 0, 1));
  const Array wide[] = {a, counting({2, 1})};
  EXPECT_THAT(concatenate(wide, -1).values<std::int32_t>(), ElementsAre(0, 1, 0, 2, 3, 1));
  EXPECT_THROW(concatenate(wide, 0), ValueError);
  EXPECT_THROW(concatenate(wide, 2), ValueError);
  EXPECT_THROW(concatenate({}), ValueError);
  const Array mixed[] = {a, counting({2})};
  EXPECT_THROW(concatenate(mixed), ValueError);
}

}  // namespace
}  // namespace keras
