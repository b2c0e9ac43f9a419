// Settings, names that are counted, and the learning phase.
#include <fmt/format.h>
#include <keras/backend.h>
#include <keras/error.h>

#include <atomic>
#include <map>
#include <mutex>

#include "layers/frame.h"
#include "ops/names.h"
#include "support/text.h"

namespace keras::backend {

namespace {
std::mutex uids_mutex;
std::map<std::string, std::int64_t>& uids() {
  static auto* const uids = new std::map<std::string, std::int64_t>;  // outlives static destructors
  return *uids;
}
std::atomic<bool> phase = false;
}  // namespace

std::string backend() { return "keras.cpp"; }
Array cast_to_floatx(const Array& x) { return x.astype(floatx()); }

std::string normalize_data_format(const std::optional<std::string>& value) {
  const std::string format = support::lower(value.value_or(image_data_format()));
  if (format == "channels_last" || format == "channels_first") return format;
  throw ValueError(
      fmt::format("backend::normalize_data_format: expected channels_last or channels_first. Received: "
                  "\"{}\".{}",
                  *value, support::did_you_mean(format, {"channels_last", "channels_first"})));
}

std::string image_dim_ordering() { return image_data_format() == "channels_first" ? "th" : "tf"; }
void set_image_dim_ordering(const std::string& dim_ordering) {
  if (dim_ordering != "tf" && dim_ordering != "th") {
    throw ValueError(
        fmt::format("backend::set_image_dim_ordering: expected \"tf\" (channels last) or \"th\" (channels "
                    "first). Received: \"{}\".",
                    dim_ordering));
  }
  set_image_data_format(dim_ordering == "th" ? "channels_first" : "channels_last");
}

std::int64_t get_uid(const std::string& prefix) {
  const std::lock_guard lock(uids_mutex);
  return ++uids()[prefix];
}
void reset_uids() {
  const std::lock_guard lock(uids_mutex);
  uids().clear();
}
void clear_session() {
  ops::reset_names();
  reset_uids();
  phase = false;
}

bool learning_phase() {
  const layers::Frame* frame = layers::Frame::current();
  return frame ? frame->training() : phase.load();
}
void set_learning_phase(bool training) { phase = training; }

}  // namespace keras::backend
