// Recording: what is done to an Input and to what comes of it, call by call, so that a functional model can do it again
// with the sizes of its batch. Inside a Trace nothing is recorded: there the calls themselves make nodes.
#pragma once

#include <keras/fields.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ops/tensor_node.h"

namespace keras::ops {

// One call of an op or a layer. Its results are placeholders that point to it.
struct CallRecord {
  std::string name;            // unique: "add_1", or the layer's
  std::vector<Tensor> inputs;  // all tensors that the call takes, recorded or not
  std::vector<std::weak_ptr<TensorNode>> results;
  std::vector<ir::Type> types;  // of the results, which stay when these are gone

  CallRecord() = default;
  CallRecord(const CallRecord&) = delete;
  virtual ~CallRecord() = default;
  virtual const std::string& class_name() const = 0;
  virtual std::vector<Tensor> call(const std::vector<Tensor>& inputs) const = 0;
  // How a configuration says an op's call: {"class_name": …, "config": its arguments, "args": […], "kwargs": {…}}, with
  // slot(i) for input i. Null where nothing says it, as for layers.
  virtual Config description() const { return {}; }
};
Config slot(std::size_t input);                          // {"class_name": "__slot__", "config": input}
std::optional<std::size_t> slot_of(const Config& item);  // none for anything else

bool traced();  // whether there is a Trace
// Whether a call with these inputs is to be recorded: one of them comes of an Input, and there is no Trace.
inline bool recorded(const Tensor& tensor) { return !tensor.empty() && tensor.node()->made_by != nullptr; }
template <class... Tensors>
bool recording(const Tensors&... inputs) {
  return (recorded(inputs) || ...) && !traced();
}
bool recording(const std::vector<Tensor>& inputs);
// The results of the call, whose types are found by making it once in a Trace of its own.
std::vector<Tensor> record(const std::shared_ptr<CallRecord>& call);
// A result of a call that takes no inputs: where expressions begin.
Tensor begin_with(const std::shared_ptr<CallRecord>& call, const ir::Type& type);

using OpCall = std::function<std::vector<Tensor>(const std::vector<Tensor>& inputs)>;
// `arguments`, a map, are those that are no tensors; null where they cannot be told. Under "__args__" may stand what is
// given in order, in place of the inputs, and under "__class__" the class's name in Keras where it is another one.
std::vector<Tensor> record_op(const char* op, std::vector<Tensor> inputs, OpCall call, Config arguments = {});
// The same where the types of the results are known.
std::vector<Tensor> record_op_as(const std::vector<ir::Type>& types, const char* op, std::vector<Tensor> inputs,
                                 OpCall call);

// {"axis": 1, …} of names and values in turn.
inline Config argument(const Config& config) { return config; }
inline Config argument(const char* text) { return text; }
template <class T>
Config argument(const T& value) {
  return as_config(value);
}
inline void add_arguments(Config&) {}
template <class T, class... More>
void add_arguments(Config& config, const char* name, const T& value, const More&... more) {
  config.set(name, argument(value));
  add_arguments(config, more...);
}
template <class... Items>
Config arguments(const Items&... items) {
  Config config = Config::map();
  add_arguments(config, items...);
  return config;
}
// Null for all of them, a number for one, as they are mostly given.
template <class T>
Config axes_config(const std::vector<T>& axes) {
  if (axes.empty()) return {};
  return axes.size() == 1 ? Config(axes[0]) : keras::as_config(axes);
}

// The first line of a front function f(x, more): `KERAS_RECORD(x, f(x, more))` records its call where that is wanted.
// KERAS_RECORD_AS(arguments("axis", axis), x, f(x, axis)) tells its arguments too, so that a configuration can hold it.
#define KERAS_RECORD_AS(arguments, x, ...)                                  \
  if (keras::ops::recording(x)) {                                           \
    return keras::ops::record_op(                                           \
        __func__, {x},                                                      \
        [=](const std::vector<Tensor>& tensors_in) -> std::vector<Tensor> { \
          const Tensor& x = tensors_in[0];                                  \
          return {__VA_ARGS__};                                             \
        },                                                                  \
        arguments)[0];                                                      \
  }
#define KERAS_RECORD_2_AS(arguments, a, b, ...)                             \
  if (keras::ops::recording(a, b)) {                                        \
    return keras::ops::record_op(                                           \
        __func__, {a, b},                                                   \
        [=](const std::vector<Tensor>& tensors_in) -> std::vector<Tensor> { \
          const Tensor &a = tensors_in[0], &b = tensors_in[1];              \
          return {__VA_ARGS__};                                             \
        },                                                                  \
        arguments)[0];                                                      \
  }
#define KERAS_RECORD_3_AS(arguments, a, b, c, ...)                                 \
  if (keras::ops::recording(a, b, c)) {                                            \
    return keras::ops::record_op(                                                  \
        __func__, {a, b, c},                                                       \
        [=](const std::vector<Tensor>& tensors_in) -> std::vector<Tensor> {        \
          const Tensor &a = tensors_in[0], &b = tensors_in[1], &c = tensors_in[2]; \
          return {__VA_ARGS__};                                                    \
        },                                                                         \
        arguments)[0];                                                             \
  }
#define KERAS_RECORD_LIST_AS(arguments, list, ...)                                                             \
  if (keras::ops::recording(list)) {                                                                           \
    return keras::ops::record_op(                                                                              \
        __func__, list, [=](const std::vector<Tensor>& list) -> std::vector<Tensor> { return {__VA_ARGS__}; }, \
        arguments)[0];                                                                                         \
  }
#define KERAS_RECORD(x, ...) KERAS_RECORD_AS(keras::Config(), x, __VA_ARGS__)
#define KERAS_RECORD_2(a, b, ...) KERAS_RECORD_2_AS(keras::Config(), a, b, __VA_ARGS__)
#define KERAS_RECORD_3(a, b, c, ...) KERAS_RECORD_3_AS(keras::Config(), a, b, c, __VA_ARGS__)

}  // namespace keras::ops
