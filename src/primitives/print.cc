// print: writes what passes through it to the standard output.
#include <cstdio>

#include "primitives/common.h"

namespace keras::primitives {

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
          std::string text;
          visit_all(c.in_types[0].dtype, [&]<class T>(T) {
            std::copy_n(input<T>(c, 0), shape.elements(), output<T>(c));
            text = Array::view(input<T>(c, 0), shape, dtype_of<T>::value).str();
          });
          const std::string line = fmt::format("{}{}\n", c.as<PrintAttrs>().message, text);
          std::fputs(line.c_str(), stdout);
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
