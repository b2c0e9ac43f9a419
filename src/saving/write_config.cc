#include "saving/write_config.h"

#include <fmt/format.h>
#include <keras/error.h>

#include "layers/sharing.h"
#include "models/graph_config.h"
#include "saving/compile_config.h"
#include "saving/meanings.h"
#include "support/text.h"

namespace keras::saving {

void check_writable(const Model& model) {
  if (model.class_name() == "Sequential" || model.class_name() == "Functional") return;
  throw NotImplementedError(fmt::format(
      "{} \"{}\" is an own model: how its layers are called is known to its class alone, and no configuration "
      "can say it. Save its weights, and make the model with make_model.",
      model.class_name(), model.name()));
}

Config shared_config(const Model& model) {
  const layers::SharedIds ids;
  return layers::SharedIds::kept(whole_config(model));
}

Config keras3_config(const Model& model) {
  check_writable(model);
  Config config = without_slashes(with_meanings(shared_config(model), version_of({}, "3.15")));
  const Config compile = compile_config(model);
  return compile.is_null() ? config : config.set("compile_config", compile);
}

}  // namespace keras::saving

namespace keras {
namespace {

constexpr auto kKeras2 = "2.15.0";  // its last one

}  // namespace

std::string Model::to_json(ToJsonArgs args) const {
  const saving::KerasVersion version = saving::version_of({}, args.keras_version == "2" ? kKeras2 : args.keras_version);
  if (args.keras_version.empty() || version.major < 2 || version.major > 3) {
    throw ValueError(
        fmt::format("Model.to_json: configurations are written for Keras 2 and 3. Received: keras_version=\"{}\".",
                    support::printable(args.keras_version)));
  }
  if (!version.before(3)) return saving::keras3_config(*this).to_json(args.indent);
  return saving::keras2_config(*this, version)
      .set("keras_version", version.text)
      .set("backend", "tensorflow")
      .to_json(args.indent);
}

}  // namespace keras
