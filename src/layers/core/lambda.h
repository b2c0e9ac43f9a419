// What else is asked of Lambdas, whose functions no configuration holds.
#pragma once

#include <keras/layers/lambda.h>

namespace keras::layers {

// The arguments of a Lambda; nullptr for another layer.
const LambdaArgs* lambda_args(const LayerBody& layer);

}  // namespace keras::layers
