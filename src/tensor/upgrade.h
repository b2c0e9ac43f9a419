// Upgrade: what classes use to rewrite a configuration of an older Keras, with a warning for each argument that was
// given in an older spelling.
#pragma once

#include <keras/config.h>

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace keras {

// «Dense: «output_dim» is …», once a process for each class and spelling. `now` may be empty: nothing says it any more.
void warn_spelling(std::string_view class_name, std::string_view older, std::string_view now);

// No such warnings on this thread while it lives: for what a file says in the words of its time.
class QuietSpellings {
 public:
  QuietSpellings();
  ~QuietSpellings();
  QuietSpellings(const QuietSpellings&) = delete;

 private:
  bool outer_;
};

class Upgrade {
 public:
  Upgrade(const char* class_name, Config& config) : class_name_(class_name), config_(config) {}

  const char* class_name() const { return class_name_; }
  // Takes the argument out; none where it is not given. A warning names what to say now.
  std::optional<Config> take(const char* older, std::string_view now);
  // The same of all of them, or of none where one is missing.
  std::optional<std::vector<Config>> take_all(std::initializer_list<const char*> older, std::string_view now);
  // ValueError when it is given already.
  void give(const char* name, Config value, const char* older);
  void rename(const char* older, const char* now);
  void drop(const char* older, std::string_view instead = {}) { take(older, instead); }
  bool has(const char* name) const { return config_.contains(name); }

 private:
  const char* class_name_;
  Config& config_;
};

}  // namespace keras
