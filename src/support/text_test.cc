#include "support/text.h"

#include <gtest/gtest.h>

#include <clocale>
#include <limits>

namespace keras::support {
namespace {

TEST(Text, NumbersAreThoseOfPython) {
  EXPECT_EQ(number(0.1), "0.1");
  EXPECT_EQ(number(2.0), "2.0");
  EXPECT_EQ(number(-0.0), "-0.0");
  EXPECT_EQ(number(1e-7), "1e-07");
  EXPECT_EQ(number(0.0001), "0.0001");
  EXPECT_EQ(number(0.00001), "1e-05");
  EXPECT_EQ(number(1e15), "1000000000000000.0");
  EXPECT_EQ(number(1e16), "1e+16");
  EXPECT_EQ(number(1.5e300), "1.5e+300");
  EXPECT_EQ(number(5e-324), "5e-324");
  EXPECT_EQ(number(123456789.125), "123456789.125");
  EXPECT_EQ(number(0.1f), "0.1");
  EXPECT_EQ(number(std::numeric_limits<double>::infinity()), "inf");
  EXPECT_EQ(number(-std::numeric_limits<double>::infinity()), "-inf");
  EXPECT_EQ(number(std::numeric_limits<double>::quiet_NaN()), "nan");
}

TEST(Text, NumbersDoNotFollowTheLocale) {
  const std::string before = std::setlocale(LC_ALL, nullptr);
  for (const char* name : {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8"}) {
    if (std::setlocale(LC_ALL, name)) break;
  }
  EXPECT_EQ(number(1.5), "1.5");
  EXPECT_EQ(parse_real("1.5"), 1.5);
  std::setlocale(LC_ALL, before.c_str());
}

TEST(Text, ParsesTheWholeOrNothing) {
  EXPECT_EQ(parse_real("1e-3"), 0.001);
  EXPECT_EQ(parse_real("+2"), 2.0);
  EXPECT_EQ(parse_real("inf"), std::numeric_limits<double>::infinity());
  for (const char* text : {"", "1,5", "1.5 ", "x", "+-1", "1e999"}) EXPECT_FALSE(parse_real(text)) << text;
  EXPECT_EQ(parse_int("-42"), -42);
  for (const char* text : {"", "1.0", "9223372036854775808", "0x10"}) EXPECT_FALSE(parse_int(text)) << text;
}

TEST(Text, DidYouMean) {
  EXPECT_EQ(did_you_mean("rleu", {"relu", "elu", "selu"}), " Did you mean «relu»?");
  EXPECT_EQ(did_you_mean("ReLU", {"relu"}), " Did you mean «relu»?");
  EXPECT_EQ(did_you_mean("softmx", {"softmax", "softplus"}), " Did you mean «softmax»?");
  EXPECT_EQ(did_you_mean("categorical_crossentrop", {"binary_crossentropy", "categorical_crossentropy"}),
            " Did you mean «categorical_crossentropy»?");
  EXPECT_EQ(did_you_mean("banana", {"relu", "elu"}), "");
  EXPECT_EQ(did_you_mean("", {"relu"}), "");
  EXPECT_EQ(did_you_mean("x", {"y"}), "");
  const std::vector<std::string> owned = {"adam", "sgd"};
  EXPECT_EQ(did_you_mean("adm", owned), " Did you mean «adam»?");
}

TEST(Text, Lists) {
  const std::vector<std::string> items = {"a", "b", "c"};
  EXPECT_EQ(list(items), "a, b, c");
  EXPECT_EQ(list(items, 2), "a, b, … (3 in all)");
  EXPECT_EQ(list(std::vector<std::string>{}), "");
  EXPECT_EQ(split("a,,b", ','), (std::vector<std::string>{"a", "", "b"}));
  EXPECT_TRUE(split("", ',').empty());
  EXPECT_EQ(trim(" \t a b\n"), "a b");
  EXPECT_EQ(trim("  "), "");
  EXPECT_EQ(printable(std::string("a\0\xff"
                                  "b",
                                  4)),
            "a\\x00\\xffb");
  EXPECT_EQ(printable("abcdef", 3), "abc…");
}

}  // namespace
}  // namespace keras::support
