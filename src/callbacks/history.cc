// History: printing and writing what fit returns.
#include <keras/callbacks.h>

#include <ostream>

#include "callbacks/python_text.h"
#include "support/files.h"
#include "support/text.h"

namespace keras {

std::string History::str() const {
  std::string text = "{";
  for (const auto& [name, values] : history) {
    if (text.size() > 1) text += ", ";
    text += callbacks::quoted(name) + ": [";
    for (std::size_t i = 0; i < values.size(); ++i) text += (i > 0 ? ", " : "") + support::number(values[i]);
    text += "]";
  }
  return text + "}";
}

void History::save(const std::string& path) const { support::write_file(path, str() + "\n"); }

std::ostream& operator<<(std::ostream& out, const History& history) { return out << history.str(); }

}  // namespace keras
