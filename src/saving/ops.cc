// The table of Keras 3's ops, and the node that stands for one.
#include "saving/ops.h"

#include <fmt/format.h>
#include <keras/activations.h>
#include <keras/error.h>
#include <keras/ops.h>

#include <map>

#include "ops/names.h"
#include "saving/op_arguments.h"
#include "saving/value.h"
#include "support/text.h"

namespace keras::saving {
namespace {

using Results = std::vector<Tensor>;
using OpFunction = Results (*)(const OpArguments& a);
using Table = std::map<std::string, OpFunction, std::less<>>;

Tensor reduced(const OpArguments& a, Tensor (*op)(const Tensor&, const Axes&, bool)) {
  const Tensor x = a.tensor(0, "x");
  return op(x, a.axes("axis", x.ndim()), a.flag("keepdims", false));
}

Tensor arg(const OpArguments& a, Tensor (*op)(const Tensor&, int)) {
  const Tensor x = a.tensor(0, "x");
  const Config axis = a.plain("axis");
  const Tensor flat = axis.is_null() ? ops::reshape(x, Shape{None}) : x;
  int along = 0;
  if (!axis.is_null()) read_config(axis, along);
  const Tensor result = op(flat, along);
  if (!a.flag("keepdims", false)) return result;
  if (axis.is_null()) throw ValueError("keepdims needs an axis here.");
  return ops::expand_dims(result, along);
}

// As NumPy's x[…]: numbers, slices, None and the ellipsis.
Tensor item(const Tensor& x, const Config& given) {
  const std::vector<Config> spec = given.is_list() ? given.items() : std::vector<Config>{given};
  const auto is_ellipsis = [](const Config& each) {
    return text_at(each, "class_name") == "__ellipsis__" || each == Config("...");
  };
  std::int64_t used = 0;
  for (const Config& each : spec) used += !each.is_null() && !is_ellipsis(each);
  const std::int64_t rest = x.ndim() - used;
  if (rest < 0) throw ValueError(fmt::format("{} indices for a tensor of shape {}.", used, x.shape().str()));
  std::vector<std::int64_t> begin, end, step;
  Axes taken, added;  // axes of the slice, and of the result
  int out = 0;
  constexpr std::int64_t kEnd = std::numeric_limits<std::int64_t>::max(),
                         kBegin = std::numeric_limits<std::int64_t>::min();
  const auto add = [&](std::int64_t from, std::int64_t to, std::int64_t by) {
    begin.push_back(from), end.push_back(to), step.push_back(by);
  };
  for (const Config& each : spec) {
    if (is_ellipsis(each)) {
      for (std::int64_t i = 0; i < rest; ++i) add(0, kEnd, 1), ++out;
    } else if (each.is_null()) {
      added.push_back(out++);
    } else if (each.is_number()) {
      const std::int64_t at = each.as_int();
      taken.push_back(static_cast<int>(begin.size()));
      add(at, at == -1 || at == kEnd ? kEnd : at + 1, 1);
    } else if (each.is_map()) {
      const Config& bounds = each.contains("config") ? each.at("config") : each;
      const auto bound = [&](const char* name) {
        const Config value = bounds.get(name, {});
        return value.is_null() ? std::optional<std::int64_t>() : value.as_int();
      };
      const std::int64_t by = bound("step").value_or(1);
      add(bound("start").value_or(by < 0 ? kEnd : 0), bound("stop").value_or(by < 0 ? kBegin : kEnd), by);
      ++out;
    } else {
      throw ValueError(fmt::format("an index must be a number, a slice, None or an ellipsis. Received: {}.",
                                   support::printable(each.to_json())));
    }
  }
  Tensor y = begin.empty() ? x : ops::strided_slice(x, begin, end, step);
  if (!taken.empty()) y = ops::squeeze(y, taken);
  for (const int axis : added) y = ops::expand_dims(y, axis);
  return y;
}

Tensor padded(const OpArguments& a) {
  const Tensor x = a.tensor(0, "x");
  const Config mode = a.plain("mode", "constant");
  if (mode != Config("constant"))
    throw ValueError(fmt::format("mode must be \"constant\" here. Received: {}.", mode.to_json()));
  std::vector<std::pair<std::int64_t, std::int64_t>> widths;
  const Config given = a.plain("pad_width", {}, 1);
  if (given.is_number()) {
    widths.assign(x.shape().size(), {given.as_int(), given.as_int()});
  } else if (given.size() == 2 && given.items()[0].is_number()) {
    widths.assign(x.shape().size(), {given.items()[0].as_int(), given.items()[1].as_int()});
  } else {
    for (const Config& pair : given.items()) widths.emplace_back(read_int(pair, 0, 2), read_int(pair, 1, 2));
    if (widths.size() == 1) widths.assign(x.shape().size(), widths[0]);
  }
  for (const auto& [before, after] : widths) {
    if (before < 0 || after < 0) throw ValueError("widths must not be negative.");
  }
  const Config value = a.plain("constant_values");
  return ops::pad(x, widths, value.is_null() ? 0 : value.as_real());
}

Results split(const OpArguments& a) {
  const Tensor x = a.tensor(0, "x");
  const int axis = a.integer("axis", 0);
  const Config given = a.plain("indices_or_sections", {}, 1);
  if (given.is_number()) return ops::split(x, a.small("indices_or_sections", given), axis);
  Results parts;
  const auto along = static_cast<std::size_t>(a.axis(axis, x.ndim()));
  std::vector<std::int64_t> begin(along + 1, 0), end(along + 1, std::numeric_limits<std::int64_t>::max());
  for (const Config& each : given.items()) {
    end[along] = each.as_int();
    parts.push_back(ops::strided_slice(x, begin, end));
    begin[along] = each.as_int();
  }
  end[along] = std::numeric_limits<std::int64_t>::max();
  parts.push_back(ops::strided_slice(x, begin, end));
  return parts;
}

Tensor swapped(const OpArguments& a) {
  const Tensor x = a.tensor(0, "x");
  Axes order;
  for (int i = 0; i < x.ndim(); ++i) order.push_back(i);
  std::swap(order[static_cast<std::size_t>(a.axis(a.integer("axis1", 0, 1), x.ndim()))],
            order[static_cast<std::size_t>(a.axis(a.integer("axis2", 1, 2), x.ndim()))]);
  return ops::transpose(x, order);
}

Tensor cast_to(const OpArguments& a, const Tensor& x) {
  return ops::cast(x, DType(a.plain("dtype", {}, 1).as_string()));
}

Tensor like(const OpArguments& a, double value) {
  const Tensor x = a.tensor(0, "x");
  const Config dtype = a.plain("dtype");
  const Tensor y = value == 0 ? ops::zeros_like(x) : ops::ones_like(x);
  return dtype.is_null() ? y : ops::cast(y, DType(dtype.as_string()));
}

Tensor resized(const OpArguments& a) {
  for (const char* name : {"antialias", "crop_to_aspect_ratio", "pad_to_aspect_ratio"}) {
    if (a.flag(name, false)) throw ValueError(fmt::format("{}=true is not in this version.", name));
  }
  ops::ResizeOptions options{.interpolation = a.plain("interpolation", "bilinear").as_string()};
  const Config format = a.plain("data_format");
  if (!format.is_null()) options.data_format = format.as_string();
  return ops::resize(a.tensor(0, "images"), a.sizes("size", 2), options);
}

Tensor pooled(const OpArguments& a,
              Tensor (*op)(const Tensor&, const std::vector<std::int64_t>&, const ops::PoolOptions&)) {
  const Tensor x = a.tensor(0, "inputs");
  const int space = x.ndim() - 2;
  ops::PoolOptions options{.padding = a.plain("padding", "valid").as_string()};
  if (!a.plain("strides").is_null()) options.strides = a.sizes("strides", space);
  const Config format = a.plain("data_format");
  if (!format.is_null()) options.data_format = format.as_string();
  return op(x, a.sizes("pool_size", space), options);
}

#define KERAS_OP(name, ...)                                              \
  {                                                                      \
#name, [](const OpArguments& a) -> Results { return {__VA_ARGS__}; } \
  }
#define KERAS_X a.tensor(0, "x")
#define KERAS_ACTIVATION(name, function) KERAS_OP(name, activations::function(KERAS_X))
#define KERAS_REDUCTION(name, function) KERAS_OP(name, reduced(a, ops::function))

const Table& table() {
  static const auto* const table = [] {
    auto* ops_table = new Table{
        KERAS_REDUCTION(Sum, sum), KERAS_REDUCTION(Mean, mean), KERAS_REDUCTION(Prod, prod), KERAS_REDUCTION(Max, max),
        KERAS_REDUCTION(Min, min), KERAS_REDUCTION(Amax, max), KERAS_REDUCTION(Amin, min), KERAS_REDUCTION(Any, any),
        KERAS_REDUCTION(All, all), KERAS_REDUCTION(Var, var), KERAS_REDUCTION(Std, std),
        KERAS_REDUCTION(Logsumexp, logsumexp), KERAS_REDUCTION(Norm, norm),
        KERAS_OP(Average, reduced(a, ops::mean)),
        KERAS_OP(Argmax, arg(a, ops::argmax)), KERAS_OP(Argmin, arg(a, ops::argmin)),
        KERAS_OP(Cumsum, ops::cumsum(KERAS_X, a.integer("axis", 0))),
        KERAS_OP(Cumprod, ops::cumprod(KERAS_X, a.integer("axis", 0))),
        KERAS_OP(Absolute, ops::abs(KERAS_X)),
        KERAS_OP(Clip, ops::clip(KERAS_X, a.number("x_min", 1), a.number("x_max", 2))),
        KERAS_OP(Logaddexp, ops::logaddexp(a.tensor(0, "x1"), a.tensor(1, "x2"))),
        KERAS_OP(TrueDivide, ops::divide(a.tensor(0, "x1"), a.tensor(1, "x2"))),
        KERAS_OP(SquaredDifference, ops::square(a.tensor(0, "x1") - a.tensor(1, "x2"))),
        KERAS_OP(Matmul, ops::matmul(a.tensor(0, "x1"), a.tensor(1, "x2"))),
        KERAS_OP(Dot, ops::dot(a.tensor(0, "x1"), a.tensor(1, "x2"))),
        KERAS_OP(Cast, cast_to(a, KERAS_X)), KERAS_OP(StopGradient, ops::stop_gradient(a.tensor(0, "variable"))),
        KERAS_OP(Identity, KERAS_X), KERAS_OP(Copy, KERAS_X),
        KERAS_OP(ZerosLike, like(a, 0)), KERAS_OP(OnesLike, like(a, 1)),
        KERAS_OP(Reshape, ops::reshape(KERAS_X, a.shape("newshape", 1))),
        KERAS_OP(Ravel, ops::reshape(KERAS_X, Shape{None})),
        KERAS_OP(BroadcastTo, ops::broadcast_to(KERAS_X, a.shape("shape", 1))),
        KERAS_OP(Transpose, ops::transpose(KERAS_X, a.list("axes", 1))), KERAS_OP(Swapaxes, swapped(a)),
        KERAS_OP(Squeeze, ops::squeeze(KERAS_X, a.list("axis", 1))),
        KERAS_OP(Concatenate, ops::concatenate(a.tensors(0, "xs"), a.integer("axis", 0))),
        KERAS_OP(Stack, ops::stack(a.tensors(0, "x"), a.integer("axis", 0))), {"Split", split},
        KERAS_OP(GetItem, item(KERAS_X, a.plain("key", {}, 1))), KERAS_OP(Pad, padded(a)),
        KERAS_OP(Repeat, ops::repeat(KERAS_X, a.size("repeats", 1), a.integer("axis", 0))),
        KERAS_OP(Tile, ops::tile(KERAS_X, a.sizes("repeats", 0))), KERAS_OP(Flip, ops::flip(KERAS_X, a.list("axis", 1))),
        KERAS_OP(Take, ops::take(KERAS_X, a.tensor(1, "indices"), a.integer("axis", 0))),
        KERAS_OP(TakeAlongAxis, ops::take_along_axis(KERAS_X, a.tensor(1, "indices"), a.integer("axis", -1))),
        KERAS_OP(OneHot, ops::one_hot(KERAS_X, a.size("num_classes", 1), a.integer("axis", -1))),
        KERAS_OP(Sort, ops::sort(KERAS_X, a.integer("axis", -1))), KERAS_OP(Argsort, ops::argsort(KERAS_X, a.integer("axis", -1))),
        KERAS_OP(Softmax, ops::softmax(KERAS_X, a.integer("axis", -1))),
        KERAS_OP(LogSoftmax, ops::log_softmax(KERAS_X, a.integer("axis", -1))),
        KERAS_OP(Resize, resized(a)), KERAS_OP(MaxPool, pooled(a, ops::max_pool)),
        KERAS_OP(AveragePool, pooled(a, ops::average_pool)),
        KERAS_OP(Celu, activations::celu(KERAS_X, a.real("alpha", 1))), KERAS_OP(Elu, activations::elu(KERAS_X, a.real("alpha", 1))),
        KERAS_OP(Gelu, activations::gelu(KERAS_X, a.flag("approximate", true))),
        KERAS_OP(Glu, activations::glu(KERAS_X, a.integer("axis", -1))),
        KERAS_OP(HardShrink, activations::hard_shrink(KERAS_X, a.real("threshold", 0.5))),
        KERAS_OP(SoftShrink, activations::soft_shrink(KERAS_X, a.real("threshold", 0.5))),
        KERAS_OP(HardSigmoid, activations::relu6(KERAS_X + 3) / 6),
        KERAS_OP(LeakyRelu, activations::leaky_relu(KERAS_X, a.real("negative_slope", 0.2))),
        KERAS_OP(Squareplus, activations::squareplus(KERAS_X, a.real("b", 4))),
        KERAS_OP(Sparsemax, activations::sparsemax(KERAS_X, a.integer("axis", -1))),
        KERAS_OP(Threshold, activations::threshold(KERAS_X, a.real("threshold", 0), a.real("default_value", 0))),
        KERAS_ACTIVATION(HardSilu, hard_silu), KERAS_ACTIVATION(HardTanh, hard_tanh), KERAS_ACTIVATION(LogSigmoid, log_sigmoid),
        KERAS_ACTIVATION(Mish, mish), KERAS_ACTIVATION(Relu6, relu6), KERAS_ACTIVATION(Selu, selu), KERAS_ACTIVATION(Silu, silu),
        KERAS_ACTIVATION(Softsign, softsign), KERAS_ACTIVATION(SparsePlus, sparse_plus),
        KERAS_ACTIVATION(SparseSigmoid, sparse_sigmoid), KERAS_ACTIVATION(TanhShrink, tanh_shrink),
        {"TopK", [](const OpArguments& a) -> Results {
           const auto [values, indices] = ops::top_k(KERAS_X, a.size("k", 1));
           return {values, indices};
         }},
        {"ExpandDims", [](const OpArguments& a) -> Results {
           Tensor x = KERAS_X;
           Axes axes = a.list("axis", 1);
           const int rank = x.ndim() + static_cast<int>(axes.size());
           for (int& axis : axes) axis = a.axis(axis, rank);
           std::sort(axes.begin(), axes.end());
           for (const int axis : axes) x = ops::expand_dims(x, axis);
           return {x};
         }},
        {"Unstack", [](const OpArguments& a) -> Results {
           const Tensor x = KERAS_X;
           const int axis = a.axis(a.integer("axis", 0), x.ndim());
           Results parts = ops::split(x, a.small("the axis", x.shape(axis).value()), axis);
           for (Tensor& part : parts) part = ops::squeeze(part, {axis});
           return parts;
         }},
        {"Slice", [](const OpArguments& a) -> Results {
           return {ops::slice(a.tensor(0, "inputs"), a.sizes("start_indices", 0, 1), a.sizes("shape", 0, 2))};
         }},
        {"Normalize", [](const OpArguments& a) -> Results {
           const Config epsilon = a.plain("epsilon");
           return {ops::normalize(KERAS_X, a.list("axis"), a.integer("order", 2), epsilon.is_null() ? std::optional<double>() : epsilon.as_real())};
         }},
    };
#define KERAS_UNARY(name, ...) \
  ops_table->emplace(ops::camel_case(#name), [](const OpArguments& a) -> Results { return {ops::name(KERAS_X)}; });
#define KERAS_BINARY(name, ...)                                                    \
  ops_table->emplace(ops::camel_case(#name), [](const OpArguments& a) -> Results { \
    return {ops::name(a.tensor(0, "x1"), a.tensor(1, "x2"))};                      \
  });
#define KERAS_TERNARY(name, ...)                                                        \
  ops_table->emplace(ops::camel_case(#name), [](const OpArguments& a) -> Results {      \
    return {ops::name(a.tensor(0, "condition"), a.tensor(1, "x1"), a.tensor(2, "x2"))}; \
  });
#include <keras/elementwise.def>
    return ops_table;
  }();
  return *table;
}

// The call of an op as a node, which knows how it was written.
class OpNode final : public ops::CallRecord {
 public:
  OpNode(const std::string& node_name, OpCallConfig call, OpFunction function, std::vector<Tensor> tensors)
      : call_(std::move(call)), function_(function) {
    name = node_name;
    inputs = std::move(tensors);
    call_.config.erase("name");
  }
  const std::string& class_name() const override { return call_.class_name; }
  std::vector<Tensor> call(const std::vector<Tensor>& all) const override {
    try {
      return function_(OpArguments(call_.config, call_.args, call_.kwargs, all));
    } catch (const TypeError& error) {
      throw TypeError(fmt::format("op {}: {}", call_.class_name, error.what()));
    } catch (const ValueError& error) {
      throw ValueError(fmt::format("op {}: {}", call_.class_name, error.what()));
    }
  }
  Config description() const override {
    return Config::map(
        {{"class_name", call_.class_name}, {"config", call_.config}, {"args", call_.args}, {"kwargs", call_.kwargs}});
  }

 private:
  OpCallConfig call_;
  OpFunction function_;
};

}  // namespace

bool has_op(std::string_view class_name) { return table().contains(class_name); }

std::vector<Tensor> call_op(const std::string& name, OpCallConfig call, std::vector<Tensor> tensors) {
  const auto op = table().find(call.class_name);
  if (op == table().end())
    throw ValueError(fmt::format("There is no op {} in this version.", support::printable(call.class_name)));
  return ops::record(std::make_shared<OpNode>(name, std::move(call), op->second, std::move(tensors)));
}

}  // namespace keras::saving
