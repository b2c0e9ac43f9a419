#include "saving/compile_config.h"

#include <fmt/format.h>
#include <keras/error.h>

#include <algorithm>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "models/model_state.h"
#include "ops/names.h"
#include "optimizers/makers.h"
#include "saving/scope.h"
#include "saving/value.h"
#include "support/log.h"
#include "support/text.h"
#include "tensor/shelf.h"

namespace keras::saving {
namespace {

// ---- reading

constexpr auto kOldOptimizer = "is_legacy_optimizer";
constexpr auto kUnderRoot =
    "epsilon_under_root";                     // ours, of an RMSprop or Adagrad that does not mean what Keras 2 does
constexpr auto kSchedule = "schedule_decay";  // ours, of a Nadam of Keras 3

// What Keras 2's objects wrote beside the arguments, and functions as objects.
Config upgraded(const Config& item) {
  if (!item.is_map()) return item;
  std::string class_name = text_at(item, "class_name");
  const Config* given = item.find("config");
  if (class_name == "function" || (given && given->is_string())) return given ? *given : item;
  if (!given || !given->is_map()) return item;
  // tf.keras registers its own optimizers of 2.11 and later.
  if (class_name.starts_with("Custom>") && given->contains("is_legacy_optimizer")) class_name.erase(0, 7);
  Config config = *given;
  if (config.get("reduction", {}) == Config("auto")) config.set("reduction", "sum_over_batch_size");
  const std::string function =
      text_at(config, "fn").empty() ? text_at(config.get("fn", {}), "config") : text_at(config, "fn");
  config.erase("fn");
  if (class_name == "MeanMetricWrapper" || class_name == "LossFunctionWrapper") {
    // tf.keras chooses what "accuracy" means anew when it opens a file, by the shapes of the outputs alone.
    const std::string name = text_at(config, "name");
    if ((name == "accuracy" || name == "acc") && function.ends_with("_accuracy")) return name;
    class_name = function;
  }
  const Config dtype = config.get("dtype", {});
  if (dtype.is_map() && dtype.get("config", {}).is_map()) config.set("dtype", dtype.at("config").get("name", {}));
  return Config::map({{"class_name", class_name}, {"config", std::move(config)}});
}

class Reader {
 public:
  Reader(std::size_t outputs, const KerasVersion& version) : outputs_(outputs), version_(version) {}

  // "the optimizer Nadam", …: what could not be read.
  std::vector<std::string> missing;

  CompileArgs read(const Config& config) {
    CompileArgs args;
    const Config optimizer = config.get(config.contains("optimizer_config") ? "optimizer_config" : "optimizer", {});
    part("optimizer", optimizer, [&](const Config& item) {
      std::optional<optimizers::OldMeanings> old;
      const Config arguments = item.is_map() ? item.get("config", {}) : Config();
      const bool later = arguments.is_map() && arguments.get(kOldOptimizer, true) == Config(false);
      const bool ours = optimizer.is_map() && (optimizer.contains(kUnderRoot) || optimizer.contains(kSchedule));
      if (version_.before(3) && !later && !ours) old.emplace();
      read_config(item, args.optimizer);
    });
    const auto loss = [&](const Config& item) {
      Loss one;
      part("loss", item, [&](const Config& each) { read_config(each, one); });
      return one;
    };
    args.loss = per_output<Loss>(config.get("loss", {}), loss);
    args.loss_weights = per_output<double>(config.get("loss_weights", {}), [&](const Config& item) {
      double weight = 1;
      part("loss weight", item, [&](const Config& each) { weight = each.as_real(); });
      return weight;
    });
    args.metrics = metrics(config.get("metrics", {}));
    args.weighted_metrics = metrics(config.get("weighted_metrics", {}));
    return args;
  }

 private:
  template <class F>
  void part(const char* what, const Config& item, F read) {
    if (item.is_null()) return;
    const Config now = upgraded(item);
    try {
      read(now);
    } catch (const NotImplementedError& error) {
      add(what, now, text_at(now, "class_name").empty() || std::string(error.what()).size() > 40 ? "" : error.what());
    } catch (const UnknownName&) {
      add(what, now, "");
    } catch (const Error& error) {
      add(what, now, error.what());
    }
  }

  void add(const std::string& what, const Config& item, const std::string& why) {
    std::string name = item.is_string() ? item.as_string() : text_at(item, "class_name");
    if (name.empty()) name = item.to_json();
    std::string text = fmt::format("the {} {}", what, support::printable(name));
    if (!why.empty()) text += fmt::format(" ({})", why);
    if (std::find(missing.begin(), missing.end(), text) == missing.end()) missing.push_back(std::move(text));
  }

