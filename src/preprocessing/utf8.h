// UTF-8: characters of a text, and their lower case. Bytes that are no UTF-8 count as a character each.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace keras::preprocessing {

std::vector<std::string_view> characters(std::string_view text);
// As Python's str.lower() for Latin (up to U+017F), Greek and Cyrillic letters.
std::string lower_case(std::string_view text);

}  // namespace keras::preprocessing
