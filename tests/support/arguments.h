// The fields of Args structs against the arguments that Keras has (tests/golden/arguments.json).
#pragma once

#include <gtest/gtest.h>
#include <keras/fields.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/golden.h"

namespace keras::testing {

// The fields of an Args struct are the arguments of the Keras class `title` of arguments.json, in their order and with
// their defaults, then those of `more`. The defaults of `other` are tested elsewhere.
template <class A>
void check_defaults(const Golden& arguments, const std::string& title, const std::vector<std::string>& other = {},
                    const std::vector<std::string>& more = {}) {
  SCOPED_TRACE(title);
  std::vector<Config> keras;
  for (const Config& argument : arguments.at(title).at("arguments").items()) {
    if (!argument.contains("kind")) keras.push_back(argument);
  }
  const Config fields = config_of(A{});
  const auto& ours = fields.entries();
  ASSERT_EQ(ours.size(), keras.size() + more.size());
  for (std::size_t i = 0; i < ours.size(); ++i) {
    const auto& [name, value] = ours[i];
    if (i >= keras.size()) {
      EXPECT_EQ(name, more[i - keras.size()]);
      continue;
    }
    EXPECT_EQ(name, keras[i].at("name").as_string());
    if (std::find(other.begin(), other.end(), name) != other.end()) continue;
    const Config& standard = keras[i].at("default");
    EXPECT_TRUE(value == standard ||
                (value.is_number() && standard.is_number() && value.as_real() == standard.as_real()))
        << name << " is " << value << ", in Keras " << standard;
  }
}

}  // namespace keras::testing