  template <class T, class F>
  PerOutput<T> per_output(const Config& given, F read) {
    if (given.is_null()) return {};
    if (given.is_list()) {
      std::vector<T> list;
      for (const Config& each : given.items()) list.push_back(read(each));
      if (list.size() == 1 && outputs_ == 1) return PerOutput<T>(std::move(list[0]));
      return PerOutput<T>(std::move(list));
    }
    if (given.is_map() && text_at(given, "class_name").empty()) {
      std::vector<std::pair<std::string, T>> named;
      for (const auto& [key, value] : given.entries()) named.emplace_back(key, read(value));
      return PerOutput<T>(named);
    }
    return PerOutput<T>(read(given));
  }

  std::vector<Metric> list_of(const Config& given) {
    std::vector<Metric> list;
    const std::vector<Config> items = given.is_list() ? given.items() : std::vector<Config>{given};
    for (const Config& item : items) {
      if (item.is_null()) continue;
      if (item.is_list()) {
        for (Metric& each : list_of(item)) list.push_back(std::move(each));
        continue;
      }
      part("metric", item, [&](const Config& each) {
        Metric metric;
        read_config(each, metric);
        list.push_back(std::move(metric));
      });
    }
    return list;
  }

  Metrics metrics(const Config& given) {
    if (given.is_null()) return {};
    if (given.is_map() && text_at(given, "class_name").empty()) {
      std::vector<Metrics::Named> named;
      for (const auto& [key, value] : given.entries()) named.emplace_back(key, list_of(value));
      return named_metrics(named);
    }
    if (outputs_ > 1 && given.is_list() &&
        std::any_of(given.items().begin(), given.items().end(), [](const Config& each) { return each.is_list(); })) {
      std::vector<std::vector<Metric>> lists;
      for (const Config& each : given.items()) lists.push_back(list_of(each));
      return Metrics(std::move(lists));
    }
    return Metrics(list_of(given));
  }

  static Metrics named_metrics(const std::vector<Metrics::Named>& named) {
    Metrics metrics;
    static_cast<PerOutput<std::vector<Metric>>&>(metrics) = PerOutput<std::vector<Metric>>(named);
    return metrics;
  }

