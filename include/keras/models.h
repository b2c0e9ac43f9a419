// Input, Model, Sequential, ModelBody: models, and how they are trained, measured and used.
#pragma once

#include <keras/callbacks.h>
#include <keras/data.h>
#include <keras/layer.h>
#include <keras/losses.h>
#include <keras/metrics.h>
#include <keras/optimizers.h>

#include <concepts>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace keras {

struct InputArgs {
  std::optional<Dim> batch_size = {};
  std::optional<DType> dtype = {};
  std::optional<std::string> name = {};
};
// A symbolic tensor of shape (batch, shape…): the input of a model.
KERAS_API Tensor Input(const Shape& shape, InputArgs args = {});

// Something for each output of a model: one for all of them, a list in their order, or by their names, which are those
// of the layers they come from. Outputs that are not named have none.
template <class T>
class PerOutput {
 public:
  using Named = std::pair<std::string, T>;
  PerOutput() = default;
  template <class U>
  requires(std::convertible_to<U, T>) PerOutput(U&& all) : values_{T(std::forward<U>(all))}, all_(true) {}
  PerOutput(std::initializer_list<T> list) : values_(list) {}
  PerOutput(std::vector<T> list) : values_(std::move(list)) {}
  PerOutput(std::initializer_list<Named> named) : PerOutput(std::vector<Named>(named)) {}
  PerOutput(const std::vector<Named>& named) {
    for (const Named& each : named) names_.push_back(each.first), values_.push_back(each.second);
  }
  bool empty() const { return values_.empty(); }
  bool for_all() const { return all_; }
  const std::vector<T>& values() const { return values_; }
  const std::vector<std::string>& names() const { return names_; }  // empty unless by name

 private:
  std::vector<T> values_;
  std::vector<std::string> names_;
  bool all_ = false;
};

// Metrics: for a model of one output a list; for one of several a metric or a list for each, in their order or by name.
class KERAS_API Metrics : public PerOutput<std::vector<Metric>> {
 public:
  Metrics() = default;
  Metrics(std::initializer_list<Metric> list) : Metrics(std::vector<Metric>(list)) {}
  Metrics(std::vector<Metric> list) : list_(std::move(list)) {}
  Metrics(std::vector<std::vector<Metric>> lists) : PerOutput(std::move(lists)) {}
  Metrics(std::initializer_list<Named> named) : PerOutput(named) {}
  const std::vector<Metric>& list() const { return list_; }

 private:
  std::vector<Metric> list_;
};

struct CompileArgs {
  Optimizer optimizer = "rmsprop";
  PerOutput<Loss> loss = {};
  PerOutput<double> loss_weights = {};
  Metrics metrics = {};
  Metrics weighted_metrics = {};
};

struct ValidationData {
  Data x = {};
  Data y = {};
  Data sample_weight = {};
};

