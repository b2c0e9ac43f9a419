// What initializers, regularizers and constraints share in their tests: made from configurations, compared with Keras's
// names, arguments and defaults.
#pragma once

#include <gtest/gtest.h>
#include <keras/fields.h>

#include <string>

#include "tests/support/golden.h"

namespace keras::testing {

template <class Handle>
Handle made(const std::string& class_name, const Config& args) {
  Handle handle;
  read_config(Config::map({{"class_name", class_name}, {"config", args}}), handle);
  return handle;
}

// The same configuration: ours may say more (a default that Keras leaves out), and leaves out what Keras says is null;
// numbers to float32's precision, since Keras keeps some there.
inline void expect_same(const Config& ours, const Config& keras, const std::string& where) {
  for (const auto& [key, value] : keras.entries()) {
    const Config* mine = ours.find(key);
    if (!mine && value.is_null()) continue;
    ASSERT_NE(mine, nullptr) << where << ": " << key;
    if (value.is_number()) {
      EXPECT_NEAR(mine->as_real(), value.as_real(), 1e-7) << where << ": " << key;
    } else {
      EXPECT_EQ(*mine, value) << where << ": " << key;
    }
  }
}

// Every name that Keras takes makes the class it makes in Keras, with the same configuration, which makes it again.
template <class Handle>
void check_names(const Golden& golden, const std::string& module) {
  int count = 0;
  for (const Config& c : golden.cases()) {
    if (!c.contains("identifier") || c.contains("dialect") || c.contains("error")) continue;
    const std::string name = c.at("identifier").as_string();
    const Config config = as_config(Handle(name));
    EXPECT_EQ(config.at("class_name"), c.at("class")) << name;
    EXPECT_EQ(config.at("module").as_string(), module);
    EXPECT_TRUE(config.at("registered_name").is_null());
    expect_same(config.at("config"), c.at("config"), name);
    for (const Config& written :
         {config, Config::map({{"class_name", name}, {"config", config.at("config")}}), Config(name)}) {
      Handle back;
      read_config(written, back);
      EXPECT_EQ(as_config(back), config) << name;
    }
    ++count;
  }
  EXPECT_GT(count, 0);
}

// The arguments of each class, their order and their defaults are Keras's.
template <class Handle>
void check_arguments(const std::string& room, int classes) {
  const Golden golden("arguments");
  int count = 0;
  for (const Config& c : golden.cases()) {
    const std::string title = c.at("name").as_string();
    if (!title.starts_with(room + ".")) continue;
    const std::string name = title.substr(room.size() + 1);
    ++count;
    const Handle handle = made<Handle>(name, Config::map());
    expect_same(as_config(handle).at("config"), c.at("config"), name);
    const Config config = handle.body()->get_config();  // in the order of the fields
    std::size_t next = 0;
    for (const Config& argument : c.at("arguments").items()) {
      const bool there = next < config.size() && config.entries()[next].first == argument.at("name").as_string();
      EXPECT_TRUE(there || argument.at("default").is_null()) << name << ": " << argument.at("name");
      next += there ? 1 : 0;
    }
    EXPECT_EQ(next, config.size()) << name << " has arguments that Keras has not, or in another order";
  }
  EXPECT_EQ(count, classes);
}

}  // namespace keras::testing
