// keras::datasets: the small data sets of the tutorials.
#pragma once

#include <keras/array.h>

#include <string>
#include <utility>

namespace keras::datasets {

struct Split {
  Array x, y;
};

// MNIST: 28 x 28 grey images of handwritten digits, 60,000 to train and 10,000 to test.
namespace mnist {

// auto [train, test] = load_data(); train.x is uint8 (60000, 28, 28), train.y uint8 (60000,) with labels 0 to 9.
// A path with a slash names a file. A bare name is looked up in ~/.keras/datasets ($KERAS_HOME/datasets), then the copy
// that comes with the library is taken, and failing that the file is downloaded into ~/.keras/datasets and its checksum
// compared. IOError for a file that cannot be read or that holds other arrays than x_train, y_train, x_test and y_test
// of these types, shapes and labels; the number of images is free. Keras 3 and 2.2.4:
// mnist.load_data(path="mnist.npz").
KERAS_API std::pair<Split, Split> load_data(const std::string& path = "mnist.npz");

}  // namespace mnist
}  // namespace keras::datasets
