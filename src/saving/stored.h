// The arrays of a weights file, whatever its format: each as it is stored, before any is given to a model.
#pragma once

#include <keras/array.h>

#include <optional>
#include <string>
#include <vector>

#include "support/hdf5.h"

namespace keras::saving {

// An array of a file. What lies in an HDF5 file as it is in memory is a view of the file.
struct StoredArray {
  std::string name;
  Array value;
  std::optional<support::hdf5::Dataset> viewed = {};

  Array own() const;  // the value, without the file
};

// TypeError for texts and other values that are no numbers.
StoredArray stored_array(std::string name, const support::hdf5::Dataset& dataset);

// An attribute that Keras splits into name0, name1, … where it is too long for one; empty when there is none.
std::vector<std::string> texts_of(const support::hdf5::Object& object, const std::string& name);
std::string text_of(const support::hdf5::Object& object, const std::string& name);  // empty when there is none

// The bytes that the weights of a model may take whose weights are all in the file: of each element of its data sets,
// in twice the width, and a little for what is in no file.
std::uint64_t room_for_weights(const support::hdf5::Group& file);

}  // namespace keras::saving
