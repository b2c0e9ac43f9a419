// keras::backend: the backend functions of Keras 2.2.4 (`K`) under their old names, so that programs written for them
// move over: most are other names for keras::ops, whose own names are those of Keras 3. What differs from 2.2.4 is said
// beside the function. Linear algebra, sparse tensors and TensorFlow's sessions are left out.
#pragma once

#include <keras/activations.h>
#include <keras/config.h>
#include <keras/layers/common.h>
#include <keras/ops.h>

#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace keras::backend {

// ---- settings
using config::epsilon;
using config::floatx;
using config::image_data_format;
using config::set_epsilon;
using config::set_floatx;
using config::set_image_data_format;
KERAS_API std::string backend();  // "keras.cpp"
KERAS_API Array cast_to_floatx(const Array& x);
// The value, or the configured one if none is given. ValueError unless channels_last or channels_first.
KERAS_API std::string normalize_data_format(const std::optional<std::string>& value = {});
KERAS_API std::string image_dim_ordering();  // "tf" is channels_last, "th" channels_first
KERAS_API void set_image_dim_ordering(const std::string& dim_ordering);
KERAS_API std::int64_t get_uid(const std::string& prefix = "");  // 1, 2, … for each prefix
KERAS_API void reset_uids();
KERAS_API void clear_session();  // names and uids are counted anew, and the learning phase is no longer fixed
// Training is static: train and test are two traces. Inside a layer's call this is whether that is for training;
// outside, what set_learning_phase said, or false. Among the inputs of a function() it is fed with 0 or 1.
KERAS_API bool learning_phase();
// For learning_phase() and the functions that ask it; layers go by how they are called.
KERAS_API void set_learning_phase(bool training);

// ---- variables and constants
KERAS_API Variable variable(const Array& value, std::optional<DType> dtype = {}, const std::string& name = "variable");
KERAS_API Tensor constant(const Array& value, std::optional<DType> dtype = {}, const std::optional<Shape>& shape = {});
KERAS_API Variable zeros(const Shape& shape, std::optional<DType> dtype = {}, const std::string& name = "variable");
KERAS_API Variable ones(const Shape& shape, std::optional<DType> dtype = {}, const std::string& name = "variable");
KERAS_API Variable eye(std::int64_t size, std::optional<DType> dtype = {}, const std::string& name = "variable");
KERAS_API Variable random_uniform_variable(const Shape& shape, double low, double high, std::optional<DType> dtype = {},
                                           const std::string& name = "variable", ops::Seed seed = {});
KERAS_API Variable random_normal_variable(const Shape& shape, double mean, double scale,
                                          std::optional<DType> dtype = {}, const std::string& name = "variable",
                                          ops::Seed seed = {});
KERAS_API Tensor zeros_like(const Tensor& x, std::optional<DType> dtype = {});
KERAS_API Tensor ones_like(const Tensor& x, std::optional<DType> dtype = {});
KERAS_API Array get_value(const Variable& x);
KERAS_API void set_value(const Variable& x, const Array& value);
KERAS_API std::vector<Array> batch_get_value(const std::vector<Variable>& variables);
KERAS_API void batch_set_value(const std::vector<std::pair<Variable, Array>>& pairs);
inline std::int64_t count_params(const Tensor& x) { return x.shape().elements(); }

// A new value of a variable. Inside a layer's call update() and its like assign at once; outside nothing happens until
// the Update is given to eval() or to a function().
struct [[nodiscard]] Update {
  Variable variable;
  Tensor value;
};
KERAS_API Update update(const Variable& x, const Tensor& new_x);
KERAS_API Update update_add(const Variable& x, const Tensor& increment);
KERAS_API Update update_sub(const Variable& x, const Tensor& decrement);
KERAS_API Update moving_average_update(const Variable& x, const Tensor& value, double momentum);  // x m + value (1 - m)

