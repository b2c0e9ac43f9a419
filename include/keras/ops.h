// keras::ops: the operations on Tensors, with the names of Keras 3. One set serves layers, losses, metrics, optimizers
// and eager use. Shapes broadcast as NumPy's do and dtypes promote by Keras 3's table; errors are ValueError with the
// shapes.
#pragma once

#include <keras/tensor.h>

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace keras {

// Axes of a reduction: none given means all; negative counts from the end.
using Axes = std::vector<int>;

namespace ops {

// The elementwise ops: declared from their rows.
#define KERAS_UNARY(name, ...) KERAS_API Tensor name(const Tensor& x);
#define KERAS_BINARY(name, ...) KERAS_API Tensor name(const Tensor& a, const Tensor& b);
#define KERAS_TERNARY(name, ...) KERAS_API Tensor name(const Tensor& m, const Tensor& a, const Tensor& b);
#include <keras/elementwise.def>

// ---- casts and constants
KERAS_API Tensor cast(const Tensor& x, DType dtype);
KERAS_API Tensor stop_gradient(const Tensor& x);
KERAS_API Tensor zeros(const Shape& shape, DType dtype);
KERAS_API Tensor ones(const Shape& shape, DType dtype);
KERAS_API Tensor full(const Shape& shape, double value, DType dtype);
KERAS_API Tensor zeros_like(const Tensor& x);
KERAS_API Tensor ones_like(const Tensor& x);
KERAS_API Tensor arange(std::int64_t start, std::int64_t stop, std::int64_t step = 1, DType dtype = DType::int32);
// Ones on the diagonal `k` places right of the main one; as many columns as rows and of floatx unless given.
KERAS_API Tensor eye(std::int64_t rows, std::optional<std::int64_t> columns = {}, std::int64_t k = 0,
                     std::optional<DType> dtype = {});
// x itself; its value is written to the standard output, after the message, whenever a program computes it.
KERAS_API Tensor print(const Tensor& x, const std::string& message = "");

// ---- composed elementwise
KERAS_API Tensor clip(const Tensor& x, const Tensor& low, const Tensor& high);
KERAS_API Tensor logaddexp(const Tensor& a, const Tensor& b);

// ---- reductions
KERAS_API Tensor sum(const Tensor& x, const Axes& axes = {}, bool keepdims = false);
KERAS_API Tensor mean(const Tensor& x, const Axes& axes = {}, bool keepdims = false);
KERAS_API Tensor prod(const Tensor& x, const Axes& axes = {}, bool keepdims = false);
KERAS_API Tensor max(const Tensor& x, const Axes& axes = {}, bool keepdims = false);  // ties share the gradient
KERAS_API Tensor min(const Tensor& x, const Axes& axes = {}, bool keepdims = false);
KERAS_API Tensor any(const Tensor& x, const Axes& axes = {}, bool keepdims = false);
KERAS_API Tensor all(const Tensor& x, const Axes& axes = {}, bool keepdims = false);
KERAS_API Tensor var(const Tensor& x, const Axes& axes = {}, bool keepdims = false);
KERAS_API Tensor std(const Tensor& x, const Axes& axes = {}, bool keepdims = false);
KERAS_API Tensor logsumexp(const Tensor& x, const Axes& axes = {}, bool keepdims = false);
KERAS_API Tensor norm(const Tensor& x, const Axes& axes = {}, bool keepdims = false);  // Euclidean
KERAS_API Tensor argmax(const Tensor& x, int axis = -1);                               // int32; the first of equals
KERAS_API Tensor argmin(const Tensor& x, int axis = -1);
KERAS_API Tensor cumsum(const Tensor& x, int axis = 0);
KERAS_API Tensor cumprod(const Tensor& x, int axis = 0);

// ---- products
KERAS_API Tensor matmul(const Tensor& a, const Tensor& b);  // NumPy's rules; leading axes broadcast
KERAS_API Tensor dot(const Tensor& a, const Tensor& b);     // last axis of a with the last but one of b
// Sample by sample, the sum of products along axis_a of a and axis_b of b, which count the batch and are not it. The
// result has the other axes of a, then those of b: (batch, 1) when neither has another.
KERAS_API Tensor batch_dot(const Tensor& a, const Tensor& b, int axis_a, int axis_b);

// ---- shapes
KERAS_API Tensor reshape(const Tensor& x, const Shape& shape);  // one None (-1) is inferred
KERAS_API Tensor transpose(const Tensor& x, const Axes& axes = {});
KERAS_API Tensor expand_dims(const Tensor& x, int axis);
KERAS_API Tensor squeeze(const Tensor& x, const Axes& axes = {});
KERAS_API Tensor broadcast_to(const Tensor& x, const Shape& shape);
KERAS_API Tensor concatenate(const std::vector<Tensor>& tensors, int axis = -1);
KERAS_API Tensor stack(const std::vector<Tensor>& tensors, int axis = 0);
KERAS_API std::vector<Tensor> split(const Tensor& x, int parts, int axis = 0);
// A block of each axis; size -1: all from start on.
KERAS_API Tensor slice(const Tensor& x, const std::vector<std::int64_t>& start, const std::vector<std::int64_t>& size);
// begin, end and step of every axis given, with NumPy's meaning of x[begin:end:step]. A number beyond either end means
// that end: INT64_MIN with a negative step takes the first element too.
KERAS_API Tensor strided_slice(const Tensor& x, const std::vector<std::int64_t>& begin,
                               const std::vector<std::int64_t>& end, const std::vector<std::int64_t>& step = {});
KERAS_API Tensor pad(const Tensor& x, const std::vector<std::pair<std::int64_t, std::int64_t>>& widths,
                     double value = 0);
KERAS_API Tensor repeat(const Tensor& x, std::int64_t repeats, int axis);          // each element
KERAS_API Tensor tile(const Tensor& x, const std::vector<std::int64_t>& repeats);  // the whole, as NumPy
KERAS_API Tensor flip(const Tensor& x, const Axes& axes = {});                     // none given: all axes

// ---- indices
KERAS_API Tensor take(const Tensor& x, const Tensor& indices, int axis = 0);  // negative counts from the end
KERAS_API Tensor take_along_axis(const Tensor& x, const Tensor& indices, int axis = -1);
KERAS_API Tensor scatter_add(const Tensor& x, const Tensor& indices, const Tensor& updates);  // along axis 0
KERAS_API Tensor one_hot(const Tensor& x, std::int64_t num_classes, int axis = -1);  // outside the range: zeros
KERAS_API Tensor sort(const Tensor& x, int axis = -1);
KERAS_API Tensor argsort(const Tensor& x, int axis = -1);
KERAS_API std::pair<Tensor, Tensor> top_k(const Tensor& x, std::int64_t k);  // values and indices, largest first
KERAS_API Tensor in_top_k(const Tensor& targets, const Tensor& predictions, std::int64_t k);

// ---- neural networks
KERAS_API Tensor softmax(const Tensor& x, int axis = -1);
KERAS_API Tensor log_softmax(const Tensor& x, int axis = -1);
// x divided by its norm of this order along the axes, or by epsilon (config::epsilon() unless given) where that is
// larger.
KERAS_API Tensor normalize(const Tensor& x, const Axes& axes = {-1}, int order = 2, std::optional<double> epsilon = {});
// The crossentropies without reduction. output: probabilities, or logits; where a softmax or sigmoid made it, the value
// comes of its operand. target: as output (one-hot), and integers without the axis of the classes for the sparse one.
KERAS_API Tensor categorical_crossentropy(const Tensor& target, const Tensor& output, bool from_logits = false,
                                          int axis = -1);
KERAS_API Tensor sparse_categorical_crossentropy(const Tensor& target, const Tensor& output, bool from_logits = false,
                                                 int axis = -1);
KERAS_API Tensor binary_crossentropy(const Tensor& target, const Tensor& output, bool from_logits = false);

// Connectionist temporal classification (Graves et al., 2006): the loss of each sample. target: labels (batch,
// longest); output: logits (batch, time, classes); the lengths: (batch,); mask_index: the class of the blank.
KERAS_API Tensor ctc_loss(const Tensor& target, const Tensor& output, const Tensor& target_length,
                          const Tensor& output_length, std::int64_t mask_index = 0);

// ---- convolution and pooling, over 1, 2 or 3 spatial axes: x is (batch, space…, channels), or (batch, channels,
// space…) with data_format "channels_first"; none means config::image_data_format(). A size given once holds for all
// spatial axes. padding: "valid", "same" (TensorFlow's: the odd zero goes behind) or, for 1 axis of conv, "causal".
struct ConvOptions {
  std::vector<std::int64_t> strides = {1};
  std::string padding = "valid";
  std::optional<std::string> data_format = {};
  std::vector<std::int64_t> dilation_rate = {1};
};
// kernel: (window…, channels / groups, filters); the groups follow from the channels.
KERAS_API Tensor conv(const Tensor& x, const Tensor& kernel, const ConvOptions& options = {});
// kernel: (window…, channels, multiplier): each channel by itself, giving channels * multiplier.
KERAS_API Tensor depthwise_conv(const Tensor& x, const Tensor& kernel, const ConvOptions& options = {});
// depthwise, then the pointwise kernel (1…, channels * multiplier, filters).
KERAS_API Tensor separable_conv(const Tensor& x, const Tensor& depthwise_kernel, const Tensor& pointwise_kernel,
                                const ConvOptions& options = {});
// The gradient of conv as an op of its own; kernel: (window…, filters, channels). output_padding: one a spatial axis;
// empty: as the padding says, in Keras's way.
KERAS_API Tensor conv_transpose(const Tensor& x, const Tensor& kernel, const ConvOptions& options = {},
                                const std::vector<std::int64_t>& output_padding = {});

struct PoolOptions {
  std::vector<std::int64_t> strides = {};  // pool_size if empty
  std::string padding = "valid";           // or "same"
  std::optional<std::string> data_format = {};
};
KERAS_API Tensor max_pool(const Tensor& x, const std::vector<std::int64_t>& pool_size, const PoolOptions& options = {});
// The mean of the elements in the window that are no padding.
KERAS_API Tensor average_pool(const Tensor& x, const std::vector<std::int64_t>& pool_size,
                              const PoolOptions& options = {});

// ---- normalization
// Mean and variance (biased) over the axes.
KERAS_API std::pair<Tensor, Tensor> moments(const Tensor& x, const Axes& axes, bool keepdims = false);
// (x - mean) / sqrt(variance + epsilon) * scale + offset, computed as x * a + b with a and b of the size of the axis,
// so that it joins the op before it; offset and scale may be empty Tensors.
KERAS_API Tensor batch_normalization(const Tensor& x, const Tensor& mean, const Tensor& variance, int axis,
                                     const Tensor& offset = {}, const Tensor& scale = {}, double epsilon = 1e-3);

// ---- images: (batch, height, width, channels) or one image without the batch; channels_first likewise.
struct ResizeOptions {
  std::string interpolation = "bilinear";  // or nearest, bicubic (Keys, 1981, a = -0.5), lanczos3, lanczos5
  std::optional<std::string> data_format = {};
};
// To size (height, width), half-pixel centres aligned, without smoothing before an image gets smaller.
KERAS_API Tensor resize(const Tensor& images, const std::vector<std::int64_t>& size, const ResizeOptions& options = {});

// ---- random, inside a traced step: the stream is fixed by (seed, layer, nth call), the counter by (step, element), so
// a mask can be made again but is never stored. Outside, each evaluation of a new Tensor draws new numbers. With a seed
// of its own an op draws the same numbers again and again, in a traced step others in each step.
using Seed = std::optional<std::int64_t>;
KERAS_API Tensor random_uniform(const Shape& shape, double minval = 0, double maxval = 1, DType dtype = DType::float32,
                                Seed seed = {});
KERAS_API Tensor random_normal(const Shape& shape, double mean = 0, double stddev = 1, DType dtype = DType::float32,
                               Seed seed = {});
KERAS_API Tensor random_truncated_normal(const Shape& shape, double mean = 0, double stddev = 1,
                                         DType dtype = DType::float32, Seed seed = {});
// How many of `counts` tries succeed, each with this probability.
KERAS_API Tensor random_binomial(const Shape& shape, std::int64_t counts, double probability,
                                 DType dtype = DType::float32, Seed seed = {});
// A part `rate` of the elements is set to 0, the others grow so that the expected sum stays. noise_shape: of the
// choice, which broadcasts to x; None: the size of x.
KERAS_API Tensor dropout(const Tensor& x, double rate, const std::optional<Shape>& noise_shape = {}, Seed seed = {});

// ---- loops
// What a step of a loop takes from step to step, and what it makes.
struct ScanStep {
  std::vector<Tensor> carry, made;
};
struct ScanOptions {
  std::optional<std::int64_t> length = {};  // where nothing is gone over
  bool reverse = false;  // from the last slice to the first; what a step makes lies where its slice did
  bool unroll = false;   // writes the steps one after another: faster for a few, larger for many
};
// Calls step(carry, slices) once to trace it, and runs it for each slice of `xs` along axis 0, which all have one size
// there. A step gives the next carries, of the dtypes and shapes they had, and any number of tensors, which are stacked
// along a new axis 0. Returns the last carries and the stacks. Gradients flow through the carries, the slices and
// whatever else the step uses, which is the same in all steps. Random ops draw anew in each step; a Variable cannot be
// assigned in one. ValueError with the shapes where carries change them, or slices differ in number. After Keras 3's
// ops.scan.
KERAS_API ScanStep
scan(const std::function<ScanStep(const std::vector<Tensor>& carry, const std::vector<Tensor>& slices)>& step,
     const std::vector<Tensor>& init, const std::vector<Tensor>& xs, const ScanOptions& options = {});

// ---- gradients
// The gradients of a scalar (or of the sum of a tensor) by each variable or tensor; zeros where it does not depend on
// it. Static shapes are needed: inside a traced step, or over Arrays. ValueError names an op on the way that has no
// gradient.
KERAS_API std::vector<Tensor> gradients(const Tensor& loss, const std::vector<Tensor>& with_respect_to);
KERAS_API std::vector<Tensor> gradients(const Tensor& loss, const std::vector<Variable>& with_respect_to);
}  // namespace ops
}  // namespace keras
