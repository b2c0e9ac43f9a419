// Object headers of both versions: the messages that say what an object is, and the links and attributes it holds.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/hdf5/image.h"

namespace keras::support::hdf5 {

struct Stored;  // what a data set is: see value.h

enum class MessageKind : std::uint8_t {
  dataspace = 0x01,
  link_info = 0x02,
  datatype = 0x03,
  old_fill = 0x04,
  fill = 0x05,
  link = 0x06,
  external_files = 0x07,
  layout = 0x08,
  filters = 0x0b,
  attribute = 0x0c,
  continuation = 0x10,
  symbol_table = 0x11,
  attribute_info = 0x15,
};

struct Message {
  MessageKind kind;
  std::uint8_t flags;
  std::uint16_t order;  // of creation, where the header tracks it (attributes)
  std::string_view body;
};

// A member of a group. Names and targets lie in the file.
struct Link {
  enum Kind : std::uint8_t { hard, soft, external, other };
  std::string_view name;
  Kind kind = hard;
  std::uint64_t address = kNowhere;  // of a hard link's object
  std::string_view target;           // of a soft link: a path
  std::uint64_t order = 0;           // of creation
};

struct StoredAttribute {
  std::string_view name;
  std::uint64_t order = 0;
  std::string_view body;  // of the message
};

// Links or attributes, sorted by name.
template <typename Item>
struct Table {
  std::vector<Item> sorted;
  bool tracked = false;  // the order of creation

  void sort(std::string_view what);  // Fault: two have one name
  const Item* find(std::string_view name) const;
  std::vector<std::string> names() const;  // in order of creation where that is tracked
};
extern template struct Table<Link>;
extern template struct Table<StoredAttribute>;

struct Header {
  std::uint64_t address = 0;
  std::vector<Message> messages;  // those that matter here, in their order

  const Message* find(MessageKind kind) const;  // the first; a Fault if it is shared, which is not supported
  bool is_group() const;
  bool is_dataset() const;

  // Found out when first asked for, under Image::mutex().
  const Table<Link>& links(const Image& image) const;
  const Table<StoredAttribute>& attributes(const Image& image) const;
  std::shared_ptr<const Stored> dataset(const Image& image) const;

  mutable std::optional<Table<Link>> links_;
  mutable std::optional<Table<StoredAttribute>> attributes_;
  mutable std::shared_ptr<const Stored> dataset_;
  mutable std::optional<Fault> dataset_fault_;  // kept: what lies over other parts is found once only
};

void refuse_shared(const Message& message);  // Fault: its body lies elsewhere
std::shared_ptr<const Header> read_header(const Image& image, std::uint64_t address);

// What links.cc and attributes.cc do for Header.
Table<Link> read_links(const Image& image, const Header& header);
Table<StoredAttribute> read_attributes(const Image& image, const Header& header);

}  // namespace keras::support::hdf5
