#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/config.h>
#include <keras/error.h>

#include <cmath>
#include <limits>

namespace keras {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

TEST(Config, ReadsAsItsKind) {
  Config config;
  config.set("units", 4).set("rate", 0.5).set("name", "dense").set("bias", true).set("axes", Config::list({1, 2}));
  EXPECT_EQ(config.at("units").as_int(), 4);
  EXPECT_EQ(config.at("units").as_real(), 4.0);
  EXPECT_EQ(Config(3.0).as_int(), 3);
  EXPECT_EQ(config.at("axes").items()[1].as_int(), 2);
  EXPECT_EQ(config.get("none", 7).as_int(), 7);
  EXPECT_TRUE(config.erase("bias"));
  EXPECT_FALSE(config.contains("bias"));
  EXPECT_THAT([] { return Config("text").as_int(); }, ThrowsMessage<TypeError>(HasSubstr("the string \"text\"")));
  EXPECT_THAT([] { return Config(1.5).as_int(); }, ThrowsMessage<TypeError>(HasSubstr("1.5")));
  EXPECT_THAT([] { return Config(1).as_bool(); }, ThrowsMessage<TypeError>(HasSubstr("received 1")));
  EXPECT_THAT([&] { return config.at("unit"); }, ThrowsMessage<ValueError>(HasSubstr("Did you mean «units»?")));
  EXPECT_THROW(config.push_back(1), TypeError);
  EXPECT_THROW(Config(1e300).as_int(), TypeError);
}

TEST(Config, WritesWhatPythonWrites) {  // json.dumps of the same values
  Config config =
      Config::map({{"a", 1}, {"b", Config::list({1.0, 1e-7, "é\n\"😀"})}, {"c", nullptr}, {"d", Config::map()}});
  config.set("e", Config::list()).set("f", false);
  EXPECT_EQ(config.to_json(),
            R"({"a": 1, "b": [1.0, 1e-07, "\u00e9\n\"\ud83d\ude00"], "c": null, "d": {}, "e": [], "f": false})");
  EXPECT_EQ(Config::map({{"a", Config::list({1, 2})}, {"b", Config::map()}}).to_json(2),
            "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {}\n}");
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(Config::list({infinity, -infinity, std::nan("")}).to_json(), "[Infinity, -Infinity, NaN]");
}

TEST(Config, ReadsWhatPythonWrites) {
  const Config config =
      Config::from_json(R"( {"a": [NaN, Infinity, -Infinity], "NaN": "Infinity \" NaN", "b": 0E0, "c": 1E2} )");
  EXPECT_TRUE(std::isnan(config.at("a").items()[0].as_real()));
  EXPECT_EQ(config.at("a").items()[1].as_real(), std::numeric_limits<double>::infinity());
  EXPECT_EQ(config.at("a").items()[2].as_real(), -std::numeric_limits<double>::infinity());
  EXPECT_EQ(config.at("NaN").as_string(), "Infinity \" NaN");
  EXPECT_EQ(config.at("b").as_real(), 0.0);
  EXPECT_EQ(config.at("c").as_real(), 100.0);
  EXPECT_EQ(Config::from_json("\"\\u00e9\\ud83d\\ude00\"").as_string(), "é😀");
  EXPECT_EQ(Config::from_json("18446744073709551615").as_real(), 18446744073709551615.0);
  EXPECT_EQ(Config::from_json("-9223372036854775808").as_int(), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(Config::from_json(R"({"a": 1, "b": 2, "a": 3})").to_json(), R"({"a": 3, "b": 2})");
}

TEST(Config, RoundTrips) {
  const std::string text =
      R"({"module": "keras.layers", "config": {"units": 4, "rate": 0.1, "x": [[], {}, null, true]}})";
  EXPECT_EQ(Config::from_json(text).to_json(), text);
  EXPECT_EQ(Config::from_json(Config::from_json(text).to_json(4)).to_json(), text);
}

TEST(Config, SaysWhereJsonIsWrong) {
  EXPECT_THAT([] { return Config::from_json("{\"a\": 1,\n \"b\" 2}"); },
              ThrowsMessage<ValueError>(HasSubstr("line 2, column 6")));
  EXPECT_THROW(Config::from_json(""), ValueError);
  EXPECT_THROW(Config::from_json("[1, 2"), ValueError);
  EXPECT_THROW(Config::from_json("[1] 2"), ValueError);
  EXPECT_THROW(Config::from_json("{'a': 1}"), ValueError);
  EXPECT_THROW(Config::from_json("[1NaN]"), ValueError);
  EXPECT_THROW(Config::from_json("NaNa"), ValueError);
  EXPECT_THROW(Config::from_json("\"\xff\""), ValueError);
}

TEST(Config, DepthIsLimited) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_EQ(Config::from_json(nested(512)).to_json(), nested(512));
  EXPECT_THAT([&] { return Config::from_json(nested(513)); }, ThrowsMessage<ValueError>(HasSubstr("512")));
  EXPECT_THROW(Config::from_json(std::string(10'000'000, '[')), ValueError);
}

TEST(Config, ComparesByValue) {
  EXPECT_EQ(Config(1), Config(1.0));
  EXPECT_FALSE(Config(1) == Config(true));
  EXPECT_FALSE(Config(1) == Config("1"));
  EXPECT_EQ(Config::map({{"a", 1}, {"b", 2}}), Config::map({{"b", 2}, {"a", 1}}));
  EXPECT_FALSE(Config::map({{"a", 1}}) == Config::map({{"a", 1}, {"b", 2}}));
  EXPECT_EQ(Config(std::nan("")), Config(std::nan("")));
  EXPECT_EQ(Config(), Config(nullptr));
}

}  // namespace
}  // namespace keras
