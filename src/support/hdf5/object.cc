// Files, groups and data sets as their users see them: paths followed from link to link.
#include <fmt/format.h>
#include <keras/error.h>

#include <algorithm>
#include <deque>
#include <unordered_set>

#include "support/files.h"
#include "support/hdf5.h"
#include "support/hdf5/value.h"
#include "support/text.h"

namespace keras::support::hdf5 {
namespace {

constexpr int kMostSoftLinks = 16;           // one leading to the next
constexpr std::size_t kMostPath = 16 << 10;  // bytes; so that a group that contains itself has an end

std::vector<std::string_view> parts_of(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, slash);
    if (!part.empty() && part != ".") parts.push_back(part);
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return parts;
}

std::string joined(std::string_view folder, std::string_view path) {
  std::string all(path.starts_with('/') ? "" : folder);
  for (const std::string_view part : parts_of(path)) {
    if (!all.ends_with('/')) all += '/';
    all += part;
  }
  return all.empty() ? "/" : all;
}

}  // namespace

const std::string& Object::file_name() const { return image_->name(); }
std::uint64_t Object::id() const { return header_->address; }

std::vector<std::string> Object::attributes() const {
  return guarded(*image_, path_, [&] { return header_->attributes(*image_).names(); });
}

bool Object::has_attribute(std::string_view name) const {
  return guarded(*image_, path_, [&] { return header_->attributes(*image_).find(name) != nullptr; });
}

std::optional<Attribute> Object::find_attribute(std::string_view name) const {
  const std::string place = fmt::format("{}, attribute {}", path_, name);
  return guarded(*image_, place, [&]() -> std::optional<Attribute> {
    const StoredAttribute* found = header_->attributes(*image_).find(name);
    if (!found) return std::nullopt;
    ValueParts parts{image_, header_, read_attribute(*image_, found->body), path_, std::string(name), true};
    return Attribute(std::make_shared<const ValueParts>(std::move(parts)));
  });
}

Attribute Object::attribute(std::string_view name) const {
  if (auto found = find_attribute(name)) return *std::move(found);
  const std::vector<std::string> names = attributes();
  throw ValueError(fmt::format("«{}» of «{}» has no attribute «{}»; it has: {}.{}", printable(path_, 200), file_name(),
                               printable(name), names.empty() ? "none" : list(names), did_you_mean(name, names)));
}

const std::string& Attribute::name() const { return parts_->name; }

std::vector<std::string> Group::names() const {
  return guarded(*image_, path_, [&] { return header_->links(*image_).names(); });
}

std::size_t Group::count() const {
  return guarded(*image_, path_, [&] { return header_->links(*image_).sorted.size(); });
}

void Group::too_deep(std::string_view path) const {
  throw IOError(fmt::format("«{}» has a group that contains itself, or a path of more than {} bytes: «{}».",
                            file_name(), kMostPath, printable(path, 200)));
}

std::optional<Object> Group::find(std::string_view path) const {
  std::string place = joined(path_, path);
  if (place.size() > kMostPath) too_deep(place);
  return guarded(*image_, place, [&]() -> std::optional<Object> {
    const auto start_of = [&](std::string_view p, std::shared_ptr<const Header> otherwise) {
      return p.starts_with('/') ? image_->header(image_->root()) : otherwise;
    };
    std::shared_ptr<const Header> at = start_of(path, header_);
    std::vector<std::string_view> first = parts_of(path);
    std::deque<std::string_view> parts(first.begin(), first.end());
    int soft_links = 0;
    while (!parts.empty()) {
      const std::string_view part = parts.front();
      parts.pop_front();
      if (!at->is_group()) return std::nullopt;
      const Link* link = at->links(*image_).find(part);
      if (!link) return std::nullopt;
      switch (link->kind) {
        case Link::hard:
          at = image_->header(link->address);
          break;
        case Link::soft: {
          if (++soft_links > kMostSoftLinks) damaged("soft links lead in a circle");
          at = start_of(link->target, at);
          const std::vector<std::string_view> target = parts_of(link->target);
          parts.insert(parts.begin(), target.begin(), target.end());
          break;
        }
        case Link::external:
          unsupported(fmt::format("«{}» is a link to another file", printable(part)));
        case Link::other:
          unsupported(fmt::format("«{}» is a link of a kind of its own", printable(part)));
      }
    }
    return Object(image_, std::move(at), std::move(place));
  });
}

