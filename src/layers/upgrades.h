// What configurations of Keras 1 and 2 say by other means than another name (those are `was` notes of fields), for all
// layers and for the families that share it. What one class has by itself is in the upgrade() of its body.
#pragma once

#include <keras/config.h>

namespace keras::layers::upgrades {

// Of every layer: dim_ordering, input_dtype, weights of null, and input_dim with input_length where they say the
// input's shape.
void any(const char* class_name, Config& config);

// nb_row and nb_col, kernel_dim1 to 3, filter_length; init where a layer has two kernels; the output_shape of
// transposed convolutions.
void convolution(const char* class_name, Config& config);

// consume_less and implementation, forget_bias_init, input_dim and input_length, and the names of Keras 1 (inner_init,
// dropout_W, …), for cells and layers; a GRU without reset_after of Keras 1 or 2 has none.
void recurrent(const char* class_name, Config& config);
// The same of ConvLSTM2D, with those of convolutions.
void recurrent_convolution(const char* class_name, Config& config);

}  // namespace keras::layers::upgrades
