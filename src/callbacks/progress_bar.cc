#include "callbacks/progress_bar.h"

#include <fmt/format.h>
#include <keras/config.h>
#include <keras/error.h>

#include <algorithm>
#include <cstdio>
#include <ctime>

#include "support/terminal.h"

namespace keras {

using callbacks::Progbar;

namespace {
double seconds(clockid_t clock) {
  timespec time = {};
  ::clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}
}  // namespace

ProgressOutput standard_output() {
  ProgressOutput output;
  output.terminal = support::is_terminal(stdout);
  output.utf8 = support::utf8_locale();
  output.write = [](std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
  };
  output.now = [] { return seconds(CLOCK_MONOTONIC); };
  output.soon = [] { return seconds(CLOCK_MONOTONIC_COARSE); };
  return output;
}

namespace {
Progbar::Style style_of(int verbose, bool terminal) {
  using Style = Progbar::Style;
  const bool plain = config::dialect().plain_texts;
  if (verbose == 2) return plain ? Style::brief_2_2 : Style::brief;
  if (terminal) return plain ? Style::live_2_2 : Style::live;
  return plain ? Style::line_2_2 : Style::line;
}
}  // namespace

ProgressBar::ProgressBar(int verbose, ProgressOutput output)
    : style_(style_of(verbose, output.terminal)), output_(std::move(output)) {}

bool ProgressBar::live() const { return style_ == Progbar::Style::live || style_ == Progbar::Style::live_2_2; }
double ProgressBar::param(const char* name) const {
  const auto found = params().find(name);
  return found == params().end() ? 0 : found->second;
}

void ProgressBar::begin() {
  const double steps = of_2_2() && param("samples") > 0 ? param("samples") : param("steps");
  if (steps > 0) known_steps_ = static_cast<std::int64_t>(steps);
  bar_.emplace(known_steps_, style_, output_.utf8, output_.now());
  seen_ = 0;
  open_ = false;
  heading_.clear();
}

void ProgressBar::step(int batch, const Logs& logs) {
  seen_ = batch + 1;
  if (of_2_2() && param("samples") > 0) {
    seen_ = std::min(known_steps_, seen_ * static_cast<std::int64_t>(param("batch_size")));
    if (seen_ == known_steps_) return;  // the end of the epoch draws it
  }
  if (!live() || !bar_) return;
  if (!bar_->due(output_.soon())) return;
  output_.write(bar_->draw(seen_, logs, false, output_.now()));
  open_ = true;
}

void ProgressBar::finish(const Logs& logs) {
  if (!bar_) return;
  if (known_steps_ == 0) known_steps_ = seen_;  // the next epoch has as many
  bar_->set_target(known_steps_);
  output_.write(heading_ + bar_->draw(seen_, logs, true, output_.now()));
  open_ = false;
}

void ProgressBar::on_train_begin(const Logs&) {
  in_fit_ = true;
  known_steps_ = 0;
  if (!of_2_2() || param("validation_samples") == 0) return;
  output_.write(fmt::format("Train on {:.0f} samples, validate on {:.0f} samples\n", param("samples"),
                            param("validation_samples")));
}
void ProgressBar::on_train_end(const Logs&) {
  if (open_) output_.write("\n");
  in_fit_ = open_ = false;
}

void ProgressBar::on_epoch_begin(int epoch, const Logs&) {
  epoch_ = epoch;
  begin();
  const double epochs = param("epochs");
  if (!(epochs > (of_2_2() ? 0 : 1))) return;
  const std::string name = fmt::format("Epoch {}/{:.0f}", epoch + 1, epochs);
  if (style_ == Progbar::Style::line) {
    heading_ = name + " - ";
  } else {
    output_.write(name + "\n");
  }
}
void ProgressBar::on_epoch_end(int, const Logs& logs) {
  finish(logs);
  epoch_ = -1;
}
void ProgressBar::set_state(const CallbackState& state) {
  const auto epoch = static_cast<int>(state.values.at("epoch").as_int());
  if (epoch >= 0) on_epoch_begin(epoch, Logs());
}
void ProgressBar::on_train_batch_end(int batch, const Logs& logs) { step(batch, logs); }

void ProgressBar::on_test_begin(const Logs&) {
  if (!in_fit_) begin();
}
void ProgressBar::on_test_batch_end(int batch, const Logs& logs) {
  if (!in_fit_) step(batch, of_2_2() ? Logs() : logs);
}
void ProgressBar::on_test_end(const Logs& logs) {
  if (!in_fit_) finish(of_2_2() ? Logs() : logs);
}

void ProgressBar::on_predict_begin(const Logs&) { begin(); }
void ProgressBar::on_predict_batch_end(int batch, const Logs&) { step(batch, Logs()); }
void ProgressBar::on_predict_end(const Logs& logs) { finish(logs); }

Callback progress_bar(int verbose) { return callbacks::ProgbarLogger({.verbose = verbose}); }

void add_progress_bar(std::vector<Callback>& callbacks, int verbose) {
  for (const Callback& callback : callbacks) {
    if (dynamic_cast<const ProgressBar*>(callback.body().get())) return;
  }
  callbacks.insert(config::dialect().plain_texts ? callbacks.begin() : callbacks.end(), progress_bar(verbose));
}

Callback callbacks::ProgbarLogger(ProgbarLoggerArgs args) {
  if (args.verbose != 1 && args.verbose != 2)
    throw ValueError(fmt::format("ProgbarLogger: verbose must be 1 or 2. Received: {}.", args.verbose));
  auto body = std::make_shared<ProgressBar>(args.verbose, standard_output());
  body->describe("ProgbarLogger", config_of(args));
  return Callback(std::move(body));
}

}  // namespace keras
