// B-trees of version 1: groups of the old style, and the chunks of data sets.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "support/hdf5/image.h"

namespace keras::support::hdf5 {

// Calls `f` with the key before each child of each leaf node, and the child's address. `type`: 0 groups, 1 chunks.
using LeafFunction = std::function<void(std::string_view key, std::uint64_t child)>;
void for_each_leaf(const Image& image, std::uint64_t address, unsigned type, std::uint64_t key_size,
                   const LeafFunction& f);

}  // namespace keras::support::hdf5
