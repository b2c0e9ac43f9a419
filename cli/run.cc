// predict, evaluate and fit: a model on data.
#include <keras/keras.h>

#include <cstdio>
#include <optional>

#include "command.h"
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
  bool no_shuffle = false, json = false;
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
  check_can_write(options.output);
  const Model model = open_model(options.model, false);
  const std::vector<Array> outputs =
      model.predict_all(read_inputs(model, options.input, options.scale),
                        {.batch_size = options.batch_size, .callbacks = progress("predict")});
  write_outputs(model, outputs, options.output);
  std::string shapes;
  for (const Array& output : outputs) shapes += (shapes.empty() ? "" : ", ") + output.shape().str();
  note("wrote " + options.output + ": " + shapes);
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
    const std::size_t outputs = model.output_names().size();
    args.metrics = outputs == 1 ? Metrics(metrics) : Metrics(std::vector<std::vector<Metric>>(outputs, metrics));
  }
  if (args.loss.empty()) {
    throw ValueError(
        options.model +
        " carries no training configuration that is known here: say --loss, such as --loss mse, and --optimizer");
  }
  model.compile(std::move(args));
  Optimizer optimizer = model.optimizer();
  if (options.learning_rate) optimizer.set_learning_rate(*options.learning_rate);
}

void evaluate(const Options& options) {
  Model model = open_model(options.model);
  compile(model, options);
  const Examples data = read_examples(model, options.data);
  print(model.evaluate(data.x, data.y, {.batch_size = options.batch_size, .callbacks = progress("evaluate")}),
        options.json);
}

std::string as_json(const History& history) {
  Config epochs = Config::list(), figures = Config::map();
  for (int epoch : history.epoch) epochs.push_back(epoch);
  for (const auto& [name, values] : history.history) figures.set(name, as_config(values));
  return Config::map({{"epoch", epochs}, {"history", figures}}).to_json(1) + "\n";
}

// How many steps ran: fewer than there should be after Ctrl-C.
struct StepsArgs {
  static void fields(auto&&) {}
};
struct Steps final : CallbackBody {
  static constexpr auto class_name = "Steps";
  using Args = StepsArgs;
  explicit Steps(Args) {}
  void on_train_batch_end(int, const Logs&) override { ++count; }
  std::int64_t count = 0;
};

void fit(const Options& options) {
  if (options.seed) random::seed(*options.seed);
  check_can_write(options.output);
  if (!options.history.empty()) check_can_write(options.history);
  Model model = open_model(options.model);
  compile(model, options);
  const Examples data = read_examples(model, options.data);
  FitArgs args{.batch_size = options.batch_size, .epochs = options.epochs, .verbose = 0};
  args.callbacks = progress("validation");
  const Callback steps = make_callback<Steps>();
  args.callbacks.push_back(steps);
  args.validation_split = options.validation_split;
  args.shuffle = !options.no_shuffle;
  const History history = model.fit(data.x, data.y, args);
  const double whole = history.params.at("steps") * options.epochs;
  const bool interrupted = static_cast<double>(static_cast<const Steps&>(*steps.body()).count) < whole;
  model.save(options.output);
  if (!options.history.empty()) write_text(options.history, as_json(history));
  note((interrupted ? "interrupted; wrote " : "wrote ") + options.output);
  Logs last;
  for (const char* first : {"loss", ""}) {  // before the others
    for (const auto& [name, values] : history.history) {
      if (!values.empty() && (name == first || !*first)) last.set(name, values.back());
    }
  }
  print(last, options.json);
  if (interrupted) throw Interrupted();
}