// ---- symbolic tensors and functions
struct PlaceholderArgs {
  ByName by_name = ByName();
  std::optional<int> ndim = {};  // with no size known, where no shape is given
  std::optional<DType> dtype = {};
  std::optional<std::string> name = {};
};
// A symbolic tensor, as Input; the shape has the batch.
KERAS_API Tensor placeholder(const Shape& shape, PlaceholderArgs args = {});
KERAS_API Tensor placeholder(PlaceholderArgs args);
KERAS_API bool is_placeholder(const Tensor& x);   // made by placeholder or Input
KERAS_API bool is_keras_tensor(const Tensor& x);  // comes of a placeholder or an Input
template <class T>
constexpr bool is_tensor(const T&) {  // a Tensor or a Variable
  return std::is_same_v<T, Tensor> || std::is_same_v<T, Variable>;
}
inline Shape shape(const Tensor& x) { return x.shape(); }
inline Shape int_shape(const Tensor& x) { return x.shape(); }
inline Shape get_variable_shape(const Tensor& x) { return x.shape(); }
inline int ndim(const Tensor& x) { return x.ndim(); }
inline DType dtype(const Tensor& x) { return x.dtype(); }
using keras::eval;
KERAS_API Array eval(const Update& update);  // assigns; the new value
inline Array eval(const Variable& variable) { return variable.value(); }

// What function() makes. Copies share it. It is compiled for each set of input shapes, the 16 last ones are kept.
// Calling it from several threads is safe where it has no updates.
class KERAS_API Function {
 public:
  // One Array for each input. ValueError with the shapes where they do not fit.
  std::vector<Array> operator()(const std::vector<Array>& inputs) const;

 private:
  friend KERAS_API Function function(const std::vector<Tensor>& inputs, const std::vector<Tensor>& outputs,
                                     const std::vector<Update>& updates);
  explicit Function(std::shared_ptr<struct FunctionState> state) : state_(std::move(state)) {}
  std::shared_ptr<struct FunctionState> state_;
};
// The outputs as a function of the inputs, which are placeholders, or tensors on the way from them. Variables have the
// values of the moment of the call, and the updates, computed from these, take effect at its end.
KERAS_API Function function(const std::vector<Tensor>& inputs, const std::vector<Tensor>& outputs,
                            const std::vector<Update>& updates = {});
using ops::gradients;
inline std::vector<Tensor> gradients(const Tensor& loss, std::initializer_list<Tensor> variables) {
  return ops::gradients(loss, std::vector<Tensor>(variables));
}
inline std::vector<Tensor> gradients(const Tensor& loss, std::initializer_list<Variable> variables) {
  return ops::gradients(loss, std::vector<Variable>(variables));
}
using ops::stop_gradient;
inline Tensor print_tensor(const Tensor& x, const std::string& message = "") { return ops::print(x, message); }

// ---- elementwise
using ops::abs;
using ops::cast;
using ops::cos;
using ops::equal;
using ops::exp;
using ops::greater;
using ops::greater_equal;
using ops::less;
using ops::less_equal;
using ops::log;
using ops::maximum;
using ops::minimum;
using ops::not_equal;
using ops::round;
using ops::sigmoid;
using ops::sign;
using ops::sin;
using ops::softplus;
using ops::sqrt;
using ops::square;
using ops::tanh;
inline Tensor clip(const Tensor& x, const Tensor& min_value, const Tensor& max_value) {
  return ops::clip(x, min_value, max_value);
}
inline Tensor identity(const Tensor& x) { return x; }
inline Tensor pow(const Tensor& x, const Tensor& a) { return ops::power(x, a); }

// ---- reductions; axes as for ops: {1}, {0, -1}, none for all
using ops::all;
using ops::any;
using ops::argmax;
using ops::argmin;
using ops::cumprod;
using ops::cumsum;
using ops::logsumexp;
using ops::max;
using ops::mean;
using ops::min;
using ops::prod;
using ops::std;
using ops::sum;
using ops::var;

