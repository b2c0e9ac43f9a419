// Logs, History and keras::callbacks: what happens around training.
#pragma once

#include <keras/array.h>
#include <keras/fields.h>

#include <concepts>
#include <functional>
#include <iosfwd>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace keras {

class Model;

// Named figures in order, the loss first. Converts to the loss.
class KERAS_API Logs {
 public:
  Logs() = default;
  Logs(std::initializer_list<std::pair<std::string, double>> items) : items_(items) {}
  operator double() const;                   // the first figure; ValueError when there is none
  double at(const std::string& name) const;  // ValueError that lists the names
  const double* find(const std::string& name) const;
  void set(const std::string& name, double value);
  std::size_t size() const { return items_.size(); }
  bool empty() const { return items_.empty(); }
  auto begin() const { return items_.begin(); }
  auto end() const { return items_.end(); }
  std::string str() const;  // {'loss': 0.25, 'accuracy': 0.9}
  friend KERAS_API std::ostream& operator<<(std::ostream& out, const Logs& logs);

 private:
  friend struct LogsAccess;
  std::vector<std::pair<std::string, double>> items_;
};

// What fit returns: the epochs that ran and their figures.
struct KERAS_API History {
  std::vector<int> epoch;
  std::map<std::string, std::vector<double>> history;  // "loss", "val_loss", "accuracy", …
  std::map<std::string, double> params;                // epochs, steps, verbose

  std::string str() const;  // as Python prints the dictionary
  // Writes str() and a newline to a file: the primer's way to keep a run. IOError.
  void save(const std::string& path) const;
  friend KERAS_API std::ostream& operator<<(std::ostream& out, const History& history);
};

// What a callback remembers from one epoch to the next: BackupAndRestore keeps it with the run.
struct CallbackState {
  Config values = Config::map();
  NamedArrays arrays = {};
};

// Hooks around training; all do nothing by default. `model()` may be asked to stop (set_stop_training) and its
// optimizer's learning rate changed.
class KERAS_API CallbackBody : public Body {
 public:
  static constexpr auto category = "callback";
  virtual void on_train_begin(const Logs& logs);
  virtual void on_train_end(const Logs& logs);
  virtual void on_epoch_begin(int epoch, const Logs& logs);
  virtual void on_epoch_end(int epoch, const Logs& logs);
  virtual void on_train_batch_begin(int batch, const Logs& logs);
  virtual void on_train_batch_end(int batch, const Logs& logs);
  virtual void on_batch_begin(int batch, const Logs& logs);  // Keras 2's names: what on_train_batch_begin and
  virtual void on_batch_end(int batch, const Logs& logs);    // on_train_batch_end call by default
  virtual void on_test_begin(const Logs& logs);
  virtual void on_test_end(const Logs& logs);
  virtual void on_test_batch_begin(int batch, const Logs& logs);
  virtual void on_test_batch_end(int batch, const Logs& logs);
  virtual void on_predict_begin(const Logs& logs);
  virtual void on_predict_end(const Logs& logs);
  virtual void on_predict_batch_begin(int batch, const Logs& logs);
  virtual void on_predict_batch_end(int batch, const Logs& logs);
  virtual bool wants_batches() const { return true; }  // false spares the batch hooks
  // Figures of its own for this epoch, which the callbacks after it, the progress bar and History see too. Called
  // before its on_epoch_end.
  virtual void add_figures(int epoch, Logs& logs);
  // Called at the end of an epoch or between two batches; and, in another process, after on_train_begin.
  virtual CallbackState get_state() const;
  virtual void set_state(const CallbackState& state);

  Model& model() const;  // RuntimeError outside training
  const std::map<std::string, double>& params() const { return params_; }
  void set_model(Model* model) { model_ = model; }
  void set_params(std::map<std::string, double> params) { params_ = std::move(params); }

 private:
  Model* model_ = nullptr;
  std::map<std::string, double> params_;
};

// A handle; copies share the callback.
class KERAS_API Callback {
 public:
  explicit Callback(std::shared_ptr<CallbackBody> body) : body_(std::move(body)) {}
  CallbackBody* operator->() const { return body_.get(); }
  const std::shared_ptr<CallbackBody>& body() const { return body_; }

 private:
  std::shared_ptr<CallbackBody> body_;
};
template <class B>
Callback make_callback(typename B::Args args = {}) {
  return Callback(make_body<B>(std::move(args)));
}

