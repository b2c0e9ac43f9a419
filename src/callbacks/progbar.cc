#include "callbacks/progbar.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

namespace keras::callbacks {

namespace {

constexpr std::int64_t kWidth = 20, kWidth_2_2 = 30;  // of the bar
constexpr std::string_view kBold = "\x1b[1m", kGreen = "\x1b[32m", kWhite = "\x1b[37m", kPlain = "\x1b[0m";

std::string time_a_step(double seconds) {
  if (seconds >= 1 || seconds == 0) return fmt::format("{:.0f}s/step", seconds);
  if (seconds >= 1e-3) return fmt::format("{:.0f}ms/step", seconds * 1e3);
  return fmt::format("{:.0f}us/step", seconds * 1e6);
}

std::string time_left(double seconds) {
  if (!(seconds < 1e15)) return "?";
  const auto whole = static_cast<std::int64_t>(seconds);
  if (seconds > 3600) return fmt::format("{}:{:02}:{:02}", whole / 3600, whole % 3600 / 60, whole % 60);
  if (seconds > 60) return fmt::format("{}:{:02}", whole / 60, whole % 60);
  return fmt::format("{}s", whole);
}

// Collects a line and how many characters of it are seen.
struct Line {
  std::string& text;
  std::size_t width = 0;

  void add(std::string_view part) {
    text += part;
    width += part.size();
  }
  void add(std::string_view code, std::string_view part) {
    text += code;
    add(part);
    text += kPlain;
  }
  void add_bar(std::string_view colour, std::int64_t length, bool utf8) {
    text += colour;
    for (std::int64_t i = 0; i < length; ++i) text += utf8 ? "━" : "=";
    text += kPlain;
    width += static_cast<std::size_t>(length);
  }
};

bool of_validation(const std::string& name) { return name.starts_with("val_"); }

}  // namespace

Progbar::Progbar(std::int64_t target, Style style, bool utf8, double start)
    : target_(target), style_(style), utf8_(utf8), start_(start) {}

// New figures in Keras's order: by name, those of the validation last.
void Progbar::take(const Logs& logs) {
  const auto known = static_cast<std::ptrdiff_t>(figures_.size());
  for (const auto& [name, value] : logs) {
    const auto same = [&name = name](const auto& figure) { return figure.first == name; };
    const auto found = std::find_if(figures_.begin(), figures_.end(), same);
    if (found == figures_.end()) {
      figures_.emplace_back(name, value);
    } else {
      found->second = value;
    }
  }
  if (of_2_2()) return;  // as they come
  std::sort(figures_.begin() + known, figures_.end(), [](const auto& a, const auto& b) {
    return std::pair(of_validation(a.first), a.first) < std::pair(of_validation(b.first), b.first);
  });
}

double Progbar::seconds_a_step(std::int64_t current, double now) const {
  if (current == 0) return 0;
  if (after_first_ >= 0 && current > 1) return (now - after_first_) / static_cast<double>(current - 1);
  return (now - start_) / static_cast<double>(current);
}

std::string Progbar::figures() const {
  std::string text;
  for (const auto& [name, value] : figures_) {
    const bool ordinary = (style_ == Style::brief || style_ == Style::brief_2_2 ? value : std::fabs(value)) > 1e-3;
    text += " - " + name + (ordinary ? fmt::format(": {:.4f}", value) : fmt::format(": {:.4e}", value));
  }
  return text;
}

// Keras 2.2: [=====>....], and time per unit over all of them.
void Progbar::draw_2_2(std::int64_t current, bool last, double now) {
  const std::string took = fmt::format(" - {:.0f}s", now - start_);
  if (style_ == Style::brief_2_2) {
    if (last) text_ = took + figures() + "\n";
    return;
  }
  if (style_ == Style::line_2_2 && !last) return;
  if (style_ == Style::live_2_2) text_.append(width_, '\b').append("\r");
  std::string line;
  if (target_ > 0) {
    const auto done = static_cast<std::size_t>(kWidth_2_2 * std::min(current, target_) / target_);
    line = fmt::format("{:>{}}/{} [", current, fmt::formatted_size("{}", target_), target_);
    if (done > 0) line.append(done - 1, '=') += current < target_ ? '>' : '=';
    line.append(static_cast<std::size_t>(kWidth_2_2) - done, '.') += ']';
  } else {
    line = fmt::format("{:>7}/Unknown", current);
  }
  const double each = current > 0 ? (now - start_) / static_cast<double>(current) : 0;
  if (target_ > 0 && !last) {
    line += " - ETA: " + time_left(each * static_cast<double>(target_ - current));
  } else {
    line += took + " " + (each == 0 ? "0us/step" : time_a_step(each));
  }
  line += figures();
  text_ += line;
  if (line.size() < width_) text_.append(width_ - line.size(), ' ');
  width_ = line.size();
  if (last) text_ += '\n';
  drawn_ = now;
}

const std::string& Progbar::draw(std::int64_t current, const Logs& logs, bool last, double now) {
  text_.clear();
  take(logs);
  if (of_2_2()) {
    draw_2_2(current, last, now);
    return text_;
  }
  const double step = seconds_a_step(current, now);
  if (current == 1) after_first_ = now;
  const std::string counts = fmt::format("{:>{}}/{}", current, fmt::formatted_size("{}", target_), target_);
  if (style_ != Style::live) {
    if (last) text_ = fmt::format("{} - {:.0f}s - {}{}\n", counts, now - start_, time_a_step(step), figures());
    return text_;
  }
  text_.append(width_, '\b').append("\r");
  Line line{text_};
  if (target_ > 0) {
    const std::int64_t done = kWidth * std::min(current, target_) / target_;
    line.add(kBold, counts);
    line.add(" ");
    if (done > 0) line.add_bar(kGreen, done, utf8_);
    line.add_bar(kWhite, kWidth - done, utf8_);
  } else {
    line.add(fmt::format("{:>7}/Unknown", current));
  }
  line.add(" ");
  const bool estimate = target_ > 0 && !last;
  line.add(kBold,
           estimate ? time_left(step * static_cast<double>(target_ - current)) : fmt::format("{:.0f}s", now - start_));
  line.add(" ");
  line.add(time_a_step(step));
  line.add(figures());
  if (line.width < width_) text_.append(width_ - line.width, ' ');
  width_ = line.width;
  if (last) text_ += '\n';
  drawn_ = now;
  return text_;
}

}  // namespace keras::callbacks
