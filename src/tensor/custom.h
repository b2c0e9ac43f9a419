// Custom: what the user gave names to, while a configuration is read: own classes, which every shelf looks up before
// its own, and functions.
#pragma once

#include <keras/fields.h>

#include <any>
#include <string>
#include <string_view>
#include <vector>

namespace keras {

// Of this thread, while it lives; inner ones come before outer ones.
class CustomScope {
 public:
  struct Class {
    std::string name;
    Maker maker;
  };
  struct Function {
    std::string category, name;  // "activation", "loss"
    std::any function;           // an Activation, a Loss::Function
  };
  CustomScope(std::vector<Class> classes, std::vector<Function> functions);
  ~CustomScope();
  CustomScope(const CustomScope&) = delete;

  // nullptr where there is none. A registered name of Keras, "package>Name", is found by its end.
  static const Maker* find_class(std::string_view category, std::string_view name);
  static const std::any* find_function(std::string_view category, std::string_view name);

 private:
  std::vector<Class> classes_;
  std::vector<Function> functions_;
  const CustomScope* outer_;
};

}  // namespace keras
