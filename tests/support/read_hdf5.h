// Reads all that an HDF5 file has, object by object: one that is damaged does not hide the others.
#pragma once

#include <keras/error.h>

#include <set>
#include <string>
#include <vector>

#include "support/hdf5.h"

namespace keras::testing {

struct ReadHdf5 {
  std::size_t objects = 0, attributes = 0;
  std::uint64_t bytes = 0;          // of numbers and texts
  std::vector<std::string> errors;  // what was refused
};

namespace internal {

template <typename F>
void attempt(ReadHdf5& result, F f) {
  try {
    f();
  } catch (const Error& error) {
    result.errors.emplace_back(error.what());
  }
}

inline void read_value(ReadHdf5& result, const support::hdf5::Value& value) {
  if (value.type().kind == support::hdf5::Type::text) {
    for (const std::string& text : value.strings()) result.bytes += text.size();
  } else {
    const std::string bytes = value.bytes();
    result.bytes += bytes.size();
    const auto view = value.view();
    if (view && *view != bytes) result.errors.emplace_back("the view is not the bytes");
  }
}

inline void read_attributes(ReadHdf5& result, const support::hdf5::Object& object) {
  attempt(result, [&] {
    for (const std::string& name : object.attributes()) {
      ++result.attributes;
      attempt(result, [&] { read_value(result, object.attribute(name)); });
    }
  });
}

}  // namespace internal

inline ReadHdf5 read_everything(const support::hdf5::Group& root) {
  using namespace support::hdf5;
  ReadHdf5 result;
  std::set<std::uint64_t> seen = {root.id()};
  std::vector<Group> pending = {root};
  while (!pending.empty()) {
    const Group group = pending.back();
    pending.pop_back();
    ++result.objects;
    internal::read_attributes(result, group);
    std::vector<std::string> names;
    internal::attempt(result, [&] { names = group.names(); });
    for (const std::string& name : names) {
      internal::attempt(result, [&] {
        if (group.has_group(name)) {
          Group below = group.group(name);
          if (seen.insert(below.id()).second) pending.push_back(std::move(below));
        } else if (group.has_dataset(name)) {
          const Dataset set = group.dataset(name);
          if (!seen.insert(set.id()).second) return;
          ++result.objects;
          internal::read_attributes(result, set);
          internal::read_value(result, set);
        }
      });
    }
  }
  return result;
}

}  // namespace keras::testing
