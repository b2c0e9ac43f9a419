// Sequences of different lengths as one Array.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/preprocessing.h>

#include <algorithm>
#include <cstring>

#include "support/text.h"
#include "tensor/format.h"

namespace keras::utils {
namespace {

bool is_pre(const char* what, const std::string& given) {
  if (given == "pre") return true;
  if (given == "post") return false;
  throw ValueError(fmt::format("pad_sequences: {} is \"pre\" or \"post\"; received \"{}\".{}", what, given,
                               support::did_you_mean(given, {"pre", "post"})));
}

}  // namespace

Array pad_sequences(const std::vector<Array>& sequences, PadSequencesArgs args) {
  const bool pad_before = is_pre("padding", args.padding), cut_before = is_pre("truncating", args.truncating);
  if (args.maxlen && *args.maxlen < 1) {
    throw ValueError(fmt::format(
        "pad_sequences: maxlen must be 1 or more, or none to take the longest sequence; received {}.", *args.maxlen));
  }
  std::int64_t longest = 0;
  std::optional<Shape> step;  // of the first sequence that has steps
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    if (sequences[i].ndim() == 0) {
      throw ValueError(
          fmt::format("pad_sequences: sequence {} is a single number; each one must be a list of steps.", i));
    }
    longest = std::max(longest, sequences[i].length());
    if (sequences[i].size() == 0) continue;
    const Shape shape = sequences[i].shape().slice(1);
    if (!step) step = shape;
    if (shape != *step) {
      throw ValueError(
          fmt::format("pad_sequences: the steps of sequence {} have shape {}, those before it {}; they must be alike.",
                      i, shape, *step));
    }
  }
  const std::int64_t length = args.maxlen.value_or(longest);
  const Shape shape = step.value_or(Shape{}).with_front(length).with_front(static_cast<std::int64_t>(sequences.size()));
  Array out = full(shape, args.value, args.dtype);
  if (out.size() == 0) return out;
  const std::size_t row = out.nbytes() / sequences.size(), width = row / static_cast<std::size_t>(length);
  char* to = static_cast<char*>(out.mutable_data());
  for (const Array& each : sequences) {
    const std::int64_t count = each.size() == 0 ? 0 : std::min(length, each.length());
    if (count > 0) {
      const std::int64_t from = cut_before ? each.length() - count : 0;
      const Array kept = each.slice(from, from + count).astype(args.dtype);
      std::memcpy(to + (pad_before ? static_cast<std::size_t>(length - count) * width : 0), kept.data(), kept.nbytes());
    }
    to += row;
  }
  return out;
}

}  // namespace keras::utils