void compile_options(CLI::App& command, Options& options) {
  const auto names = [&](const char* name, std::vector<std::string>& list, const char* what) {
    command.add_option(name, list, what)->type_name("NAMES")->delimiter(',')->allow_extra_args(false);
  };
  command.add_option("--optimizer", options.optimizer, "Name of an optimizer; by default that of the file")
      ->type_name("NAME");
  names("--loss", options.loss, "A loss, or one for each output with commas between; by default those of the file");
  names("--metrics", options.metrics, "Metrics of each output, with commas between; by default those of the file");
  command.add_option("--learning-rate", options.learning_rate, "Of the optimizer; by default as in the file")
      ->type_name("X")
      ->check(at_least(0, "learning rate"));
}
CLI::Option* data_option(CLI::App& command, Options& options) {
  return command
      .add_option("--data", options.data,
                  "An .npz with the arrays x and y, or with arrays that are named after\n"
                  "the model's inputs and outputs")
      ->required()
      ->type_name("FILE");
}

}  // namespace

void add_predict(CLI::App& app) {
  std::shared_ptr<Options> o;
  CLI::App& c = add(app, "predict", "Runs a model and writes its outputs",
                    "model.keras --input pictures/ --scale 0.00392157 --output predictions.csv", o, predict);
  model_argument(c, o->model);
  c.add_option("--input", o->input,
               "What the model is given:\n"
               "  .npz              an array for each input, named after it; or one of any name\n"
               "  .npy              the array of the only input\n"
               "  .png, .jpg        an image, which is resized to what the model takes\n"
               "  a folder          its images, in the order of their names")
      ->required()
      ->type_name("PATH");
  c.add_option("--output", o->output,
               "Where the outputs go:\n"
               "  .npz              an array for each output, named after it\n"
               "  .npy              the array of the only output\n"
               "  .csv              a line for each sample, with the numbers of all outputs")
      ->required()
      ->type_name("FILE")
      ->check(ending({".npz", ".npy", ".csv"}));
  batch_size_option(c, o->batch_size);
  c.add_option("--scale", o->scale, "The numbers of images, 0 to 255, are multiplied by this")
      ->type_name("X")
      ->capture_default_str();
}

void add_evaluate(CLI::App& app) {
  std::shared_ptr<Options> o;
  CLI::App& c = add(app, "evaluate", "Prints a model's loss and metrics on data", "model.keras --data test.npz --json",
                    o, evaluate);
  model_argument(c, o->model);
  data_option(c, *o);
  batch_size_option(c, o->batch_size);
  compile_options(c, *o);
  c.add_flag("--json", o->json, "As JSON");
}

void add_fit(CLI::App& app) {
  std::shared_ptr<Options> o;
  CLI::App& c = add(app, "fit", "Trains a model, and writes it to a file",
                    "model.keras --data train.npz --epochs 10 --output trained.keras --history history.json", o, fit);
  c.footer(
      "A file that carries its training configuration needs no --loss and --optimizer, and training goes on where\n"
      "it stopped. Ctrl-C ends training after the step, and writes what there is (exit code 130).\n\n" +
      c.get_footer());
  model_argument(c, o->model);
  data_option(c, *o);
  c.add_option("--output", o->output, "Where the trained model goes: .keras, or .h5 in the form of Keras 2")
      ->required()
      ->type_name("FILE")
      ->check(ending({".keras", ".h5", ".hdf5"}));
  c.add_option("--epochs", o->epochs, "How often to go over the data")
      ->type_name("N")
      ->capture_default_str()
      ->check(at_least(1, "number of epochs"));
  batch_size_option(c, o->batch_size);
  c.add_option("--validation-split", o->validation_split, "Part of the data, from its end, that is for validation")
      ->type_name("X")
      ->capture_default_str()
      ->check(below_one());
  c.add_flag("--no-shuffle", o->no_shuffle, "Keep the order of the samples");
  c.add_option("--seed", o->seed, "Of what is random, the order of the samples and dropout: same seed, same result")
      ->type_name("N")
      ->check(at_least(0, "seed"));
  compile_options(c, *o);
  c.add_option("--history", o->history, "Where the figures of all epochs go, as JSON")->type_name("FILE");
  c.add_flag("--json", o->json, "The figures of the last epoch as JSON");
}

}  // namespace cli
