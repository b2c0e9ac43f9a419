// Files to be damaged: how a user reads each of them, what he then sees, and which of its bytes are plain numbers.
#pragma once

#include <keras/keras.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "saving/dialect.h"
#include "saving/read_config.h"
#include "saving/stored.h"
#include "saving/weights_file.h"
#include "support/files.h"
#include "support/hdf5.h"
#include "support/zip.h"
#include "tests/support/primer.h"
#include "tests/support/read_hdf5.h"

namespace keras::testing {

// What was read: the arrays with the layer that has them, the optimizer's state as of one layer, and the configuration
// as it was written.
struct Seen {
  struct Numbers {
    std::string layer, shape;
    std::size_t item = 1;  // bytes of an element
    std::string bytes;
    friend bool operator==(const Numbers& a, const Numbers& b) { return a.shape == b.shape && a.bytes == b.bytes; }
  };
  std::map<std::string, Numbers> arrays;
  std::optional<Config> config;
  bool warned = false;  // that the state of the optimizer was left out
  friend bool operator==(const Seen& a, const Seen& b) { return a.arrays == b.arrays && a.config == b.config; }

  void add(const std::string& name, const std::string& layer, const Array& array) {
    arrays[name] = {layer,
                    array.shape().str() + array.dtype().name(),
                    array.dtype().size(),
                    {static_cast<const char*>(array.data()), array.nbytes()}};
  }
};

enum class Kind {
  model_hdf5,  // load_model
  model_zip,   // load_model; every byte of what is in it has a checksum
  model_json,  // load_model, of a text without weights
  weights,     // load_weights, into the model of the JSON beside it
  arrays,      // load_npz
  other_hdf5,  // everything that is in it
};

class Victim {
 public:
  // What the file is follows from the file alone; `whole` is its bytes.
  explicit Victim(std::string path) : path_(std::move(path)), whole_(support::read_file(path_)) {
    kind_ = find_kind();
    try {
      if (kind_ == Kind::weights) target_ = load_model(*architecture(), {.compile = false});
      seen_ = read(path_);
      if (kind_ == Kind::model_hdf5 || kind_ == Kind::model_zip) leave_out_chance(read(path_));
    } catch (const Error&) {
      refused_ = true;
      if (kind_ == Kind::weights) kind_ = Kind::other_hdf5;  // there is no model for them
    }
    if (support::hdf5::is_hdf5(whole_)) find_plain();
  }

  const std::string& path() const { return path_; }
  const std::string& whole() const { return whole_; }
  Kind kind() const { return kind_; }
  const Seen& seen() const { return seen_; }
  bool refused() const { return refused_; }  // even the whole file
  bool plain(std::size_t at) const {
    return !plain_.empty() && plain_[at];
  }  // a number of a data set, and nothing else
  bool has_plain() const { return !plain_.empty(); }

  // Reads the file at `path` as one reads this one.
  Seen read(const std::string& path) const {
    Seen seen;
    config::set_warning_handler(
        [&](const std::string& text) { seen.warned |= text.find("optimizer") != std::string::npos; });
    switch (kind_) {
      case Kind::model_hdf5:
        see(load_model(path), seen);
        seen.config = saving::parse_model_text(saving::text_of(support::hdf5::File(path), "model_config"));
        break;
      case Kind::model_zip:
        see(load_model(path), seen);
        break;
      case Kind::model_json: {
        // load_model, but for a limit on new weights: a digit that is changed may ask for as many as the machine holds.
        const Config config = saving::parse_model_text(support::read_file(path));
        saving::read_model(config, {.weights = {.most_bytes = kMostNewWeights, .blank_weights = true}});
        seen.config = config;
        break;
      }
      case Kind::weights:
        Model(*target_).load_weights(path);
        see(*target_, seen);
        break;
      case Kind::arrays:
        for (const auto& [name, array] : load_npz(path)) seen.add(name, name, array);
        break;
      case Kind::other_hdf5:
        read_everything(support::hdf5::File(path));
        break;
    }
    return seen;
  }
  static constexpr std::uint64_t kMostNewWeights = 64 << 20;

 private:
  Kind find_kind() const {
    if (path_.ends_with(".npz")) return Kind::arrays;
    if (whole_.starts_with("PK")) return Kind::model_zip;
    if (!support::hdf5::is_hdf5(whole_)) return Kind::model_json;
    const support::hdf5::File file(path_);
    if (file.has_attribute("model_config")) return Kind::model_hdf5;
    return architecture() ? Kind::weights : Kind::other_hdf5;
  }

  // The JSON that lies beside weights.
  std::optional<std::string> architecture() const {
    constexpr std::pair<const char*, const char*> kNames[] = {
        {"_weights.h5", "_config.json"}, {"_weights.h5", ".json"}, {"_weights.h5", "_arch.json"}, {".h5", ".json"}};
    for (const auto& [end, with] : kNames) {
      if (!path_.ends_with(end)) continue;
      const std::string path = path_.substr(0, path_.size() - std::string(end).size()) + with;
      if (support::file_exists(path)) return path;
    }
    return std::nullopt;
  }

  static void see(const Model& model, Seen& seen) {
    int place = 0;  // by it, as names may be what was changed
    for (const auto& [name, variable] : saving::named_weights(model))
      seen.add("weight " + std::to_string(place++), name.substr(0, name.find_last_of('/')), variable.value());
    if (!model.compiled() || !model.optimizer().body()->built()) return;
    place = 0;
    for (const Variable& variable : model.optimizer().variables())
      seen.add("slot " + std::to_string(place++), "the optimizer", variable.value());
  }

  // Weights that the file does not have are drawn anew each time.
  void leave_out_chance(const Seen& again) {
    std::erase_if(seen_.arrays, [&](const auto& entry) {
      const auto found = again.arrays.find(entry.first);
      return found == again.arrays.end() || found->second != entry.second;
    });
  }

  // Where the reader finds data sets that are stored in one piece.
  void find_plain() {
    plain_.assign(whole_.size(), false);
    const support::hdf5::File file("whole", whole_);
    const auto note = [&](const support::hdf5::Dataset& set) {
      const auto view = set.view();
      if (!view || view->empty()) return;
      const auto from = plain_.begin() + (view->data() - whole_.data());
      std::fill(from, from + static_cast<std::ptrdiff_t>(view->size()), true);
    };
    try {
      file.walk({[](const auto&) {}, note});
    } catch (const NotImplementedError&) {  // one of those that tests hold for unreadable
    }
  }

  std::string path_, whole_;
  Kind kind_ = Kind::other_hdf5;
  bool refused_ = false;
  std::optional<Model> target_;
  Seen seen_;
  std::vector<bool> plain_;
};

}  // namespace keras::testing
