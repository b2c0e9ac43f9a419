// Files of weights, of every kind that Keras writes: told apart by their contents.
#pragma once

#include <keras/models.h>

#include <string>
#include <utility>
#include <vector>

#include "saving/assignment.h"
#include "saving/tree.h"
#include "support/hdf5.h"
#include "support/hdf5_writer.h"

namespace keras::saving {

// The weights of the model with the paths under which messages and .npz files name them: <layer>/<weight>, no two
// alike.
std::vector<std::pair<std::string, Variable>> named_weights(const Layer& model);

// A data set of the array, as Keras 3 stores one.
void write_array(support::hdf5::Writer& file, const std::string& path, const Array& value);

// Keras 3's tree: what each weight gets of it.
Assignment read_tree_weights(const Tree& tree, const Layer& model, bool by_name = false);
void write_tree_weights(support::hdf5::Writer& file, const Layer& model);

// An HDF5 file of either layout: a model's or one of weights alone.
Assignment read_hdf5_weights(const support::hdf5::File& file, const Layer& model, bool by_name = false);

}  // namespace keras::saving
