// Configurations with one value that is something else: each value of the recorded ones in turn. A model or an Error,
// in bounded time and memory, never anything else.
#include <gtest/gtest.h>
#include <keras/error.h>
#include <keras/saving.h>

#include <chrono>
#include <cstdlib>
#include <limits>

#include "saving/read_config.h"
#include "saving/write_config.h"
#include "tests/support/golden.h"
#include "tests/support/primer.h"

namespace keras::saving {
namespace {

std::size_t count_of(const Config& config) {
  std::size_t count = 1;
  if (config.is_list()) {
    for (const Config& each : config.items()) count += count_of(each);
  } else if (config.is_map()) {
    for (const auto& [key, value] : config.entries()) count += count_of(value);
  }
  return count;
}

// With the value number `at`, counted through the tree, replaced.
Config damaged(const Config& config, std::size_t& at, const Config& replacement) {
  if (at-- == 0) return replacement;
  if (config.is_list()) {
    Config list = Config::list();
    for (const Config& each : config.items()) list.push_back(damaged(each, at, replacement));
    return list;
  }
  if (!config.is_map()) return config;
  Config map = Config::map();
  for (const auto& [key, value] : config.entries()) map.set(key, damaged(value, at, replacement));
  return map;
}

std::vector<Config> replacements() {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max(),
                         kLeast = std::numeric_limits<std::int64_t>::min();
  return {Config(),
          Config(kMost),
          Config(kLeast),
          Config(0),
          Config(-1),
          Config(3),
          Config(1'000'000'000'000),
          Config(0.5),
          Config(1e300),
          Config(std::numeric_limits<double>::quiet_NaN()),
          Config(true),
          Config(false),
          Config(""),
          Config("Dense"),
          Config("channels_first"),
          Config(std::string(1000, 'x')),
          Config::list(),
          Config::list({Config(1)}),
          Config::list({Config(-5), Config(1'000'000), Config("a")}),
          Config::map(),
          Config::map({{"class_name", "Dense"}, {"config", Config::map({{"units", 2}})}}),
          Config::map({{"class_name", "__tuple__"}, {"items", Config::list({Config(2), Config(2)})}})};
}

TEST(Damaged, EachValueOfEachConfiguration) {
  config::set_warning_handler({});
  const testing::Golden golden("configs");
  const std::vector<Config> values = replacements();
  const char* given = std::getenv("KERAS_DAMAGED_ROUNDS");  // 22: each value by each replacement
  const std::size_t rounds = given ? static_cast<std::size_t>(std::atoi(given)) : 2;
  const ReadOptions options{.weights = {.most_bytes = 32 << 20, .blank_weights = true}};
  std::size_t tried = 0, models = 0;
  double longest = 0;
  std::string slow;
  for (const Config& each : golden.cases()) {
    const Config& whole = each.at("json");
    const std::size_t count = count_of(whole);
    for (std::size_t n = 0; n < count * rounds; ++n) {  // the replacements take turns
      const std::size_t i = n % count;
      const Config& value = values[(i * 7 + n / count) % values.size()];
      std::size_t at = i;
      const Config config = damaged(whole, at, value);
      const auto begin = std::chrono::steady_clock::now();
      ++tried;
      try {
        const Model model = read_model(config, options);
        ++models;
        if (i % 7 == 0) static_cast<void>(keras3_config(model));
      } catch (const Error&) {
      } catch (const std::exception& error) {
        FAIL() << each.at("name").as_string() << ", value " << i << " as " << value.to_json().substr(0, 80) << ": "
               << error.what();
      }
      const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
      if (seconds > longest)
        longest = seconds,
        slow = each.at("name").as_string() + ", value " + std::to_string(i) + " as " + value.to_json().substr(0, 80);
    }
  }
  config::set_warning_handler([](const std::string& text) { std::fprintf(stderr, "keras: %s\n", text.c_str()); });
  EXPECT_GE(tried, 20'000u);
  EXPECT_GT(models, tried / 20);
  EXPECT_LT(longest, 20.0) << slow;
  std::printf("%zu damaged configurations, %zu of them models; the slowest took %.2f s: %s\n", tried, models, longest,
              slow.c_str());
}

}  // namespace
}  // namespace keras::saving
