// A model's configuration as Keras 2 writes it, made from that of Keras 3.
#include <fmt/format.h>
#include <keras/error.h>

#include <algorithm>
#include <unordered_set>

#include "models/graph_config.h"
#include "saving/context.h"
#include "saving/graph.h"
#include "saving/keras2_layers.h"
#include "saving/meanings.h"
#include "saving/value.h"
#include "saving/write_config.h"

namespace keras::saving {
namespace {

class Writer {
 public:
  explicit Writer(const KerasVersion& target) : target_(target) {}

  Config model(const Config& entry) const {
    const bool sequential = text_at(entry, "class_name") == "Sequential";
    Config written = Config::map({{"class_name", sequential             ? "Sequential"
                                                 : target_.before(2, 4) ? "Model"
                                                                        : "Functional"},
                                  {"config", sequential ? stack(entry.at("config")) : graph(entry.at("config"))}});
    if (const Config* shared = entry.find("shared_object_id")) written.set("shared_object_id", *shared);
    return written;
  }

 private:
  Config layer(const Config& entry) const {
    if (is_model_class(text_at(entry, "class_name"))) return model(entry);
    Config config = entry.get("config", Config::map());
    const Config wrapped = config.is_map() ? config.get("layer", {}) : Config();
    if (!is_model_class(text_at(wrapped, "class_name"))) return keras2_layer(entry, target_);
    config.erase("layer");
    Config written = keras2_layer(Config(entry).set("config", config), target_);
    Config arguments = written.at("config");
    return written.set("config", arguments.set("layer", model(wrapped)));
  }

  Config stack(const Config& config) const {
    Config layers = Config::list();
    for (const Config& each : config.at("layers").items())
      layers.push_back(within(describe_entry(each), [&] { return layer(each); }));
    Config written = Config::map({{"name", config.at("name")}, {"layers", std::move(layers)}});
    if (const Config* shape = config.find("build_input_shape")) written.set("build_input_shape", *shape);
    return written;
  }

  Config graph(const Config& config) const {
    const Writer inner(*this, config);
    Config layers = Config::list();
    for (const Config& each : config.at("layers").items())
      layers.push_back(within(describe_entry(each), [&] { return inner.member(each); }));
    Config written = Config::map({{"name", config.at("name")}});
    if (!target_.before(2, 4)) written.set("trainable", config.at("trainable"));
    written.set("layers", std::move(layers));
    for (const char* ends : {"input_layers", "output_layers"}) {
      const Config& given = config.at(ends);
      const bool one = given.size() > 0 && given.items()[0].is_string();
      Config list = Config::list();
      for (const Config& each : one ? std::vector<Config>{given} : given.items()) {
        const std::string& name = each.items()[0].as_string();
        list.push_back(Config::list(
            {name, each.items()[1].as_int() + (inner.sequentials_.contains(name) ? 1 : 0), each.items()[2]}));
      }
      written.set(ends, std::move(list));
    }
    return written;
  }

  Writer(const Writer& outer, const Config& config) : target_(outer.target_) {
    for (const Config& each : config.at("layers").items()) {
      const std::string class_name = text_at(each, "class_name");
      if (is_model_class(class_name)) models_.insert(entry_name(each));
      if (class_name == "Sequential") sequentials_.insert(entry_name(each));
    }
  }

  Config member(const Config& entry) const {
    const Config& nodes = entry.at("inbound_nodes");
    Config inbound = Config::list();
    if (is_op_entry(entry)) {
      Keras2Op op = keras2_op(entry, target_);
      for (const Config& node : nodes.items())
        inbound.push_back(op.calls_tensorflow ? tensorflow_node(node, op) : layer_node(node, nullptr));
      return op.layer.set("name", entry_name(entry)).set("inbound_nodes", std::move(inbound));
    }
    Config written = layer(entry);
    std::int64_t constants = 0;
    for (const Config& node : nodes.items()) inbound.push_back(layer_node(node, &constants));
    if (constants > 0) {
      Config arguments = written.at("config");
      written.set("config", arguments.set("num_constants", constants));
    }
    return written.set("name", entry_name(entry)).set("inbound_nodes", std::move(inbound));
  }

