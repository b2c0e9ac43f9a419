#include "saving/node.h"

#include <fmt/format.h>
#include <keras/error.h>

#include <algorithm>

#include "ops/record.h"
#include "saving/value.h"
#include "support/text.h"

namespace keras::saving {
namespace {

using IsLayer = std::function<bool(const std::string&)>;

bool is_reference(const Config& item) {
  return item.is_list() && (item.size() == 3 || item.size() == 4) && item.items()[0].is_string() &&
         item.items()[1].kind() == Config::Kind::integer && item.items()[2].kind() == Config::Kind::integer;
}

TensorRef reference(const Config& item) {
  return {item.items()[0].as_string(), item.items()[1].as_int(), item.items()[2].as_int(), true};
}

constexpr const char* kConstant = "_CONSTANT_VALUE";  // of tf.keras: ["_CONSTANT_VALUE", -1, value, {…}]
bool is_constant(const Config& item) {
  return item.is_list() && item.size() >= 3 && item.items()[0] == Config(kConstant);
}

class Parser {
 public:
  explicit Parser(const IsLayer& is_layer) : is_layer_(is_layer) {}
  Node node;

  // Keras 3's {"args", "kwargs"}.
  Config keras3(const Config& item) {
    if (item.is_list()) {
      Config list = Config::list();
      for (const Config& each : item.items()) list.push_back(keras3(each));
      return list;
    }
    if (!item.is_map()) return item;
    if (text_at(item, "class_name") == "__keras_tensor__") {
      const Config& history = item.at("config").at("keras_history");
      if (!is_reference(history)) {
        throw ValueError(fmt::format("keras_history must be [layer, call, output]. Received: {}.",
                                     support::printable(history.to_json())));
      }
      TensorRef ref = reference(history);
      ref.counts_itself = false;
      return add(std::move(ref));
    }
    Config map = Config::map();
    for (const auto& [key, value] : item.entries()) map.set(key, keras3(value));
    return map;
  }

  // Keras 1 and 2: [[name, node, index, keywords], …], or one such alone, or a map of them.
  Config keras2(const Config& item, bool top) {
    if (is_constant(item) || is_reference(item)) {
      Config first = is_constant(item) ? item.items()[2] : add(reference(item));
      if (item.size() == 4) keywords(item.items()[3]);
      return first;
    }
    if (item.is_map()) {
      std::vector<std::string> keys;
      for (const auto& [key, value] : item.entries()) keys.push_back(key);
      std::sort(keys.begin(), keys.end());
      Config list = Config::list();
      for (const std::string& key : keys) list.push_back(keras2(item.at(key), false));
      return list;
    }
    if (!item.is_list() || item.size() == 0) {
      throw ValueError(fmt::format("a call must be a list of [layer, call, output]. Received: {}.",
                                   support::printable(item.to_json())));
    }
    Config list = Config::list();
    for (const Config& each : item.items()) list.push_back(keras2(each, false));
    return top && list.size() == 1 ? Config(list.items()[0]) : list;
  }

 private:
  Config add(TensorRef ref) {
    node.refs.push_back(std::move(ref));
    return ops::slot(node.refs.size() - 1);
  }
  void keywords(const Config& given) {
    if (given.is_null()) return;
    for (const auto& [key, value] : given.entries()) {
      if (!node.kwargs.contains(key)) node.kwargs.set(key, with_references(value));
    }
  }
  Config with_references(const Config& value) {
    if (is_constant(value)) return value.items()[2];
    if (is_reference(value) && is_layer_(value.items()[0].as_string())) return add(reference(value));
    if (value.is_list()) {
      Config list = Config::list();
      for (const Config& each : value.items()) list.push_back(with_references(each));
      return list;
    }
    if (!value.is_map()) return value;
    Config map = Config::map();
    for (const auto& [key, each] : value.entries()) map.set(key, with_references(each));
    return map;
  }

  const IsLayer& is_layer_;
};

void append_ends(const Config& ends, const char* what, std::vector<TensorRef>& list) {
  if (is_reference(ends)) {
    list.push_back(reference(ends));
  } else if (ends.is_list()) {
    for (const Config& each : ends.items()) append_ends(each, what, list);
  } else if (ends.is_map()) {
    std::vector<std::string> keys;
    for (const auto& [key, value] : ends.entries()) keys.push_back(key);
    std::sort(keys.begin(), keys.end());
    for (const std::string& key : keys) append_ends(ends.at(key), what, list);
  } else {
    throw ValueError(fmt::format("{} must be a list of [layer, call, output]. Received: {}.", what,
                                 support::printable(ends.to_json())));
  }
}

}  // namespace

Node parse_node(const Config& given, const IsLayer& is_layer) {
  Parser parser(is_layer);
  if (given.is_map() && given.contains("args")) {
    Config args = parser.keras3(given.at("args"));
    Config kwargs = parser.keras3(given.get("kwargs", Config::map()));
    if (!args.is_list() || !kwargs.is_map()) throw ValueError("a call's args must be a list and its kwargs a map.");
    parser.node.args = std::move(args);
    parser.node.kwargs = std::move(kwargs);
  } else {
    parser.node.args = Config::list({parser.keras2(given, true)});
  }
  return std::move(parser.node);
}

std::vector<TensorRef> parse_ends(const Config& ends, const char* what) {
  std::vector<TensorRef> list;
  append_ends(ends, what, list);
  return list;
}

}  // namespace keras::saving
