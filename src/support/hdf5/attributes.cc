// The attributes of an object: messages in its header, or in a fractal heap when they are many or large.
#include <fmt/format.h>

#include "support/hdf5/header.h"
#include "support/hdf5/heaps.h"
#include "support/hdf5/value.h"

namespace keras::support::hdf5 {
namespace {

// The parts of an attribute message of any version.
struct Parts {
  std::string_view name, type, space, data;
  bool shared = false;  // its type lies elsewhere
};

Parts parts_of(const Image& image, std::string_view message) {
  Cursor in(image, message, "attribute message");
  const unsigned version = in.u8();
  if (version < 1 || version > 3) in.unsupported(fmt::format("has the version {}", version));
  const unsigned flags = in.u8();
  const std::uint64_t name_size = in.u16(), type_size = in.u16(), space_size = in.u16();
  if (version == 3) in.skip(1);  // ASCII or UTF-8
  const auto take = [&](std::uint64_t size) {
    const std::string_view part = in.take(size);
    if (version == 1) in.skip((8 - size % 8) % 8);
    return part;
  };
  Parts parts;
  parts.name = take(name_size);
  parts.name = parts.name.substr(0, parts.name.find('\0'));
  parts.type = take(type_size);
  parts.space = take(space_size);
  parts.data = in.take(in.left());
  parts.shared = version > 1 && (flags & 3);
  return parts;
}

}  // namespace

Table<StoredAttribute> read_attributes(const Image& image, const Header& header) {
  Table<StoredAttribute> table;
  for (const Message& message : header.messages) {
    if (message.kind != MessageKind::attribute) continue;
    refuse_shared(message);
    table.sorted.push_back({parts_of(image, message.body).name, message.order, message.body});
  }
  if (const Message* info = header.find(MessageKind::attribute_info)) {
    constexpr unsigned kByName = 8;  // the type of the B-tree
    Cursor in(image, info->body, "attribute info message");
    in.expect_version(0, false);
    table.tracked = in.u8() & 1;
    if (table.tracked) in.skip(2);
    const std::uint64_t heap_address = in.address(), tree = in.address();
    if (heap_address != kNowhere) {
      FractalHeap heap(image, heap_address);
      for_each_record(image, tree, kByName, [&](std::string_view record) {
        Cursor fields(image, record, "record of an attribute");
        const std::string_view message = heap.object(fields.take(8));
        image.charge(message.size());
        if (fields.u8() & 2) unsupported("an attribute is shared with other objects");
        table.sorted.push_back({parts_of(image, message).name, fields.u32(), message});
      });
    }
  }
  table.sort("attributes");
  return table;
}

std::shared_ptr<const Stored> read_attribute(const Image& image, std::string_view message) {
  const Parts parts = parts_of(image, message);
  if (parts.shared) unsupported("it has a type that is shared with other objects (a committed one)");
  auto stored = std::make_shared<Stored>();
  stored->element = read_element(image, parts.type);
  stored->set_shape(read_space(image, parts.space));
  if (parts.data.size() < stored->byte_size) {
    damaged(fmt::format("an attribute has {} of its {} bytes", parts.data.size(), stored->byte_size));
  }
  stored->bytes = parts.data.substr(0, stored->byte_size);
  return stored;
}

}  // namespace keras::support::hdf5
