// Src: a reading of the rows as C source text, from which a device compiler can make fused kernels. Operators and `?:`
// are C's; functions are calls of k_<name>, which a prelude defines.
#pragma once

#include <fmt/format.h>

#include <string>

#include "primitives/scalar.h"

namespace keras::scalar {

struct Src {
  using scalar_tag = void;
  std::string text;
};
inline Src like(const Src&, double k) {
  if (k != k) return {"NAN"};
  if (k - k != 0) return {k > 0 ? "INFINITY" : "-INFINITY"};
  std::string text = fmt::format("{:.9g}", k);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";  // 1f is no literal
  return {text + "f"};
}
#define KERAS_OPERATOR(op) \
  inline Src operator op(Src a, Src b) { return {"(" + a.text + " " #op " " + b.text + ")"}; }
KERAS_OPERATOR(+)
KERAS_OPERATOR(-)
KERAS_OPERATOR(*)
KERAS_OPERATOR(/)
KERAS_OPERATOR(>)
KERAS_OPERATOR(<)
KERAS_OPERATOR(>=)
KERAS_OPERATOR(<=)
KERAS_OPERATOR(==)
KERAS_OPERATOR(!=)
KERAS_OPERATOR(&&)
KERAS_OPERATOR(||)
#undef KERAS_OPERATOR
inline Src operator-(Src a) { return {"(-" + a.text + ")"}; }
inline Src operator!(Src a) { return {"(!" + a.text + ")"}; }
#define KERAS_FUNCTION(name) \
  inline Src name(Src a) { return {"k_" #name "(" + a.text + ")"}; }
KERAS_SCALAR_UNARY(KERAS_FUNCTION)
#undef KERAS_FUNCTION
#define KERAS_FUNCTION(name) \
  inline Src name(Src a, Src b) { return {"k_" #name "(" + a.text + ", " + b.text + ")"}; }
KERAS_SCALAR_BINARY(KERAS_FUNCTION)
#undef KERAS_FUNCTION
inline Src select(Src m, Src a, Src b) { return {"(" + m.text + " ? " + a.text + " : " + b.text + ")"}; }

}  // namespace keras::scalar
