// Progbar: the text of a progress bar, as Keras 3.15 draws it. It knows neither a clock nor a terminal; progress_bar.h
// does.
#pragma once

#include <keras/callbacks.h>

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace keras::callbacks {

class Progbar {
 public:
  static constexpr double kInterval = 0.05;  // seconds between two drawings
  enum class Style {
    live,   // a bar in colours that is drawn over the last one
    line,   // one line at the end
    brief,  // the same as verbose=2 of Keras writes it
    // Those of Keras 2.2, in plain characters:
    live_2_2,
    line_2_2,
    brief_2_2,
  };

  Progbar(std::int64_t target, Style style, bool utf8, double start);  // target 0: not known

  bool due(double now) const { return now - drawn_ >= kInterval; }  // whether it is time to draw; at first it is
  // What to write when `current` steps are done. `last`: the final state, with the end of the line; a style without a
  // bar has text for that one only.
  const std::string& draw(std::int64_t current, const Logs& logs, bool last, double now);

  std::int64_t target() const { return target_; }
  void set_target(std::int64_t target) { target_ = target; }

 private:
  void take(const Logs& logs);
  double seconds_a_step(std::int64_t current, double now) const;
  std::string figures() const;
  void draw_2_2(std::int64_t current, bool last, double now);
  bool of_2_2() const { return style_ >= Style::live_2_2; }

  std::int64_t target_;
  const Style style_;
  const bool utf8_;
  const double start_;
  double after_first_ = -1;  // when the first step, which is slow for reasons of its own, was done
  double drawn_ = -std::numeric_limits<double>::infinity();
  std::size_t width_ = 0;  // of what stands on the line, in characters
  std::vector<std::pair<std::string, double>> figures_;
  std::string text_;
};

}  // namespace keras::callbacks
