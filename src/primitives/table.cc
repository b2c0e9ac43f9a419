// The table of all ops, in the order of the enum.
#include <algorithm>
#include <array>

#include "primitives/elementwise.h"
#include "primitives/record.h"

namespace keras::primitives {
namespace {

template <std::size_t N>
constexpr bool sorted_and_unique(const std::array<std::string_view, N>& names) {
  return std::ranges::adjacent_find(names, std::greater_equal{}) == names.end();
}
#define KERAS_UNARY(name, ...) std::string_view(#name),
static_assert(sorted_and_unique(std::array{
#include <keras/elementwise.def>
}));
#define KERAS_BINARY(name, ...) std::string_view(#name),
static_assert(sorted_and_unique(std::array{
#include <keras/elementwise.def>
}));
#define KERAS_CHAIN(name, ...) std::string_view(#name),
static_assert(sorted_and_unique(std::array{
#include "primitives/chains.def"
}));
#define KERAS_PRIMITIVE(name, ...) std::string_view(#name),
static_assert(sorted_and_unique(std::array{
#include "primitives/primitives.def"
}));

constexpr auto kNames = [] {
  std::array<std::string_view, kOps> names{
#define KERAS_UNARY(name, ...) #name,
#define KERAS_BINARY(name, ...) #name,
#define KERAS_TERNARY(name, ...) #name,
#include <keras/elementwise.def>
#define KERAS_CHAIN(name, ...) #name,
#include "primitives/chains.def"
#define KERAS_PRIMITIVE(name, ...) #name,
#include "primitives/primitives.def"
  };
  std::ranges::sort(names);
  return names;
}();
static_assert(sorted_and_unique(kNames), "two ops of one name");

struct Table {
  std::vector<ir::OpDef> defs;
  std::vector<ElementwiseInfo> elementwise;
  std::vector<std::pair<std::string_view, const ir::OpDef*>> by_name;

  Table() {
    defs.reserve(kOps);
    for (const ElementwiseDef& e : elementwise_defs()) {
      defs.push_back(e.def);
      elementwise.push_back(e.info);
    }
    for (const ir::OpDef& def : chain_defs()) defs.push_back(def);
#define KERAS_PRIMITIVE(name, ...) defs.push_back(erase(records::name, static_cast<int>(Op::name)));
#include "primitives/primitives.def"
    for (const ir::OpDef& def : defs) by_name.emplace_back(def.name, &def);
    std::ranges::sort(by_name);
  }
};

const Table& table() {
  static const Table table;
  return table;
}

}  // namespace

const ir::OpDef& def(Op op) { return table().defs[static_cast<std::size_t>(op)]; }

const ir::OpDef* find(std::string_view name) {
  const auto& by_name = table().by_name;
  const auto at = std::ranges::lower_bound(by_name, name, {}, [](const auto& entry) { return entry.first; });
  return at != by_name.end() && at->first == name ? at->second : nullptr;
}

std::span<const ir::OpDef> all() { return table().defs; }

const ElementwiseInfo* elementwise(const ir::OpDef& op) {
  const auto& infos = table().elementwise;
  return op.code >= 0 && static_cast<std::size_t>(op.code) < infos.size() ? &infos[static_cast<std::size_t>(op.code)]
                                                                          : nullptr;
}

}  // namespace keras::primitives
