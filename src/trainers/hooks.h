// Hooks: the callbacks of one call of fit, evaluate or predict.
#pragma once

#include <keras/callbacks.h>
#include <keras/models.h>

#include <map>
#include <string>
#include <vector>

namespace keras {

class Hooks {
 public:
  Hooks(const Model& model, std::vector<Callback> callbacks, std::map<std::string, double> params)
      : model_(model), callbacks_(std::move(callbacks)) {
    for (const Callback& callback : callbacks_) {
      callback->set_model(&model_);
      callback->set_params(params);
      if (callback->wants_batches()) batch_callbacks_.push_back(callback.body().get());
    }
  }
  ~Hooks() {
    for (const Callback& callback : callbacks_) callback->set_model(nullptr);
  }
  Hooks(const Hooks&) = delete;

  const std::vector<Callback>& callbacks() const { return callbacks_; }

  template <class... P, class... A>
  void all(void (CallbackBody::*hook)(P...), const A&... args) const {
    for (const Callback& callback : callbacks_) (callback.body().get()->*hook)(args...);
  }
  // Each callback sees the figures of those before it.
  void epoch_end(int epoch, Logs& logs) const {
    for (const Callback& callback : callbacks_) {
      callback->add_figures(epoch, logs);
      callback->on_epoch_end(epoch, logs);
    }
  }
  template <class... P, class... A>
  void batch(void (CallbackBody::*hook)(P...), const A&... args) const {
    for (CallbackBody* callback : batch_callbacks_) (callback->*hook)(args...);
  }

 private:
  Model model_;
  std::vector<Callback> callbacks_;
  std::vector<CallbackBody*> batch_callbacks_;
};

}  // namespace keras