  static bool is_tensor(const Config& item) { return text_at(item, "class_name") == "__keras_tensor__"; }

  Config reference(const Config& tensor) const {
    const Config& history = tensor.at("config").at("keras_history");
    const std::string& name = history.items()[0].as_string();
    return Config::list({name, history.items()[1].as_int() + (models_.contains(name) ? 1 : 0), history.items()[2]});
  }

  void append(const Config& item, std::vector<Config>& list) const {
    if (item.is_null()) return;
    if (item.is_list()) {
      for (const Config& each : item.items()) append(each, list);
    } else if (is_tensor(item)) {
      list.push_back(reference(item));
    } else {
      throw ValueError("it is called on a constant, which Keras 2 cannot say.");
    }
  }

  // [[name, call, output, keywords], …]
  Config layer_node(const Config& node, std::int64_t* constants) const {
    std::vector<Config> inputs;
    Config kwargs = Config::map();
    append(node.at("args"), inputs);
    const Config given = node.get("kwargs", Config::map());
    append(given.get("initial_state", {}), inputs);
    const std::size_t before = inputs.size();
    append(given.get("constants", {}), inputs);
    if (constants) *constants = static_cast<std::int64_t>(inputs.size() - before);
    for (const auto& [key, value] : given.entries()) {
      const bool nothing = value.is_list() && std::all_of(value.items().begin(), value.items().end(),
                                                          [](const Config& each) { return each.is_null(); });
      if (key == "initial_state" || key == "constants" || value.is_null() || nothing) continue;
      if (key == "mask" && target_.before(2, 4))
        throw ValueError(fmt::format("it is called with a mask of its own, which Keras {} cannot say.", target_.text));
      kwargs.set(key, is_tensor(value) ? reference(value) : value.is_list() ? references(value) : value);
    }
    for (Config& each : inputs) each.push_back(kwargs);
    return Config::list(std::move(inputs));
  }
  Config references(const Config& list) const {
    Config result = Config::list();
    for (const Config& each : list.items()) result.push_back(is_tensor(each) ? reference(each) : each);
    return result;
  }

  // [name, call, output, keywords] of the first operand, the others among the keywords.
  Config tensorflow_node(const Config& node, const Keras2Op& op) const {
    const std::vector<Config>& args = node.at("args").items();
    Config kwargs = op.kwargs;
    for (std::size_t i = 0; i < op.operands.size() && i + 1 < args.size(); ++i) {
      const Config& each = args[i + 1];
      kwargs.set(op.operands[i], is_tensor(each)                   ? reference(each)
                                 : each.is_map() || each.is_list() ? slices(each)
                                                                   : each);
    }
    if (!args.empty() && args[0].is_list()) {
      Config list = Config::list();
      for (const Config& each : args[0].items())
        list.push_back(reference(each).size() == 3 ? with(reference(each), kwargs) : each);
      return list;
    }
    if (args.empty()) throw ValueError("it is called on nothing.");
    if (is_tensor(args[0])) return with(reference(args[0]), kwargs);
    if (!args[0].is_number()) throw ValueError("it is called on an array, which is not written for Keras 2.");
    return Config::list({"_CONSTANT_VALUE", -1, args[0].as_real(), kwargs});  // TensorFlow mixes no types
  }
  static Config with(Config reference, const Config& kwargs) {
    reference.push_back(kwargs);
    return reference;
  }
  static Config slices(const Config& spec) {
    if (spec.is_list()) {
      Config list = Config::list();
      for (const Config& each : spec.items()) list.push_back(slices(each));
      return list;
    }
    if (text_at(spec, "class_name") == "__slice__") return spec.at("config");
    if (spec.is_map() && text_at(spec, "class_name") == "__numpy__")
      throw ValueError("it is called on an array, which is not written for Keras 2.");
    return spec;
  }

  const KerasVersion& target_;
  std::unordered_set<std::string> models_, sequentials_;
};

}  // namespace

Config keras2_config(const Model& model, const KerasVersion& target) {
  check_writable(model);
  return Writer(target).model(with_meanings(shared_config(model), target));
}

}  // namespace keras::saving
