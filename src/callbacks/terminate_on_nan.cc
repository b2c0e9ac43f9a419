// TerminateOnNaN: ends training when the loss is not finite.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/models.h>

#include <cmath>

#include "callbacks/monitor.h"
#include "support/text.h"

namespace keras::callbacks {

namespace {

class TerminateOnNaNBody final : public CallbackBody {
 public:
  static constexpr auto class_name = "TerminateOnNaN";
  using Args = TerminateOnNaNArgs;

  explicit TerminateOnNaNBody(const Args& args) : args_(args) {}

  void on_batch_end(int batch, const Logs& logs) override {
    const double* loss = logs.find("loss");
    if (!loss || std::isfinite(*loss)) return;
    if (args_.raise_error) {
      throw RuntimeError(fmt::format("TerminateOnNaN: the loss is {} after batch {}. Training ends here.",
                                     support::number(*loss), batch));
    }
    say(fmt::format("Batch {}: Invalid loss, terminating training", batch));
    model().set_stop_training(true);
  }

 private:
  const Args args_;
};

}  // namespace

Callback TerminateOnNaN(TerminateOnNaNArgs args) { return make_callback<TerminateOnNaNBody>(std::move(args)); }

}  // namespace keras::callbacks
