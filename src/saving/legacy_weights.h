// The weights of an .h5 of Keras 1 and 2: a group for each layer, with its arrays in one list.
#pragma once

#include <keras/models.h>

#include "saving/assignment.h"
#include "support/hdf5.h"
#include "support/hdf5_writer.h"

namespace keras::saving {

// Whether the group is such: it lists the names of its layers.
bool has_legacy_weights(const support::hdf5::Group& group);
// Which array each weight gets. By name: of the layers that have the name of one in the file; else every layer.
// ValueError when the numbers of layers or weights differ, IOError for a damaged file.
Assignment read_legacy_weights(const support::hdf5::Group& group, const Layer& model, bool by_name);
void write_legacy_weights(support::hdf5::Writer& file, const std::string& group, const Layer& model);

// An attribute that is split into name0, name1, … where it is too long for one.
void write_texts(support::hdf5::Writer& file, const std::string& group, const std::string& name,
                 const std::vector<std::string>& texts);

}  // namespace keras::saving
