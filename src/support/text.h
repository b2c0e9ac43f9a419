// Text: numbers in and out without the locale, lists for messages, and «did you mean».
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace keras::support {

// The shortest decimal that reads back as the same number, as Python's repr writes it: 0.1, 1e-07, 2.0, inf, nan.
std::string number(double value);
std::string number(float value);

std::string readable_bytes(double bytes);  // 1.21 MB, of 1024 each

// The whole of `text` as a number, in C's notation whatever the locale ("inf" and "nan" too); nothing if it is none.
std::optional<double> parse_real(std::string_view text);
std::optional<std::int64_t> parse_int(std::string_view text);

// " Did you mean «relu»?" for the candidate nearest to `name` (letters left out, added, changed or swapped; case does
// not count), or "" when none is near.
std::string did_you_mean(std::string_view name, std::span<const std::string_view> candidates);
std::string did_you_mean(std::string_view name, std::span<const std::string> candidates);
std::string did_you_mean(std::string_view name, std::initializer_list<std::string_view> candidates);

// "a, b, c"; after `limit` items: "a, b, … (12 in all)".
std::string list(std::span<const std::string_view> items, std::size_t limit = 20);
std::string list(std::span<const std::string> items, std::size_t limit = 20);

std::vector<std::string> split(std::string_view text, char separator);  // "a,,b" gives a, "", b; "" gives none
std::string_view trim(std::string_view text);                           // without blanks at both ends
std::string lower(std::string_view text);                               // ASCII letters only

// Bytes from a file made fit for a message: not printable ones escaped, cut at `limit`.
std::string printable(std::string_view bytes, std::size_t limit = 60);

}  // namespace keras::support
