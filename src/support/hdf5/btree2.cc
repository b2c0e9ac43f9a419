// B-trees of version 2: from the root down, each node once; records of any type are handed on as bytes.
#include <fmt/format.h>

#include <bit>

#include "support/hdf5/heaps.h"

namespace keras::support::hdf5 {
namespace {

constexpr unsigned kMostDepth = 32;

struct Tree {
  unsigned type = 0, depth = 0;
  std::uint64_t node_size = 0, record_size = 0, root = kNowhere, root_records = 0, records = 0;
};

Tree read_tree(const Image& image, std::uint64_t address) {
  constexpr std::string_view kWhat = "B-tree";
  const std::uint64_t size = 22 + image.offset_size() + image.length_size();
  Cursor in(image, image.part(address, size, kWhat), kWhat);
  Tree tree;
  in.expect("BTHD");
  in.expect_version(0);
  tree.type = in.u8();
  tree.node_size = in.u32();
  tree.record_size = in.u16();
  tree.depth = in.u16();
  in.skip(2);
  tree.root = in.address();
  tree.root_records = in.u16();
  tree.records = in.length();
  in.check();
  if (tree.depth > kMostDepth || tree.record_size == 0 || tree.node_size < 10 + tree.record_size) {
    in.fail(fmt::format("has the depth {}, nodes of {} bytes and records of {}", tree.depth, tree.node_size,
                        tree.record_size));
  }
  return tree;
}

// Bytes of a number up to `most`.
unsigned bytes_for(std::uint64_t most) { return (std::bit_width(most | 1) - 1) / 8 + 1; }

// How wide the counts in nodes of each height are: they fit what the node below can hold at most.
struct Widths {
  unsigned in_node = 0;                    // records of one node
  std::vector<unsigned> in_subtree = {0};  // by the child's height
};

Widths widths_of(const Image& image, const Tree& tree) {
  constexpr std::uint64_t kOverhead = 10;
  Widths widths;
  std::uint64_t most = (tree.node_size - kOverhead) / tree.record_size;
  widths.in_node = bytes_for(most);
  for (unsigned height = 1; height < tree.depth; ++height) {
    const std::uint64_t pointer = image.offset_size() + widths.in_node + widths.in_subtree.back();
    if (tree.node_size < kOverhead + pointer) damaged("a B-tree's nodes are too small for their children");
    const std::uint64_t records = (tree.node_size - kOverhead - pointer) / (tree.record_size + pointer);
    if (__builtin_mul_overflow(records + 1, most, &most) || __builtin_add_overflow(most, records, &most)) {
      most = UINT64_MAX;
    }
    widths.in_subtree.push_back(bytes_for(most));
  }
  return widths;
}

}  // namespace

void for_each_record(const Image& image, std::uint64_t address, unsigned type, const RecordFunction& f) {
  const Tree tree = read_tree(image, address);
  if (tree.type != type) damaged(fmt::format("the B-tree at byte {} is of type {}, not {}", address, tree.type, type));
  if (tree.records == 0) return;
  const Widths widths = widths_of(image, tree);
  struct Node {
    std::uint64_t address, records;
    unsigned height;
  };
  std::vector<Node> pending = {{tree.root, tree.root_records, tree.depth}};
  std::uint64_t found = 0;
  while (!pending.empty()) {
    const Node node = pending.back();
    pending.pop_back();
    const unsigned subtree = node.height > 1 ? widths.in_subtree[node.height - 1] : 0;
    const std::uint64_t pointer = image.offset_size() + widths.in_node + subtree;
    const std::uint64_t children = node.height > 0 ? (node.records + 1) * pointer : 0;
    const std::uint64_t size = 6 + node.records * tree.record_size + children + 4;
    if (size > tree.node_size) {
      damaged(fmt::format("a node of the B-tree at byte {} is said to have {} records", address, node.records));
    }
    Cursor in(image, image.part(node.address, size, "B-tree's node"), "B-tree's node");
    in.expect(node.height > 0 ? "BTIN" : "BTLF");
    in.expect_version(0);
    if (in.u8() != type) in.fail(fmt::format("is not of its tree's type, {}", type));
    const std::string_view records = in.take(node.records * tree.record_size);
    std::vector<Node> below;
    for (std::uint64_t i = 0; node.height > 0 && i <= node.records; ++i) {
      const std::uint64_t child = in.address();
      below.push_back({child, in.number(widths.in_node), node.height - 1});
      in.skip(subtree);
    }
    in.check();
    for (std::uint64_t i = 0; i < node.records; ++i) f(records.substr(i * tree.record_size, tree.record_size));
    found += node.records;
    pending.insert(pending.end(), below.begin(), below.end());
  }
  if (found != tree.records) {
    damaged(fmt::format("the B-tree at byte {} has {} records instead of {}", address, found, tree.records));
  }
}

}  // namespace keras::support::hdf5
