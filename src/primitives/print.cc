// print: writes what passes through it to the standard output.
#include <charconv>
#include <cstdio>

#include "primitives/common.h"

namespace keras::primitives {
namespace {

void put(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

template <class T>
void put_number(T value) {
  if constexpr (std::is_same_v<T, bool>) {
    put(value ? "True" : "False");
  } else {
    char digits[64];
    const auto end = std::to_chars(std::begin(digits), std::end(digits), value).ptr;
    put({digits, static_cast<std::size_t>(end - digits)});
  }
}

// In brackets, one pair an axis and a line each time an axis but the last begins anew. A program allocates nothing
// while it runs, so this is not Array::str().
template <class T>
void put_all(const T* x, const Shape& shape) {
  constexpr std::int64_t kMost = 1000;
  const std::int64_t count = shape.elements();
  if (count == 0) return put("[]");
  for (std::int64_t i = 0; i < std::min(count, kMost); ++i) {
    std::size_t opened = 0, closed = 0;
    std::int64_t block = 1;
    for (std::size_t d = shape.size(); d-- > 0;) {
      block *= shape[d].value();
      opened += i % block == 0, closed += (i + 1) % block == 0;
    }
    if (i > 0) put(opened > 0 ? "\n" : " ");
    if (i > 0 && opened > 0) {
      for (std::size_t d = opened; d < shape.size(); ++d) put(" ");
    }
    while (opened-- > 0) put("[");
    put_number(x[i]);
    while (closed-- > 0) put("]");
  }
  if (count > kMost) put(" ...");
}

}  // namespace

const Record records::print{
    .name = "print",
    .doc = "The operand itself, written to the standard output after `message` whenever it is computed.",
    .inputs = 1,
    .attrs = attrs_type<PrintAttrs>,
    .infer = [](const ir::Attrs&, Types in) -> std::vector<ir::Type> { return {in[0]}; },
    .vjp = [](const ir::VjpContext& c) -> std::vector<ir::Value> { return {c.grad[0]}; },
    .reference =
        [](const ir::ReferenceContext& c) {
          const Shape& shape = c.in_types[0].shape;
          put(c.as<PrintAttrs>().message);
          visit_all(c.in_types[0].dtype, [&](auto zero) {
            using T = decltype(zero);
            std::copy_n(input<T>(c, 0), shape.elements(), output<T>(c));
            put_all(input<T>(c, 0), shape);
          });
          put("\n");
          std::fflush(stdout);
        },
    .samples = []() -> std::vector<ir::Sample> {
      return {
          {.inputs = {f32({2})}, .attrs = PrintAttrs{"a sample of the op print: "}},
          {.inputs = {i32({0})}, .attrs = PrintAttrs{"a sample of the op print: "}},
      };
    },
};

}  // namespace keras::primitives
