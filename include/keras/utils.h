// keras::utils: helpers around data and models.
#pragma once

#include <keras/array.h>

#include <optional>

namespace keras {
namespace utils {

// One-hot rows: integer labels of shape (…) give (…, num_classes); a last axis of size 1 is dropped from the labels
// first. num_classes -1 means the largest label + 1. Labels of a real dtype must be whole numbers. ValueError names a
// label that is not in [0, num_classes). Keras 3 returns float64 here and 2.2.4 float32; ours is config::floatx()
// unless a dtype is given.
KERAS_API Array to_categorical(const Array& y, std::int64_t num_classes = -1, std::optional<DType> dtype = {});

namespace np_utils {  // where Keras 1 and 2 kept it
using utils::to_categorical;
}

}  // namespace utils
namespace np_utils = utils::np_utils;
}  // namespace keras
