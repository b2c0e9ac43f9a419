// What layers of several inputs share.
#pragma once

#include <keras/layers/merging.h>
#include <keras/ops.h>

#include <string>
#include <vector>

namespace keras::layers {

std::string shapes_of(const std::vector<Tensor>& inputs);  // "(None, 3), (None, 4)"
// ValueError when the sizes of the batches differ.
void check_batches(const LayerBody& layer, const std::vector<Tensor>& inputs);
// The inputs for an elementwise op: one of lower rank gets axes of size 1 after the batch. ValueError with the shapes
// when they do not broadcast.
std::vector<Tensor> aligned(const LayerBody& layer, const std::vector<Tensor>& inputs);
// Where every input has a mask: true where one of them is. In Keras 2.2, of those there are: true where all of them
// are.
std::vector<Tensor> merged_mask(const Call& call);

}  // namespace keras::layers
