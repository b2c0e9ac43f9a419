// What an optimizer remembers, in the orders in which Kerases stored it.
#pragma once

#include <keras/optimizers.h>

#include <string>
#include <vector>

#include "saving/stored.h"
#include "saving/tree.h"
#include "support/hdf5.h"
#include "support/hdf5_writer.h"

namespace keras::saving {

// The arrays of a file, in its order; none where it has no state.
std::vector<StoredArray> read_optimizer_arrays(const support::hdf5::Group& file);  // of the .h5 of a model
std::vector<StoredArray> optimizer_arrays_of(const Tree& tree);

// Gives the optimizer, which is built for these variables, its state: [iteration, learning rate,] slots in the order of
// Keras 3 and tf.keras from 2.11 on, or of those before, kind by kind. What does not fit leaves it as it was; the
// reason.
std::string restore_optimizer(OptimizerBody& optimizer, const std::vector<Variable>& trainable,
                              const std::vector<StoredArray>& arrays);

enum class OptimizerForm { old, tf_keras, keras3 };  // kind by kind; in Keras 3's order; that with the learning rate
void write_optimizer_h5(support::hdf5::Writer& file, const OptimizerBody& optimizer, OptimizerForm form);
void write_optimizer_arrays(support::hdf5::Writer& file, const NamedArrays& arrays);  // in this order
void write_optimizer_tree(support::hdf5::Writer& file, const OptimizerBody& optimizer);

}  // namespace keras::saving
