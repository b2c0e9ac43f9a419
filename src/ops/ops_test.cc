// The front functions: promotion as Keras's tables say, broadcasting, what a Tensor keeps, and gradients.
#include <gtest/gtest.h>
#include <keras/error.h>
#include <keras/ops.h>
#include <keras/random.h>

#include <functional>
#include <map>

#include "ops/trace.h"
#include "tests/support/golden.h"

namespace keras {
namespace {

using testing::Golden;
using Binary = std::function<Tensor(const Tensor&, const Tensor&)>;

Array sample(const std::string& dtype) { return Array({{1.0, 1.0}, {1.0, 1.0}}).astype(dtype); }

// Where we mean to differ from Keras: a C++ number never widens an Array. (Keras widens bfloat16, and float16 in some
// functions, by a Python float.)
bool number_meets_half(const std::string& a, const std::string& b) {
  return (a == "bfloat16" || a == "float16") && b == "float";
}

TEST(Tensors, ResultsOfOneOpAreEvaluatedOneByOne) {
  const auto [values, indices] = ops::top_k(Array({3.0, 1.0, 2.0}), 2);
  EXPECT_TRUE(identical(Array(values), Array({3.0, 2.0})));
  EXPECT_TRUE(identical(Array(indices), Array({0, 2}).astype(DType::int32)));
}

TEST(Promotion, IsThatOfKeras) {
  const std::map<std::string, Binary> functions{
      {"add", [](auto& a, auto& b) { return a + b; }},
      {"subtract", [](auto& a, auto& b) { return a - b; }},
      {"multiply", [](auto& a, auto& b) { return a * b; }},
      {"divide", [](auto& a, auto& b) { return a / b; }},
      {"maximum", [](auto& a, auto& b) { return ops::maximum(a, b); }},
      {"equal", [](auto& a, auto& b) { return ops::equal(a, b); }},
      {"logical_and", [](auto& a, auto& b) { return ops::logical_and(a, b); }},
      {"arctan2", [](auto& a, auto& b) { return ops::arctan2(a, b); }},
      {"where",
       [](auto& a, auto& b) {
         return ops::where(Array({{1.0, 0.0}, {0.0, 1.0}}), a, b);
       }},
      {"matmul", [](auto& a, auto& b) { return ops::matmul(a, b); }},
      {"concatenate",
       [](auto& a, auto& b) {
         return ops::concatenate({a, b});
       }},
  };
  int checked = 0;
  const Golden golden("ops");
  for (const Config& c : golden.cases()) {
    const std::string name = c.at("name").as_string();
    if (!name.starts_with("types_") || !name.ends_with("_32") || !c.contains("op")) continue;
    const auto function = functions.find(c.at("op").as_string());
    if (function == functions.end()) continue;
    for (const auto& [a, row] : c.at("table").entries()) {
      for (const auto& [b, type] : row.entries()) {
        if (type.is_null() || a == "int" || a == "float" || number_meets_half(a, b)) continue;
        const Tensor right = b == "int" ? Tensor(1) : b == "float" ? Tensor(1.0) : Tensor(sample(b));
        EXPECT_STREQ(function->second(Tensor(sample(a)), right).dtype().name(), type.as_string().c_str())
            << name << ": " << a << " with " << b;
        ++checked;
      }
    }
  }
  EXPECT_GT(checked, 1000);
}

TEST(Promotion, OfOneOperandIsThatOfKeras) {
  const std::map<std::string, std::function<Tensor(const Tensor&)>> functions{
      {"exp", [](auto& x) { return ops::exp(x); }},       {"sign", [](auto& x) { return ops::sign(x); }},
      {"floor", [](auto& x) { return ops::floor(x); }},   {"ceil", [](auto& x) { return ops::ceil(x); }},
      {"isnan", [](auto& x) { return ops::isnan(x); }},   {"logical_not", [](auto& x) { return ops::logical_not(x); }},
      {"sum", [](auto& x) { return ops::sum(x); }},       {"mean", [](auto& x) { return ops::mean(x); }},
      {"max", [](auto& x) { return ops::max(x); }},       {"prod", [](auto& x) { return ops::prod(x); }},
      {"any", [](auto& x) { return ops::any(x); }},       {"argmax", [](auto& x) { return ops::argmax(x); }},
      {"cumsum", [](auto& x) { return ops::cumsum(x); }}, {"var", [](auto& x) { return ops::var(x); }},
      {"sort", [](auto& x) { return ops::sort(x); }},     {"argsort", [](auto& x) { return ops::argsort(x); }},
      {"square", [](auto& x) { return ops::square(x); }}, {"transpose", [](auto& x) { return ops::transpose(x); }},
  };
  const Golden golden("ops");
  for (const auto& [name, row] : golden.at("types_unary_32").at("table").entries()) {
    const auto function = functions.find(name);
    if (function == functions.end()) continue;
    for (const auto& [dtype, type] : row.entries()) {
      if (type.is_null()) continue;
      EXPECT_STREQ(function->second(Tensor(sample(dtype))).dtype().name(), type.as_string().c_str())
          << name << " of " << dtype;
    }
  }
}

TEST(Broadcasting, FollowsNumPyAndNamesTheShapes) {
  const Array a = ones({4, 1, 3}), b = ones({2, 1});
  EXPECT_EQ((Tensor(a) + b).shape(), (Shape{4, 2, 3}));
  try {
    (void)(Tensor(ones({2, 3})) + Tensor(ones({4})));
    FAIL();
  } catch (const ValueError& error) {
    EXPECT_NE(std::string(error.what()).find("(2, 3) and (4,)"), std::string::npos) << error.what();
  }
  const Tensor x = ops::placeholder({DType::float32, {None, 3}}, "x");
  EXPECT_EQ((x * Tensor(ones({3}))).shape(), (Shape{None, 3}));
  EXPECT_EQ((x + Tensor(ones({5, 3}))).shape(), (Shape{5, 3}));
}

TEST(Tensors, KeepTheirValueAndSaySymbolicOnesHaveNone) {
  const Tensor y = Tensor(Array({1.0, 2.0})) * 3 + 0.5;
  EXPECT_EQ(static_cast<Array>(y).str(), "[3.5 6.5]");
  EXPECT_EQ(y.str(), "[3.5 6.5]");
  const Tensor x = ops::placeholder({DType::float32, {None, 2}}, "x");
  EXPECT_TRUE((x + 1).symbolic());
  EXPECT_EQ(x.str(), "<Tensor shape=(None, 2), dtype=float32>");
  EXPECT_THROW(eval(x + 1), ValueError);
  EXPECT_THROW(Tensor() + 1, ValueError);
}

TEST(Tensors, LongChainsAreTakenApartWithoutRecursion) {
  Tensor x = Array({1.0});
  for (int i = 0; i < 200000; ++i) x = x + 1;
  x = Tensor();
}

TEST(Gradients, OfArraysAndVariables) {
  const Tensor x = Array({1.0, 2.0, 3.0});
  const Variable w(Array({2.0, 2.0, 2.0}), {.name = "w"});
  const Tensor loss = ops::sum(ops::square(x) * Tensor(w));
  EXPECT_EQ(static_cast<Array>(ops::gradients(loss, {x})[0]).str(), "[ 4.  8. 12.]");
  EXPECT_EQ(static_cast<Array>(ops::gradients(loss, std::vector<Variable>{w})[0]).str(), "[1. 4. 9.]");
}

TEST(Gradients, AreZeroWhereNothingDependsAndStopWhereTold) {
  const Tensor x = Array({1.0, 2.0}), other = Array({5.0});
  EXPECT_EQ(static_cast<Array>(ops::gradients(ops::sum(x), {other})[0]).str(), "[0.]");
  EXPECT_EQ(static_cast<Array>(ops::gradients(ops::sum(ops::stop_gradient(x) * x), {x})[0]).str(), "[1. 2.]");
}

TEST(Gradients, OfSecondOrder) {
  const Tensor x = Array({2.0});
  const Tensor first = ops::gradients(ops::power(x, 3), {x})[0];
  EXPECT_NEAR(static_cast<Array>(ops::gradients(first, {x})[0]).item(), 12, 1e-5);
}

TEST(Gradients, FlowThroughOneOfSeveralResultsAfterAnotherWasEvaluated) {
  const Tensor x = Array({3.0, 1.0, 2.0});
  const auto [values, places] = ops::top_k(x * 2, 2);
  EXPECT_EQ(eval(places).str(), "[0 2]");
  EXPECT_EQ(static_cast<Array>(ops::gradients(ops::sum(values), {x})[0]).str(), "[2. 0. 2.]");
}

TEST(Gradients, RefuseALossWhoseOperandsWereLetGo) {
  const Tensor x = Array({1.0, 2.0});
  const Tensor loss = ops::sum(x * x);
  (void)eval(loss);
  EXPECT_THROW(ops::gradients(loss, {x}), ValueError);
}

TEST(Variables, AreReadAndAssigned) {
  Variable w(Array({1.0, 2.0}), {.name = "w"});
  const Tensor before = Tensor(w) * 2;
  w.assign(Tensor(w) + 1);
  EXPECT_EQ(w.value().str(), "[2. 3.]");
  EXPECT_EQ(static_cast<Array>(before).str(), "[2. 4.]");  // an expression means the value it was made with
  EXPECT_THROW(w.assign(Array({1.0, 2.0, 3.0})), ValueError);
}

TEST(Trace, RecordsUpdatesInOrderAndReadsSeeThem) {
  Variable w(Array({1.0}), {.name = "w"});
  ops::Function step;
  {
    ops::Trace trace;
    w.assign(Tensor(w) * 2);
    w.assign(Tensor(w) + 1);
    const Tensor out = Tensor(w) * 10;
    step = ops::Function({&out, 1}, trace, {});
  }
  EXPECT_EQ(w.value().str(), "[1.]");  // tracing computes nothing
  float result = 0;
  void* outputs[] = {&result};
  step.run({}, outputs);
  EXPECT_EQ(result, 30);
  step.run({}, outputs);
  EXPECT_EQ(result, 70);
  EXPECT_EQ(w.value().str(), "[7.]");
}

TEST(Trace, RandomStreamsDependOnSeedLayerAndCount) {
  const auto draw = [](std::uint64_t seed, const char* before, const char* scope, int skip) {
    ops::Trace trace(seed);
    if (*before) {
      const ops::Scope named(before);
      (void)ops::random_uniform({4});
    }
    const ops::Scope named(scope);
    for (int i = 0; i < skip; ++i) (void)ops::random_uniform({4});
    const Tensor x = ops::random_uniform({4});
    const ops::Function f({&x, 1}, trace, {});
    Array result({4}, DType::float32);
    void* outputs[] = {result.mutable_data()};
    f.run({}, outputs);
    return result.str();
  };
  EXPECT_EQ(draw(1, "", "a", 0), draw(1, "", "a", 0));
  EXPECT_EQ(draw(1, "", "dropout", 0), draw(1, "", "dropout_1", 0));  // automatic names differ from model to model
  EXPECT_NE(draw(1, "", "a", 0), draw(2, "", "a", 0));
  EXPECT_NE(draw(1, "", "b", 0), draw(1, "a", "b", 0));
  EXPECT_NE(draw(1, "", "a", 0), draw(1, "", "a", 1));
}

TEST(Products, FollowNumPy) {
  EXPECT_EQ(ops::matmul(ones({3}), ones({3})).shape(), (Shape{}));
  EXPECT_EQ(ops::matmul(ones({2, 3}), ones({3})).shape(), (Shape{2}));
  EXPECT_EQ(ops::matmul(ones({3}), ones({3, 4})).shape(), (Shape{4}));
  EXPECT_EQ(ops::matmul(ones({5, 1, 2, 3}), ones({4, 3, 6})).shape(), (Shape{5, 4, 2, 6}));
  EXPECT_EQ(ops::matmul(ones({5, 2, 3}), ones({3, 6})).shape(), (Shape{5, 2, 6}));
  EXPECT_EQ(ops::dot(ones({2, 3}), ones({4, 3, 5})).shape(), (Shape{2, 4, 5}));
  EXPECT_EQ(static_cast<Array>(ops::sum(ops::matmul(ones({5, 1, 2, 3}), ones({4, 3, 6})))).item(), 5 * 4 * 2 * 6 * 3);
  EXPECT_THROW(ops::matmul(ones({2, 3}), ones({2, 3})), ValueError);
}

TEST(Structure, ReshapesSlicesAndSplits) {
  const Tensor x = arange(24).reshape({2, 3, 4});
  EXPECT_EQ(ops::reshape(x, {-1, 4}).shape(), (Shape{6, 4}));
  EXPECT_THROW(ops::reshape(x, {5, -1}), ValueError);
  EXPECT_EQ(static_cast<Array>(ops::strided_slice(x, {0, -2}, {1, 3}, {1, 1})).shape(), (Shape{1, 2, 4}));
  EXPECT_EQ(static_cast<Array>(ops::split(x, 2, -1)[1]).at({1, 2, 1}), 23);
  EXPECT_EQ(static_cast<Array>(ops::repeat(Tensor(arange(3)), 2, 0)).str(), "[0 0 1 1 2 2]");
  EXPECT_EQ(static_cast<Array>(ops::stack({Tensor(arange(2)), Tensor(arange(2))}, 1)).str(), "[[0 0]\n [1 1]]");
}

}  // namespace
}  // namespace keras
