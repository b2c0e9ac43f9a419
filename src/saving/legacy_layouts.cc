#include "saving/legacy_layouts.h"

#include <keras/error.h>
#include <keras/ops.h>

#include <algorithm>

#include "saving/tree.h"

namespace keras::saving {
namespace {

using Axes = std::vector<int>;

bool is_any(const std::string& name, std::initializer_list<const char*> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}
bool is_conv(const std::string& name) { return is_any(name, {"Conv1D", "Conv2D", "Conv3D"}); }
bool is_lstm(const std::string& name) { return name == "LSTMCell"; }
bool is_gru(const std::string& name) { return name == "GRUCell"; }
bool is_conv_lstm(const std::string& name) { return name == "ConvLSTM2DCell"; }

Array transposed(const Array& array, const Axes& axes) { return Array(ops::transpose(array, axes)); }

// {input, state and bias of each gate} -> {kernel, recurrent kernel, bias}, the gates in this order.
std::vector<StoredArray> gates_joined(const std::vector<StoredArray>& arrays, const std::vector<std::size_t>& gates) {
  std::vector<StoredArray> made;
  for (std::size_t part = 0; part < 3; ++part) {
    std::vector<Array> parts;
    for (std::size_t gate : gates) parts.push_back(arrays[3 * gate + part].value);
    made.push_back({arrays[part].name, concatenate(parts, -1)});
  }
  return made;
}

bool channels_first(const Layer& layer) {
  return layer.get_config().get("data_format", "channels_last") == Config("channels_first");
}

// A kernel of Keras 1 with its axes in today's order: [height, width, in, out].
Array todays_axes(const Layer& layer, const Array& kernel, const Shape& wanted) {
  const std::string& name = layer.class_name();
  const bool first = channels_first(layer);
  if (name == "Conv1D" && kernel.ndim() == 4) {  // [length, 1, in, out], before 1.2 [out, in, length, 1]
    const Array turned = kernel.shape()[0] == wanted[0] && kernel.shape()[1] == Dim(1) && kernel.shape()[3] == wanted[2]
                             ? kernel
                             : transposed(kernel, {2, 3, 1, 0});
    return turned.shape()[1] == Dim(1) ? turned.reshape({turned.shape()[0], turned.shape()[2], turned.shape()[3]})
                                       : kernel;
  }
  if ((name == "Conv2D" || is_conv_lstm(name)) && first && kernel.ndim() == 4) return transposed(kernel, {2, 3, 1, 0});
  if (name == "Conv2DTranspose" && kernel.ndim() == 4)
    return transposed(kernel, first ? Axes{2, 3, 0, 1} : Axes{0, 1, 3, 2});
  if (name == "Conv3D" && first && kernel.ndim() == 5) return transposed(kernel, {2, 3, 4, 1, 0});
  return kernel;
}

std::vector<StoredArray> from_keras_1(const Layer& layer, std::vector<StoredArray> arrays) {
  const std::string& name = layer.class_name();
  const std::vector<Variable> own = own_weights(layer);
  if (is_lstm(name) && arrays.size() == 12) return gates_joined(arrays, {0, 2, 1, 3});  // stored i, c, f, o
  if (is_gru(name) && arrays.size() == 9) return gates_joined(arrays, {0, 1, 2});
  if (is_conv_lstm(name) && arrays.size() == 12) {
    std::vector<StoredArray> made = gates_joined(arrays, {0, 2, 1, 3});
    if (!channels_first(layer)) return made;
    for (std::size_t part = 0; part < 2; ++part) {
      std::vector<Array> gates;
      for (std::size_t gate : {0, 2, 1, 3}) gates.push_back(transposed(arrays[3 * gate + part].value, {2, 3, 1, 0}));
      made[part].value = concatenate(gates, -1);
    }
    return made;
  }
  if (!arrays.empty() && !own.empty()) arrays[0].value = todays_axes(layer, arrays[0].value, own[0].shape());
  return arrays;
}

// Theano's convolutions turn their kernels around, TensorFlow's do not.
Array turned_around(const Array& kernel) {
  Axes space;
  for (int axis = 0; axis < kernel.ndim() - 2; ++axis) space.push_back(axis);
  return Array(ops::flip(kernel, space));
}

// Each gate's columns through f.
template <class F>
Array by_gate(const Array& kernel, std::int64_t gates, F f) {
  std::vector<Array> parts;
  const std::int64_t width = kernel.shape(-1) / gates;
  for (std::int64_t gate = 0; gate < gates; ++gate)
    parts.push_back(f(kernel.slice(gate * width, (gate + 1) * width, 1)));
  return concatenate(parts, 1);
}

// cuDNN keeps each gate's matrices transposed, and two biases: of the input and of the state.
std::vector<StoredArray> from_cudnn(std::vector<StoredArray> arrays, std::int64_t gates, const Shape& bias) {
  arrays[0].value = by_gate(arrays[0].value, gates, [](const Array& k) {
    return k.reshape({k.shape(1), k.shape(0)}).transpose();  // the rows of the transposed one, read row by row
  });
  arrays[1].value = by_gate(arrays[1].value, gates, [](const Array& k) { return k.transpose(); });
  const Array& both = arrays[2].value;
  const Array halves = both.reshape({2, both.size() / 2});
  arrays[2].value = bias.rank() == 2 ? halves : Array(ops::sum(halves, {0}));
  return arrays;
}

std::vector<StoredArray> recurrent(const Layer& layer, std::vector<StoredArray> arrays) {
  if (arrays.size() != 3 || arrays[1].value.ndim() != 2 || arrays[0].value.ndim() != 2) return arrays;
  const std::int64_t units = arrays[1].value.shape(0), gates = is_lstm(layer.class_name()) ? 4 : 3;
  const Array& bias = arrays[2].value;
  if (bias.ndim() != 1 || bias.size() != 2 * gates * units || arrays[0].value.shape(1) != gates * units) return arrays;
  const std::vector<Variable> own = own_weights(layer);
  if (own.size() != 3 || own[2].shape() == bias.shape()) return arrays;
  return from_cudnn(std::move(arrays), gates, own[2].shape());
}

}  // namespace

std::size_t keras_1_count(const Layer& layer) {
  const std::string& name = layer.class_name();
  if (is_lstm(name) || is_conv_lstm(name)) return 12;
  if (is_gru(name)) return 9;
  return own_weights(layer).size();
}

std::vector<StoredArray> in_todays_layout(const Layer& layer, std::vector<StoredArray> arrays,
                                          const LegacyOrigin& origin) {
  const std::string& name = layer.class_name();
  if (origin.keras == 1) arrays = from_keras_1(layer, std::move(arrays));
  const std::size_t kernels = is_conv_lstm(name) ? 2 : is_conv(name) || name == "Conv2DTranspose" ? 1 : 0;
  const std::vector<Variable> own = own_weights(layer);
  for (std::size_t i = 0; i < std::min({kernels, arrays.size(), own.size()}); ++i) {
    Array& kernel = arrays[i].value;
    if (kernel.ndim() == 4 && kernel.shape() != own[i].shape()) {  // of a Keras 2 before 2.0's last changes
      const Array turned = transposed(kernel, {3, 2, 0, 1});
      if (turned.shape() == own[i].shape()) kernel = turned;
    }
    if (origin.backend == "theano" && kernel.ndim() > 2) kernel = turned_around(kernel);
  }
  if (is_lstm(name) || is_gru(name)) arrays = recurrent(layer, std::move(arrays));
  return arrays;
}

}  // namespace keras::saving
