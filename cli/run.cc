// predict, evaluate and fit: a model on data.
#include <keras/keras.h>

#include <cstdio>
#include <fstream>
#include <optional>

#include "commands.h"
#include "data.h"

namespace cli {
namespace {

using namespace keras;

struct Options {
  std::string model, input, output, data, history, optimizer;
  std::vector<std::string> loss, metrics;
  std::optional<double> learning_rate;
  std::optional<std::uint64_t> seed;
  std::int64_t batch_size = 32;
  int epochs = 1;
  double validation_split = 0, scale = 1;
  bool no_shuffle = false, json = false, quiet = false;
};

Config as_map(const Logs& logs) {
  Config map = Config::map();
  for (const auto& [name, value] : logs) map.set(name, value);
  return map;
}
void print(const Logs& logs, bool json) {
  if (json) {
    std::printf("%s\n", as_map(logs).to_json().c_str());
    return;
  }
  for (const auto& [name, value] : logs) std::printf("%s: %.6g\n", name.c_str(), value);
}

void predict(const Options& options) {
  const Model model = load_model(options.model, {.compile = false});
  const std::vector<Array> outputs =
      model.predict_all(read_inputs(model, options.input, options.scale), {.batch_size = options.batch_size});
  write_outputs(model, outputs, options.output);
  for (const Array& output : outputs)
    std::fprintf(stderr, "wrote %s to %s\n", output.shape().str().c_str(), options.output.c_str());
}

// Compiles the model as the command says; what it does not say is as the file has it.
void compile(Model& model, const Options& options) {
  const bool asked = !options.optimizer.empty() || !options.loss.empty() || !options.metrics.empty();
  if (!asked && model.compiled()) {
    if (options.learning_rate) {
      Optimizer optimizer = model.optimizer();
      optimizer.set_learning_rate(*options.learning_rate);
    }
    return;
  }
  CompileArgs args;
  if (const CompileArgs* known = model.compile_args()) args = *known;
  if (!options.optimizer.empty()) args.optimizer = options.optimizer;
  if (options.loss.size() == 1) args.loss = Loss(options.loss[0]);
  if (options.loss.size() > 1) {
    std::vector<Loss> losses;
    for (const std::string& name : options.loss) losses.emplace_back(name);
    args.loss = losses;
  }
  if (!options.metrics.empty()) {
    std::vector<Metric> metrics;
    for (const std::string& name : options.metrics) metrics.emplace_back(name);
    args.metrics = metrics;
  }
  if (args.loss.empty()) {
    throw ValueError(options.model +
                     " carries no training configuration; say --loss, such as --loss mse, and --optimizer");
  }
  model.compile(std::move(args));
  Optimizer optimizer = model.optimizer();
  if (options.learning_rate) optimizer.set_learning_rate(*options.learning_rate);
}

void evaluate(const Options& options) {
  Model model = load_model(options.model);
  compile(model, options);
  const Examples data = read_examples(model, options.data);
  print(model.evaluate(data.x, data.y, {.batch_size = options.batch_size}), options.json);
}

void write_history(const History& history, const std::string& path) {
  Config epochs = Config::list(), figures = Config::map();
  for (int epoch : history.epoch) epochs.push_back(epoch);
  for (const auto& [name, values] : history.history) figures.set(name, as_config(values));
  std::ofstream file(path);
  file << Config::map({{"epoch", epochs}, {"history", figures}}).to_json(1) << '\n';
  file.close();
  if (!file) throw IOError("cannot write " + path);
}

// A line for each epoch on standard error.
struct ProgressArgs {
  static void fields(auto&&) {}
};
struct Progress final : CallbackBody {
  static constexpr auto class_name = "Progress";
  using Args = ProgressArgs;
  explicit Progress(Args) {}
  void on_epoch_end(int epoch, const Logs& logs) override {
    std::fprintf(stderr, "epoch %d", epoch + 1);
    for (const auto& [name, value] : logs) std::fprintf(stderr, "  %s: %.6g", name.c_str(), value);
    std::fprintf(stderr, "\n");
  }
};

void fit(const Options& options) {
  if (options.seed) random::seed(*options.seed);
  if (!ends_with(options.output, ".keras") && !ends_with(options.output, ".h5") &&
      !ends_with(options.output, ".hdf5")) {
    throw ValueError(options.output + ": a trained model is written as .keras or .h5");
  }
  Model model = load_model(options.model);
  compile(model, options);
  const Examples data = read_examples(model, options.data);
  FitArgs args{.batch_size = options.batch_size, .epochs = options.epochs, .verbose = 0};
  if (!options.quiet) args.callbacks.push_back(make_callback<Progress>());
  args.validation_split = options.validation_split;
  args.shuffle = !options.no_shuffle;
  const History history = model.fit(data.x, data.y, args);
  model.save(options.output);
  if (!options.history.empty()) write_history(history, options.history);
  Logs last;
  for (const auto& [name, values] : history.history) last.set(name, values.back());
  print(last, options.json);
}

CLI::App& command(CLI::App& app, const char* name, const char* what, std::shared_ptr<Options>& options,
                  void (*run)(const Options&)) {
  options = std::make_shared<Options>();
  CLI::App* added = app.add_subcommand(name, what);
  added->callback([options, run] { run(*options); });
  added->add_option("MODEL", options->model, "A .keras or .h5 file of a model")->required();
  added->add_option("--batch-size", options->batch_size, "Samples of a step")->check(CLI::PositiveNumber);
  return *added;
}
void compile_options(CLI::App& command, Options& options) {
  command.add_option("--optimizer", options.optimizer, "Name of an optimizer; the file's by default");
  command.add_option("--loss", options.loss, "Name of a loss, or of one for each output; the file's by default");
  command.add_option("--metrics", options.metrics, "Names of metrics; the file's by default");
  command.add_option("--learning-rate", options.learning_rate, "The optimizer's; the file's by default")
      ->check(CLI::NonNegativeNumber);
}

}  // namespace

void add_predict(CLI::App& app) {
  std::shared_ptr<Options> o;
  CLI::App& c = command(app, "predict", "Runs a model and writes its outputs", o, predict);
  c.add_option(
       "--input", o->input,
       ".npz with an array for each input, named after it, or one of any name; .npy; an image, or a folder of them")
      ->required();
  c.add_option("--output", o->output, ".npz with an array for each output, .npy of the only one, or .csv")->required();
  c.add_option("--scale", o->scale, "Each number of an image is multiplied by this, such as 0.00392157 for 1/255");
}

void add_evaluate(CLI::App& app) {
  std::shared_ptr<Options> o;
  CLI::App& c = command(app, "evaluate", "Prints a model's loss and metrics on data", o, evaluate);
  c.add_option("--data", o->data, ".npz with x and y, or arrays named after the inputs and outputs")->required();
  compile_options(c, *o);
  c.add_flag("--json", o->json, "As JSON");
}

void add_fit(CLI::App& app) {
  std::shared_ptr<Options> o;
  CLI::App& c = command(app, "fit", "Trains a model and writes it to another file", o, fit);
  c.add_option("--data", o->data, ".npz with x and y, or arrays named after the inputs and outputs")->required();
  c.add_option("--output", o->output, "Where the trained model goes: .keras or .h5")->required();
  c.add_option("--epochs", o->epochs, "How often to go over the data")->check(CLI::PositiveNumber);
  c.add_option("--validation-split", o->validation_split, "Part of the data, from its end, that is for validation")
      ->check(CLI::Range(0.0, 1.0));
  c.add_flag("--no-shuffle", o->no_shuffle, "Keep the order of the samples");
  c.add_option("--seed", o->seed, "Of what is random: the order of the samples, dropout");
  compile_options(c, *o);
  c.add_option("--history", o->history, "Where the figures of all epochs go, as JSON");
  c.add_flag("--quiet", o->quiet, "No line for each epoch");
  c.add_flag("--json", o->json, "The last epoch's figures as JSON");
}

}  // namespace cli
