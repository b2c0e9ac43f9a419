// The names of all primitive ops as an enum, made from the three lists. Light enough for kernels to include.
#pragma once

namespace keras::primitives {

enum class Op : int {
#define KERAS_UNARY(name, ...) name,
#define KERAS_BINARY(name, ...) name,
#define KERAS_TERNARY(name, ...) name,
#include <keras/elementwise.def>
#define KERAS_CHAIN(name, ...) name,
#include "primitives/chains.def"
#define KERAS_PRIMITIVE(name, ...) name,
#include "primitives/primitives.def"
  count
};
inline constexpr int kOps = static_cast<int>(Op::count);

// How the dtypes of an elementwise op go: see keras/elementwise.def.
enum class Kind { real, same, test, logic, choose };

struct NoGradient {};
inline constexpr NoGradient no_gradient{};  // differentiating is an error: a decision, not an omission

struct Flat {};
inline constexpr Flat flat{};  // the gradient is zero wherever there is one: nothing flows back, and that is no error

}  // namespace keras::primitives