// ---- products
using ops::dot;
KERAS_API Tensor batch_dot(const Tensor& x, const Tensor& y);  // the last axis of x, the last but one of y, or its last
KERAS_API Tensor batch_dot(const Tensor& x, const Tensor& y, std::pair<int, int> axes);
inline Tensor batch_dot(const Tensor& x, const Tensor& y, int axis) { return batch_dot(x, y, std::pair(axis, axis)); }

// ---- shapes
// An axis beyond the rank counts round it, as 2.2.4 had it; ops::concatenate refuses it.
KERAS_API Tensor concatenate(const std::vector<Tensor>& tensors, int axis = -1);
KERAS_API Tensor batch_flatten(const Tensor& x);  // (batch, the product of the other sizes)
using ops::repeat;                                // repeat(x, n, axis): repeat_elements
using ops::reshape;
using ops::slice;
using ops::stack;
using ops::tile;
inline Tensor transpose(const Tensor& x) { return ops::transpose(x); }
inline Tensor permute_dimensions(const Tensor& x, const Axes& pattern) { return ops::transpose(x, pattern); }
inline Tensor expand_dims(const Tensor& x, int axis = -1) { return ops::expand_dims(x, axis); }
inline Tensor squeeze(const Tensor& x, int axis) { return ops::squeeze(x, {axis}); }
inline Tensor flatten(const Tensor& x) { return ops::reshape(x, {-1}); }
inline Tensor reverse(const Tensor& x, const Axes& axes) { return ops::flip(x, axes); }
inline Tensor repeat_elements(const Tensor& x, std::int64_t rep, int axis) { return ops::repeat(x, rep, axis); }
KERAS_API Tensor repeat(const Tensor& x, std::int64_t n);  // (batch, size) becomes (batch, n, size)
// Numbers from start, or from 0 to it where stop is missing.
KERAS_API Tensor arange(std::int64_t start, std::optional<std::int64_t> stop = {}, std::int64_t step = 1,
                        DType dtype = DType::int32);
inline Tensor gather(const Tensor& reference, const Tensor& indices) { return ops::take(reference, indices, 0); }
inline Tensor one_hot(const Tensor& indices, std::int64_t num_classes) { return ops::one_hot(indices, num_classes); }
using Margins = std::pair<std::int64_t, std::int64_t>;  // before and after
KERAS_API Tensor temporal_padding(const Tensor& x, Margins padding = {1, 1});
KERAS_API Tensor spatial_2d_padding(const Tensor& x, const std::vector<Margins>& padding = {{1, 1}, {1, 1}},
                                    const std::optional<std::string>& data_format = {});
KERAS_API Tensor spatial_3d_padding(const Tensor& x, const std::vector<Margins>& padding = {{1, 1}, {1, 1}, {1, 1}},
                                    const std::optional<std::string>& data_format = {});
// Interpolations: those of ops::resize. (2.2.4's "bilinear" on TensorFlow 1 did not align the pixels' centres.)
KERAS_API Tensor resize_images(const Tensor& x, std::int64_t height_factor, std::int64_t width_factor,
                               const std::optional<std::string>& data_format = {},
                               const std::string& interpolation = "nearest");
KERAS_API Tensor resize_volumes(const Tensor& x, std::int64_t depth_factor, std::int64_t height_factor,
                                std::int64_t width_factor, const std::optional<std::string>& data_format = {});

