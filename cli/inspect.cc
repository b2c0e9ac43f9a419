// summary, plot, show, profile and info: what a model or this machine is.
#include <keras/keras.h>

#include <cstdio>
#include <fstream>

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

CLI::Option* model_argument(CLI::App& command, Options& options) {
  return command.add_option("MODEL", options.model, "A .keras, .h5 or .json file of a model")->required();
}
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
  const Model model = load_model(options.model, {.compile = false});
  if (options.json) return print(described(model));
  SummaryArgs args{.expand_nested = options.expand_nested, .show_trainable = options.show_trainable};
  if (options.line_length > 0) args.line_length = options.line_length;
  model.summary(args);
}

void plot(const Options& options) {
  utils::plot_model(load_model(options.model, {.compile = false}), {.to_file = options.to_file,
                                                                    .show_shapes = options.show_shapes,
                                                                    .show_dtype = options.show_dtype,
                                                                    .show_layer_names = !options.hide_names,
                                                                    .rankdir = options.rankdir,
                                                                    .expand_nested = options.expand_nested,
                                                                    .dpi = options.dpi,
                                                                    .show_layer_activations = options.activations,
                                                                    .show_trainable = options.show_trainable});
}

void show(const Options& options) {
  std::printf("%s\n", load_model(options.model).show(options.stage, options.batch_size).c_str());
}

void profile(const Options& options) {
  Model model = load_model(options.model);
  if (!options.tune.empty()) {
    std::fprintf(stderr, "measuring kernels …\n");
    model.tune(options.tune, options.batch_size);
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
  Config backends = Config::list(), features = Config::list();
  for (const std::string& backend : info.backends) backends.push_back(backend);
  for (const std::string& feature : info.features) features.push_back(feature);
  if (options.json) {
    return print(Config::map({{"version", info.version},
                              {"compiler", info.compiler},
                              {"processor", info.processor},
                              {"isa", info.isa},
                              {"threads", info.threads},
                              {"backends", backends},
                              {"features", features}}));
  }
  const auto joined = [](const std::vector<std::string>& list) {
    std::string text;
    for (const std::string& each : list) text += (text.empty() ? "" : ", ") + each;
    return text.empty() ? std::string("none") : text;
  };
  std::printf(
      "keras.cpp  %s, built with %s\nprocessor  %s\nvectors    %s\nthreads    %d\nbackends   %s\nbuilt with %s\n",
      info.version.c_str(), info.compiler.c_str(), info.processor.c_str(), info.isa.c_str(), info.threads,
      joined(info.backends).c_str(), joined(info.features).c_str());
}

// A command with options of its own, that outlive parsing.
CLI::App& command(CLI::App& app, const char* name, const char* what, std::shared_ptr<Options>& options,
                  void (*run)(const Options&)) {
  options = std::make_shared<Options>();
  CLI::App* added = app.add_subcommand(name, what);
  added->callback([options, run] { run(*options); });
  return *added;
}

}  // namespace

void add_summary(CLI::App& app) {
  std::shared_ptr<Options> o;
  CLI::App& c = command(app, "summary", "Prints a model's layers, shapes and numbers of parameters", o, summary);
  model_argument(c, *o);
  c.add_option("--line-length", o->line_length, "Columns of the table; that of the terminal by default");
  c.add_flag("--expand-nested", o->expand_nested, "Show the layers of models inside the model");
  c.add_flag("--show-trainable", o->show_trainable, "Show which layers are trainable");
  c.add_flag("--json", o->json, "As JSON");
}

void add_plot(CLI::App& app) {
  std::shared_ptr<Options> o;
  CLI::App& c = command(app, "plot", "Draws a model as a picture", o, plot);
  model_argument(c, *o);
  c.add_option("--to-file", o->to_file, "A .png, .svg, .pdf or .dot file")->required();
  c.add_flag("--show-shapes", o->show_shapes, "Show the shapes of the layers");
  c.add_flag("--show-dtype", o->show_dtype, "Show the dtypes of the layers");
  c.add_flag("--hide-layer-names", o->hide_names, "Leave the names of the layers out");
  c.add_flag("--expand-nested", o->expand_nested, "Draw models inside the model as clusters");
  c.add_flag("--show-layer-activations", o->activations, "Show the activations of the layers");
  c.add_flag("--show-trainable", o->show_trainable, "Show which layers are trainable");
  c.add_option("--rankdir", o->rankdir, "TB: from top to bottom, LR: from left to right")
      ->check(CLI::IsMember({"TB", "LR", "BT", "RL"}));
  c.add_option("--dpi", o->dpi, "Dots per inch")->check(CLI::PositiveNumber);
}

void add_show(CLI::App& app) {
  std::shared_ptr<Options> o;
  CLI::App& c = command(app, "show", "Prints what the compiler makes of a model's step", o, show);
  model_argument(c, *o);
  c.add_option("--stage", o->stage,
               "graph: as traced, grad: with gradients and update, fused: after the passes, "
               "program: kernels and memory")
      ->check(CLI::IsMember({"graph", "grad", "fused", "program"}));
  c.add_option("--batch-size", o->batch_size, "Samples of a step")->check(CLI::PositiveNumber);
}

void add_profile(CLI::App& app) {
  std::shared_ptr<Options> o;
  CLI::App& c = command(app, "profile", "Times each kernel of a model's step", o, profile);
  model_argument(c, *o);
  c.add_option("--batch-size", o->batch_size, "Samples of a step")->check(CLI::PositiveNumber);
  c.add_option("--tune", o->tune,
               "Try every kernel and write the fastest to this file, which KERAS_TUNING or config::load_tuning takes");
  c.add_flag("--json", o->json, "As JSON");
}

void add_info(CLI::App& app) {
  std::shared_ptr<Options> o;
  CLI::App& c =
      command(app, "info", "Prints the version, the backends, the processor and the number of threads", o, info);
  c.add_flag("--json", o->json, "As JSON");
}

}  // namespace cli
