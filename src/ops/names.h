// The names of layers and calls that are given none, as Keras makes them: dense, dense_1, …
#pragma once

#include <string>
#include <string_view>

namespace keras::ops {

std::string snake_case(std::string_view class_name);  // BatchNormalization -> batch_normalization, Conv2D -> conv2d
std::string camel_case(std::string_view name);        // batch_normalization -> BatchNormalization
// The class's name in snake_case, from the second on with the number of those before. Counted by process, thread-safe.
std::string unique_name(std::string_view class_name);
void reset_names();  // begins to count again: for tests

}  // namespace keras::ops