// ---- control
// `then_expression` where the condition holds. A condition of fewer axes has the first of theirs. Both are computed;
// functions without arguments are called both.
KERAS_API Tensor switch_(const Tensor& condition, const Tensor& then_expression, const Tensor& else_expression);
inline Tensor switch_(const Tensor& condition, const std::function<Tensor()>& then_expression,
                      const std::function<Tensor()>& else_expression) {
  return switch_(condition, then_expression(), else_expression());
}
// x when training (learning_phase() if it is not said), else alt; of functions without arguments only one is called.
template <class X, class Alt>
Tensor in_train_phase(const X& x, const Alt& alt, std::optional<bool> training = {}) {
  const auto value = [](const auto& what) -> Tensor {
    if constexpr (std::is_invocable_v<decltype(what)>) {
      return what();
    } else {
      return what;
    }
  };
  return training.value_or(learning_phase()) ? value(x) : value(alt);
}
template <class X, class Alt>
Tensor in_test_phase(const X& x, const Alt& alt, std::optional<bool> training = {}) {
  return in_train_phase(alt, x, training);
}
// Over axis 0 of the elements, by ops::scan: the results stacked, or the last.
KERAS_API Tensor map_fn(const std::function<Tensor(const Tensor&)>& fn, const Tensor& elems);
using Fold = std::function<Tensor(const Tensor& accumulated, const Tensor& element)>;
KERAS_API Tensor foldl(const Fold& fn, const Tensor& elems, const Tensor& initializer = {});  // from the first
KERAS_API Tensor foldr(const Fold& fn, const Tensor& elems, const Tensor& initializer = {});  // from the last

struct RnnArgs {
  bool go_backwards = false;
  Tensor mask = {};                    // (batch, time): where false, the states stay and the last output is repeated
  std::vector<Tensor> constants = {};  // given to each step behind the states
  bool unroll = false;
  std::optional<std::int64_t> input_length = {};
};
struct RnnResult {
  Tensor last_output, outputs;  // (batch, …), (batch, time, …)
  std::vector<Tensor> new_states;
};
// step(slice, states and constants) gives the output and the next states, for each slice of inputs (batch, time, …).
KERAS_API RnnResult
rnn(const std::function<std::pair<Tensor, std::vector<Tensor>>(const Tensor& input, const std::vector<Tensor>& states)>&
        step_function,
    const Tensor& inputs, const std::vector<Tensor>& initial_states, const RnnArgs& args = {});

// ---- neural networks
inline Tensor relu(const Tensor& x, double alpha = 0, std::optional<double> max_value = {}, double threshold = 0) {
  return activations::relu(x, {alpha, max_value, threshold});
}
using activations::elu;
using activations::softmax;
using activations::softsign;
inline Tensor hard_sigmoid(const Tensor& x) { return ops::clip(0.2 * x + 0.5, 0, 1); }  // not Keras 3's
using ops::binary_crossentropy;
using ops::categorical_crossentropy;
using ops::sparse_categorical_crossentropy;
inline Tensor dropout(const Tensor& x, double level, const std::optional<Shape>& noise_shape = {},
                      ops::Seed seed = {}) {
  return ops::dropout(x, level, noise_shape, seed);
}
KERAS_API Tensor l2_normalize(const Tensor& x, std::optional<int> axis = {});  // over all axes if none is given
inline Tensor in_top_k(const Tensor& predictions, const Tensor& targets, std::int64_t k) {
  return ops::in_top_k(targets, predictions, k);
}
KERAS_API Tensor bias_add(const Tensor& x, const Tensor& bias, const std::optional<std::string>& data_format = {});
// The normalized batch, its mean and its variance. gamma and beta may be empty.
KERAS_API std::tuple<Tensor, Tensor, Tensor> normalize_batch_in_training(const Tensor& x, const Tensor& gamma,
                                                                         const Tensor& beta, const Axes& reduction_axes,
                                                                         double epsilon = 1e-3);
KERAS_API Tensor batch_normalization(const Tensor& x, const Tensor& mean, const Tensor& var, const Tensor& beta,
                                     const Tensor& gamma, int axis = -1, double epsilon = 1e-3);

// ---- convolution and pooling; see ops::ConvOptions for the arguments behind the kernel
using ops::ConvOptions;
KERAS_API Tensor conv1d(const Tensor& x, const Tensor& kernel, const ConvOptions& options = {});
KERAS_API Tensor conv2d(const Tensor& x, const Tensor& kernel, const ConvOptions& options = {});
KERAS_API Tensor conv3d(const Tensor& x, const Tensor& kernel, const ConvOptions& options = {});
// output_shape: of the whole result; the batch may be None.
KERAS_API Tensor conv2d_transpose(const Tensor& x, const Tensor& kernel, const Shape& output_shape,
                                  const ConvOptions& options = {});
