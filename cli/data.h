// Arrays of files as a model's inputs and targets, and outputs as files.
#pragma once

#include <keras/models.h>

#include <string>
#include <vector>

#include "command.h"

namespace cli {

// Inputs for a model: an .npz with an array for each of its inputs, named after it, or one of any name; an .npy; an
// image, or a folder of them in the order of their names, in the size that the model takes, each number times `scale`.
keras::Data read_inputs(const keras::Model& model, const std::string& path, double scale);

struct Examples {
  keras::Data x, y;
};
// An .npz with x and y, or with arrays named after the model's inputs and outputs.
Examples read_examples(const keras::Model& model, const std::string& path);

// An array for each output: .npz under the outputs' names, .npy of the only one, or .csv with a row for each sample.
void write_outputs(const keras::Model& model, const std::vector<keras::Array>& outputs, const std::string& path);

}  // namespace cli
