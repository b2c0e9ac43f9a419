// Dialects: which Keras wrote a configuration, and what meant something else to it.
#pragma once

#include <keras/config.h>

#include <string>

namespace keras::saving {

struct KerasVersion {
  int major = 3, minor = 15;
  bool tensorflow = false;  // of tf.keras, which counts from 2.2.4-tf to 2.15
  std::string text = "3.15";

  bool before(int other_major, int other_minor = 0) const {
    return major != other_major ? major < other_major : minor < other_minor;
  }
};

// What `given` says, "2.2.4" or "2.2.4-tf"; if that is empty what the configuration says ("keras_version" at its top),
// or what its form shows. ValueError for a version that is none.
KerasVersion version_of(const Config& model, const std::string& given = {});

// A layer's {"class_name", "config", …} of this version as today's: other class names, values where a default was
// another one, functions that meant something else. The layers inside it too, but for models, which are read by
// themselves.
Config upgraded_layer(const Config& layer, const KerasVersion& version);

// The text of a model_config or of a .json file. Python wrote some of them as JSON inside a string of JSON.
Config parse_model_text(const std::string& text);

}  // namespace keras::saving
