// Whether a configuration of ours says what Keras's says.
#pragma once

#include <gtest/gtest.h>
#include <keras/config.h>

#include <string>

namespace keras::testing {

// The same keys, in any order, and the same values. Ours may leave out what Keras says is null (quantization_config,
// input_axes), and what Keras's file format adds (build_config); 2 is 2.0, and a policy the
// name of its dtype.
inline ::testing::AssertionResult like_keras(const Config& ours, const Config& keras, const std::string& path = "") {
  const auto differs = [&] {
    return ::testing::AssertionFailure() << path << ": " << ours.to_json() << ", Keras has " << keras.to_json();
  };
  if (ours.is_number() && keras.is_number())
    return ours.as_real() == keras.as_real() ? ::testing::AssertionSuccess() : differs();
  if (keras.is_string() && ours.is_map() && ours.contains("class_name") &&
      ours.at("class_name") == Config("DTypePolicy")) {
    return like_keras(ours.at("config").at("name"), keras, path);
  }
  if (ours.kind() != keras.kind()) return differs();
  if (ours.is_list()) {
    if (ours.size() != keras.size()) return differs();
    for (std::size_t i = 0; i < ours.size(); ++i) {
      const auto same = like_keras(ours.items()[i], keras.items()[i], path + "[" + std::to_string(i) + "]");
      if (!same) return same;
    }
    return ::testing::AssertionSuccess();
  }
  if (!ours.is_map()) return ours == keras ? ::testing::AssertionSuccess() : differs();
  for (const auto& [key, value] : keras.entries()) {
    if (const Config* mine = ours.find(key)) {
      const auto same = like_keras(*mine, value, path + "/" + key);
      if (!same) return same;
    } else if (!value.is_null() && key != "build_config") {
      return ::testing::AssertionFailure() << path << ": no " << key << " there in " << ours.to_json();
    }
  }
  for (const auto& [key, value] : ours.entries()) {
    const bool usual = key == "trainable" && value == Config(true);  // which a few layers of Keras forget
    if (!keras.contains(key) && !usual) return differs();
  }
  return ::testing::AssertionSuccess();
}

}  // namespace keras::testing
