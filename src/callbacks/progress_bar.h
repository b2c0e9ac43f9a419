// The callback that shows how fit, evaluate and predict get on.
#pragma once

#include <keras/callbacks.h>

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "callbacks/progbar.h"

namespace keras {

// Where a progress bar is written, and its clock.
struct ProgressOutput {
  bool terminal = false;
  bool utf8 = true;
  std::function<void(std::string_view text)> write = {};
  std::function<double()> now = {};   // in seconds
  std::function<double()> soon = {};  // the same clock, cheaper and some milliseconds late: asked after each batch
};
ProgressOutput standard_output();

class ProgressBar final : public CallbackBody {
 public:
  ProgressBar(int verbose, ProgressOutput output);

  void on_train_begin(const Logs& logs) override;
  void on_train_end(const Logs& logs) override;
  void on_epoch_begin(int epoch, const Logs& logs) override;
  void on_epoch_end(int epoch, const Logs& logs) override;
  void on_train_batch_end(int batch, const Logs& logs) override;
  void on_test_begin(const Logs& logs) override;
  void on_test_end(const Logs& logs) override;
  void on_test_batch_end(int batch, const Logs& logs) override;
  void on_predict_begin(const Logs& logs) override;
  void on_predict_end(const Logs& logs) override;
  void on_predict_batch_end(int batch, const Logs& logs) override;
  CallbackState get_state() const override { return {Config::map({{"epoch", epoch_}}), {}}; }
  void set_state(const CallbackState& state) override;  // in the middle of that epoch

 private:
  bool of_2_2() const { return style_ >= callbacks::Progbar::Style::live_2_2; }
  bool live() const;
  double param(const char* name) const;  // 0 where it is not given
  void begin();
  void step(int batch, const Logs& logs);
  void finish(const Logs& logs);

  const callbacks::Progbar::Style style_;
  const ProgressOutput output_;
  int epoch_ = -1;
  bool in_fit_ = false;  // then validation is silent
  bool open_ = false;    // a line without its end
  std::int64_t known_steps_ = 0, seen_ = 0;
  std::string heading_;  // of the line of an epoch
  std::optional<callbacks::Progbar> bar_;
};

// verbose 1: on a terminal the bar of Keras 3, redrawn at most every 50 ms; elsewhere one line an epoch. 2: as
// Keras's 2. In compatibility with Keras 2.2 its bar and lines, which count samples.
Callback progress_bar(int verbose);

// Adds one unless there is one: the last, as in Keras 3, so that it sees the figures of the others, or with Keras 2.2
// the first.
void add_progress_bar(std::vector<Callback>& callbacks, int verbose);

}  // namespace keras
