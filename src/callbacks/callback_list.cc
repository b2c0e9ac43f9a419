// CallbackList, and BaseLogger: what a training loop of one's own needs of fit's.
#include <keras/callbacks.h>

#include <algorithm>

namespace keras::callbacks {

CallbackList::CallbackList(std::vector<Callback> callbacks, Model* model, std::map<std::string, double> params)
    : callbacks_(std::move(callbacks)) {
  set_model(model);
  set_params(params);
}
CallbackList::~CallbackList() { set_model(nullptr); }

void CallbackList::append(const Callback& callback) {
  callbacks_.push_back(callback);
  callback->set_model(model_);
  callback->set_params(params_);
}
void CallbackList::set_model(Model* model) {
  model_ = model;
  for (const Callback& callback : callbacks_) callback->set_model(model);
}
void CallbackList::set_params(const std::map<std::string, double>& params) {
  params_ = params;
  history_.params = params;
  for (const Callback& callback : callbacks_) callback->set_params(params);
}

template <class... P, class... A>
void CallbackList::all(void (CallbackBody::*hook)(P...), const A&... args) const {
  for (const Callback& callback : callbacks_) (callback.body().get()->*hook)(args...);
}

void CallbackList::on_train_begin(const Logs& logs) {
  history_.epoch.clear();
  history_.history.clear();
  all(&CallbackBody::on_train_begin, logs);
}
void CallbackList::on_train_end(const Logs& logs) { all(&CallbackBody::on_train_end, logs); }
void CallbackList::on_epoch_begin(int epoch, const Logs& logs) { all(&CallbackBody::on_epoch_begin, epoch, logs); }
void CallbackList::on_epoch_end(int epoch, Logs logs) {
  for (const Callback& callback : callbacks_) {
    callback->add_figures(epoch, logs);
    callback->on_epoch_end(epoch, logs);
  }
  history_.epoch.push_back(epoch);
  for (const auto& [name, value] : logs) history_.history[name].push_back(value);
}
void CallbackList::on_train_batch_begin(int batch, const Logs& logs) {
  all(&CallbackBody::on_train_batch_begin, batch, logs);
}
void CallbackList::on_train_batch_end(int batch, const Logs& logs) {
  all(&CallbackBody::on_train_batch_end, batch, logs);
}
void CallbackList::on_test_begin(const Logs& logs) { all(&CallbackBody::on_test_begin, logs); }
void CallbackList::on_test_end(const Logs& logs) { all(&CallbackBody::on_test_end, logs); }
void CallbackList::on_test_batch_begin(int batch, const Logs& logs) {
  all(&CallbackBody::on_test_batch_begin, batch, logs);
}
void CallbackList::on_test_batch_end(int batch, const Logs& logs) {
  all(&CallbackBody::on_test_batch_end, batch, logs);
}
void CallbackList::on_predict_begin(const Logs& logs) { all(&CallbackBody::on_predict_begin, logs); }
void CallbackList::on_predict_end(const Logs& logs) { all(&CallbackBody::on_predict_end, logs); }
void CallbackList::on_predict_batch_begin(int batch, const Logs& logs) {
  all(&CallbackBody::on_predict_batch_begin, batch, logs);
}
void CallbackList::on_predict_batch_end(int batch, const Logs& logs) {
  all(&CallbackBody::on_predict_batch_end, batch, logs);
}

namespace {

class BaseLoggerBody final : public CallbackBody {
 public:
  static constexpr auto class_name = "BaseLogger";
  using Args = NoArgs;
  explicit BaseLoggerBody(Args) {}

  void on_epoch_begin(int, const Logs&) override { totals_ = Logs(), seen_ = 0; }
  void on_batch_end(int, const Logs& logs) override {
    const double* given = logs.find("size");
    const double size = given ? *given : 0;
    seen_ += size;
    for (const auto& [name, value] : logs) {
      if (name == "size" || name == "batch") continue;
      const double* total = totals_.find(name);
      totals_.set(name, (total ? *total : 0) + value * size);
    }
  }
  void add_figures(int, Logs& logs) override {
    for (const auto& [name, total] : totals_) logs.set(name, total / seen_);
  }

 private:
  Logs totals_;
  double seen_ = 0;
};

}  // namespace

Callback BaseLogger() { return make_callback<BaseLoggerBody>({}); }

}  // namespace keras::callbacks
