#include "tensor/custom.h"

#include <utility>

namespace keras {

namespace {
thread_local const CustomScope* innermost = nullptr;

bool same(std::string_view known, std::string_view name) {
  const auto end = name.rfind('>');
  return known == name || (end != std::string_view::npos && known == name.substr(end + 1));
}
}  // namespace

CustomScope::CustomScope(std::vector<Class> classes, std::vector<Function> functions)
    : classes_(std::move(classes)), functions_(std::move(functions)), outer_(std::exchange(innermost, this)) {}
CustomScope::~CustomScope() { innermost = outer_; }

const Maker* CustomScope::find_class(std::string_view category, std::string_view name) {
  for (const CustomScope* scope = innermost; scope; scope = scope->outer_) {
    for (const Class& each : scope->classes_) {
      if (each.maker.category == category && same(each.name, name)) return &each.maker;
    }
  }
  return nullptr;
}

const std::any* CustomScope::find_function(std::string_view category, std::string_view name) {
  for (const CustomScope* scope = innermost; scope; scope = scope->outer_) {
    for (const Function& each : scope->functions_) {
      if (each.category == category && same(each.name, name)) return &each.function;
    }
  }
  return nullptr;
}

}  // namespace keras