struct FitArgs {
  std::int64_t batch_size = 32;
  int epochs = 1;
  int verbose = 1;  // 0: nothing, 1: a progress bar, 2: a line an epoch
  std::vector<Callback> callbacks = {};
  double validation_split = 0;  // this part of the data, from the end and before shuffling, is for validation
  ValidationData validation_data = {};
  Shuffle shuffle = true;  // the order of the samples, anew each epoch; or "batch"
  // A weight for the samples of each class: of labels, or of one-hot rows. Classes that are not named have weight 1.
  std::vector<std::pair<std::int64_t, double>> class_weight = {};
  Data sample_weight = {};  // one a sample, or one for each step of time; one array for all outputs or one for each
  int initial_epoch = 0;
  std::optional<std::int64_t> steps_per_epoch = {};  // the next epoch goes on with the batch after
  std::optional<std::int64_t> validation_steps = {};
  std::optional<std::int64_t> validation_batch_size = {};
  int validation_freq = 1;
  // Where the loss of a batch is NaN or infinite: "warn" says at which epoch and batch, which layer's output is the
  // first that is not finite, and of what inputs, and goes on; "stop" says so and ends training before the update;
  // "skip" says so and leaves the batch out: weights, optimizer and figures are as before it; "ignore" goes on.
  std::string on_nonfinite = "warn";
  static void fields(auto&& f) {  // those that a configuration may give
    using A = FitArgs;
    f("batch_size", &A::batch_size, "Samples a step.", positive);
    f("epochs", &A::epochs, "The epoch to end with, counted from 1.", positive, was("nb_epoch"));
    f("verbose", &A::verbose, "0: nothing, 1: a progress bar, 2: a line an epoch.");
    f("validation_split", &A::validation_split, "Part of the data that is for validation.", fraction);
    f("shuffle", &A::shuffle, "Whether the samples come in another order each epoch.");
    f("initial_epoch", &A::initial_epoch, "The epoch to begin with, counted from 0.", not_negative);
    f("steps_per_epoch", &A::steps_per_epoch, "Steps of an epoch; none: all the data.", positive);
    f("validation_steps", &A::validation_steps, "Steps of a validation; none: all the data.", positive);
    f("validation_batch_size", &A::validation_batch_size, "batch_size if none.", positive);
    f("validation_freq", &A::validation_freq, "Epochs from one validation to the next.", positive);
    f("on_nonfinite", &A::on_nonfinite, "warn, stop, skip or ignore: where a loss is not finite.");
  }
};

// Of fit_generator: Keras 2.2.4's arguments in its order.
struct FitGeneratorArgs {
  std::optional<std::int64_t> steps_per_epoch = {};  // none: all batches of a Sequence
  int epochs = 1;
  int verbose = 1;
  std::vector<Callback> callbacks = {};
  ValidationData validation_data = {};  // Arrays, or a Sequence or generator as x
  std::optional<std::int64_t> validation_steps = {};
  std::vector<std::pair<std::int64_t, double>> class_weight = {};
  int max_queue_size = 10;
  int workers = 1;
  bool use_multiprocessing = false;
  bool shuffle = true;  // the order of a Sequence's batches, anew each epoch
  int initial_epoch = 0;
};
struct EvaluateGeneratorArgs {
  std::optional<std::int64_t> steps = {};  // none: all batches of a Sequence
  int max_queue_size = 10;
  int workers = 1;
  bool use_multiprocessing = false;
  int verbose = 0;
};
using PredictGeneratorArgs = EvaluateGeneratorArgs;

struct EvaluateArgs {
  std::int64_t batch_size = 32;
  int verbose = 0;
  Data sample_weight = {};
  std::optional<std::int64_t> steps = {};
  std::vector<Callback> callbacks = {};
};

struct PredictArgs {
  std::int64_t batch_size = 32;
  int verbose = 0;
  std::optional<std::int64_t> steps = {};
  std::vector<Callback> callbacks = {};
};

struct SummaryArgs {
  std::optional<int> line_length = {};
  // Where the columns end, as parts of the line; the column that show_trainable adds comes last. Keras 2.2 takes
  // characters, too.
  std::vector<double> positions = {};
  std::function<void(const std::string& line)> print_fn = {};  // called with each line; standard output by default
  bool expand_nested = false;
  bool show_trainable = false;
  // The first and the last layer that are shown: names, or regular expressions that a name begins with. All if empty.
  std::vector<std::string> layer_range = {};
};

struct SaveArgs {
  bool overwrite = true;          // else ValueError where the file is there
  bool include_optimizer = true;  // what compile was given, and what the optimizer remembers
};
struct ToJsonArgs {
  int indent = -1;                  // spaces a level; -1: one line
  std::string keras_version = "3";  // whose form: of Keras 3, or of "2" or one of its versions, such as "2.2.4"
};
struct LoadWeightsArgs {
  bool skip_mismatch = false;  // weights that do not fit, or that the file has not, stay as they are
  bool by_name = false;        // only the layers that have the name of one in the file
};
// What load_weights did: the model's weights that got values, the file's arrays that found no place, the model's
// weights for which the file had none. Weights are named <layer>/<weight>.
struct LoadReport {
  std::vector<std::string> loaded, skipped, missing;
  KERAS_API std::string str() const;
};

