// CallbackBody: hooks that do nothing.
#include <fmt/format.h>
#include <keras/callbacks.h>
#include <keras/error.h>

namespace keras {

void CallbackBody::on_train_begin(const Logs&) {}
void CallbackBody::on_train_end(const Logs&) {}
void CallbackBody::on_epoch_begin(int, const Logs&) {}
void CallbackBody::on_epoch_end(int, const Logs&) {}
void CallbackBody::on_train_batch_begin(int, const Logs&) {}
void CallbackBody::on_train_batch_end(int, const Logs&) {}
void CallbackBody::on_test_begin(const Logs&) {}
void CallbackBody::on_test_end(const Logs&) {}
void CallbackBody::on_test_batch_begin(int, const Logs&) {}
void CallbackBody::on_test_batch_end(int, const Logs&) {}
void CallbackBody::on_predict_begin(const Logs&) {}
void CallbackBody::on_predict_end(const Logs&) {}
void CallbackBody::on_predict_batch_begin(int, const Logs&) {}
void CallbackBody::on_predict_batch_end(int, const Logs&) {}

Model& CallbackBody::model() const {
  if (model_) return *model_;
  throw RuntimeError(
      fmt::format("{}: model() was called outside fit, evaluate and predict. A callback has a model only while "
                  "one of them runs.",
                  class_name().empty() ? "Callback" : class_name()));
}

}  // namespace keras
