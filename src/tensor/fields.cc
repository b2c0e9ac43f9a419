// What keras/fields.h declares: shapes and sizes in configurations, the fields of Args structs, Body.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/fields.h>

#include <algorithm>
#include <utility>

#include "support/text.h"
#include "tensor/upgrade.h"

namespace keras {

namespace {

const char* kind_name(const Config& c) {
  switch (c.kind()) {
    case Config::Kind::null:
      return "null";
    case Config::Kind::boolean:
      return "a bool";
    case Config::Kind::integer:
      return "an integer";
    case Config::Kind::real:
      return "a real number";
    case Config::Kind::string:
      return "a string";
    case Config::Kind::list:
      return "a list";
    case Config::Kind::map:
      break;
  }
  return "a map";
}

// The items of a list, or of a tuple as Keras writes one: {"class_name": "__tuple__", "items": […]}.
const std::vector<Config>& items_of(const Config& c) {
  if (c.is_map()) {
    const Config* name = c.find("class_name");
    const Config* items = c.find("items");
    if (name && name->is_string() && name->as_string() == "__tuple__" && items) return items->items();
  }
  return c.items();
}

}  // namespace

Config as_config(const Shape& v) {
  Config list = Config::list();
  for (Dim dim : v) list.push_back(dim.known() ? Config(dim.raw()) : Config());
  return list;
}

void read_config(const Config& c, int& v) {
  const std::int64_t number = c.as_int();
  if (!std::in_range<int>(number)) throw ValueError(fmt::format("{} is beyond what this integer may be.", number));
  v = static_cast<int>(number);
}

void read_config(const Config& c, Shape& v) {
  Shape shape;
  for (const Config& item : items_of(c)) shape.push_back(item.is_null() ? Dim() : Dim(item.as_int()));
  v = std::move(shape);
}

std::int64_t read_int(const Config& c, int index, int count) {
  if (c.is_number()) return c.as_int();
  const std::vector<Config>& items = items_of(c);
  if (static_cast<int>(items.size()) != count) {
    throw ValueError(fmt::format("Expected {} integer{} or one for all, and {} were given: {}.", count,
                                 count == 1 ? "" : "s", items.size(), c.to_json()));
  }
  return items[static_cast<std::size_t>(index)].as_int();
}

namespace detail {

const Config* field(const Config& config, const char* what, const char* name, std::initializer_list<const char*> older,
                    std::vector<std::string>& used) {
  if (config.is_null()) return nullptr;
  if (!config.is_map()) {
    throw TypeError(fmt::format("{}: its configuration must be a map of its arguments, and {} was given: {}.", what,
                                kind_name(config), support::printable(config.to_json())));
  }
  const Config* value = nullptr;
  auto take = [&](const char* spelling) {
    const Config* found = spelling ? config.find(spelling) : nullptr;
    if (!found) return;
    if (value) {
      throw ValueError(
          fmt::format("{}: «{}» and «{}» are two spellings of one argument. Give one of them.", what, name, spelling));
    }
    value = found;
    used.emplace_back(spelling);
    if (std::string_view(spelling) != name) warn_spelling(what, spelling, name);
  };
  take(name);
  for (const char* spelling : older) take(spelling);
  return value;
}

void rethrow(const char* what, const char* name) {
  try {
    throw;
  } catch (const TypeError& error) {
    throw TypeError(fmt::format("{}: {}: {}", what, name, error.what()));
  } catch (const ValueError& error) {
    throw ValueError(fmt::format("{}: {}: {}", what, name, error.what()));
  }
}

void refuse_unknown(const Config& config, const char* what, const std::vector<std::string>& used,
                    const std::vector<std::string>& names) {
  if (config.is_null()) return;
  for (const auto& [key, value] : config.entries()) {
    if (std::find(used.begin(), used.end(), key) != used.end()) continue;
    const std::string known = names.empty() ? "It takes none." : fmt::format("It takes {}.", support::list(names, 40));
    throw ValueError(fmt::format("{} has no argument «{}».{} {} Received: {}={}.", what, support::printable(key),
                                 support::did_you_mean(key, names), known, support::printable(key),
                                 support::printable(value.to_json(), 100)));
  }
}

void check_range(const char* what, const char* name, double value, double low, double high, bool open,
                 const char* text) {
  if (value <= high && (open ? value > low : value >= low)) return;  // false for NaN
  throw ValueError(fmt::format("{}: {} must be {}, and {} was given.", what, name, text, support::number(value)));
}

}  // namespace detail

Body::~Body() = default;

void Body::describe(const char* class_name, Config config) {
  class_name_ = class_name;
  config_ = std::move(config);
}

Config serialize(const Body* body) {
  if (!body) return {};
  return Config::map({{"class_name", body->class_name()}, {"config", body->get_config()}});
}

}  // namespace keras