// One row of model.profile(): a kernel of the training or prediction program.
struct KernelTime {
  std::string program, kernel, node;
  double seconds = 0;  // of one run, the median
  double share = 0;    // of the program's time
  double flops = 0;    // per second
  double bytes = 0;    // per second
};
struct Profile {
  std::vector<KernelTime> kernels;
  // What a probe found once on so many threads, a second: float32 operations, and bytes of copies in main memory, which
  // kernels exceed whose operands are in the caches.
  int threads = 1;
  double peak_flops = 0, peak_bytes = 0;
  KERAS_API std::string str() const;
};

// What a model needs in memory for batches of one size, in bytes: model.memory_usage(batch).
struct MemoryUsage {
  std::int64_t batch = 0;
  int threads = 1;
  std::size_t weights = 0;    // the layers' variables
  std::size_t optimizer = 0;  // its slots; 0 where the model is not compiled
  // Activations, gradients and the kernels' workspace at the peak of a step. Programs run one at a time share them.
  std::size_t training = 0;  // 0 where the model is not compiled
  std::size_t prediction = 0;
  std::size_t scratch = 0;  // of the kernels, for all threads together
  std::size_t data = 0;     // batches that fit gathers from shuffled samples
  std::size_t total() const {
    return weights + optimizer + (training > prediction ? training : prediction) + scratch + data;
  }
  KERAS_API std::string str() const;
};

// A model made of layers: derive for an own model, whose layers are children (Layer d_ = child("d", layers::Dense(4));)
// and whose call() says how they connect. make_model<B>(args) gives the handle.
struct ModelState;  // private
class KERAS_API ModelBody : public LayerBody {
 public:
  ModelBody();
  ~ModelBody() override;
  void build_all(const std::vector<Shape>& inputs) override;  // builds the layers inside by tracing call
  ModelState& model_state() const { return *model_state_; }   // private to the library

 private:
  std::unique_ptr<ModelState> model_state_;
};

struct ModelArgs {
  std::optional<std::string> name = {};
  bool trainable = true;
  static void fields(auto&& f) {
    f("name", &ModelArgs::name, "Name of the model.");
    f("trainable", &ModelArgs::trainable, "Whether training moves the weights.");
  }
};

// A handle; copies share the model. Everything a Layer can do, and training.
// predict and evaluate may be called from several threads at once; the other members that run or change a model may
// not.
class KERAS_API Model : public Layer {
 public:
  explicit Model(std::shared_ptr<ModelBody> body);
  // The functional model of all that lies between inputs (of Input(), or what a layer gave) and outputs. Layers are
  // shared with other models that were made of the same tensors. ValueError when an output needs an Input that is not
  // among the inputs, and for two layers of one name.
  Model(const std::vector<Tensor>& inputs, const std::vector<Tensor>& outputs, ModelArgs args = {});
  Model(const Tensor& input, const Tensor& output, ModelArgs args = {})
      : Model(std::vector<Tensor>{input}, std::vector<Tensor>{output}, std::move(args)) {}
  Model(const Tensor& input, const std::vector<Tensor>& outputs, ModelArgs args = {})
      : Model(std::vector<Tensor>{input}, outputs, std::move(args)) {}
  Model(const std::vector<Tensor>& inputs, const Tensor& output, ModelArgs args = {})
      : Model(inputs, std::vector<Tensor>{output}, std::move(args)) {}
  static Model from_layer(const Layer& layer);  // what layer.as<Model>() calls
  ModelBody& model_body() const { return static_cast<ModelBody&>(*body_); }

  std::vector<Layer> layers() const { return body_->layers(); }
  Layer get_layer(const std::string& name) const;  // ValueError with a suggestion
  Layer get_layer(int index) const;                // negative counts from the end

