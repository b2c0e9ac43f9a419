// summary, plot, show, profile and info: what a model or this machine is.
#include <keras/keras.h>

#include <cstdio>

#include "command.h"
#include "commands.h"

namespace cli {
namespace {

using namespace keras;

struct Options {
  std::string model, to_file, stage = "program", rankdir = "TB", tune;
  std::int64_t batch_size = 32;
  int line_length = 0, dpi = 200;
  bool json = false, expand_nested = false, show_trainable = false, show_shapes = false, show_dtype = false,
       hide_names = false, activations = false;
};

void print(const Config& config) { std::printf("%s\n", config.to_json(2).c_str()); }

// The shape of a layer's output, a list where it has several, null where it is not known.
Config output_shape(const Layer& layer) {
  try {
    const std::vector<Tensor> outputs = layer.outputs();
    if (outputs.size() == 1) return as_config(outputs[0].shape());
    Config list = Config::list();
    for (const Tensor& output : outputs) list.push_back(as_config(output.shape()));
    return list;
  } catch (const Error&) {
    return {};
  }
}

std::int64_t count(const std::vector<Variable>& weights) {
  std::int64_t sum = 0;
  for (const Variable& weight : weights) sum += weight.shape().elements();
  return sum;
}

Config described(const Model& model) {
  Config list = Config::list();
  for (const Layer& layer : model.layers()) {
    list.push_back(Config::map({{"name", layer.name()},
                                {"class_name", layer.class_name()},
                                {"output_shape", output_shape(layer)},
                                {"params", layer.built() ? Config(layer.count_params()) : Config()},
                                {"trainable", layer.trainable()}}));
  }
  const std::int64_t trainable = count(model.trainable_weights()), rest = count(model.non_trainable_weights());
  return Config::map({{"name", model.name()},
                      {"class_name", model.class_name()},
                      {"layers", list},
                      {"total_params", trainable + rest},
                      {"trainable_params", trainable},
                      {"non_trainable_params", rest}});
}

void summary(const Options& options) {
  const Model model = open_model(options.model, false);
  if (options.json) return print(described(model));
  SummaryArgs args{.expand_nested = options.expand_nested, .show_trainable = options.show_trainable};
  if (options.line_length > 0) args.line_length = options.line_length;
  model.summary(args);
}

void plot(const Options& options) {
  check_can_write(options.to_file);
  utils::plot_model(open_model(options.model, false), {.to_file = options.to_file,
                                                       .show_shapes = options.show_shapes,
                                                       .show_dtype = options.show_dtype,
                                                       .show_layer_names = !options.hide_names,
                                                       .rankdir = options.rankdir,
                                                       .expand_nested = options.expand_nested,
                                                       .dpi = options.dpi,
                                                       .show_layer_activations = options.activations,
                                                       .show_trainable = options.show_trainable});
  note("wrote " + options.to_file);
}

void show(const Options& options) {
  std::printf("%s\n", open_model(options.model).show(options.stage, options.batch_size).c_str());
}

void profile(const Options& options) {
  Model model = open_model(options.model);
  if (!options.tune.empty()) {
    check_can_write(options.tune);
    note("measuring kernels");
    model.tune(options.tune, options.batch_size);
    note("wrote " + options.tune);
  }
  const Profile profile = model.profile(options.batch_size);
  if (!options.json) {
    std::printf("%s\n", profile.str().c_str());
    return;
  }
  Config list = Config::list();
  for (const KernelTime& each : profile.kernels) {
    list.push_back(Config::map({{"program", each.program},
                                {"kernel", each.kernel},
                                {"node", each.node},
                                {"seconds", each.seconds},
                                {"share", each.share},
                                {"flops", each.flops},
                                {"bytes", each.bytes}}));
  }
  print(Config::map({{"batch_size", options.batch_size}, {"threads", profile.threads}, {"kernels", list}}));
}

void info(const Options& options) {
  const Info info = keras::info();
  const auto list = [](const std::vector<std::string>& names) {
    Config list = Config::list();
    for (const std::string& name : names) list.push_back(name);
    return list;
  };
  if (options.json) {
    return print(Config::map({{"version", info.version},
                              {"compiler", info.compiler},
                              {"processor", info.processor},
                              {"processor_features", list(info.processor_features)},
                              {"isa", info.isa},
                              {"threads", info.threads},
                              {"backends", list(info.backends)},
                              {"features", list(info.features)}}));
  }
  const auto line = [](const char* what, const std::string& text) {
    std::printf("%-12s%s\n", what, text.empty() ? "none" : text.c_str());
  };
  line("keras.cpp", info.version + ", built with " + info.compiler);
  line("processor", info.processor);
  line("features", listed(info.processor_features));
  line("kernels for", info.isa);
  line("threads", std::to_string(info.threads));
  line("backends", listed(info.backends));
  line("optional", listed(info.features));
}

}  // namespace

void add_summary(CLI::App& app) {
  std::shared_ptr<Options> o;
  CLI::App& c = add(app, "summary", "Prints a model's layers, shapes and numbers of parameters",
                    "model.keras --show-trainable", o, summary);
  model_argument(c, o->model);
  c.add_option("--line-length", o->line_length, "Columns of the table; by default those of the terminal, 88 at most")
      ->type_name("N")
      ->check(at_least(1, "number of columns"));
  c.add_flag("--expand-nested", o->expand_nested, "Show the layers of models inside the model");
  c.add_flag("--show-trainable", o->show_trainable, "Show which layers are trainable");
  c.add_flag("--json", o->json, "As JSON");
}

void add_plot(CLI::App& app) {
  std::shared_ptr<Options> o;
  CLI::App& c =
      add(app, "plot", "Draws a model as a picture", "model.keras --to-file model.png --show-shapes", o, plot);
  model_argument(c, o->model);
  c.add_option("--to-file", o->to_file, "The picture: .png, .svg, .pdf, or .dot, the graph's text")
      ->required()
      ->type_name("FILE")
      ->check(ending({".png", ".svg", ".pdf", ".dot", ".gv", ".jpg", ".jpeg", ".gif", ".ps", ".eps"}));
  c.add_flag("--show-shapes", o->show_shapes, "Show the shapes of the layers");
  c.add_flag("--show-dtype", o->show_dtype, "Show the dtypes of the layers");
  c.add_flag("--hide-layer-names", o->hide_names, "Leave the names of the layers out");
  c.add_flag("--expand-nested", o->expand_nested, "Draw models inside the model as clusters");
  c.add_flag("--show-layer-activations", o->activations, "Show the activations of the layers");
  c.add_flag("--show-trainable", o->show_trainable, "Show which layers are trainable");
  c.add_option("--rankdir", o->rankdir, "TB: from top to bottom, LR: from left to right, BT, RL")
      ->type_name("TB|LR|BT|RL")
      ->capture_default_str()
      ->check(CLI::Validator(CLI::IsMember({"TB", "LR", "BT", "RL"})).description(""));
  c.add_option("--dpi", o->dpi, "Dots per inch")
      ->type_name("N")
      ->capture_default_str()
      ->check(at_least(1, "number of dots"));
}

void add_show(CLI::App& app) {
  std::shared_ptr<Options> o;
  CLI::App& c = add(app, "show", "Prints what the compiler makes of a model's step",
                    "model.keras --stage=fused --batch-size 1", o, show);
  model_argument(c, o->model);
  c.add_option("--stage", o->stage,
               "graph: as traced; grad: with gradients and update, where the model is compiled;\n"
               "fused: after the compiler's passes; program: kernels and memory")
      ->type_name("graph|grad|fused|program")
      ->capture_default_str()
      ->check(CLI::Validator(CLI::IsMember({"graph", "grad", "fused", "program"})).description(""));
  batch_size_option(c, o->batch_size);
}

void add_profile(CLI::App& app) {
  std::shared_ptr<Options> o;
  CLI::App& c = add(app, "profile", "Times each kernel of a model's step: of training if the file says how",
                    "model.keras --batch-size 1", o, profile);
  model_argument(c, o->model);
  batch_size_option(c, o->batch_size);
  c.add_option("--tune", o->tune,
               "First try every kernel that the model could use here, and write which are the fastest\n"
               "to this file; programs take it by KERAS_TUNING=FILE or config::load_tuning")
      ->type_name("FILE");
  c.add_flag("--json", o->json, "As JSON");
}

void add_info(CLI::App& app) {
  std::shared_ptr<Options> o;
  CLI::App& c =
      add(app, "info", "Prints the version, the backends, the processor and the number of threads", "--json", o, info);
  c.add_flag("--json", o->json, "As JSON");
}

}  // namespace cli
