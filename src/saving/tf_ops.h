// The ops of TensorFlow that tf.keras left in functional models (TFOpLambda, SlicingOpLambda, TensorFlowOpLayer), as
// those of Keras 3.
#pragma once

#include <string>
#include <string_view>

#include "saving/keras2_layers.h"
#include "saving/ops.h"

namespace keras::saving {

bool is_tf_op(std::string_view class_name);
// What the layer's configuration says it calls: "math.add", "Reshape".
std::string tf_function(const Config& layer);
bool has_tf_op(const Config& layer);
// `call` has what the node says: the operands in order in args, the others in kwargs. ValueError for a function that
// has no counterpart here, or is given what the counterpart cannot do.
OpCallConfig keras_op_of_tf(const Config& layer, OpCallConfig call);

// An op's entry of Keras 3 as a TFOpLambda or SlicingOpLambda. ValueError for one that has no counterpart.
Keras2Op tf_op_of_keras(const Config& entry);

}  // namespace keras::saving
