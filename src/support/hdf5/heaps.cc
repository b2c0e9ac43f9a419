#include "support/hdf5/heaps.h"

#include <fmt/format.h>

#include <algorithm>

namespace keras::support::hdf5 {

LocalHeap::LocalHeap(const Image& image, std::uint64_t address) {
  const unsigned lengths = 2 * image.length_size(), addresses = image.offset_size();
  Cursor in(image, image.part(address, 8 + lengths + addresses, "local heap"), "local heap");
  in.expect("HEAP");
  in.expect_version(0);
  in.skip(3);
  const std::uint64_t size = in.length();
  in.length();  // the list of free places
  data_ = image.part(in.address(), size, "local heap's data");
}

std::string_view LocalHeap::text(std::uint64_t offset) const {
  if (offset >= data_.size()) damaged(fmt::format("a name is at {} of a local heap of {} bytes", offset, data_.size()));
  const std::string_view rest = data_.substr(offset);
  const std::size_t end = rest.find('\0');
  if (end == std::string_view::npos) damaged("the last name of a local heap has no end");
  return rest.substr(0, end);
}

std::unique_ptr<const HeapCollection> read_collection(const Image& image, std::uint64_t address) {
  constexpr std::string_view kWhat = "global heap";
  auto collection = std::make_unique<HeapCollection>();
  collection->address = address;
  const std::uint64_t head = 8 + image.length_size();
  Cursor start(image, image.at(address, head, kWhat), kWhat);
  start.expect("GCOL");
  start.expect_version(1);
  start.skip(3);
  const std::uint64_t size = start.length();
  if (size < head) start.fail(fmt::format("is said to have {} bytes", size));
  Cursor in(image, image.part(address, size, kWhat), kWhat);
  in.skip(head);
  while (in.left() >= head) {
    const std::uint16_t number = in.u16();
    in.skip(2 + 4);  // references
    const std::uint64_t length = in.length();
    if (number == 0) break;  // free from here on
    collection->items.push_back({number, in.take(length)});
    in.skip(std::min<std::uint64_t>((8 - length % 8) % 8, in.left()));
  }
  std::sort(collection->items.begin(), collection->items.end(),
            [](const auto& a, const auto& b) { return a.number < b.number; });
  return collection;
}

std::string_view HeapCollection::at(std::uint32_t number) const {
  const auto found = std::lower_bound(items.begin(), items.end(), number,
                                      [](const Item& item, std::uint32_t n) { return item.number < n; });
  if (found == items.end() || found->number != number) {
    damaged(fmt::format("the global heap at byte {} has no object {}", address, number));
  }
  return found->bytes;
}

}  // namespace keras::support::hdf5
