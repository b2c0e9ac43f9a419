#include "layers/reading.h"

#include <fmt/format.h>
#include <keras/error.h>
#include <unistd.h>

#include <limits>
#include <utility>

#include "support/text.h"

namespace keras::layers {

namespace {
thread_local Reading* innermost = nullptr;

std::uint64_t machine_memory() {
  static const std::uint64_t bytes = [] {
    const long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGE_SIZE);
    if (pages <= 0 || size <= 0) return std::numeric_limits<std::uint64_t>::max();
    return static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(size);
  }();
  return bytes;
}

std::uint64_t bytes_of(const Shape& shape, DType dtype) {
  return static_cast<std::uint64_t>(shape.elements()) * static_cast<std::uint64_t>(dtype.size());
}

std::string readable(std::uint64_t bytes) { return support::readable_bytes(static_cast<double>(bytes)); }
}  // namespace

Reading::Reading(ReadingOptions options)
    : options_(options),
      left_(options.most_bytes != 0 ? options.most_bytes : machine_memory()),
      outer_(std::exchange(innermost, this)) {}
Reading::~Reading() { innermost = outer_; }
Reading* Reading::current() { return innermost; }

std::optional<Layer> Reading::shared(std::int64_t id, const Config& class_name) const {
  const auto found = shared_.find(id);
  if (found == shared_.end() || found->second.first != class_name) return std::nullopt;
  return found->second.second;
}

void Reading::share(std::int64_t id, const Config& class_name, const Layer& layer) {
  shared_.insert_or_assign(id, std::pair(class_name, layer));
}

void Reading::count(const std::string& weight, const Shape& shape, DType dtype) {
  const std::uint64_t bytes = bytes_of(shape, dtype);
  if (bytes > left_) {
    throw ValueError(
        fmt::format("{} of shape {} takes {}, and the weights of this model may take no more than {} beside those "
                    "before it: {}. The sizes in the configuration are wrong, or the model is not for this machine.",
                    weight, shape.str(), readable(bytes), readable(left_),
                    options_.most_bytes != 0 ? "there are no more in the file" : "the machine has no more memory"));
  }
  left_ -= bytes;
}

void Reading::count_call() {
  if (calls_left_-- > 0) return;
  calls_left_ = 0;
  throw ValueError(
      "The model's layers are called so often, by models inside models or steps of time written one after another, "
      "that "
      "it cannot be built in reasonable time.");
}

void check_weight(const std::string& weight, const Shape& shape, DType dtype) {
  if (innermost) return innermost->count(weight, shape, dtype);
  const std::uint64_t bytes = bytes_of(shape, dtype);
  if (bytes <= machine_memory()) return;
  throw ValueError(fmt::format("{} of shape {} takes {}, and the machine has {} of memory.", weight, shape.str(),
                               readable(bytes), readable(machine_memory())));
}

}  // namespace keras::layers