  std::size_t outputs_;
  const KerasVersion& version_;
};

// ---- writing

template <class T, class F>
Config per_output(const PerOutput<T>& values, F write) {
  if (values.empty()) return {};
  if (values.for_all()) return write(values.values()[0]);
  if (!values.names().empty()) {
    Config map = Config::map();
    for (std::size_t i = 0; i < values.names().size(); ++i) map.set(values.names()[i], write(values.values()[i]));
    return map;
  }
  Config list = Config::list();
  for (const T& each : values.values()) list.push_back(write(each));
  return list;
}

template <class F>
Config metrics_config(const Metrics& metrics, F write) {
  const auto list_of = [&](const std::vector<Metric>& given) {
    Config list = Config::list();
    for (const Metric& each : given) list.push_back(write(each));
    return list;
  };
  if (!metrics.list().empty()) return list_of(metrics.list());
  const PerOutput<std::vector<Metric>>& each = metrics;
  return per_output(each, list_of);
}

Config optimizer_config(const Optimizer& optimizer, bool keras2) {
  Config written = as_config(optimizer), config = written.at("config");
  const bool decays = config.get("decay", 0.0) != Config(0.0) && config.get("decay", 0.0) != Config(0);
  if (decays && !keras2)
    support::warn("The optimizer's decay, which Keras 3 does not know, is left out of its configuration.");
  if (!keras2 && optimizers::adds_epsilon_to_root(*optimizer.body())) {
    support::warn_once(
        "meaning epsilon 3",
        fmt::format("An {} of Keras 2, which adds epsilon to the root, is written for Keras 3, which adds "
                    "it under the root.",
                    optimizer.body()->class_name()));
  }
  if (!keras2 && config.contains(kSchedule)) {
    support::warn_once("meaning Nadam 3",
                       "A Nadam of Keras 2, whose momentum grows slowly, is written for Keras 3, where it grows 250 "
                       "times as fast.");
    config.erase(kSchedule);
  }
  if (!decays || !keras2) config.erase("decay");
  return written.set("config", std::move(config));
}

// A loss or metric by its plain name, as it is mostly given, where it has no arguments but the defaults; some metrics
// are no functions in Keras 2, and have no other name than their class's.
template <class Handle>
Config by_name(const Config& written, bool keras2) {
  if (!written.is_map()) return written;
  Config config = written.get("config", Config::map());
  const std::string name = text_at(config, "name");
  const std::string class_name = text_at(written, "class_name");
  const bool function = class_name != "RootMeanSquaredError" && class_name != "Mean" && class_name != "Sum";
  try {
    Handle again;
    if (function) read_config(Config(name), again);
    if (function && as_config(again) == written) return name;
  } catch (const Error&) {  // no name of a class
  }
  if (std::is_same_v<Handle, Loss> && config.get("axis", {}) == Config(-1) &&
      class_name == "SparseCategoricalCrossentropy")
    config.erase("axis");  // not all versions of Keras 3 know it
  if (keras2 && config.get("dtype", {}).is_null()) config.erase("dtype");
  if (!keras2) return Config(written).set("config", std::move(config));
  return Config::map({{"class_name", class_name}, {"config", std::move(config)}});
}

Config write(const CompileArgs& args, bool keras2) {
  const auto loss = [&](const Loss& each) -> Config {
    const Config written = each ? as_config(each) : Config();
    return by_name<Loss>(written, keras2);
  };
  const auto metric = [&](const Metric& each) -> Config { return by_name<Metric>(as_config(each), keras2); };
  const auto number = [](double each) -> Config { return each; };
  const Config optimizer = optimizer_config(args.optimizer, keras2);
  Config config = Config::map();
  if (!keras2) config.set("optimizer", optimizer);
  config.set("loss", per_output(args.loss, loss));
  config.set("loss_weights", per_output(args.loss_weights, number));
  config.set("metrics", metrics_config(args.metrics, metric));
  config.set("weighted_metrics", metrics_config(args.weighted_metrics, metric));
  if (keras2) {
    config.set("sample_weight_mode", nullptr);
    config.set("optimizer_config",
               Config::map({{"class_name", optimizer.at("class_name")}, {"config", optimizer.at("config")}}));
  } else {
    config.set("run_eagerly", false).set("steps_per_execution", 1).set("jit_compile", false);
  }
  return config;
}

// A configuration that was kept, in the other form.
Config converted(const Config& kept, bool keras2) {
  const bool is_keras2 = kept.contains("optimizer_config");
  if (is_keras2 == keras2) return kept;
  Config config = Config::map();
  for (const auto& [key, value] : kept.entries()) {
    const bool optimizer = key == "optimizer" || key == "optimizer_config";
    if (key == "sample_weight_mode" || key == "run_eagerly" || key == "steps_per_execution" || key == "jit_compile")
      continue;
    Config item = value;
    if (optimizer && item.is_map() && keras2)
      item.erase("module"), item.erase("registered_name"), item.erase("build_config");
    if (optimizer && item.is_map() && !keras2) item.set("module", "keras.optimizers").set("registered_name", nullptr);
    config.set(optimizer ? (keras2 ? "optimizer_config" : "optimizer") : key, std::move(item));
  }
  return config;
}

Config config_of(const Model& model, bool keras2) {
  if (const CompileArgs* args = model.compile_args()) {
    try {
      return write(*args, keras2);
    } catch (const Error& error) {
      support::warn(fmt::format("Model \"{}\": what compile was given is not saved. {}", model.name(), error.what()));
      return {};
    }
  }
  const Config& kept = model.model_body().model_state().unread_compile_config;
  return kept.is_map() ? converted(kept, keras2) : Config();
}

// The arguments that optimizers had before tf.keras 2.11: what there was none for then is left out where it has its
// default. tf.keras makes an optimizer of that time of them, with the weights in its order, unless the
// configuration says that it is a later one; and that word Keras 3 refuses.
Config old_optimizer(const Config& optimizer, const KerasVersion& target) {
  struct Later {
    const char* name;
    Config idle;
  };
  static const auto* const later = new std::vector<Later>{{"weight_decay", nullptr},
                                                          {"clipnorm", nullptr},
                                                          {"clipvalue", nullptr},
                                                          {"global_clipnorm", nullptr},
                                                          {"use_ema", false},
                                                          {"ema_momentum", 0.99},
                                                          {"ema_overwrite_frequency", nullptr},
                                                          {"loss_scale_factor", nullptr},
                                                          {"gradient_accumulation_steps", nullptr}};
  const bool before_names = target.before(2, 3);
  Config config = Config::map();
  bool needs_later = false, needs_keras3 = false;
  for (const auto& [key, value] : optimizer.at("config").entries()) {
    const auto found =
        std::find_if(later->begin(), later->end(), [&name = key](const Later& each) { return name == each.name; });
    if (found != later->end() && value == found->idle) continue;
    const bool of_tf =
        key == "name" || (text_at(optimizer, "class_name") == "RMSprop" && (key == "momentum" || key == "centered"));
    if (before_names && of_tf) continue;
    if (key == kSchedule && value == Config(0.004)) continue;  // what both take it for, and Keras 3 refuses
    config.set(before_names && key == "learning_rate" ? "lr" : key, value);
    needs_later |= found != later->end() && !key.ends_with("clipnorm") && key != "clipvalue";
    needs_keras3 |= key == "loss_scale_factor" || key == "gradient_accumulation_steps";
  }
  if (needs_later && !needs_keras3 && !before_names) config.set(kOldOptimizer, false);
  return Config::map({{"class_name", optimizer.at("class_name")}, {"config", std::move(config)}});
}

// Before tf.keras losses and metrics were functions, by their names.
Config names_only(const Config& given) {
  if (given.is_list()) {
    Config list = Config::list();
    for (const Config& each : given.items()) list.push_back(names_only(each));
    return list;
  }
  if (!given.is_map()) return given;
  const std::string class_name = text_at(given, "class_name");
  if (class_name.empty()) {
    Config map = Config::map();
    for (const auto& [key, value] : given.entries()) map.set(key, names_only(value));
    return map;
  }
  support::warn_once(
      "saving names only " + class_name,
      fmt::format("{}: Keras before 2.3 knows it as a function: its arguments are left out.", class_name));
  return ops::snake_case(class_name);
}

// Says beside the written optimizer, where only we read it, that it is not what Keras 2 takes it for.
Config with_meaning(Config written, const OptimizerBody& optimizer) {
  const Config arguments = written.get("config", Config::map());
  const std::string name = text_at(written, "class_name");
  if (arguments.contains(kOldOptimizer)) return written;
  const Config ours = optimizer.get_config();
  const bool has_root = name == "Adagrad" || (name == "RMSprop" && ours.get("momentum", 0.0) == Config(0.0));
  if (has_root && !optimizers::adds_epsilon_to_root(optimizer)) written.set(kUnderRoot, true);
  if (name == "Nadam" && !ours.contains(kSchedule)) written.set(kSchedule, 1);
  return written;
}

}  // namespace

Config compile_config(const Model& model) { return config_of(model, false); }

Config training_config(const Model& model, const KerasVersion& target) {
  Config config = config_of(model, true);
  if (!config.is_map()) return config;
  if (!config.contains("sample_weight_mode")) config.set("sample_weight_mode", nullptr);
  const Config optimizer = config.get("optimizer_config", {});
  const Config& kept = model.model_body().model_state().unread_compile_config;
  const bool of_keras2 = !model.compile_args() && kept.contains("optimizer_config");
  if (!of_keras2 && optimizer.is_map() && optimizer.get("config", {}).is_map())
    config.set("optimizer_config", old_optimizer(optimizer, target));
  if (model.compile_args())
    config.set("optimizer_config", with_meaning(config.at("optimizer_config"), *model.optimizer().body()));
  if (target.before(2, 3)) {
    for (const char* key : {"loss", "metrics"}) {
      if (const Config* given = config.find(key)) config.set(key, names_only(*given));
    }
    config.erase("weighted_metrics");
    if (config.get("metrics", {}).is_null()) config.set("metrics", Config::list());
  }
  return config;
}

OptimizerForm form_of_optimizer(const Config& training) {
  const Config config = training.get("optimizer_config", Config::map()).get("config", Config::map());
  if (config.contains("loss_scale_factor") || config.contains("gradient_accumulation_steps"))
    return OptimizerForm::keras3;
  return config.contains(kOldOptimizer) ? OptimizerForm::tf_keras : OptimizerForm::old;
}

bool compile_from_config(const Model& model, const Config& config, const KerasVersion& version,
                         const CustomObjects& custom_objects) {
  if (!config.is_map() || config.size() == 0) return false;
  const Config now = plain(config);
  const ReadScope scope(custom_objects, version, {});
  const std::size_t outputs = std::max<std::size_t>(1, model.model_body().model_state().outputs.size());
  Reader reader(outputs, version);
  CompileArgs args = reader.read(now);
  if (reader.missing.empty()) {
    try {
      Model(model).compile(std::move(args));
      return true;
    } catch (const Error& error) {
      reader.missing.emplace_back(error.what());
    }
  }
  model.model_body().model_state().unread_compile_config = config;
  support::warn(
      fmt::format("Model \"{}\" is opened uncompiled: {} of its training configuration {} not in this version. The "
                  "configuration is kept for saving; call compile to train.",
                  model.name(), support::list(reader.missing), reader.missing.size() == 1 ? "is" : "are"));
  return false;
}

}  // namespace keras::saving
