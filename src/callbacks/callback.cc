// CallbackBody: hooks that do nothing; and what several callbacks read from a configuration.
#include <fmt/format.h>
#include <keras/callbacks.h>
#include <keras/error.h>

namespace keras {

void CallbackBody::on_train_begin(const Logs&) {}
void CallbackBody::on_train_end(const Logs&) {}
void CallbackBody::on_epoch_begin(int, const Logs&) {}
void CallbackBody::on_epoch_end(int, const Logs&) {}
void CallbackBody::on_train_batch_begin(int batch, const Logs& logs) { on_batch_begin(batch, logs); }
void CallbackBody::on_train_batch_end(int batch, const Logs& logs) { on_batch_end(batch, logs); }
void CallbackBody::on_batch_begin(int, const Logs&) {}
void CallbackBody::on_batch_end(int, const Logs&) {}
void CallbackBody::on_test_begin(const Logs&) {}
void CallbackBody::on_test_end(const Logs&) {}
void CallbackBody::on_test_batch_begin(int, const Logs&) {}
void CallbackBody::on_test_batch_end(int, const Logs&) {}
void CallbackBody::on_predict_begin(const Logs&) {}
void CallbackBody::on_predict_end(const Logs&) {}
void CallbackBody::on_predict_batch_begin(int, const Logs&) {}
void CallbackBody::on_predict_batch_end(int, const Logs&) {}
void CallbackBody::add_figures(int, Logs&) {}
CallbackState CallbackBody::get_state() const { return {}; }
void CallbackBody::set_state(const CallbackState&) {}

Model& CallbackBody::model() const {
  if (model_) return *model_;
  throw RuntimeError(
      fmt::format("{}: model() was called outside fit, evaluate and predict. A callback has a model only while "
                  "one of them runs.",
                  class_name().empty() ? "Callback" : class_name()));
}

void read_config(const Config& config, SaveFrequency& frequency) {
  if (config.is_string()) {
    frequency = config.as_string();
  } else if (config.kind() == Config::Kind::boolean) {
    frequency = SaveFrequency(config.as_bool());
  } else {
    frequency = config.as_int();
  }
}

void read_config(const Config& config, LearningRateFunction&) {
  if (config.is_null()) return;
  throw ValueError("a schedule is a function, which no configuration can hold. Give it where the callback is made.");
}

void read_config(const Config& config, HttpHeaders& headers) {
  headers.clear();
  for (const auto& [name, value] : config.entries()) headers[name] = value.as_string();
}

}  // namespace keras
