// Variables and constants, and new values for them.
#include <fmt/format.h>
#include <keras/backend.h>
#include <keras/error.h>

#include "ops/trace.h"

namespace keras::backend {

namespace {
DType type_or_floatx(const std::optional<DType>& dtype) { return dtype.value_or(floatx()); }

Variable filled(const Tensor& value, const std::string& name) { return Variable(keras::eval(value), {.name = name}); }

Update made(const Variable& x, Tensor value) {
  if (ops::Trace::current()) Variable(x).assign(value);
  return {x, std::move(value)};
}
}  // namespace

Variable variable(const Array& value, std::optional<DType> dtype, const std::string& name) {
  return Variable(value, {.name = name, .dtype = type_or_floatx(dtype)});
}
Tensor constant(const Array& value, std::optional<DType> dtype, const std::optional<Shape>& shape) {
  const Tensor tensor = value.astype(type_or_floatx(dtype));
  if (!shape || *shape == value.shape()) return tensor;
  return value.size() == 1 ? ops::broadcast_to(ops::reshape(tensor, {}), *shape) : ops::reshape(tensor, *shape);
}
Variable zeros(const Shape& shape, std::optional<DType> dtype, const std::string& name) {
  return Variable(keras::zeros(shape, type_or_floatx(dtype)), {.name = name});
}
Variable ones(const Shape& shape, std::optional<DType> dtype, const std::string& name) {
  return Variable(keras::ones(shape, type_or_floatx(dtype)), {.name = name});
}
Variable eye(std::int64_t size, std::optional<DType> dtype, const std::string& name) {
  return filled(ops::eye(size, {}, 0, dtype), name);
}
Variable random_uniform_variable(const Shape& shape, double low, double high, std::optional<DType> dtype,
                                 const std::string& name, ops::Seed seed) {
  return filled(random_uniform(shape, low, high, dtype, seed), name);
}
Variable random_normal_variable(const Shape& shape, double mean, double scale, std::optional<DType> dtype,
                                const std::string& name, ops::Seed seed) {
  return filled(random_normal(shape, mean, scale, dtype, seed), name);
}
Tensor zeros_like(const Tensor& x, std::optional<DType> dtype) {
  return ops::cast(ops::zeros_like(x), dtype.value_or(x.dtype()));
}
Tensor ones_like(const Tensor& x, std::optional<DType> dtype) {
  return ops::cast(ops::ones_like(x), dtype.value_or(x.dtype()));
}

Array get_value(const Variable& x) { return x.value(); }
void set_value(const Variable& x, const Array& value) { Variable(x).assign(value); }
std::vector<Array> batch_get_value(const std::vector<Variable>& variables) {
  std::vector<Array> values;
  for (const Variable& variable : variables) values.push_back(variable.value());
  return values;
}
void batch_set_value(const std::vector<std::pair<Variable, Array>>& pairs) {
  for (const auto& [variable, value] : pairs) {  // all or none
    if (variable.shape() != value.shape()) {
      throw ValueError(fmt::format("backend::batch_set_value: variable \"{}\" has the shape {}. Received: shape={}.",
                                   variable.name(), variable.shape().str(), value.shape().str()));
    }
  }
  for (const auto& [variable, value] : pairs) set_value(variable, value);
}

Update update(const Variable& x, const Tensor& new_x) { return made(x, new_x); }
Update update_add(const Variable& x, const Tensor& increment) { return made(x, Tensor(x) + increment); }
Update update_sub(const Variable& x, const Tensor& decrement) { return made(x, Tensor(x) - decrement); }
Update moving_average_update(const Variable& x, const Tensor& value, double momentum) {
  return made(x, Tensor(x) * momentum + value * (1 - momentum));
}

Array eval(const Update& update) {
  function({}, {}, {update})({});
  return update.variable.value();
}

// ---- random
Tensor random_normal(const Shape& shape, double mean, double stddev, std::optional<DType> dtype, ops::Seed seed) {
  return ops::random_normal(shape, mean, stddev, type_or_floatx(dtype), seed);
}
Tensor random_uniform(const Shape& shape, double minval, double maxval, std::optional<DType> dtype, ops::Seed seed) {
  return ops::random_uniform(shape, minval, maxval, type_or_floatx(dtype), seed);
}
Tensor random_binomial(const Shape& shape, double p, std::optional<DType> dtype, ops::Seed seed) {
  return ops::random_binomial(shape, 1, p, type_or_floatx(dtype), seed);
}
Tensor truncated_normal(const Shape& shape, double mean, double stddev, std::optional<DType> dtype, ops::Seed seed) {
  return ops::random_truncated_normal(shape, mean, stddev, type_or_floatx(dtype), seed);
}

}  // namespace keras::backend
