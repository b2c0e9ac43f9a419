// Model::save and load_model: whole models as .keras archives and .h5 files.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/saving.h>

#include <chrono>
#include <ctime>

#include "layers/layer_state.h"
#include "models/model_state.h"
#include "saving/compile_config.h"
#include "saving/context.h"
#include "saving/legacy_weights.h"
#include "saving/optimizer_state.h"
#include "saving/read_config.h"
#include "saving/weights_file.h"
#include "saving/write_config.h"
#include "support/files.h"
#include "support/log.h"
#include "support/zip.h"

namespace keras {
namespace saving {
namespace {

using support::hdf5::File;
using support::hdf5::TextKind;
using support::hdf5::Writer;

constexpr std::size_t kMostText = 64u << 20;           // bytes of a configuration
constexpr auto kKeras3 = "3.15.1", kKeras2 = "2.2.4";  // the Kerases whose forms are written
constexpr auto kConfig = "config.json", kMetadata = "metadata.json", kWeights = "model.weights.h5";

// ---- reading

// `room`: for the weights, which the file has; 0: it has none.
ReadOptions options_of(const LoadModelArgs& args, std::string version, std::uint64_t room) {
  ReadOptions options;
  options.custom_objects = args.custom_objects;
  options.keras_version = std::move(version);
  options.weights.blank_weights = room != 0;
  options.weights.most_bytes = room;
  options.compile = args.compile;
  return options;
}

// The optimizer goes on from the arrays; what was not compiled keeps them for a later save.
void restore(const Model& model, const std::string& path, const std::vector<StoredArray>& arrays, bool compile) {
  if (arrays.empty() || !compile) return;
  if (!model.compiled()) {
    NamedArrays& kept = model.model_body().model_state().unread_optimizer;
    for (const StoredArray& array : arrays) kept.emplace_back(array.name, array.own());
    return;
  }
  OptimizerBody& optimizer = *model.optimizer().body();
  optimizer.build(model.trainable_weights());
  const std::string wrong = restore_optimizer(optimizer, model.trainable_weights(), arrays);
  if (wrong.empty()) return;
  support::warn(fmt::format("load_model(«{}»): the optimizer begins anew, because {}.", path, wrong));
}

void give_weights(const Model& model, const std::string& path, Assignment assignment) {
  assignment.commit(fmt::format("load_model(«{}»)", path), layers::describe(*model.body()), false);
}

[[noreturn]] void refuse_unbuilt(const std::string& path) {
  throw ValueError(fmt::format(
      "load_model(«{}»): the file does not say what the model's input is, so its weights have no place. Make "
      "the model, build it, and call load_weights.",
      path));
}

Model load_hdf5(const std::string& path, const LoadModelArgs& args) {
  const File file(path);
  const std::string text = text_of(file, "model_config");
  if (text.empty()) {
    throw IOError(fmt::format(
        "load_model(«{}»): the file holds no model (no model_config){}.", path,
        has_legacy_weights(file) || file.has_group("layers") || file.has_group("_layer_checkpoint_dependencies")
            ? ", but weights. Make the model and call model.load_weights"
            : ""));
  }
  const bool legacy = file.has_group("model_weights");
  std::string version = text_of(file, "keras_version");
  if (version.empty() && legacy) version = text_of(file.group("model_weights"), "keras_version");
  const Model model =
      read_model(parse_model_text(text), options_of(args, version, legacy ? room_for_weights(file) : 0));
  if (!legacy) {
    if (model.weights().empty()) return model;
    throw IOError(
        fmt::format("load_model(«{}»): the file has no group model_weights, so no weights for its model.", path));
  }
  if (!model.built()) refuse_unbuilt(path);
  give_weights(model, path, read_hdf5_weights(file, model));
  const std::string training = text_of(file, "training_config");
  if (args.compile && !training.empty()) {
    const Config config = parse_model_text(training);
    compile_from_config(model, config, version_of(parse_model_text(text), version), args.custom_objects);
  }
  restore(model, path, read_optimizer_arrays(file), args.compile);
  return model;
}

Model load_archive(const std::string& path, const LoadModelArgs& args) {
  support::ZipReader zip(path);
  const auto* config = zip.find(kConfig);
  if (!config) {
    throw IOError(fmt::format("load_model(«{}»): a zip archive without {}, so no .keras file.", path, kConfig));
  }
  std::string version;
  if (const auto* entry = zip.find(kMetadata)) {
    const Config metadata = Config::from_json(zip.read(*entry, kMostText));
    if (const Config* found = metadata.is_map() ? metadata.find("keras_version") : nullptr; found && found->is_string())
      version = found->as_string();
  }
  const auto* weights = zip.find(kWeights);
  if (!weights && zip.find("model.weights.npz")) {
    throw NotImplementedError(
        fmt::format("load_model(«{}»): it keeps its weights as pickled Python objects (model.weights.npz), which could "
                    "run code when they are read. Save the model from Keras with its default, HDF5.",
                    path));
  }
  const Config architecture = parse_model_text(zip.read(*config, kMostText));
  if (!weights) {
    const Model model = read_model(architecture, options_of(args, version, 0));
    if (model.weights().empty()) return model;
    throw IOError(fmt::format("load_model(«{}»): the archive has no {}, so no weights for its model.", path, kWeights));
  }
  const File file = File::of(path + ": " + kWeights, zip.read(*weights));
  const Model model = read_model(architecture, options_of(args, version, room_for_weights(file)));
  Tree tree;
  read_tree(file, tree);
  if (!model.built() && !tree.empty()) refuse_unbuilt(path);
  give_weights(model, path, read_tree_weights(tree, model));
  restore(model, path, optimizer_arrays_of(tree), args.compile);
  return model;
}

// ---- writing

std::string today() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm parts{};
  gmtime_r(&now, &parts);
  return fmt::format("{:04}-{:02}-{:02}@{:02}:{:02}:{:02}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                     parts.tm_hour, parts.tm_min, parts.tm_sec);
}

// The optimizer where it has begun, or what was kept of one that could not be read.
bool has_optimizer(const Model& model) { return model.compiled() && model.optimizer().body()->built(); }

void save_archive(const Model& model, const std::string& path, const SaveArgs& args) {
  Config config = keras3_config(model);
  if (!args.include_optimizer) config.erase("compile_config");
  const std::string text = config.to_json();
  const std::string metadata = Config::map({{"keras_version", kKeras3}, {"date_saved", today()}}).to_json();
  Writer file;
  write_tree_weights(file, model);
  const NamedArrays& kept = model.model_body().model_state().unread_optimizer;
  if (args.include_optimizer && has_optimizer(model)) {
    write_optimizer_tree(file, *model.optimizer().body());
  } else if (args.include_optimizer && !model.compiled()) {
    for (std::size_t i = 0; i < kept.size(); ++i)
      write_array(file, fmt::format("optimizer/vars/{}", i), kept[i].second);
  }
  const std::string weights = file.take();
  support::ZipWriter zip(path);
  zip.add(kMetadata, metadata);
  zip.add(kConfig, text);
  zip.add(kWeights, {}, weights);
  zip.commit();
}

void save_hdf5(const Model& model, const std::string& path, const SaveArgs& args) {
  const std::string config = keras2_config(model).to_json();
  const Config training = args.include_optimizer ? training_config(model) : Config();
  support::AtomicFile target(path);
  Writer file(target.temporary());
  file.attribute("/", "keras_version", kKeras2, TextKind::bytes);
  file.attribute("/", "backend", "tensorflow", TextKind::bytes);
  file.attribute("/", "model_config", config, TextKind::bytes);
  write_legacy_weights(file, "/model_weights", model);
  if (!training.is_null()) {
    file.attribute("/", "training_config", training.to_json(), TextKind::bytes);
    const NamedArrays& kept = model.model_body().model_state().unread_optimizer;
    if (has_optimizer(model)) {
      write_optimizer_h5(file, *model.optimizer().body(), form_of_optimizer(training));
    } else if (!model.compiled() && !kept.empty()) {
      write_optimizer_arrays(file, kept);
    }
  }
  file.close();
  target.commit();
}

}  // namespace
}  // namespace saving

namespace saving {
namespace {

Model load_any(const std::string& path, const LoadModelArgs& args) {
  if (support::file_exists(path + "/saved_model.pb")) {
    throw NotImplementedError(fmt::format(
        "load_model(«{}»): this folder is a SavedModel, whose graph is TensorFlow's own. Load it there, and save "
        "it as a Keras file: model.save(\"model.keras\"), or model.save(\"model.h5\").",
        path));
  }
  char start[8] = {};
  std::string_view beginning;
  {
    support::InputFile file(path);
    beginning = {start, file.read(start, sizeof start)};
  }
  if (beginning.starts_with("PK")) return load_archive(path, args);
  const std::size_t text = beginning.find_first_not_of(" \t\r\n\"\xEF\xBB\xBF");
  if (text != std::string_view::npos && (beginning[text] == '{' || beginning[text] == '[')) {
    return read_model(parse_model_text(support::read_file(path, kMostText)), options_of(args, {}, 0));
  }
  return load_hdf5(path, args);
}

}  // namespace
}  // namespace saving

Model load_model(const std::string& path, LoadModelArgs args) {
  return saving::with_file("load_model", path, [&] { return saving::load_any(path, args); });
}

void save_model(const Model& model, const std::string& path, SaveArgs args) { model.save(path, args); }

void Model::save(const std::string& path, SaveArgs args) const {
  if (!args.overwrite && support::file_exists(path)) {
    throw ValueError(
        fmt::format("{}: save(«{}»): the file is there, and overwrite = false.", layers::describe(*body_), path));
  }
  if (path.ends_with(".keras")) return saving::save_archive(*this, path, args);
  if (path.ends_with(".weights.h5")) {
    throw ValueError(
        fmt::format("{}: save(«{}»): files of this name hold weights alone. Call save_weights, or name it .h5.",
                    layers::describe(*body_), path));
  }
  if (path.ends_with(".h5") || path.ends_with(".hdf5")) return saving::save_hdf5(*this, path, args);
  throw ValueError(fmt::format("{}: save(«{}»): a model is saved as .keras or .h5. Received another end of the path.",
                               layers::describe(*body_), path));
}

}  // namespace keras
