// How Keras 1 and 2 stored the weights of a layer where that differs from today: gates one by one, kernels of Theano,
// cuDNN's layouts. Sources: keras/engine/saving.py of 2.2.4, preprocess_weights_for_loading.
#pragma once

#include <keras/layer.h>

#include <string>
#include <vector>

#include "saving/stored.h"

namespace keras::saving {

struct LegacyOrigin {
  int keras = 2;        // major version of the file's Keras
  std::string backend;  // "theano", "tensorflow", …; empty where the file does not say
};

// How many arrays Keras 1 kept of the weights that the layer has by itself: 12 of an LSTM.
std::size_t keras_1_count(const Layer& layer);

// The arrays of one layer's own weights, in today's layout and order. `arrays` are as many as it has weights, or
// keras_1_count(). What fits no known layout is returned as it is.
std::vector<StoredArray> in_todays_layout(const Layer& layer, std::vector<StoredArray> arrays,
                                          const LegacyOrigin& origin);

}  // namespace keras::saving
