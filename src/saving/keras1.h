// What only Keras 1 had: Merge in its modes, layers before a Merge inside a Sequential, classes that are gone.
#pragma once

#include <keras/config.h>

#include <string_view>

namespace keras::saving {

// A layer's entry as Keras 2 has it: Merge becomes Add, Concatenate, …, and TimeDistributedDense a Dense.
void upgrade_keras1(Config& layer);
// Why there is no class of this name any more; nullptr where Keras 1 had none.
const char* removed_class(std::string_view class_name);
// A Sequential whose first layer is a Merge of other models, as the configuration of a functional model: all layers of
// the branches, the merging layer, the rest.
bool begins_with_merge(const Config& layers);
Config merged_branches(const Config& layers, const Config& name);

}  // namespace keras::saving