KERAS_API Tensor conv3d_transpose(const Tensor& x, const Tensor& kernel, const Shape& output_shape,
                                  const ConvOptions& options = {});
KERAS_API Tensor depthwise_conv2d(const Tensor& x, const Tensor& depthwise_kernel, const ConvOptions& options = {});
KERAS_API Tensor separable_conv1d(const Tensor& x, const Tensor& depthwise_kernel, const Tensor& pointwise_kernel,
                                  const ConvOptions& options = {});
KERAS_API Tensor separable_conv2d(const Tensor& x, const Tensor& depthwise_kernel, const Tensor& pointwise_kernel,
                                  const ConvOptions& options = {});
struct PoolOptions {
  std::vector<std::int64_t> strides = {1};
  std::string padding = "valid";
  std::optional<std::string> data_format = {};
  std::string pool_mode = "max";  // or "avg"
};
KERAS_API Tensor pool2d(const Tensor& x, const std::vector<std::int64_t>& pool_size, const PoolOptions& options = {});
KERAS_API Tensor pool3d(const Tensor& x, const std::vector<std::int64_t>& pool_size, const PoolOptions& options = {});
// Convolutions whose kernel differs from place to place: (places, window * channels, filters).
KERAS_API Tensor local_conv1d(const Tensor& inputs, const Tensor& kernel, const std::vector<std::int64_t>& kernel_size,
                              const std::vector<std::int64_t>& strides,
                              const std::optional<std::string>& data_format = {});
KERAS_API Tensor local_conv2d(const Tensor& inputs, const Tensor& kernel, const std::vector<std::int64_t>& kernel_size,
                              const std::vector<std::int64_t>& strides, const std::vector<std::int64_t>& output_shape,
                              const std::optional<std::string>& data_format = {});

// ---- random; with a seed the same numbers again and again (see ops::random_uniform)
KERAS_API Tensor random_normal(const Shape& shape, double mean = 0, double stddev = 1, std::optional<DType> dtype = {},
                               ops::Seed seed = {});
KERAS_API Tensor random_uniform(const Shape& shape, double minval = 0, double maxval = 1,
                                std::optional<DType> dtype = {}, ops::Seed seed = {});
KERAS_API Tensor random_binomial(const Shape& shape, double p = 0, std::optional<DType> dtype = {},
                                 ops::Seed seed = {});  // 1 with this probability, else 0
KERAS_API Tensor truncated_normal(const Shape& shape, double mean = 0, double stddev = 1,
                                  std::optional<DType> dtype = {}, ops::Seed seed = {});

// ---- connectionist temporal classification (Graves et al., 2006); the last class is the blank
// The loss of each sample, (batch, 1). y_true: labels (batch, longest); y_pred: probabilities (batch, time, classes);
// the lengths: (batch, 1).
KERAS_API Tensor ctc_batch_cost(const Tensor& y_true, const Tensor& y_pred, const Tensor& input_length,
                                const Tensor& label_length);
struct CtcDecodeArgs {
  bool greedy = true;
  std::int64_t beam_width = 100;
  std::int64_t top_paths = 1;
};
// The likeliest labels, each (batch, time) with -1 behind their end, and (batch, paths): log probabilities, for the
// greedy way the negative sum of the best scores. Beam search needs values: it works on what can be evaluated; labels
// that repeat are merged in its result even with a blank between them, as in 2.2.4.
KERAS_API std::pair<std::vector<Tensor>, Tensor> ctc_decode(const Tensor& y_pred, const Tensor& input_length,
                                                            const CtcDecodeArgs& args = {});

}  // namespace keras::backend
