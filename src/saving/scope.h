// ReadScope: what is known while one model is read, on this thread: which Keras wrote it, and the user's own objects,
// which layers, initializers, … look up by CustomScope.
#pragma once

#include <keras/saving.h>

#include <optional>
#include <string>

#include "layers/reading.h"
#include "saving/dialect.h"
#include "tensor/custom.h"
#include "tensor/upgrade.h"

namespace keras::saving {

class ReadScope {
 public:
  ReadScope(const CustomObjects& objects, KerasVersion version, layers::ReadingOptions weights);
  ~ReadScope();
  ReadScope(const ReadScope&) = delete;
  static const ReadScope& current();  // one must be there

  const KerasVersion& version() const { return version_; }
  // The user's layer in place of the file's of this name; nullptr where there is none.
  const Layer* stand_in(const std::string& layer_name) const;

 private:
  const CustomObjects& objects_;
  KerasVersion version_;
  CustomScope custom_;
  layers::Reading reading_;
  QuietSpellings quiet_;
  const ReadScope* outer_;
};

// What the user gave for the function that a Lambda's configuration names; none for code.
std::optional<Activation> lambda_function(const Config& lambda);

}  // namespace keras::saving
