// Small questions to Config values, which may hold anything where a file is damaged.
#pragma once

#include <keras/config.h>

#include <string>
#include <string_view>

namespace keras::saving {

// The string under the key; "" where there is none.
std::string text_at(const Config& config, std::string_view key);
// Tuples, tensor shapes and the like of all versions as plain lists, at any depth.
Config plain(const Config& config);
bool is_model_class(std::string_view class_name);  // Sequential, Functional, Model
// "Dense «fc1»"
std::string describe_entry(const Config& layer);
std::string entry_name(const Config& layer);  // of a layer in its model's configuration; "" where it has none

}  // namespace keras::saving
