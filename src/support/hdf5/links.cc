// The members of a group: of the old style (symbol table) and the new (link messages, or a fractal heap of them).
#include <fmt/format.h>

#include "support/hdf5/btree1.h"
#include "support/hdf5/header.h"
#include "support/hdf5/heaps.h"
#include "support/text.h"

namespace keras::support::hdf5 {
namespace {

// The entries of the B-tree of version 1 that holds a group of the old style.
void read_symbol_table(const Image& image, std::string_view message, Table<Link>& table) {
  Cursor in(image, message, "symbol table message");
  const std::uint64_t tree = in.address();
  const LocalHeap names(image, in.address());
  const auto entries = [&](std::uint64_t address) {
    constexpr std::string_view kWhat = "symbol table";
    const std::uint64_t entry = 2 * image.offset_size() + 24;
    Cursor head(image, image.at(address, 8, kWhat), kWhat);
    head.expect("SNOD");
    head.expect_version(1);
    head.skip(1);
    const std::uint64_t count = head.u16();
    Cursor node(image, image.part(address, 8 + count * entry, kWhat), kWhat);
    node.skip(8);
    for (std::uint64_t i = 0; i < count; ++i) {
      constexpr std::uint32_t kSoft = 2;
      Link link;
      link.name = names.text(node.number(image.offset_size()));
      image.charge(link.name.size());
      link.address = node.address();
      const std::uint32_t cached = node.u32();
      node.skip(4);
      const std::uint32_t target = node.u32();
      node.skip(12);
      if (cached == kSoft) {
        link.kind = Link::soft;
        link.target = names.text(target);
        image.charge(link.target.size());
      }
      table.sorted.push_back(link);
    }
  };
  for_each_leaf(image, tree, 0, image.length_size(), [&](std::string_view, std::uint64_t leaf) { entries(leaf); });
}

// A link message, in the object header or in a fractal heap.
Link read_link(const Image& image, std::string_view message) {
  Cursor in(image, message, "link message");
  in.expect_version(1, false);
  const unsigned flags = in.u8();
  const unsigned kind = flags & 0x08 ? in.u8() : 0;
  Link link;
  if (flags & 0x04) link.order = in.u64();
  if (flags & 0x10) in.skip(1);  // ASCII or UTF-8
  link.name = in.take(in.number(1u << (flags & 3)));
  if (kind == 0) {
    link.address = in.address();
  } else if (kind == 1) {
    link.kind = Link::soft;
    link.target = in.take(in.u16());
  } else {
    link.kind = kind == 64 ? Link::external : Link::other;
  }
  return link;
}

}  // namespace

Table<Link> read_links(const Image& image, const Header& header) {
  Table<Link> table;
  if (const Message* old = header.find(MessageKind::symbol_table)) read_symbol_table(image, old->body, table);
  for (const Message& message : header.messages) {
    if (message.kind != MessageKind::link) continue;
    refuse_shared(message);
    table.sorted.push_back(read_link(image, message.body));
  }
  if (const Message* info = header.find(MessageKind::link_info)) {
    constexpr unsigned kByName = 5;  // the type of the B-tree
    Cursor in(image, info->body, "link info message");
    in.expect_version(0, false);
    table.tracked = in.u8() & 1;
    if (table.tracked) in.skip(8);
    const std::uint64_t heap_address = in.address(), tree = in.address();
    if (heap_address != kNowhere) {
      FractalHeap heap(image, heap_address);
      for_each_record(image, tree, kByName, [&](std::string_view record) {
        Cursor fields(image, record, "record of a link");
        fields.skip(4);  // the name's hash
        const std::string_view message = heap.object(fields.take(7));
        image.charge(message.size());
        table.sorted.push_back(read_link(image, message));
      });
    }
  }
  for (const Link& link : table.sorted) {
    if (link.name.empty() || link.name == "." || link.name.find('/') != std::string_view::npos) {
      damaged(fmt::format("a group has a member «{}», which no member can be called", printable(link.name)));
    }
  }
  table.sort("links");
  return table;
}

}  // namespace keras::support::hdf5
