// The ops of Keras 3 that stand in functional models: each a node of the graph that can be written again as it was.
#pragma once

#include <keras/tensor.h>

#include <string>
#include <string_view>
#include <vector>

#include "ops/record.h"

namespace keras::saving {

// How a configuration says a call: the class of the op, its arguments, and its call's, with slots for the tensors.
struct OpCallConfig {
  std::string class_name;
  Config config = Config::map(), args = Config::list(), kwargs = Config::map();
};

bool has_op(std::string_view class_name);
// The results of the op; `name` is its node's. ValueError for an op that is not there, and for arguments that do not
// fit.
std::vector<Tensor> call_op(const std::string& name, OpCallConfig call, std::vector<Tensor> tensors);

}  // namespace keras::saving
