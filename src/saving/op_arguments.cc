#include "saving/op_arguments.h"

#include <fmt/format.h>
#include <keras/error.h>
#include <keras/fields.h>

#include <algorithm>
#include <limits>

#include "ops/record.h"
#include "ops/shapes.h"
#include "saving/value.h"
#include "support/text.h"

namespace keras::saving {
namespace {

constexpr std::size_t kNowhere = std::numeric_limits<std::size_t>::max();

// The numbers of nested lists, row by row; ValueError where the lists differ in length.
void flatten(const Config& value, std::size_t axis, Shape& shape, std::vector<double>& numbers) {
  if (!value.is_list()) {
    numbers.push_back(value.kind() == Config::Kind::boolean ? static_cast<double>(value.as_bool()) : value.as_real());
    return;
  }
  const Dim size(static_cast<std::int64_t>(value.size()));
  if (axis == shape.size()) shape.push_back(size);
  if (shape[axis] != size) throw ValueError("the lists of an array differ in length.");
  for (const Config& each : value.items()) {
    if (each.is_list() != (axis + 1 < shape.size()) && !numbers.empty())
      throw ValueError("the lists of an array differ in depth.");
    flatten(each, axis + 1, shape, numbers);
  }
}

bool all_of(const Config& value, bool (*is)(const Config&)) {
  if (!value.is_list()) return is(value);
  for (const Config& each : value.items()) {
    if (!all_of(each, is)) return false;
  }
  return true;
}

Array array_of(const Config& value, const Config& dtype) {
  Shape shape;
  std::vector<double> numbers;
  flatten(value, 0, shape, numbers);
  if (static_cast<std::size_t>(shape.elements()) != numbers.size())
    throw ValueError("the lists of an array differ in length.");
  DType kind = all_of(value, [](const Config& each) { return each.kind() == Config::Kind::integer; })
                   ? DType(DType::int32)
                   : config::floatx();
  if (dtype.is_string()) kind = DType(dtype.as_string());
  Array array(shape, DType::float64);
  std::copy(numbers.begin(), numbers.end(), array.mutable_values<double>().begin());
  return array.astype(kind);
}

}  // namespace

const Config* OpArguments::find(std::size_t place, const char* name) const {
  if (place != kNowhere && place < args_.size()) return &args_.items()[place];
  if (const Config* found = kwargs_.find(name)) return found;
  return config_.find(name);
}

Tensor OpArguments::as_tensor(const Config& value, const char* name, const std::vector<Tensor>& tensors) {
  if (const auto slot = ops::slot_of(value)) {
    if (*slot >= tensors.size()) throw ValueError(fmt::format("«{}» is no tensor.", name));
    return tensors[*slot];
  }
  if (value.kind() == Config::Kind::integer) return value.as_int();
  if (value.kind() == Config::Kind::real) return value.as_real();
  if (value.kind() == Config::Kind::boolean) return Array::scalar(value.as_bool() ? 1 : 0, DType::boolean);
  const std::string class_name = text_at(value, "class_name");
  if (class_name == "__numpy__" || class_name == "__tensor__")
    return array_of(value.at("config").at("value"), value.at("config").get("dtype", {}));
  if (value.is_list()) return array_of(value, {});
  throw TypeError(fmt::format("«{}» must be a tensor, a number or an array. Received: {}.", name,
                              support::printable(value.to_json())));
}

Tensor OpArguments::tensor(std::size_t place, const char* name) const {
  const Config* value = find(place, name);
  // The first operand has several names: x, x1, inputs, variable, …
  if (!value && place == 0 && args_.size() == 0 && kwargs_.size() > 0) {
    for (const auto& [key, each] : kwargs_.entries()) {
      if (ops::slot_of(each)) {
        value = &each;
        break;
      }
    }
  }
  if (!value) throw ValueError(fmt::format("«{}» is not given.", name));
  return as_tensor(*value, name, tensors_);
}

std::vector<Tensor> OpArguments::tensors(std::size_t place, const char* name) const {
  const Config* value = find(place, name);
  if (!value) throw ValueError(fmt::format("«{}» is not given.", name));
  std::vector<Tensor> list;
  for (const Config& each : value->items()) list.push_back(as_tensor(each, name, tensors_));
  return list;
}

Config OpArguments::plain(const char* name, Config fallback, std::size_t place) const {
  const Config* value = find(place == 0 ? kNowhere : place, name);
  return value ? *value : fallback;
}

namespace {
int as_int32(const Config& value, const char* name) {
  const std::int64_t number = value.as_int();
  if (number < std::numeric_limits<int>::min() || number > std::numeric_limits<int>::max())
    throw ValueError(fmt::format("{}={} is too large.", name, number));
  return static_cast<int>(number);
}
}  // namespace

int OpArguments::integer(const char* name, int fallback, std::size_t place) const {
  const Config value = plain(name, {}, place);
  return value.is_null() ? fallback : as_int32(value, name);
}
double OpArguments::real(const char* name, double fallback) const {
  const Config value = plain(name);
  return value.is_null() ? fallback : value.as_real();
}
double OpArguments::number(const char* name, std::size_t place) const { return plain(name, {}, place).as_real(); }
bool OpArguments::flag(const char* name, bool fallback) const {
  const Config value = plain(name);
  return value.is_null() ? fallback : value.as_bool();
}

std::int64_t OpArguments::size(const char* name, std::size_t place) const {
  const std::int64_t number = plain(name, {}, place).as_int();
  if (number < 0 || number > std::numeric_limits<int>::max())
    throw ValueError(fmt::format("{}={} is no size.", name, number));
  return number;
}

std::vector<std::int64_t> OpArguments::sizes(const char* name, int count, std::size_t place) const {
  const Config value = plain(name, {}, place);
  if (value.is_number() && count > 0) return std::vector<std::int64_t>(static_cast<std::size_t>(count), value.as_int());
  std::vector<std::int64_t> list;
  if (value.is_number()) return {value.as_int()};
  for (const Config& each : value.items()) list.push_back(as_int32(each, name));
  if (count > 0 && list.size() != static_cast<std::size_t>(count))
    throw ValueError(fmt::format("{} must have {} numbers. Received: {}.", name, count, value.to_json()));
  return list;
}

Shape OpArguments::shape(const char* name, std::size_t place) const {
  const Config value = plain(name, {}, place);
  Shape shape;
  if (value.is_number()) return Shape{Dim(value.as_int())};
  for (const Config& each : value.items()) shape.push_back(each.is_null() ? Dim() : Dim(each.as_int()));
  return shape;
}

Axes OpArguments::list(const char* name, std::size_t place) const {
  const Config value = plain(name, {}, place);
  if (value.is_null()) return {};
  if (value.is_number()) return {as_int32(value, name)};
  Axes list;
  for (const Config& each : value.items()) list.push_back(as_int32(each, name));
  return list;
}

Axes OpArguments::axes(const char* name, int rank) const {
  const Config value = plain(name);
  if (value.is_list() && value.size() == 0 && rank > 0)
    throw ValueError(fmt::format("{} names no axis, which this version cannot do.", name));
  return list(name);
}

int OpArguments::axis(int axis, int rank) const { return ops::normalize_axis(axis, rank, "axis"); }

int OpArguments::small(const char* what, const Config& value) const {
  const std::int64_t number = value.as_int();
  if (number < 0 || number > 10000)
    throw ValueError(fmt::format("{} must be at most 10000. Received: {}.", what, number));
  return static_cast<int>(number);
}

}  // namespace keras::saving
