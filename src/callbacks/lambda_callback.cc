// LambdaCallback: functions as hooks.
#include <keras/callbacks.h>

namespace keras::callbacks {

namespace {

class LambdaBody final : public CallbackBody {
 public:
  explicit LambdaBody(LambdaCallbackArgs args) : args_(std::move(args)) {}

  void on_epoch_begin(int epoch, const Logs& logs) override { call(args_.on_epoch_begin, epoch, logs); }
  void on_epoch_end(int epoch, const Logs& logs) override { call(args_.on_epoch_end, epoch, logs); }
  void on_train_begin(const Logs& logs) override { call(args_.on_train_begin, logs); }
  void on_train_end(const Logs& logs) override { call(args_.on_train_end, logs); }
  void on_train_batch_begin(int batch, const Logs& logs) override { call(args_.on_train_batch_begin, batch, logs); }
  void on_train_batch_end(int batch, const Logs& logs) override { call(args_.on_train_batch_end, batch, logs); }
  void on_test_begin(const Logs& logs) override { call(args_.on_test_begin, logs); }
  void on_test_end(const Logs& logs) override { call(args_.on_test_end, logs); }
  void on_test_batch_begin(int batch, const Logs& logs) override { call(args_.on_test_batch_begin, batch, logs); }
  void on_test_batch_end(int batch, const Logs& logs) override { call(args_.on_test_batch_end, batch, logs); }
  void on_predict_begin(const Logs& logs) override { call(args_.on_predict_begin, logs); }
  void on_predict_end(const Logs& logs) override { call(args_.on_predict_end, logs); }
  void on_predict_batch_begin(int batch, const Logs& logs) override { call(args_.on_predict_batch_begin, batch, logs); }
  void on_predict_batch_end(int batch, const Logs& logs) override { call(args_.on_predict_batch_end, batch, logs); }
  bool wants_batches() const override {
    return args_.on_train_batch_begin || args_.on_train_batch_end || args_.on_test_batch_begin ||
           args_.on_test_batch_end || args_.on_predict_batch_begin || args_.on_predict_batch_end;
  }

 private:
  template <class F, class... A>
  static void call(const F& function, const A&... args) {
    if (function) function(args...);
  }
  const LambdaCallbackArgs args_;
};

}  // namespace

Callback LambdaCallback(LambdaCallbackArgs args) {
  auto body = std::make_shared<LambdaBody>(std::move(args));
  body->describe("LambdaCallback", Config::map());  // functions have no configuration
  return Callback(std::move(body));
}

}  // namespace keras::callbacks
