// Logs: named figures in order.
#include <fmt/format.h>
#include <keras/callbacks.h>
#include <keras/error.h>

#include <ostream>

#include "callbacks/python_text.h"
#include "support/text.h"

namespace keras {

Logs::operator double() const {
  if (items_.empty()) throw ValueError("Logs: there is no figure to convert to a number; these Logs are empty.");
  return items_.front().second;
}

const double* Logs::find(const std::string& name) const {
  for (const auto& item : items_) {
    if (item.first == name) return &item.second;
  }
  return nullptr;
}

double Logs::at(const std::string& name) const {
  if (const double* value = find(name)) return *value;
  std::vector<std::string> names;
  for (const auto& item : items_) names.push_back(item.first);
  throw ValueError(fmt::format("Logs: there is no figure «{}».{} Figures: {}.", support::printable(name),
                               support::did_you_mean(name, names), names.empty() ? "none" : support::list(names)));
}

void Logs::set(const std::string& name, double value) {
  for (auto& item : items_) {
    if (item.first == name) return static_cast<void>(item.second = value);
  }
  items_.emplace_back(name, value);
}

std::string Logs::str() const {
  std::string text = "{";
  for (const auto& [name, value] : items_) {
    if (text.size() > 1) text += ", ";
    text += callbacks::quoted(name) + ": " + support::number(value);
  }
  return text + "}";
}

std::ostream& operator<<(std::ostream& out, const Logs& logs) { return out << logs.str(); }

}  // namespace keras