  // Of the layers that give them: what data and files of several inputs or outputs are named after.
  std::vector<std::string> input_names() const;
  std::vector<std::string> output_names() const;

  // Fixes optimizer, loss and metrics. What is trainable is fixed here too, as in Keras: set_trainable has no effect on
  // training until the model is compiled again, which fit and train_on_batch warn of.
  void compile(CompileArgs args = {});
  bool compiled() const;
  const Optimizer& optimizer() const;       // RuntimeError before compile
  const CompileArgs* compile_args() const;  // what compile was given; nullptr before
  std::vector<std::string> metrics_names() const;
  std::vector<Metric> metrics() const;  // without the loss; none before compile

  // A loss beside those of the outputs, in training and in tests: of symbolic tensors of this model, which must be a
  // functional one; or of weights, as a function that is called when a step is traced. A loss that is no scalar counts
  // as its sum. ValueError for a tensor that the model's inputs do not give. A compiled model takes it up at once.
  void add_loss(const Tensor& loss) const;
  void add_loss(std::function<Tensor()> loss) const;
  // Likewise a figure that fit, evaluate, train_on_batch and test_on_batch report under this name: the mean of the
  // value, and over an epoch the mean over the batches. tf.keras's add_metric with aggregation="mean".
  void add_metric(const Tensor& value, const std::string& name) const;
  void add_metric(std::function<Tensor()> value, const std::string& name) const;

  // Trains on x (and y) in batches. ValueError for data that do not fit, RuntimeError before compile. On the main
  // thread Ctrl-C ends training after the step and returns the history so far; a second one ends the process.
  History fit(const Data& x, const Data& y = {}, FitArgs args = {});
  Logs evaluate(const Data& x, const Data& y = {}, EvaluateArgs args = {}) const;
  Array predict(const Data& x, PredictArgs args = {}) const;
  std::vector<Array> predict_all(const Data& x, PredictArgs args = {}) const;
  // Keras 2.2.4's way to say it: fit, evaluate and predict with a Sequence or a generator, with workers and
  // max_queue_size instead of the Sequence's own. ValueError for a generator without steps.
  History fit_generator(const Data& generator, FitGeneratorArgs args = {});
  Logs evaluate_generator(const Data& generator, EvaluateGeneratorArgs args = {}) const;
  Array predict_generator(const Data& generator, PredictGeneratorArgs args = {}) const;
  // One step on one batch: the figures of this batch (Keras 2.2's meaning), before the update.
  Logs train_on_batch(const Data& x, const Data& y = {}, const Data& sample_weight = {});
  Logs test_on_batch(const Data& x, const Data& y = {}, const Data& sample_weight = {}) const;
  Array predict_on_batch(const Data& x) const;

  bool stop_training() const;
  void set_stop_training(bool stop) const;

  // Keras 3's table of layers, output shapes and numbers of parameters, as wide as the terminal but at most 88 columns.
  // Box characters, or plain ASCII where the locale names another character set than UTF-8; a plain list where the
  // terminal is too narrow for a table. ValueError for a line_length that is, and for a layer_range that matches
  // nothing.
  void summary(SummaryArgs args = {}) const;
  // The step's program after a stage: "graph" (traced), "grad" (with gradients and update), "fused", "program" (kernels
  // and memory). `batch` rows of input; a compiled model shows its training step, another one its prediction.
  std::string show(const std::string& stage, std::int64_t batch = 32) const;
  // Times of the kernels of one step on zeros of `batch` rows; the weights stay as they are.
  Profile profile(std::int64_t batch = 32) const;
  // Measures every kernel that the steps of such batches could run, and writes those that were the fastest to a file
  // for config::load_tuning, beside what it told before; this model's programs take them at once. Minutes for large
  // models.
  void tune(const std::string& path, std::int64_t batch = 32);
  // The memory that batches of so many samples take, worked out without running anything; of training where the model
  // is compiled. fit, evaluate and predict throw RuntimeError for a batch that needs more than the machine has free.
  MemoryUsage memory_usage(std::int64_t batch = 32) const;
  // The architecture as Keras 3 writes it, with what compile was given, or as Keras 2 does; model_from_json
  // (keras/saving.h) makes the model again, here and in Keras. NotImplementedError for what no configuration can hold:
  // an own ModelBody, the function of a Lambda. ValueError for what that Keras does not know, and for no version.
  std::string to_json(ToJsonArgs args = {}) const;
  // The model of what get_config() gave. As model_from_config, without custom objects.
  static Model from_config(const Config& config);