struct EarlyStoppingArgs {
  std::string monitor = "val_loss";
  double min_delta = 0;
  std::int64_t patience = 0;
  int verbose = 0;
  std::string mode = "auto";
  std::optional<double> baseline = {};
  bool restore_best_weights = false;
  std::int64_t start_from_epoch = 0;
  static void fields(auto&& f) {
    using A = EarlyStoppingArgs;
    f("monitor", &A::monitor, "The figure to watch.");
    f("min_delta", &A::min_delta, "Smallest change that counts as better.");
    f("patience", &A::patience, "Epochs without a better figure after which training stops.");
    f("verbose", &A::verbose, "1 says when it stops.");
    f("mode", &A::mode, "auto, min or max.");
    f("baseline", &A::baseline, "A figure to be better than.");
    f("restore_best_weights", &A::restore_best_weights, "Whether the weights of the best epoch come back.");
    f("start_from_epoch", &A::start_from_epoch, "Epochs to wait before watching.");
  }
};

// "epoch", a number of batches, or false: never by itself.
class SaveFrequency {
 public:
  SaveFrequency(const char* word) : word_(word) {}
  SaveFrequency(std::string word) : word_(std::move(word)) {}
  template <class T>
  requires std::integral<T> SaveFrequency(T batches) : batches_(static_cast<std::int64_t>(batches)) {}
  const std::string& word() const { return word_; }  // empty for a number
  std::int64_t batches() const { return batches_; }  // 0: never, or a word
  bool by_epoch() const { return word_ == "epoch"; }

 private:
  std::string word_;
  std::int64_t batches_ = 0;
};
inline Config as_config(const SaveFrequency& frequency) {
  if (!frequency.word().empty()) return frequency.word();
  return frequency.batches() == 0 ? Config(false) : Config(frequency.batches());
}
KERAS_API void read_config(const Config& config, SaveFrequency& frequency);

struct ModelCheckpointArgs {
  std::string filepath = {};
  std::string monitor = "val_loss";
  int verbose = 0;
  bool save_best_only = false;
  bool save_weights_only = false;
  std::string mode = "auto";
  SaveFrequency save_freq = "epoch";
  std::optional<double> initial_value_threshold = {};
  std::int64_t period = 1;
  static void fields(auto&& f) {
    using A = ModelCheckpointArgs;
    f("filepath", &A::filepath, "The file, with what changes in braces: {epoch:02d}, {val_loss:.2f}.");
    f("monitor", &A::monitor, "The figure to watch.");
    f("verbose", &A::verbose, "1 says what it does.");
    f("save_best_only", &A::save_best_only, "Whether only a better figure than all before is a reason to save.");
    f("save_weights_only", &A::save_weights_only, "Weights alone, by save_weights.");
    f("mode", &A::mode, "auto, min or max.");
    f("save_freq", &A::save_freq, "\"epoch\", or a number of batches.");
    f("initial_value_threshold", &A::initial_value_threshold, "The best figure to begin with.");
    f("period", &A::period, "Keras 2.2: epochs from one save to the next.", positive);
  }
};

struct CSVLoggerArgs {
  std::string filename = {};
  std::string separator = ",";
  bool append = false;
  static void fields(auto&& f) {
    f("filename", &CSVLoggerArgs::filename, "The file.");
    f("separator", &CSVLoggerArgs::separator, "The character between two columns.");
    f("append", &CSVLoggerArgs::append, "Goes on with a file that is there.");
  }
};

// The learning rate of an epoch: a function of the epoch, counted from 0, or of the epoch and the rate so far.
class LearningRateFunction {
 public:
  LearningRateFunction() = default;
  template <class F>
  requires(std::is_invocable_r_v<double, F, int, double> || std::is_invocable_r_v<double, F, int>)
      LearningRateFunction(F function) {
    if constexpr (std::is_invocable_r_v<double, F, int, double>) {
      function_ = std::move(function);
    } else {
      function_ = [function](int epoch, double) { return static_cast<double>(function(epoch)); };
    }
  }
  double operator()(int epoch, double learning_rate) const { return function_(epoch, learning_rate); }
  explicit operator bool() const { return static_cast<bool>(function_); }

 private:
  std::function<double(int epoch, double learning_rate)> function_;
};
inline Config as_config(const LearningRateFunction&) { return {}; }  // a function has no configuration
KERAS_API void read_config(const Config& config, LearningRateFunction& function);

struct LearningRateSchedulerArgs {
  LearningRateFunction schedule = {};
  int verbose = 0;
  static void fields(auto&& f) {
    f("schedule", &LearningRateSchedulerArgs::schedule, "Of the epoch, and of the learning rate so far.");
    f("verbose", &LearningRateSchedulerArgs::verbose, "1 says what it does.");
  }
};

