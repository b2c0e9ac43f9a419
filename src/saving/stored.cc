#include "saving/stored.h"

#include <fmt/format.h>
#include <keras/error.h>

#include <span>
#include <unordered_set>

namespace keras::saving {
namespace {

using support::hdf5::Attribute;
using support::hdf5::Dataset;
using support::hdf5::Group;
using support::hdf5::Type;

// NumPy has no bfloat16, so Keras stores its bytes under another type and says so beside them.
DType dtype_of(const Dataset& dataset) {
  const Type& type = dataset.type();
  if (type.kind == Type::number) return type.dtype;
  if (type.size == 2 && text_of(dataset, "dtype") == "bfloat16") return DType::bfloat16;
  throw TypeError(fmt::format("{}: expected numbers. Received: {}.", dataset.describe(),
                              type.kind == Type::text ? "texts" : "bytes of no known type"));
}

}  // namespace

Array StoredArray::own() const {
  if (!viewed) return value;
  const auto bytes = viewed->view();
  if (!bytes || bytes->data() != value.data() || bytes->size() != value.nbytes()) return value.copy();
  Array array = Array::empty(value.shape(), value.dtype());
  viewed->read_into({static_cast<std::byte*>(array.mutable_data()), array.nbytes()});
  return array;
}

StoredArray stored_array(std::string name, const Dataset& dataset) {
  const DType dtype = dtype_of(dataset);
  Shape shape;
  for (std::int64_t size : dataset.shape()) shape.push_back(size);
  if (const auto bytes = dataset.view())
    return {std::move(name), Array::view(bytes->data(), shape, dtype, dataset.owner()), dataset};
  Array array = Array::empty(shape, dtype);
  dataset.read_into({static_cast<std::byte*>(array.mutable_data()), array.nbytes()});
  return {std::move(name), std::move(array)};
}

namespace {
template <class F>
void if_readable(F&& act) {
  try {
    act();
  } catch (const Error&) {
  }
}
}  // namespace

std::uint64_t room_for_weights(const Group& file) {
  constexpr std::uint64_t kWidth = 2 * sizeof(float), kAnyway = 16 << 20;
  std::uint64_t elements = 0;
  std::unordered_set<std::uint64_t> seen{file.id()};
  std::vector<Group> pending{file};
  while (!pending.empty()) {
    const Group group = pending.back();
    pending.pop_back();
    std::vector<std::string> names;
    if_readable([&] { names = group.names(); });
    for (const std::string& name : names) {
      if_readable([&] {
        if (group.has_dataset(name)) {
          const Dataset dataset = group.dataset(name);
          if (seen.insert(dataset.id()).second) elements += static_cast<std::uint64_t>(dataset.count());
        } else if (group.has_group(name)) {
          Group below = group.group(name);
          if (seen.insert(below.id()).second) pending.push_back(std::move(below));
        }
      });
    }
  }
  return kWidth * elements + kAnyway;
}

std::vector<std::string> texts_of(const support::hdf5::Object& object, const std::string& name) {
  std::vector<std::string> texts;
  const auto append = [&](const Attribute& attribute) {
    if (attribute.null() || attribute.count() == 0) return;
    for (std::string& text : attribute.strings()) texts.push_back(std::move(text));
  };
  if (const auto whole = object.find_attribute(name)) {
    if (whole->type().kind == Type::text) append(*whole);  // an empty list is stored as one of numbers
    return texts;
  }
  for (int part = 0; const auto found = object.find_attribute(fmt::format("{}{}", name, part)); ++part) append(*found);
  return texts;
}

std::string text_of(const support::hdf5::Object& object, const std::string& name) {
  const auto found = object.find_attribute(name);
  if (!found || found->type().kind != Type::text || found->count() != 1) return {};
  return found->string();
}

}  // namespace keras::saving
