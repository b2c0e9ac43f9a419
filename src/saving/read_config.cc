#include "saving/read_config.h"

#include <fmt/format.h>
#include <keras/error.h>
#include <keras/layers/lambda.h>

#include "layers/core/input_layer.h"
#include "layers/layer_state.h"
#include "layers/sharing.h"
#include "layers/table.h"
#include "saving/compile_config.h"
#include "saving/context.h"
#include "saving/graph.h"
#include "saving/keras1.h"
#include "saving/scope.h"
#include "saving/unknown.h"
#include "saving/value.h"
#include "support/text.h"

namespace keras::saving {
namespace {

void add_input(const Sequential& model, const Config& entry) {
  const Config layer = upgraded_layer(entry, ReadScope::current().version());
  const auto args = args_of<InputLayerArgs>(layer.at("config"), "InputLayer");
  if (args.sparse || args.ragged || args.optional)
    throw ValueError("sparse, ragged and optional inputs are not in this version.");
  model.add(layers::input_tensor(args.batch_shape, args.dtype.value_or(config::floatx()), args.name));
}

// The input that Keras 1 and 2 gave a Sequential through its first layer, by the name they gave it.
void add_declared_input(const Sequential& model, const Config& first, const Layer& layer) {
  const Config* config = first.is_map() ? first.find("config") : nullptr;
  const Config* given = config && config->is_map() ? config->find("batch_input_shape") : nullptr;
  if (!given || given->is_null()) return;
  const auto& shape = layer.body()->state().declared_input;
  if (!shape) return;
  std::string dtype = text_at(*config, "input_dtype");
  if (dtype.empty()) dtype = text_at(*config, "dtype");
  const bool integers = dtype.starts_with("int") || dtype.starts_with("uint") || dtype == "bool";
  model.add(layers::input_tensor(*shape, integers ? DType(dtype) : layer.body()->dtype(), layer.name() + "_input"));
}

Model read_sequential(const Config& entry) {
  const Config& config = entry.at("config");
  const Config* list = config.is_list() ? &config : config.is_map() ? config.find("layers") : nullptr;
  std::string name = config.is_map() ? text_at(config, "name") : std::string();
  if (name.empty()) name = entry_name(entry);
  if (!list || !list->is_list())
    throw ValueError(
        fmt::format("Sequential «{}»: its configuration must have a list of layers.", support::printable(name)));
  if (begins_with_merge(*list)) return read_graph(merged_branches(*list, name.empty() ? Config() : Config(name)), name);
  SequentialArgs args{.name = name.empty() ? std::nullopt : std::optional(name)};
  if (const Config* trainable = config.is_map() ? config.find("trainable") : nullptr;
      trainable && !trainable->is_null())
    args.trainable = trainable->as_bool();
  const Sequential model(std::vector<Layer>{}, std::move(args));
  for (const Config& each : list->items()) {
    within(describe_entry(each), [&] {
      if (text_at(each, "class_name") == "InputLayer") return add_input(model, each);
      const Layer layer = read_layer(each);
      if (&each == &list->items()[0]) add_declared_input(model, each, layer);
      model.add(layer);
    });
  }
  // A model that was built by data.
  const Config* shape = config.is_map() ? config.find("build_input_shape") : nullptr;
  const Config* build = entry.find("build_config");
  if (!shape && build && build->is_map()) shape = build->find("input_shape");
  if (!model.built() && shape && shape->is_list() && model.layers().size() > 0) {
    Shape input;
    read_config(*shape, input);
    within(fmt::format("Sequential «{}», its build_input_shape", support::printable(name)),
           [&] { model.build(input); });
  }
  return model;
}

Layer lambda_layer(const Config& entry, const Activation& function) {
  const Config& config = entry.at("config");
  LambdaArgs args;
  args.name = entry_name(entry);
  args.trainable = config.get("trainable", true).as_bool();
  return layers::Lambda([function](const Tensor& x) { return function(x); }, std::move(args));
}

}  // namespace

Model read_any_model(const Config& entry) {
  const Config* config = entry.is_map() ? entry.find("config") : nullptr;
  if (!config) throw ValueError("A model's configuration must be {\"class_name\": …, \"config\": …}.");
  const std::string class_name = text_at(entry, "class_name");
  const bool graph = config->is_map() && (config->contains("input_layers") || config->contains("input"));
  if (class_name == "Sequential" || (!graph && config->is_list())) return read_sequential(entry);
  if (!graph) {
    throw ValueError(
        fmt::format("{}: it is no Sequential, and its configuration has no «layers», «input_layers» and "
                    "«output_layers»: only its own class could read it. Give that as custom_objects, "
                    "{{custom<MyModel>()}}, or check that this is a model at all.",
                    describe_entry(entry)));
  }
  std::string name = text_at(*config, "name");
  if (name.empty()) name = entry_name(entry);
  return read_graph(*config, name);
}

namespace {
Layer read_new_layer(const Config& entry) {
  const std::string name = entry_name(entry);
  if (const Layer* own = ReadScope::current().stand_in(name)) {
    own->body()->state().name = name;
    return *own;
  }
  const std::string class_name = text_at(entry, "class_name");
  if (class_name.empty() || !entry.contains("config")) {
    throw ValueError(fmt::format("A layer must be {{\"class_name\": …, \"config\": …}}. Received: {}.",
                                 support::printable(entry.to_json(), 200)));
  }
  const Config& given = entry.at("config");
  const bool own_class = CustomScope::find_class("layer", class_name) && !is_model_class(class_name);
  const bool graph = given.is_map() && given.contains("input_layers") && given.contains("layers");
  if (is_model_class(class_name) || (graph && !own_class)) return read_any_model(entry);
  Config upgraded = upgraded_layer(entry, ReadScope::current().version());
  Config config = upgraded.at("config");
  if (config.is_map()) {
    config.erase("num_constants");
    if (!config.contains("name") && !name.empty()) config.set("name", name);
  }
  if (class_name == "Lambda") {
    if (const auto function = lambda_function(config)) return lambda_layer(upgraded, *function);
  }
  return layers::from_config(
      Config::map({{"class_name", text_at(upgraded, "class_name")}, {"config", std::move(config)}}));
}

}  // namespace

Layer read_layer(const Config& entry) {
  if (const auto shared = layers::shared_layer(entry)) return *shared;
  const Layer layer = read_new_layer(entry);
  layers::share_layer(entry, layer);
  return layer;
}

Model read_model(const Config& given, const ReadOptions& options) {
  Config entry = plain(given);
  for (int again = 0; again < 3 && entry.is_string(); ++again) entry = parse_model_text(Config(entry).as_string());
  if (entry.is_list()) entry = Config::map({{"class_name", "Sequential"}, {"config", entry}});
  if (entry.is_map() && !entry.contains("class_name") && entry.contains("layers")) {  // what get_config() gives
    const bool graph = entry.contains("input_layers");
    entry = Config::map({{"class_name", graph ? "Functional" : "Sequential"}, {"config", entry}});
  }
  if (!entry.is_map() || text_at(entry, "class_name").empty() || !entry.contains("config")) {
    throw ValueError(
        fmt::format("No model can be made of {}: expected {{\"class_name\": \"Sequential\", \"config\": …}} or "
                    "the like, as model.to_json() of any Keras gives it.",
                    support::printable(entry.to_json(), 200)));
  }
  const KerasVersion version = version_of(entry, options.keras_version);
  const ReadScope scope(options.custom_objects, version, options.weights);
  refuse_unknown(entry);
  const bool own =
      CustomScope::find_class("layer", text_at(entry, "class_name")) && !is_model_class(text_at(entry, "class_name"));
  const Model model = own ? read_layer(entry).as<Model>() : read_any_model(entry);
  if (const Config* compile = entry.find("compile_config"); compile && options.compile)
    compile_from_config(model, *compile, version, options.custom_objects);
  return model;
}

}  // namespace keras::saving

namespace keras {

Model model_from_config(const Config& config, FromConfigArgs args) {
  return saving::read_model(
      config, {.custom_objects = std::move(args.custom_objects), .keras_version = std::move(args.keras_version)});
}

Model model_from_json(const std::string& text, FromConfigArgs args) {
  return model_from_config(saving::parse_model_text(text), std::move(args));
}

Model Model::from_config(const Config& config) { return model_from_config(config); }

}  // namespace keras
