// Input: where a model's expression begins.
#include <keras/config.h>
#include <keras/error.h>
#include <keras/models.h>

#include "layers/names.h"
#include "ops/tensor_node.h"

namespace keras {

Tensor Input(const Shape& shape, InputArgs args) {
  const std::string name = args.name && !args.name->empty() ? *args.name : layers::unique_name("InputLayer");
  return ops::placeholder({args.dtype.value_or(config::floatx()), shape.with_front(args.batch_size.value_or(None))},
                          name);
}

}  // namespace keras
