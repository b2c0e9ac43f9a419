// Shelf: the table of one category (initializers, constraints, …): a line a class, found by every name that any Keras
// has given it, made from a configuration and written as one.
#pragma once

#include <keras/error.h>
#include <keras/fields.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace keras {

// What no shelf, nor the table of activations, has.
class UnknownName : public ValueError {
 public:
  using ValueError::ValueError;
};

class Shelf {
 public:
  struct Line {
    Maker maker;
    std::vector<std::string_view> names = {};  // beside the class's own
  };
  // `what` stands in messages ("initializer"); `module` in configurations ("keras.initializers"). `upgrade` may change
  // what older versions of Keras wrote into the configuration of any of the classes before it is read.
  using Upgrade = void (*)(const char* class_name, Config& config);
  Shelf(const char* what, const char* module, std::vector<Line> lines, Upgrade upgrade = nullptr);

  // The class of this name with its defaults, or with the arguments of `config`; ValueError that suggests a name.
  std::shared_ptr<Body> make(std::string_view name, const Config& config = {}) const;
  // From a name, or {"class_name": …, "config": …} as every Keras writes it, or {"name": …, arguments…} as Keras 1
  // wrote what is no layer; nullptr for null.
  std::shared_ptr<Body> read(const Config& config) const;
  // As Keras 3 writes it; a class that stands on no line is written as a registered class of the user's.
  Config write(const Body* body) const;
  std::vector<std::string_view> names() const;
  bool knows(std::string_view name) const;  // by any of the names, or as an own class of this thread's CustomScope

 private:
  const char* what_;
  const char* module_;
  std::vector<Line> lines_;
  Upgrade upgrade_;
};

}  // namespace keras