  // The whole model: architecture, weights, what compile was given, the optimizer's state. The path's end says how: as
  // .keras of Keras 3, or as .h5 in the form of Keras 2, which tf.keras and Keras 3 read too. The file appears whole or
  // not at all; load_model (keras/saving.h) reads it. IOError; NotImplementedError for what no file can hold.
  void save(const std::string& path, SaveArgs args = {}) const;
  // The weights of a file of any Keras: .h5 of Keras 1, 2 and tf.keras, of weights or of a whole model, Keras 3's
  // .weights.h5 and its index of several (.json), .keras, .npz of save_weights or of get_weights; its contents tell its
  // kind. Layers are matched by their names where all are in the file, else by their order, as in Keras; old layouts
  // are translated. A compiled model takes the optimizer's state of a .weights.h5, too. IOError: damaged; ValueError
  // with both sides where it does not fit: then the model is as it was.
  LoadReport load_weights(const std::string& path, LoadWeightsArgs args = {});
  // As Keras 3's tree where the path ends in .weights.h5, with the optimizer's state once it has one; as NumPy arrays
  // in .npz; else as Keras 2's .h5. The file appears whole or not at all. IOError.
  void save_weights(const std::string& path) const;
  // As save_weights, always as a NumPy archive of arrays named <layer>/<weight>. IOError.
  void save_weights_npz(const std::string& path) const;
};

template <class B>
Model make_model(typename B::Args args = {}) {
  return Model(make_body<B>(std::move(args)));
}

struct CloneModelArgs {
  std::vector<Tensor> input_tensors = {};  // what the copy is built on; new Inputs like the old ones if none
  // The layer that stands for a layer, other than an Input; by default one of the same class and configuration.
  std::function<Layer(const Layer& layer)> clone_function = {};
  // How a layer of a functional model is called; layer.outputs(inputs) by default.
  std::function<std::vector<Tensor>(const Layer& layer, const std::vector<Tensor>& inputs)> call_function = {};
  bool recursive = false;  // models inside are cloned with these arguments too, instead of by clone_function
};
// A model of the same layers with new weights, compiled as the model is if its optimizer, losses and metrics can be
// made from their configurations. ValueError for an own ModelBody, and for an own layer without a clone_function.
KERAS_API Model clone_model(const Model& model, CloneModelArgs args = {});

struct SequentialArgs {
  std::optional<std::string> name = {};
  bool trainable = true;
  static void fields(auto&& f) {
    f("name", &SequentialArgs::name, "Name of the model.");
    f("trainable", &SequentialArgs::trainable, "Whether training moves the weights.");
  }
};

// A stack of layers. Built at once when the first layer knows its input, else by the first data. Adding or taking away
// a layer makes a compiled model an uncompiled one. ValueError for two layers of one name, and for layers that do not
// fit.
class KERAS_API Sequential : public Model {
 public:
  explicit Sequential(std::vector<Layer> layers = {}, SequentialArgs args = {});
  static Sequential from_layer(const Layer& layer);
  void add(const Layer& layer) const;
  void add(const Tensor& input) const;  // what Input() gives, as the first element
  void pop() const;                     // takes the last layer away; ValueError when there is none
  void build(const Shape& input) const { Layer::build(input); }
  Shape output_shape() const;  // ValueError when the input is not known yet
  Shape input_shape() const;

 private:
  struct Wrap {};
  Sequential(Wrap, std::shared_ptr<ModelBody> body) : Model(std::move(body)) {}
};

}  // namespace keras
