#include "support/hdf5/btree1.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace keras::support::hdf5 {

void for_each_leaf(const Image& image, std::uint64_t address, unsigned type, std::uint64_t key_size,
                   const LeafFunction& f) {
  constexpr std::string_view kWhat = "B-tree's node";
  constexpr int kAnyLevel = -1;
  struct Node {
    std::uint64_t address;
    int level;  // which it must have: levels fall on the way down, so there is no way round
  };
  std::vector<Node> pending = {{address, kAnyLevel}};
  while (!pending.empty()) {
    const Node node = pending.back();
    pending.pop_back();
    const std::uint64_t prefix = 8 + 2 * image.offset_size();
    Cursor head(image, image.at(node.address, prefix, kWhat), kWhat);
    head.expect("TREE");
    if (head.u8() != type) head.fail(fmt::format("is not of type {}", type));
    const int level = head.u8();
    if (node.level != kAnyLevel && level != node.level) {
      head.fail(fmt::format("is on level {} instead of {}", level, node.level));
    }
    const std::uint64_t count = head.u16();
    const std::uint64_t size = prefix + count * (key_size + image.offset_size());
    Cursor in(image, image.part(node.address, size, kWhat), kWhat);
    in.skip(prefix);
    const std::size_t first = pending.size();
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::string_view key = in.take(key_size);
      const std::uint64_t child = in.address();
      if (level == 0) {
        f(key, child);
      } else {
        pending.push_back({child, level - 1});
      }
    }
    std::reverse(pending.begin() + static_cast<std::ptrdiff_t>(first), pending.end());
  }
}

}  // namespace keras::support::hdf5