struct ReduceLROnPlateauArgs {
  std::string monitor = "val_loss";
  double factor = 0.1;
  std::int64_t patience = 10;
  int verbose = 0;
  std::string mode = "auto";
  double min_delta = 1e-4;
  std::int64_t cooldown = 0;
  double min_lr = 0;
  static void fields(auto&& f) {
    using A = ReduceLROnPlateauArgs;
    f("monitor", &A::monitor, "The figure to watch.");
    f("factor", &A::factor, "What the learning rate is multiplied by.");
    f("patience", &A::patience, "Epochs without a better figure after which it is.");
    f("verbose", &A::verbose, "1 says what it does.");
    f("mode", &A::mode, "auto, min or max.");
    f("min_delta", &A::min_delta, "Smallest change that counts as better.", was("epsilon"));
    f("cooldown", &A::cooldown, "Epochs to wait after each change.");
    f("min_lr", &A::min_lr, "The lowest learning rate.");
  }
};

struct TerminateOnNaNArgs {
  bool raise_error = false;
  static void fields(auto&& f) {
    f("raise_error", &TerminateOnNaNArgs::raise_error, "A RuntimeError instead of an orderly end.");
  }
};

struct BackupAndRestoreArgs {
  std::string backup_dir = {};
  SaveFrequency save_freq = "epoch";
  bool double_checkpoint = false;
  bool delete_checkpoint = true;
  static void fields(auto&& f) {
    using A = BackupAndRestoreArgs;
    f("backup_dir", &A::backup_dir, "The folder, for this run alone.");
    f("save_freq", &A::save_freq, "\"epoch\", a number of batches, or false.");
    f("double_checkpoint", &A::double_checkpoint, "Keeps the save before the last too.");
    f("delete_checkpoint", &A::delete_checkpoint, "Whether nothing is left of it when training has ended.");
  }
};

struct SwapEMAWeightsArgs {
  bool swap_on_epoch = false;
  static void fields(auto&& f) {
    f("swap_on_epoch", &SwapEMAWeightsArgs::swap_on_epoch, "From the end of each epoch to the next one's beginning.");
  }
};

struct HttpHeaders : std::map<std::string, std::string> {
  using std::map<std::string, std::string>::map;
};
inline Config as_config(const HttpHeaders& headers) {
  Config map = Config::map();
  for (const auto& [name, value] : headers) map.set(name, value);
  return map;
}
KERAS_API void read_config(const Config& config, HttpHeaders& headers);

struct RemoteMonitorArgs {
  std::string root = "http://localhost:9000";
  std::string path = "/publish/epoch/end/";
  std::string field = "data";
  std::optional<HttpHeaders> headers = {};
  bool send_as_json = false;
  static void fields(auto&& f) {
    using A = RemoteMonitorArgs;
    f("root", &A::root, "Of the server.");
    f("path", &A::path, "Beneath it.");
    f("field", &A::field, "Of the form that carries the figures.");
    f("headers", &A::headers, "Of the request.");
    f("send_as_json", &A::send_as_json, "As application/json instead of a form.");
  }
};

struct ProgbarLoggerArgs {
  int verbose = 1;
  static void fields(auto&& f) { f("verbose", &ProgbarLoggerArgs::verbose, "1: a bar, 2: a line an epoch."); }
};

struct LambdaCallbackArgs {
  std::function<void(int epoch, const Logs& logs)> on_epoch_begin = {};
  std::function<void(int epoch, const Logs& logs)> on_epoch_end = {};
  std::function<void(const Logs& logs)> on_train_begin = {};
  std::function<void(const Logs& logs)> on_train_end = {};
  std::function<void(int batch, const Logs& logs)> on_train_batch_begin = {};
  std::function<void(int batch, const Logs& logs)> on_train_batch_end = {};
  // Keras takes every other hook by its name.
  std::function<void(const Logs& logs)> on_test_begin = {};
  std::function<void(const Logs& logs)> on_test_end = {};
  std::function<void(int batch, const Logs& logs)> on_test_batch_begin = {};
  std::function<void(int batch, const Logs& logs)> on_test_batch_end = {};
  std::function<void(const Logs& logs)> on_predict_begin = {};
  std::function<void(const Logs& logs)> on_predict_end = {};
  std::function<void(int batch, const Logs& logs)> on_predict_batch_begin = {};
  std::function<void(int batch, const Logs& logs)> on_predict_batch_end = {};
};

