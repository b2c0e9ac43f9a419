#include "callbacks/monitor.h"

#include <fmt/format.h>
#include <keras/error.h>
#include <keras/models.h>

#include <cmath>
#include <cstdio>
#include <limits>
#include <string_view>

#include "support/log.h"
#include "support/text.h"

namespace keras::callbacks {

void warn(const char* callback, const std::string& text) { support::warn(fmt::format("{}: {}", callback, text)); }

void say(const std::string& line) {
  std::fputs((line + "\n").c_str(), stdout);
  std::fflush(stdout);
}

std::string epoch_text(int epoch) {
  return config::dialect().plain_callbacks ? fmt::format("Epoch {:05}", epoch + 1) : fmt::format("Epoch {}", epoch + 1);
}

Monitor::Monitor(const char* callback, std::string figure, const std::string& mode, double min_delta)
    : callback_(callback), figure_(std::move(figure)), min_delta_(min_delta) {
  if (mode == "min") direction_ = Direction::down;
  if (mode == "max") direction_ = Direction::up;
  if (mode != "min" && mode != "max" && mode != "auto") {
    warn(callback_,
         fmt::format("mode «{}» is taken as «auto»; the modes are auto, min and max.", support::printable(mode)));
  }
}

void Monitor::find_direction(const Model& model) {
  if (direction_ != Direction::unknown) return;
  if (config::dialect().plain_callbacks) {
    const bool grows = figure_.find("acc") != std::string::npos || figure_.starts_with("fmeasure");
    direction_ = grows ? Direction::up : Direction::down;
    return;
  }
  const std::string_view figure = figure_;
  const std::string_view name = figure.starts_with("val_") ? figure.substr(4) : figure;
  if (name == "loss") direction_ = Direction::down;
  std::vector<std::string> names{"loss"};
  for (const Metric& metric : model.metrics()) {
    names.push_back(metric.name());
    if (names.back() != name || !metric.body()) continue;
    const std::string better = metric.body()->direction();
    if (!better.empty()) direction_ = better == "up" ? Direction::up : Direction::down;
  }
  if (direction_ != Direction::unknown) return;
  throw ValueError(
      fmt::format("{}: whether a good «{}» is a large or a small one is not known: the model has no such metric, or "
                  "the metric does not say.{} Figures: {}. Pass .mode = \"max\" or .mode = \"min\".",
                  callback_, support::printable(name), support::did_you_mean(name, names), support::list(names)));
}

bool Monitor::better(double figure, std::optional<double> reference) const {
  if (config::dialect().plain_callbacks) {
    const double infinity = std::numeric_limits<double>::infinity();
    if (up()) return figure - min_delta_ > reference.value_or(-infinity);
    return figure + min_delta_ < reference.value_or(infinity);
  }
  if (!reference) return true;
  const double delta = std::fabs(min_delta_);
  if (up()) return static_cast<float>(figure - delta) > static_cast<float>(*reference);
  return static_cast<float>(figure + delta) < static_cast<float>(*reference);
}

void Monitor::warn_of_missing(int epoch, const char* what, const Logs& logs) const {
  std::vector<std::string> names;
  for (const auto& [name, value] : logs) names.push_back(name);
  warn(callback_,
       fmt::format("epoch {} has no figure «{}», {}.{} Figures: {}.", epoch + 1, support::printable(figure_), what,
                   support::did_you_mean(figure_, names), names.empty() ? "none" : support::list(names)));
}

}  // namespace keras::callbacks
