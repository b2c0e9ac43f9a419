// Monitor: the figure that a callback watches, and whether one value of it is better than another.
#pragma once

#include <keras/callbacks.h>

#include <optional>
#include <string>

namespace keras::callbacks {

class Monitor {
 public:
  // Warns of a mode that is none of auto, min and max, and takes it as auto.
  Monitor(const char* callback, std::string figure, const std::string& mode, double min_delta);

  const std::string& name() const { return figure_; }
  // Before the first call of better(): mode "auto" is what the model's metric of this name says, in Keras 2.2 what the
  // name says. ValueError where that is not known.
  void find_direction(const Model& model);
  bool up() const { return direction_ == Direction::up; }
  // In float32, as Keras 3 compares, so that a change of min_delta and a rounding error is none; in double with 2.2.
  bool better(double figure, std::optional<double> reference) const;  // than none: yes
  // A warning that the figure is missing, with `what` it was for, and the figures there are.
  void warn_of_missing(int epoch, const char* what, const Logs& logs) const;

 private:
  enum class Direction { unknown, up, down };
  const char* callback_;
  std::string figure_;
  double min_delta_;
  Direction direction_ = Direction::unknown;
};

void say(const std::string& line);  // to standard output
void warn(const char* callback, const std::string& text);
std::string epoch_text(int epoch);  // "Epoch 3" of epoch 2, in Keras 2.2 "Epoch 00003"

}  // namespace keras::callbacks
