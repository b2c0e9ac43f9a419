// The file of BackupAndRestore: a run of fit in the middle. Written and read in the room saving.
#pragma once

#include <keras/models.h>

#include <optional>
#include <string>

namespace keras {

// What a run is beside the weights of its model and the state of its optimizer.
struct RunState {
  Config values = Config::map();
  NamedArrays arrays = {};
};

// Keras 3's .weights.h5 of the model and its optimizer, with the rest in a group that Keras does not look at. The file
// appears whole or not at all: IOError.
void write_run(const std::string& path, const Model& model, const RunState& state);

// Gives the model and its optimizer, which are built, what the file has, or leaves both as they are. Nothing for the
// rest where Keras wrote the file. IOError: damaged; ValueError: of another model or optimizer.
std::optional<RunState> read_run(const std::string& path, const Model& model);

}  // namespace keras
