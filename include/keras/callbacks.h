// Logs, History and keras::callbacks: what happens around training.
#pragma once

#include <keras/fields.h>

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

// Hooks around training; all do nothing by default. `model()` may be asked to stop (set_stop_training) and its
// optimizer's learning rate changed.
class KERAS_API CallbackBody : public Body {
 public:
  virtual void on_train_begin(const Logs& logs);
  virtual void on_train_end(const Logs& logs);
  virtual void on_epoch_begin(int epoch, const Logs& logs);
  virtual void on_epoch_end(int epoch, const Logs& logs);
  virtual void on_train_batch_begin(int batch, const Logs& logs);
  virtual void on_train_batch_end(int batch, const Logs& logs);
  virtual void on_test_begin(const Logs& logs);
  virtual void on_test_end(const Logs& logs);
  virtual void on_test_batch_begin(int batch, const Logs& logs);
  virtual void on_test_batch_end(int batch, const Logs& logs);
  virtual void on_predict_begin(const Logs& logs);
  virtual void on_predict_end(const Logs& logs);
  virtual void on_predict_batch_begin(int batch, const Logs& logs);
  virtual void on_predict_batch_end(int batch, const Logs& logs);
  virtual bool wants_batches() const { return true; }  // false spares the batch hooks

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
// Calls the functions that are given at their hooks.
KERAS_API Callback LambdaCallback(LambdaCallbackArgs args = {});
}  // namespace callbacks

}  // namespace keras
