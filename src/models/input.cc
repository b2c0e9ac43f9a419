// Input: where a model's expression begins.
#include <keras/config.h>
#include <keras/models.h>

#include "layers/core/input_layer.h"

namespace keras {

Tensor Input(const Shape& shape, InputArgs args) {
  return layers::input_tensor(shape.with_front(args.batch_size.value_or(None)), args.dtype.value_or(config::floatx()),
                              std::move(args.name));
}

}  // namespace keras
