#include "applications/weights.h"

#include <fmt/format.h>
#include <keras/error.h>

namespace keras::applications {

void load_weights(const Model& model, const std::string& path) {
  throw NotImplementedError(
      fmt::format("«{}» cannot be loaded from «{}»: this version reads no weights files yet. Give .weights = {{}} for "
                  "weights drawn at random.",
                  model.name(), path));
}

}  // namespace keras::applications
