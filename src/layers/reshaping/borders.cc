// ZeroPadding and Cropping in 1, 2 and 3 dimensions: zeros put around, or borders taken away.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/layers/reshaping.h>
#include <keras/ops.h>

#include <algorithm>

#include "layers/layer_state.h"
#include "layers/spatial.h"
#include "layers/table.h"
#include "support/text.h"
#include "tensor/upgrade.h"

namespace keras {
namespace {

// ((1, 2), (3, 4))
template <int N>
std::string text(const Borders<N>& borders) {
  std::vector<std::string> pairs;
  for (const Ints<2>& pair : borders) pairs.push_back(fmt::format("({}, {})", pair[0], pair[1]));
  return N == 1 ? pairs[0] : fmt::format("({})", fmt::join(pairs, ", "));
}

// What both have in common; `argument` is the name of the borders.
template <int N, class A>
class BordersBody : public LayerBody {
 public:
  using Args = A;
  BordersBody(const char* what, const char* argument, const char* instead, A args, const Borders<N>& borders)
      : args_(std::move(args)), borders_(borders) {
    for (const Ints<2>& pair : borders_) {
      if (pair[0] >= 0 && pair[1] >= 0) continue;
      throw ValueError(fmt::format("{}: {} must be 0 or more on each side. Received: {}.{}", what, argument,
                                   text(borders_), instead));
    }
    if constexpr (requires { args_.data_format; }) args_.data_format = layers::data_format_of(what, args_.data_format);
    state().input_spec.rank = N + 2;
  }

  Config get_config() const override {
    Config config = LayerBody::get_config();
    if constexpr (requires { args_.data_format; }) config.set("data_format", *args_.data_format);
    return config;
  }

 protected:
  std::size_t first_axis() const {
    if constexpr (requires { args_.data_format; }) return *args_.data_format == "channels_last" ? 1 : 2;
    return 1;
  }

  A args_;
  Borders<N> borders_;
};

template <int N>
class ZeroPaddingBody : public BordersBody<N, ZeroPaddingArgs<N>> {
 public:
  ZeroPaddingBody(const char* what, const ZeroPaddingArgs<N>& args)
      : BordersBody<N, ZeroPaddingArgs<N>>(what, "padding", " To take elements away, use Cropping.", args,
                                           args.padding) {}

  // Keras 1 wrote the padding as a map.
  static void upgrade(const char* class_name, Config& config) {
    const Config* padding = config.find("padding");
    if (N == 3 || !padding || !padding->is_map() || padding->contains("class_name")) return;
    std::vector<std::string> names{"left_pad", "right_pad"};
    if (N == 2) names.insert(names.begin(), {"top_pad", "bottom_pad"});
    for (const auto& [key, value] : padding->entries()) {
      if (std::find(names.begin(), names.end(), key) != names.end()) continue;
      throw ValueError(
          fmt::format("{}: padding has no entry «{}».{} As a map, which is how Keras 1 wrote it, it takes {}.",
                      class_name, support::printable(key), support::did_you_mean(key, names), support::list(names)));
    }
    Config borders = Config::list();
    for (std::size_t side = 0; side < names.size(); side += 2)
      borders.push_back(Config::list({padding->get(names[side], 0), padding->get(names[side + 1], 0)}));
    config.set("padding", N == 1 ? Config(borders.items()[0]) : borders);
    warn_spelling(class_name, N == 1 ? "padding: {left_pad, …}" : "padding: {top_pad, …}",
                  N == 1 ? "padding: [left, right]" : "padding: [[top, bottom], [left, right]]");
  }

  Tensor call(const Tensor& x) override {
    std::vector<std::pair<std::int64_t, std::int64_t>> widths(N + 2);
    for (std::size_t i = 0; i < N; ++i) widths[this->first_axis() + i] = {this->borders_[i][0], this->borders_[i][1]};
    return ops::pad(x, widths);
  }
};

template <int N>
class CroppingBody : public BordersBody<N, CroppingArgs<N>> {
 public:
  CroppingBody(const char* what, const CroppingArgs<N>& args)
      : BordersBody<N, CroppingArgs<N>>(what, "cropping", " To add zeros, use ZeroPadding.", args, args.cropping) {}

  Tensor call(const Tensor& x) override {
    Shape shape = x.shape();
    std::vector<std::int64_t> start(N + 2);
    for (std::size_t i = 0; i < N; ++i) {
      const std::size_t axis = this->first_axis() + i;
      const Ints<2>& border = this->borders_[i];
      start[axis] = border[0];
      if (!shape[axis].known()) continue;
      const std::int64_t left = shape[axis].value() - (Dim(border[0]) + Dim(border[1])).value();
      if (left < 1) {
        throw ValueError(fmt::format(
            "{}: nothing would be left of axis {}, of size {}. Received: cropping={}, an input of shape {}.",
            layers::describe(*this), axis, shape[axis].value(), text(this->borders_), x.shape().str()));
      }
      shape[axis] = left;
    }
    return shape.known() ? ops::slice(x, start, shape.sizes()) : layers::stand_in(x, shape);
  }
};

}  // namespace

std::vector<Ints<2>> read_borders(const Config& config, int axes) {
  const auto count = static_cast<std::size_t>(axes);
  if (config.is_number()) return std::vector<Ints<2>>(count, Ints<2>(config.as_int()));
  const Config* items = config.is_map() ? config.find("items") : &config;  // of a __tuple__
  if (!items || !items->is_list() || items->size() != std::max<std::size_t>(count, 2)) {
    constexpr const char* kForms[] = {"a number or (first, last)",
                                      "a number, (height, width) or ((top, bottom), (left, right))",
                                      "a number, three numbers or three pairs of numbers"};
    throw ValueError(fmt::format("expected {}. Received: {}.", kForms[count - 1], config.to_json()));
  }
  std::vector<Ints<2>> pairs(count);
  if (axes == 1) {
    read_config(*items, pairs[0]);
  } else {
    for (std::size_t i = 0; i < count; ++i) read_config(items->items()[i], pairs[i]);
  }
  return pairs;
}

#define KERAS_BORDERS(Class, N, argument)                                                                  \
  namespace {                                                                                              \
  struct Class##N##DBody final : Class##Body<N> {                                                          \
    static constexpr auto class_name = #Class #N "D";                                                      \
    explicit Class##N##DBody(const Args& args) : Class##Body(class_name, args) {}                          \
  };                                                                                                       \
  }                                                                                                        \
  Layer layers::Class##N##D(Class##N##DArgs args) { return make_layer<Class##N##DBody>(std::move(args)); } \
  Layer layers::Class##N##D(Borders<N> argument, Class##N##DArgs args) {                                   \
    if (args.argument != Class##N##DArgs().argument) refuse_twice(#Class #N "D", #argument);               \
    args.argument = argument;                                                                              \
    return Class##N##D(std::move(args));                                                                   \
  }                                                                                                        \
  Maker layers::makers::Class##N##D() { return custom<Class##N##DBody>(); }
KERAS_BORDERS(ZeroPadding, 1, padding)
KERAS_BORDERS(ZeroPadding, 2, padding)
KERAS_BORDERS(ZeroPadding, 3, padding)
KERAS_BORDERS(Cropping, 1, cropping)
KERAS_BORDERS(Cropping, 2, cropping)
KERAS_BORDERS(Cropping, 3, cropping)
#undef KERAS_BORDERS

}  // namespace keras