namespace callbacks {
// Ends fit when a figure no longer gets better: the first epoch counts as better, another one when it differs from the
// best by more than min_delta in the right direction. In mode "auto" the direction is the metric's (down for "loss");
// ValueError when it does not say. A figure that is missing is a warning on standard error that lists those there are.
// Keras 3.15.
KERAS_API Callback EarlyStopping(EarlyStoppingArgs args = {});
// Sets the optimizer's learning rate at the beginning of each epoch, and adds it to the figures ("learning_rate", in
// Keras 2.2 "lr"). ValueError without a function, RuntimeError where it gives no number.
KERAS_API Callback LearningRateScheduler(LearningRateFunction schedule, LearningRateSchedulerArgs args = {});
// Multiplies the learning rate by `factor` when a figure no longer gets better, and adds it to the figures. ValueError
// for a factor of 1 or more.
KERAS_API Callback ReduceLROnPlateau(ReduceLROnPlateauArgs args = {});
// Saves the model, or its weights, when an epoch or so many batches have ended. The file appears whole or not at all.
// Its name is a template in Python's form with epoch (and batch, where it saves by batches), counted from 1, and the
// figures; its end says how: .keras or .h5 for models, .weights.h5 for weights, with Keras 2.2 any for either.
// ValueError for other names, and for figures that there are none of; IOError.
KERAS_API Callback ModelCheckpoint(const std::string& filepath, ModelCheckpointArgs args = {});
// Writes the figures of each epoch as a row of a table, as Python's csv.writer does. IOError.
KERAS_API Callback CSVLogger(const std::string& filename, CSVLoggerArgs args = {});
// Ends training after the first batch whose loss is NaN or infinite.
KERAS_API Callback TerminateOnNaN(TerminateOnNaNArgs args = {});
// Keeps all that a run is: weights, the optimizer's state, random streams, the order of the data, figures, History, and
// the states of the callbacks, in one file that is replaced at once, after each epoch or so many batches, and when
// Ctrl-C ends training. fit of a new process that finds it goes on from there and ends in the same bits as a run that
// was never stopped. The file is Keras 3's latest.weights.h5, which Keras can read, with what it does not know beside
// it. Of a file that Keras wrote, weights, optimizer and epoch are taken. ValueError without a folder, and for a backup
// of another model or of other data in the middle of an epoch; IOError.
KERAS_API Callback BackupAndRestore(const std::string& backup_dir, BackupAndRestoreArgs args = {});
// Has the model tested and used for predictions with the moving averages of its weights, which its optimizer keeps with
// use_ema; ValueError where it does not.
KERAS_API Callback SwapEMAWeights(SwapEMAWeightsArgs args = {});
// Sends the figures of each epoch to a server by HTTP POST. A server that cannot be reached is a warning.
KERAS_API Callback RemoteMonitor(RemoteMonitorArgs args = {});
// The progress bar that fit shows with verbose = 1 or 2, for training loops of one's own. fit adds none beside it.
KERAS_API Callback ProgbarLogger(ProgbarLoggerArgs args = {});
// Keras 2.2's means of the figures of batches, weighted by their "size", as figures of the epoch: for training loops of
// one's own.
KERAS_API Callback BaseLogger();
// Calls the functions that are given at their hooks.
KERAS_API Callback LambdaCallback(LambdaCallbackArgs args = {});

// The callbacks of a training loop of one's own: calls the hooks of all, in their order.
class KERAS_API CallbackList {
 public:
  // The callbacks have a model while the list lives. params: "epochs", "steps", … as fit has them.
  explicit CallbackList(std::vector<Callback> callbacks, Model* model = nullptr,
                        std::map<std::string, double> params = {});
  ~CallbackList();
  CallbackList(const CallbackList&) = delete;
  CallbackList& operator=(const CallbackList&) = delete;

  void append(const Callback& callback);
  void set_model(Model* model);
  void set_params(const std::map<std::string, double>& params);
  std::size_t size() const { return callbacks_.size(); }
  auto begin() const { return callbacks_.begin(); }
  auto end() const { return callbacks_.end(); }

  void on_train_begin(const Logs& logs = {});  // History begins anew
  void on_train_end(const Logs& logs = {});
  void on_epoch_begin(int epoch, const Logs& logs = {});
  void on_epoch_end(int epoch, Logs logs = {});  // with what the callbacks add it becomes part of History
  void on_train_batch_begin(int batch, const Logs& logs = {});
  void on_train_batch_end(int batch, const Logs& logs = {});
  void on_test_begin(const Logs& logs = {});
  void on_test_end(const Logs& logs = {});
  void on_test_batch_begin(int batch, const Logs& logs = {});
  void on_test_batch_end(int batch, const Logs& logs = {});
  void on_predict_begin(const Logs& logs = {});
  void on_predict_end(const Logs& logs = {});
  void on_predict_batch_begin(int batch, const Logs& logs = {});
  void on_predict_batch_end(int batch, const Logs& logs = {});

  const keras::History& history() const { return history_; }

 private:
  template <class... P, class... A>
  void all(void (CallbackBody::*hook)(P...), const A&... args) const;
  std::vector<Callback> callbacks_;
  Model* model_ = nullptr;
  std::map<std::string, double> params_;
  keras::History history_;
};
}  // namespace callbacks

}  // namespace keras
