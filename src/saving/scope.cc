#include "saving/scope.h"

#include <keras/error.h>

#include <utility>

#include "saving/graph.h"
#include "saving/value.h"

namespace keras::saving {
namespace {

thread_local const ReadScope* innermost = nullptr;

template <const char* class_name>
std::shared_ptr<Body> read_body(const Config& config) {
  return read_any_model(Config::map({{"class_name", class_name}, {"config", config}})).body();
}
constexpr char kSequential[] = "Sequential", kFunctional[] = "Functional";

// Models inside wrappers are made by the layers' table, which knows no models.
std::vector<CustomScope::Class> classes_of(const CustomObjects& objects) {
  std::vector<CustomScope::Class> classes;
  for (const CustomObject& each : objects) {
    if (const Maker* maker = std::get_if<Maker>(&each.value())) classes.push_back({each.name(), *maker});
  }
  classes.push_back({"Sequential", {kSequential, read_body<kSequential>, "layer"}});
  for (const char* name : {"Functional", "Model"})
    classes.push_back({name, {kFunctional, read_body<kFunctional>, "layer"}});
  return classes;
}

std::vector<CustomScope::Function> functions_of(const CustomObjects& objects) {
  std::vector<CustomScope::Function> functions;
  for (const CustomObject& each : objects) {
    if (const auto* activation = std::get_if<Activation>(&each.value()))
      functions.push_back({"activation", each.name(), *activation});
    if (const auto* loss = std::get_if<Loss::Function>(&each.value()))
      functions.push_back({"loss", each.name(), *loss});
  }
  return functions;
}

}  // namespace

ReadScope::ReadScope(const CustomObjects& objects, KerasVersion version, layers::ReadingOptions weights)
    : objects_(objects),
      version_(std::move(version)),
      custom_(classes_of(objects), functions_of(objects)),
      reading_(weights),
      outer_(std::exchange(innermost, this)) {}
ReadScope::~ReadScope() { innermost = outer_; }

const ReadScope& ReadScope::current() {
  if (!innermost) throw RuntimeError("A model's configuration is read outside a ReadScope.");
  return *innermost;
}

const Layer* ReadScope::stand_in(const std::string& layer_name) const {
  for (const CustomObject& each : objects_) {
    const Layer* layer = std::get_if<Layer>(&each.value());
    if (layer && each.name() == layer_name) return layer;
  }
  return nullptr;
}

std::optional<Activation> lambda_function(const Config& lambda) {
  if (!lambda.is_map()) return {};
  const Config function = lambda.get("function", {});
  std::string name = text_at(lambda, "function");
  if (text_at(function, "class_name") == "function") name = text_at(function, "config");
  if (const std::string type = text_at(lambda, "function_type"); !type.empty() && type != "function") return {};
  const std::any* own = name.empty() ? nullptr : CustomScope::find_function("activation", name);
  return own ? std::optional(std::any_cast<const Activation&>(*own)) : std::nullopt;
}

}  // namespace keras::saving