Object Group::at(std::string_view path) const {
  if (auto found = find(path)) return *std::move(found);
  const std::size_t slash = path.rfind('/');
  const std::string_view last = slash == std::string_view::npos ? path : path.substr(slash + 1);
  const auto folder = find(path.substr(0, path.size() - last.size()));  // whose names may be near
  const std::vector<std::string> names =
      folder && folder->is_group() ? Group(*folder).names() : std::vector<std::string>();
  throw ValueError(fmt::format(
      "«{}» of «{}» has no member «{}»; it has: {}.{}", printable(folder ? folder->path() : path_, 200), file_name(),
      printable(folder ? last : path, 200), names.empty() ? "none" : list(names), did_you_mean(last, names)));
}

bool Object::is_group() const {
  return guarded(*image_, path_, [&] { return header_->is_group(); });
}

bool Object::is_dataset() const {
  return guarded(*image_, path_, [&] { return header_->is_dataset(); });
}

bool Group::has(std::string_view path) const { return find(path).has_value(); }

bool Group::has_group(std::string_view path) const {
  const auto found = find(path);
  return found && found->is_group();
}

bool Group::has_dataset(std::string_view path) const {
  const auto found = find(path);
  return found && found->is_dataset();
}

Group Group::group(std::string_view path) const {
  Object found = at(path);
  if (found.is_group()) return Group(std::move(found));
  throw ValueError(fmt::format("«{}» of «{}» is no group; it is {}.", printable(found.path(), 200), file_name(),
                               found.is_dataset() ? "a data set" : "a committed type"));
}

Dataset Group::dataset(std::string_view path) const {
  Object found = at(path);
  if (!found.is_dataset()) {
    throw ValueError(fmt::format("«{}» of «{}» is no data set; it is {}.", printable(found.path(), 200), file_name(),
                                 found.is_group() ? "a group" : "a committed type"));
  }
  return guarded(*image_, found.path(), [&] {
    ValueParts parts{image_, found.header_, found.header_->dataset(*image_), found.path(), "", false};
    return Dataset(std::move(found), std::make_shared<const ValueParts>(std::move(parts)));
  });
}

void Group::walk(const Visitor& visitor) const {
  struct Level {
    Group group;
    std::vector<std::string> names;
    std::size_t next = 0;
  };
  std::unordered_set<std::uint64_t> seen = {id()};
  std::vector<Level> levels = {{*this, names()}};
  while (!levels.empty()) {
    Level& level = levels.back();
    if (level.next == level.names.size()) {
      levels.pop_back();
      continue;
    }
    const std::string& name = level.names[level.next++];
    const std::string& folder = level.group.path_;
    const auto linked = guarded(*image_, folder, [&]() -> std::optional<Object> {
      const Link* link = level.group.header_->links(*image_).find(name);
      if (link->kind != Link::hard || !seen.insert(link->address).second) return std::nullopt;
      return Object(image_, image_->header(link->address),
                    fmt::format("{}{}{}", folder, folder == "/" ? "" : "/", name));
    });
    if (!linked) continue;
    if (linked->path().size() > kMostPath) too_deep(linked->path());
    if (linked->is_group()) {
      Group group(*linked);
      if (visitor.group) visitor.group(group);
      std::vector<std::string> below = group.names();
      levels.push_back({std::move(group), std::move(below)});
    } else if (linked->is_dataset() && visitor.dataset) {
      visitor.dataset(level.group.dataset(name));
    }
  }
}

Group Group::root_of(std::shared_ptr<const Image> image) {
  const Image& file = *image;
  return guarded(file, "/", [&] {
    Group root(Object(image, file.header(file.root()), "/"));
    if (!root.header_->is_group()) damaged("the first object is no group");
    return root;
  });
}

File::File(const std::string& path)
    : Group([&] { return root_of(std::make_shared<const Image>(path, std::make_shared<const MappedFile>(path))); }()) {}

File::File(std::string name, std::string_view bytes)
    : Group(root_of(std::make_shared<const Image>(std::move(name), bytes, nullptr))) {}

File File::of(std::string name, std::string bytes) {
  auto owned = std::make_shared<const std::string>(std::move(bytes));
  const std::string_view view = *owned;
  return File(root_of(std::make_shared<const Image>(std::move(name), view, std::move(owned))));
}

}  // namespace keras::support::hdf5
