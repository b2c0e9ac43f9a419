#include "support/hdf5/header.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_set>

#include "support/hdf5/value.h"
#include "support/text.h"

namespace keras::support::hdf5 {
namespace {

constexpr std::uint8_t kShared = 0x02, kRefuseUnknown = 0x80;  // flags of a message
constexpr unsigned kLastKind = 0x19;

bool matters(unsigned kind) {
  using K = MessageKind;
  static constexpr std::array kKinds = {K::dataspace, K::link_info, K::datatype,     K::old_fill,
                                        K::fill,      K::link,      K::layout,       K::external_files,
                                        K::filters,   K::attribute, K::symbol_table, K::attribute_info};
  return std::find(kKinds.begin(), kKinds.end(), static_cast<K>(kind)) != kKinds.end();
}

// Reads the blocks of one header: the first, then those that continuation messages lead to.
class HeaderReader {
 public:
  HeaderReader(const Image& image, std::uint64_t address) : image_(image) {
    header_->address = address;
    if (image.at(address, 4, "object header") == "OHDR") {
      first_block_2();
    } else {
      first_block_1();
    }
    for (std::size_t i = 0; i < continued_.size(); ++i) continuation(continued_[i]);  // which may add more
  }
  std::shared_ptr<const Header> result() const { return header_; }

 private:
  struct Block {
    std::uint64_t address, size;
  };

  void first_block_1() {
    constexpr std::uint64_t kPrefix = 16;
    Cursor prefix(image_, image_.part(header_->address, kPrefix, "object header"), "object header");
    prefix.expect_version(1);
    prefix.skip(1 + 2 + 4);
    const std::uint64_t size = prefix.u32();
    Cursor in(image_, image_.part(header_->address + kPrefix, size, "object header"), "object header");
    messages_1(in);
  }

  void first_block_2() {
    version_ = 2;
    const auto flags = static_cast<std::uint8_t>(image_.at(header_->address, 6, "object header")[5]);
    creation_order_ = flags & 0x04;
    const std::uint64_t times = flags & 0x20 ? 16 : 0, phases = flags & 0x10 ? 4 : 0;
    const unsigned width = 1u << (flags & 3);
    const std::uint64_t prefix = 6 + times + phases + width;
    const std::string_view size = image_.at(header_->address, prefix, "object header").substr(prefix - width);
    const std::uint64_t whole = plus(little_endian(size), prefix + 4, "the size of an object header");
    Cursor in(image_, image_.part(header_->address, whole, "object header"), "object header");
    in.expect("OHDR");
    in.expect_version(2, false);
    in.skip(prefix - in.position());
    messages_2(in);
  }

  void continuation(Block block) {
    constexpr std::string_view kWhat = "continuation of an object header";
    Cursor in(image_, image_.part(block.address, block.size, kWhat), kWhat);
    if (version_ == 1) {
      messages_1(in);
    } else {
      in.expect("OCHK");
      messages_2(in);
    }
  }

  void messages_1(Cursor& in) {
    while (in.left() >= 8) {
      const unsigned kind = in.u16();
      const unsigned length = in.u16();
      const std::uint8_t flags = in.u8();
      in.skip(3);
      add(in, kind, flags, 0, in.take(length));
    }
  }

  void messages_2(Cursor& in) {
    constexpr std::size_t kChecksum = 4;
    const std::size_t head = creation_order_ ? 6 : 4;
    while (in.left() >= head + kChecksum) {
      const unsigned kind = in.u8();
      const unsigned length = in.u16();
      const std::uint8_t flags = in.u8();
      const std::uint16_t order = creation_order_ ? in.u16() : std::uint16_t{0};
      add(in, kind, flags, order, in.take(length));
    }
    if (in.left() < kChecksum) in.fail("has a message that reaches beyond its end");
    in.skip(in.left() - kChecksum);
    in.check();
  }

  void add(Cursor& in, unsigned kind, std::uint8_t flags, std::uint16_t order, std::string_view body) {
    if (kind > kLastKind && (flags & kRefuseUnknown)) in.unsupported(fmt::format("has a message of the kind {}", kind));
    if (static_cast<MessageKind>(kind) == MessageKind::continuation) {
      Cursor message(image_, body, "continuation message");
      const std::uint64_t address = message.address();
      if (!visited_.insert(address).second) message.fail(fmt::format("leads to byte {} a second time", address));
      continued_.push_back({address, message.length()});
    } else if (matters(kind)) {
      header_->messages.push_back({static_cast<MessageKind>(kind), flags, order, body});
    }
  }

  const Image& image_;
  std::shared_ptr<Header> header_ = std::make_shared<Header>();
  std::vector<Block> continued_;
  std::unordered_set<std::uint64_t> visited_;
  int version_ = 1;
  bool creation_order_ = false;
};

}  // namespace

template <typename Item>
void Table<Item>::sort(std::string_view what) {
  std::sort(sorted.begin(), sorted.end(), [](const Item& a, const Item& b) { return a.name < b.name; });
  const auto twice =
      std::adjacent_find(sorted.begin(), sorted.end(), [](const Item& a, const Item& b) { return a.name == b.name; });
  if (twice != sorted.end()) damaged(fmt::format("two {} have the name «{}»", what, printable(twice->name)));
}

template <typename Item>
const Item* Table<Item>::find(std::string_view name) const {
  const auto found = std::lower_bound(sorted.begin(), sorted.end(), name,
                                      [](const Item& item, std::string_view n) { return item.name < n; });
  return found != sorted.end() && found->name == name ? &*found : nullptr;
}

template <typename Item>
std::vector<std::string> Table<Item>::names() const {
  std::vector<const Item*> items;
  for (const Item& item : sorted) items.push_back(&item);
  if (tracked) {
    std::stable_sort(items.begin(), items.end(), [](const Item* a, const Item* b) { return a->order < b->order; });
  }
  std::vector<std::string> names;
  for (const Item* item : items) names.emplace_back(item->name);
  return names;
}

template struct Table<Link>;
template struct Table<StoredAttribute>;

const Message* Header::find(MessageKind kind) const {
  const auto found = std::find_if(messages.begin(), messages.end(), [&](const Message& m) { return m.kind == kind; });
  if (found == messages.end()) return nullptr;
  refuse_shared(*found);
  return &*found;
}

bool Header::is_group() const { return find(MessageKind::symbol_table) || find(MessageKind::link_info); }
bool Header::is_dataset() const { return find(MessageKind::layout) != nullptr; }

const Table<Link>& Header::links(const Image& image) const {
  const std::lock_guard lock(image.mutex());
  if (!links_) links_ = read_links(image, *this);
  return *links_;
}

const Table<StoredAttribute>& Header::attributes(const Image& image) const {
  const std::lock_guard lock(image.mutex());
  if (!attributes_) attributes_ = read_attributes(image, *this);
  return *attributes_;
}

std::shared_ptr<const Stored> Header::dataset(const Image& image) const {
  const std::lock_guard lock(image.mutex());
  if (dataset_fault_) throw *dataset_fault_;
  try {
    if (!dataset_) dataset_ = read_dataset(image, *this);
  } catch (const Fault& fault) {
    dataset_fault_ = fault;
    throw;
  }
  return dataset_;
}

void refuse_shared(const Message& message) {
  if (message.flags & kShared) unsupported("an object shares a part (such as a committed type) with others");
}

std::shared_ptr<const Header> read_header(const Image& image, std::uint64_t address) {
  return HeaderReader(image, address).result();
}

}  // namespace keras::support::hdf5
