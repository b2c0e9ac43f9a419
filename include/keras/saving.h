// keras::saving: models as configurations, and back.
#pragma once

#include <keras/models.h>

#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace keras {

// What a configuration names and the library does not have: a class, `custom<Scale>()`; an activation or a loss (which
// may be a metric too) under the name that the file has for it, {"swish2", f}; or, under the name of one layer of the
// file, a layer that stands for it, {"lambda_1", layers::Lambda(f)}. It gets the name that it has in the file.
class KERAS_API CustomObject {
 public:
  using Value = std::variant<Maker, Activation, Loss::Function, Layer>;
  CustomObject(Maker maker) : name_(maker.class_name), value_(maker) {}
  CustomObject(std::string name, Maker maker) : name_(std::move(name)), value_(maker) {}
  CustomObject(std::string name, Activation activation) : name_(std::move(name)), value_(std::move(activation)) {}
  CustomObject(std::string name, Loss::Function loss) : name_(std::move(name)), value_(loss) {}
  CustomObject(std::string name, Layer layer) : name_(std::move(name)), value_(std::move(layer)) {}
  const std::string& name() const { return name_; }
  const Value& value() const { return value_; }

 private:
  std::string name_;
  Value value_;
};
using CustomObjects = std::vector<CustomObject>;

struct FromConfigArgs {
  CustomObjects custom_objects = {};
  // Which Keras wrote the configuration, such as "2.2.4"; by default what it says itself, or what its form shows.
  // What changed its meaning since keeps that of this version.
  std::string keras_version = {};
};

// The model of an architecture that any Keras wrote, from 1.1 on, with new weights; compiled if the text holds what
// compile was given. Nothing in it is ever executed: Lambda, custom and unknown classes are one ValueError that lists
// them all and how to register them. ValueError that names the layer and the argument for whatever else does not fit.
KERAS_API Model model_from_json(const std::string& text, FromConfigArgs args = {});
KERAS_API Model model_from_config(const Config& config, FromConfigArgs args = {});

struct LoadModelArgs {
  CustomObjects custom_objects = {};
  bool compile = true;  // as the file says, if it does
};
// The model of a file that any Keras wrote, told by its contents: .h5 of Keras 1, 2 and tf.keras, .keras, or a JSON
// text of the architecture alone (then with new weights). Training can go on where it stopped: the optimizer's state
// comes along. What the file means is what it meant to the version that wrote it. Nothing in it is ever executed.
// IOError: damaged, or no model; ValueError as of model_from_json.
KERAS_API Model load_model(const std::string& path, LoadModelArgs args = {});
KERAS_API void save_model(const Model& model, const std::string& path, SaveArgs args = {});

namespace models {
using keras::clone_model;
using keras::load_model;
using keras::model_from_config;
using keras::model_from_json;
using keras::save_model;
}  // namespace models

}  // namespace keras
