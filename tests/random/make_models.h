// How random models are made: one function a family of layers.
#pragma once

#include "tests/random/models.h"

namespace keras::testing {

inline const std::vector<std::string>& merging_classes() {
  static const std::vector<std::string> classes{"Add",     "Average", "Concatenate", "Dot",
                                                "Maximum", "Minimum", "Multiply",    "Subtract"};
  return classes;
}

inline Layer ModelMaker::note(Layer layer) {
  ++made_.layers[layer.class_name()];
  made_.story.push_back(layer.class_name() + " " +
                        (layer.class_name() == "Lambda" ? std::string() : layer.get_config().to_json()));
  return layer;
}

inline Layer ModelMaker::keeper(const Shape& shape) {
  const std::int64_t last = shape.back().value();
  switch (dice_.range(0, 4)) {
    case 0:
      return note(layers::Dense(last, {.activation = Activation(activation()), .use_bias = dice_.chance(0.7)}));
    case 1:
      return note(layers::Dropout(dice_.chance(0.5) ? 0.25 : 0.5));
    case 2:
      return note(layers::LeakyReLU(0.125));
    case 3:
      return note(layers::BatchNormalization());
    default:
      return note(layers::Activation(Activation(activation())));
  }
}

template <int N>
Ints<N> sizes_of(const std::array<std::int64_t, 3>& values) {
  if constexpr (N == 1)
    return Ints<1>(values[0]);
  else if constexpr (N == 2)
    return Ints<2>{values[0], values[1]};
  else
    return Ints<3>{values[0], values[1], values[2]};
}

inline std::optional<Layer> ModelMaker::convolution(const std::string& name, const Shape& given) {
  const bool first = given.size() > 2 && !masked_ && dice_.chance(0.15);
  const std::string format = first ? "channels_first" : "channels_last";
  Shape shape = given;  // with the channels last
  for (std::size_t d = 1; first && d < shape.size(); ++d) shape[d] = given[d + 1 < shape.size() ? d + 1 : 1];
  const int n = static_cast<int>(shape.size()) - 2;
  const std::string axes = std::to_string(n) + "D";
  if (n < 1 || n > 3 || name.find(axes) == std::string::npos) return {};
  std::array<std::int64_t, 3> kernel{1, 1, 1}, strides{1, 1, 1}, dilations{1, 1, 1};
  const bool same = dice_.chance(0.5), dilated = dice_.chance(0.2);
  const bool even = name == "DepthwiseConv2D" || name == "SeparableConv2D";  // Keras: equal strides
  for (int d = 0; d < n; ++d) {
    const std::int64_t have = size(shape, static_cast<std::size_t>(d) + 1);
    auto at = static_cast<std::size_t>(d);
    kernel[at] = dice_.range(1, std::min<std::int64_t>(3, have));
    strides[at] = even && d > 0 ? strides[0] : dice_.range(1, 2);
    if (dilated) {
      strides[at] = 1;
      dilations[at] = (kernel[at] - 1) * 2 < have ? 2 : 1;
    }
  }
  if (even && dilated) dilations[1] = dilations[0] = std::min(dilations[0], dilations[1]);
  const std::int64_t channels = shape.back().value(), filters = few();
  const std::string pad = same ? "same" : "valid", pad1 = n == 1 && dice_.chance(0.3) ? "causal" : pad;
  const Activation f(dice_.chance(0.5) ? "linear" : activation());
  const bool bias = dice_.chance(0.7);
  const std::int64_t groups = channels % 2 == 0 && dice_.chance(0.5) ? 2 : 1;
  const std::int64_t grouped = groups == 2 ? 2 * dice_.range(1, 3) : filters;
  const std::int64_t multiplier = dice_.range(1, 2);
  const auto one = sizes_of<1>(kernel), one_s = sizes_of<1>(strides), one_d = sizes_of<1>(dilations);
  const auto two = sizes_of<2>(kernel), two_s = sizes_of<2>(strides), two_d = sizes_of<2>(dilations);
  const auto three = sizes_of<3>(kernel), three_s = sizes_of<3>(strides), three_d = sizes_of<3>(dilations);
  if (name == "Conv1D")
    return layers::Conv1D(grouped, one,
                          {.strides = one_s,
                           .padding = pad1,
                           .data_format = format,
                           .dilation_rate = one_d,
                           .groups = groups,
                           .activation = f,
                           .use_bias = bias});
  if (name == "Conv2D")
    return layers::Conv2D(grouped, two,
                          {.strides = two_s,
                           .padding = pad,
                           .data_format = format,
                           .dilation_rate = two_d,
                           .groups = groups,
                           .activation = f,
                           .use_bias = bias});
  if (name == "Conv3D")
    return layers::Conv3D(std::min<std::int64_t>(grouped, 6), three,
                          {.strides = three_s,
                           .padding = pad,
                           .data_format = format,
                           .dilation_rate = three_d,
                           .groups = groups,
                           .activation = f,
                           .use_bias = bias});
  if (name == "Conv2DTranspose")
    return layers::Conv2DTranspose(
        filters, two, {.strides = two_s, .padding = pad, .data_format = format, .activation = f, .use_bias = bias});
  if (name == "Conv3DTranspose")
    return layers::Conv3DTranspose(
        std::min<std::int64_t>(filters, 5), three,
        {.strides = three_s, .padding = pad, .data_format = format, .activation = f, .use_bias = bias});
  if (name == "DepthwiseConv1D")
    return layers::DepthwiseConv1D(one, {.strides = one_s,
                                         .padding = pad,
                                         .depth_multiplier = multiplier,
                                         .data_format = format,
                                         .activation = f,
                                         .use_bias = bias});
  if (name == "DepthwiseConv2D")
    return layers::DepthwiseConv2D(two, {.strides = two_s,
                                         .padding = pad,
                                         .depth_multiplier = multiplier,
                                         .data_format = format,
                                         .dilation_rate = two_d,
                                         .activation = f,
                                         .use_bias = bias});
  if (name == "SeparableConv1D")
    return layers::SeparableConv1D(filters, one,
                                   {.strides = one_s,
                                    .padding = pad1,
                                    .data_format = format,
                                    .depth_multiplier = multiplier,
                                    .activation = f,
                                    .use_bias = bias});
  if (name == "SeparableConv2D")
    return layers::SeparableConv2D(filters, two,
                                   {.strides = two_s,
                                    .padding = pad,
                                    .data_format = format,
                                    .dilation_rate = two_d,
                                    .depth_multiplier = multiplier,
                                    .activation = f,
                                    .use_bias = bias});
  if (name == "LocallyConnected1D")
    return layers::LocallyConnected1D(filters, one,
                                      {.strides = one_s, .data_format = format, .activation = f, .use_bias = bias});
  if (name == "LocallyConnected2D")
    return layers::LocallyConnected2D(filters, two,
                                      {.strides = two_s, .data_format = format, .activation = f, .use_bias = bias});
  return {};
}

inline std::optional<Layer> ModelMaker::pooling(const std::string& name, const Shape& given) {
  const bool first = given.size() > 2 && !masked_ && dice_.chance(0.15);
  const std::string format = first ? "channels_first" : "channels_last";
  Shape shape = given;  // with the channels last
  for (std::size_t d = 1; first && d < shape.size(); ++d) shape[d] = given[d + 1 < shape.size() ? d + 1 : 1];
  const int n = static_cast<int>(shape.size()) - 2;
  if (n < 1 || n > 3 || name.find(std::to_string(n) + "D") == std::string::npos) return {};
  std::array<std::int64_t, 3> pool{1, 1, 1};
  for (int d = 0; d < n; ++d) pool[static_cast<std::size_t>(d)] = window(size(shape, static_cast<std::size_t>(d) + 1));
  const std::string pad = padding();
  const bool keep = dice_.chance(0.5), own = dice_.chance(0.5);
  const std::int64_t stride = dice_.range(1, 2);
  const auto one = sizes_of<1>(pool);
  const auto two = sizes_of<2>(pool);
  const auto three = sizes_of<3>(pool);
#define KERAS_POOL(Class, sizes, N)                          \
  if (name == #Class) {                                      \
    Class##Args args{.padding = pad, .data_format = format}; \
    if (own) args.strides = Ints<N>(stride);                 \
    return layers::Class(sizes, args);                       \
  }
  KERAS_POOL(MaxPooling1D, one, 1)
  KERAS_POOL(MaxPooling2D, two, 2)
  KERAS_POOL(MaxPooling3D, three, 3)
  KERAS_POOL(AveragePooling1D, one, 1)
  KERAS_POOL(AveragePooling2D, two, 2)
  KERAS_POOL(AveragePooling3D, three, 3)
#undef KERAS_POOL
  if (name == "GlobalMaxPooling1D") return layers::GlobalMaxPooling1D({.data_format = format, .keepdims = keep});
  if (name == "GlobalMaxPooling2D") return layers::GlobalMaxPooling2D({.data_format = format, .keepdims = keep});
  if (name == "GlobalMaxPooling3D") return layers::GlobalMaxPooling3D({.data_format = format, .keepdims = keep});
  if (name == "GlobalAveragePooling1D")
    return layers::GlobalAveragePooling1D({.data_format = format, .keepdims = keep});
  if (name == "GlobalAveragePooling2D")
    return layers::GlobalAveragePooling2D({.data_format = format, .keepdims = keep});
  if (name == "GlobalAveragePooling3D")
    return layers::GlobalAveragePooling3D({.data_format = format, .keepdims = keep});
  return {};
}

inline std::optional<Layer> ModelMaker::space(const std::string& name, const Shape& given) {
  const bool first = given.size() > 3 && dice_.chance(0.15);
  const std::string format = first ? "channels_first" : "channels_last";
  Shape shape = given;  // with the channels last
  for (std::size_t d = 1; first && d < shape.size(); ++d) shape[d] = given[d + 1 < shape.size() ? d + 1 : 1];
  const int n = static_cast<int>(shape.size()) - 2;
  if (n < 1 || n > 3 || name.find(std::to_string(n) + "D") == std::string::npos) return {};
  std::array<std::array<std::int64_t, 2>, 3> borders{};
  std::array<std::int64_t, 3> times{1, 1, 1};
  const bool crops = name.starts_with("Cropping");
  for (int d = 0; d < n; ++d) {
    auto& border = borders[static_cast<std::size_t>(d)];
    std::int64_t room = size(shape, static_cast<std::size_t>(d) + 1) - 1;
    for (std::int64_t& side : border) {
      side = dice_.range(0, crops ? std::min<std::int64_t>(1, room) : 2);
      if (crops) room -= side;
    }
    times[static_cast<std::size_t>(d)] = dice_.range(1, 2);
  }
  const auto pair = [&](std::size_t d) { return Ints<2>{borders[d][0], borders[d][1]}; };
  if (name == "ZeroPadding1D") return layers::ZeroPadding1D({borders[0][0], borders[0][1]});
  if (name == "ZeroPadding2D") return layers::ZeroPadding2D({pair(0), pair(1)}, {.data_format = format});
  if (name == "ZeroPadding3D") return layers::ZeroPadding3D({pair(0), pair(1), pair(2)}, {.data_format = format});
  if (name == "Cropping1D") return layers::Cropping1D({borders[0][0], borders[0][1]});
  if (name == "Cropping2D") return layers::Cropping2D({pair(0), pair(1)}, {.data_format = format});
  if (name == "Cropping3D") return layers::Cropping3D({pair(0), pair(1), pair(2)}, {.data_format = format});
  if (name == "UpSampling1D") return layers::UpSampling1D(times[0]);
  if (name == "UpSampling2D")
    return layers::UpSampling2D(
        sizes_of<2>(times),
        {.data_format = format, .interpolation = dice_.of<std::string>({"nearest", "bilinear", "bicubic"})});
  if (name == "UpSampling3D") return layers::UpSampling3D(sizes_of<3>(times), {.data_format = format});
  return {};
}

inline std::optional<Layer> ModelMaker::regularization(const std::string& name, const Shape& shape) {
  const double rate = dice_.chance(0.5) ? 0.25 : 0.5;
  const std::size_t rank = shape.size();
  if (name == "Dropout") return layers::Dropout(rate);
  if (name == "AlphaDropout") return layers::AlphaDropout(rate);
  if (name == "GaussianDropout") return layers::GaussianDropout(rate);
  if (name == "GaussianNoise") return layers::GaussianNoise(rate);
  if (name == "SpatialDropout1D" && rank == 3) return layers::SpatialDropout1D(rate);
  if (name == "SpatialDropout2D" && rank == 4) return layers::SpatialDropout2D(rate);
  if (name == "SpatialDropout3D" && rank == 5) return layers::SpatialDropout3D(rate);
  if (name == "ActivityRegularization") return layers::ActivityRegularization({.l1 = 0.125, .l2 = 0.25});
  if (name == "BatchNormalization") {
    const int axis = rank > 2 && dice_.chance(0.25) ? 1 : -1;
    return layers::BatchNormalization(
        {.axis = axis, .momentum = 0.75, .center = dice_.chance(0.75), .scale = dice_.chance(0.75)});
  }
  return {};
}

inline Layer ModelMaker::cell(const std::string& name) {
  const std::int64_t units = dice_.range(1, 5);
  const double dropout = dice_.chance(0.2) ? 0.25 : 0, again = dice_.chance(0.2) ? 0.5 : 0;
  const bool bias = dice_.chance(0.75);
  if (name == "GRUCell")
    return note(layers::GRUCell(
        units, {.use_bias = bias, .dropout = dropout, .recurrent_dropout = again, .reset_after = dice_.chance(0.5)}));
  if (name == "LSTMCell")
    return note(layers::LSTMCell(units, {.use_bias = bias, .dropout = dropout, .recurrent_dropout = again}));
  if (name == "SimpleRNNCell")
    return note(layers::SimpleRNNCell(units, {.use_bias = bias, .dropout = dropout, .recurrent_dropout = again}));
  const std::vector<std::string> simple{"GRUCell", "LSTMCell", "SimpleRNNCell"};
  if (name == "StackedRNNCells") {
    std::vector<Layer> cells;
    for (std::int64_t i = dice_.range(1, 2); i >= 0; --i) cells.push_back(cell(dice_.of(simple)));
    return note(layers::StackedRNNCells(cells));
  }
  return cell(dice_.of(simple));
}

inline std::optional<Layer> ModelMaker::recurrent(const std::string& name, const Shape& shape) {
  const bool sequences = dice_.chance(0.6), backwards = dice_.chance(0.25), unroll = dice_.chance(0.2);
  const bool bias = dice_.chance(0.75), stateful = static_ && dice_.chance(0.5);
  const double dropout = dice_.chance(0.2) ? 0.25 : 0, again = dice_.chance(0.2) ? 0.5 : 0;
  if (name == "ConvLSTM2D" && shape.size() == 5) {
    const std::int64_t kernel = window(std::min(size(shape, 2), size(shape, 3)));
    return layers::ConvLSTM2D(dice_.range(1, 3), kernel,
                              {.padding = padding(),
                               .use_bias = bias,
                               .dropout = dropout,
                               .recurrent_dropout = again,
                               .return_sequences = sequences,
                               .go_backwards = backwards});
  }
  if (name == "ConvLSTM2DCell" && shape.size() == 5) {
    const std::int64_t kernel = window(std::min(size(shape, 2), size(shape, 3)));
    ++made_.layers["RNN"];
    const Layer cell = note(layers::ConvLSTM2DCell(
        dice_.range(1, 3), kernel,
        {.padding = padding(), .use_bias = bias, .dropout = dropout, .recurrent_dropout = again}));
    return layers::RNN(cell, {.return_sequences = sequences, .go_backwards = backwards, .unroll = unroll});
  }
  if (shape.size() != 3) return {};
  const std::int64_t units = few();
  if (name == "LSTM")
    return layers::LSTM(units, {.use_bias = bias,
                                .dropout = dropout,
                                .recurrent_dropout = again,
                                .return_sequences = sequences,
                                .go_backwards = backwards,
                                .stateful = stateful,
                                .unroll = unroll});
  if (name == "GRU")
    return layers::GRU(units, {.use_bias = bias,
                               .dropout = dropout,
                               .recurrent_dropout = again,
                               .return_sequences = sequences,
                               .go_backwards = backwards,
                               .stateful = stateful,
                               .unroll = unroll,
                               .reset_after = dice_.chance(0.5)});
  if (name == "SimpleRNN")
    return layers::SimpleRNN(units, {.use_bias = bias,
                                     .dropout = dropout,
                                     .recurrent_dropout = again,
                                     .return_sequences = sequences,
                                     .go_backwards = backwards,
                                     .stateful = stateful,
                                     .unroll = unroll});
  const bool is_cell = name == "GRUCell" || name == "LSTMCell" || name == "SimpleRNNCell" || name == "StackedRNNCells";
  if (is_cell || name == "RNN") {
    if (is_cell) ++made_.layers["RNN"];
    return layers::RNN(
        cell(is_cell ? name : "any"),
        {.return_sequences = sequences, .go_backwards = backwards, .stateful = stateful, .unroll = unroll});
  }
  return {};
}

inline std::optional<Layer> ModelMaker::wrapped(const std::string& name, const Shape& shape) {
  if (name == "Bidirectional" && shape.size() == 3) {
    const std::string inner = dice_.of<std::string>({"LSTM", "GRU", "SimpleRNN"});
    const std::int64_t units = dice_.range(1, 5);
    const bool sequences = dice_.chance(0.6);
    const Layer layer = inner == "LSTM"  ? layers::LSTM(units, {.return_sequences = sequences})
                        : inner == "GRU" ? layers::GRU(units, {.return_sequences = sequences})
                                         : layers::SimpleRNN(units, {.return_sequences = sequences});
    return layers::Bidirectional(note(layer), {.merge_mode = dice_.of<std::string>({"concat", "sum", "mul", "ave"})});
  }
  if (name == "TimeDistributed" && shape.size() >= 3) {
    Shape inside{shape[0]};
    for (std::size_t d = 2; d < shape.size(); ++d) inside.push_back(shape[d]);
    const std::vector<std::string> simple{"Dense", "Conv1D",  "Conv2D",  "BatchNormalization", "GlobalMaxPooling2D",
                                          "LSTM",  "Flatten", "Dropout", "Activation"};
    const bool known = std::exchange(static_, false);  // no state is kept inside
    std::optional<Layer> inner;
    for (int i = 0; i < 10 && !inner; ++i) inner = this->layer(dice_.of(simple), inside);
    static_ = known;
    return layers::TimeDistributed(note(inner ? *inner : layers::Dense(2)));
  }
  return {};
}

inline std::optional<Layer> ModelMaker::layer(const std::string& name, const Shape& shape) {
  const std::size_t rank = shape.size();
  if (name == "Dense") {
    DenseArgs args{.activation = Activation(activation()), .use_bias = dice_.chance(0.75)};
    if (dice_.chance(0.2)) args.kernel_regularizer = "l2";
    if (dice_.chance(0.1)) args.activity_regularizer = "l1";
    if (dice_.chance(0.1)) args.kernel_constraint = dice_.chance(0.5) ? "max_norm" : "unit_norm";
    return layers::Dense(few(), args);
  }
  if (name == "Activation") return layers::Activation(Activation(activation()));
  if (name == "ELU") return layers::ELU(0.5);
  if (name == "LeakyReLU") return layers::LeakyReLU(0.25);
  if (name == "ReLU") {
    ReLUArgs args;
    if (dice_.chance(0.5)) args.max_value = 1;
    if (dice_.chance(0.5)) args.negative_slope = 0.125;
    if (dice_.chance(0.3)) args.threshold = 0.1;
    return layers::ReLU(args);
  }
  if (name == "PReLU") {
    PReLUArgs args{.alpha_initializer = Initializer("random_uniform")};
    if (rank > 2 && dice_.chance(0.5)) args.shared_axes = {1};
    return layers::PReLU(args);
  }
  if (name == "Softmax" && !masked_) return layers::Softmax(rank > 2 && dice_.chance(0.3) ? 1 : -1);
  if (name == "ThresholdedReLU") return layers::ThresholdedReLU(0.25);
  if (name == "Lambda")
    return layers::Lambda([](const Tensor& x) { return ops::tanh(x) * 1.5 + ops::square(x) * 0.25; });
  if (name == "Flatten") return layers::Flatten();
  if (name == "Masking" && rank == 3) return layers::Masking();
  if (name == "RepeatVector" && rank == 2) return layers::RepeatVector(dice_.range(1, 4));
  if (name == "Permute" && rank > 2) {
    std::vector<std::int64_t> dims;
    for (std::size_t d = 1; d < rank; ++d) dims.push_back(static_cast<std::int64_t>(d));
    for (std::size_t d = dims.size(); d-- > 1;)
      std::swap(dims[d], dims[static_cast<std::size_t>(dice_.range(0, static_cast<std::int64_t>(d)))]);
    return layers::Permute(dims);
  }
  if (name == "Reshape") {
    if (rank == 2) return layers::Reshape(size(shape, 1) % 2 == 0 ? Shape{2, -1} : Shape{-1, 1});
    return layers::Reshape(dice_.chance(0.5) ? Shape{-1, shape.back()} : Shape{-1});
  }
  for (const auto family : {&ModelMaker::convolution, &ModelMaker::pooling, &ModelMaker::space,
                            &ModelMaker::regularization, &ModelMaker::recurrent, &ModelMaker::wrapped}) {
    if (auto found = (this->*family)(name, shape)) return found;
  }
  return {};
}

inline Tensor ModelMaker::named_input(const Shape& shape, DType dtype) {
  const Tensor x = Input(shape, {.batch_size = static_ ? std::optional<Dim>(batch_) : std::nullopt, .dtype = dtype});
  ++made_.layers["InputLayer"];
  inputs_.push_back(x);
  return x;
}

inline Tensor ModelMaker::input(int rank) {
  Shape shape;
  for (int d = 1; d + 1 < rank; ++d) shape.push_back(dice_.range(rank == 5 ? 2 : 3, rank == 5 ? 3 : 6));
  shape.push_back(few());
  return named_input(shape);
}

// Keeps models tiny.
inline Tensor ModelMaker::smaller(Tensor x) {
  const std::int64_t most = large_ ? 5000 : 1200;
  const auto elements = [&] {
    std::int64_t n = 1;
    for (std::size_t d = 1; d < x.shape().size(); ++d) n *= x.shape()[d].value();
    return n;
  };
  if (elements() > most && x.shape().size() > 2) {
    const char* const pool[] = {"GlobalAveragePooling1D", "GlobalMaxPooling2D", "GlobalAveragePooling3D"};
    const std::string name = pool[x.shape().size() - 3];
    if (const auto layer = pooling(name, x.shape())) x = note(*layer)(x);
  }
  if (elements() > most / 8 && x.shape().size() == 2) x = note(layers::Dense(3, {.activation = "tanh"}))(x);
  return x;
}

inline Tensor ModelMaker::merge(const std::string& name, const Tensor& x) {
  Tensor a = x, b;
  const Shape shape = x.shape();
  if (dice_.chance(0.3)) {  // one layer for two tensors, one of which may be an input of its own
    const Layer shared = keeper(shape);
    b = named_input(shape.slice(1));
    a = shared(a), b = shared(b);
  } else {
    b = keeper(shape)(x);
    if (dice_.chance(0.2)) b = keeper(shape)(b);
  }
  if (name == "Concatenate") return note(layers::Concatenate(shape.size() > 2 && dice_.chance(0.5) ? 1 : -1))({a, b});
  if (name == "Dot" && shape.size() <= 3) {
    const bool normalize = dice_.chance(0.3);
    if (shape.size() == 2) return note(layers::Dot(1, {.normalize = normalize}))({a, b});
    return note(layers::Dot(dice_.range(1, static_cast<std::int64_t>(shape.size()) - 1), {.normalize = normalize}))(
        {a, b});
  }
  if (name == "Dot") return a;
  if (name == "Subtract") return note(layers::Subtract())({a, b});
  std::vector<Tensor> both{a, b};
  if (dice_.chance(0.25)) both.push_back(x);
  const Layer layer = name == "Add"       ? layers::Add()
                      : name == "Average" ? layers::Average()
                      : name == "Maximum" ? layers::Maximum()
                      : name == "Minimum" ? layers::Minimum()
                                          : layers::Multiply();
  return note(layer)(both);
}

inline Tensor ModelMaker::sequence(const Tensor& x) {
  const std::int64_t units = dice_.range(1, 5);
  const bool lstm = dice_.chance(0.5), sequences = dice_.chance(0.5);
  const auto made = [&](bool all, bool state) {
    return note(lstm ? layers::LSTM(units, {.return_sequences = all, .return_state = state})
                     : layers::GRU(units, {.return_sequences = all, .return_state = state}));
  };
  std::vector<Tensor> states = made(true, true).outputs({x});
  states[0] = x;
  return made(sequences, false)(states);
}

inline Tensor ModelMaker::step(const std::string& name, const Tensor& x) {
  const auto& merging = merging_classes();
  if (std::find(merging.begin(), merging.end(), name) != merging.end()) return merge(name, x);
  if (x.shape().size() == 3 && dice_.chance(0.03)) return sequence(x);
  // As in Keras, these take no mask of time steps: Softmax, pooling with the channels first.
  masked_ = made_.layers.count("Masking") + made_.layers.count("Embedding") > 0;
  auto layer = this->layer(name, x.shape());
  if (!layer) return x;
  return note(*layer)(x);
}

inline int rank_for(const std::string& name, Dice& dice) {
  if (name.starts_with("ConvLSTM2D")) return 5;
  for (int n = 1; n <= 3; ++n) {
    if (name.ends_with(std::to_string(n) + "D") || name.ends_with(std::to_string(n) + "DTranspose")) return n + 2;
  }
  for (const char* sequence : {"LSTM", "GRU", "SimpleRNN", "RNN", "LSTMCell", "GRUCell", "SimpleRNNCell",
                               "StackedRNNCells", "Bidirectional", "Masking"}) {
    if (name == sequence) return 3;
  }
  if (name == "RepeatVector") return 2;
  if (name == "TimeDistributed") return static_cast<int>(dice.range(3, 5));
  if (name == "Permute" || name == "Flatten") return static_cast<int>(dice.range(3, 4));
  return static_cast<int>(dice.range(2, name == "Dot" ? 3 : 4));
}

inline RandomModel ModelMaker::make() {
  static_ = dice_.chance(0.25);
  const int rank = rank_for(about_, dice_);
  large_ = dice_.chance(rank == 3 ? 0.15 : 0.05);
  batch_ = dice_.of<std::int64_t>({1, 2, 3, 3, 5});
  if (large_) batch_ = rank == 3 ? dice_.of<std::int64_t>({7, 16, 24, 34}) : dice_.range(6, 9);
  std::int64_t words = 0;
  Tensor x;
  if (about_ == "Embedding") {
    words = dice_.range(3, 9);
    x = named_input({dice_.range(2, 6)}, DType::int32);
    x = note(layers::Embedding(words, dice_.range(1, 8), {.mask_zero = dice_.chance(0.5)}))(x);
  } else {
    x = input(rank);
    if (rank == 3 && about_ != "Softmax" && dice_.chance(0.15)) x = note(layers::Masking())(x);
  }
  std::vector<std::string> others{
#define KERAS_LAYER(name, ...) #name,
#include "layers/layers.def"
  };
  if (about_ != "Embedding" && dice_.chance(0.3)) x = keeper(x.shape())(x);
  x = smaller(step(about_, x));
  const Tensor early = x;
  for (std::int64_t i = dice_.range(0, 5); i > 0; --i) x = smaller(step(dice_.of(others), x));
  outputs_.push_back(x);
  if (early.node() != x.node() && dice_.chance(0.25)) outputs_.push_back(keeper(early.shape())(early));
  if (outputs_.size() == 1 && inputs_.size() == 1 && dice_.chance(0.3)) {  // a model inside a Sequential
    const Model inner(inputs_, outputs_);
    Sequential outer({inner, note(layers::Dense(2))});
    made_.model = outer;
  } else {
    made_.model = Model(inputs_, outputs_);
  }
  for (const Tensor& in : inputs_) {
    Shape shape = in.shape();
    shape[0] = batch_;
    Array values(shape, in.dtype() == DType::int32 ? DType::int32 : DType::float64);
    const std::int64_t steps = shape.size() == 3 ? shape[1].value() : 0;
    const std::int64_t row = steps ? shape.elements() / batch_ / steps : 0;
    for (std::int64_t i = 0; i < shape.elements(); ++i) {
      const auto at = static_cast<std::size_t>(i);
      if (in.dtype() == DType::int32) {
        values.mutable_values<std::int32_t>()[at] = static_cast<std::int32_t>(dice_.range(0, words - 1));
      } else {
        values.mutable_values<double>()[at] = static_cast<float>(dice_.unit() * 3 - 1.5);
      }
    }
    // Some steps of time are padding, in part of the samples.
    for (std::int64_t n = 0; steps && in.dtype() != DType::int32 && n < batch_; ++n) {
      if (!dice_.chance(0.3)) continue;
      const std::int64_t kept = dice_.range(1, steps);
      for (std::int64_t i = kept * row; i < steps * row; ++i)
        values.mutable_values<double>()[static_cast<std::size_t>(n * steps * row + i)] = 0;
    }
    made_.inputs.push_back(values.astype(in.dtype()));
  }
  switch (dice_.range(0, 9)) {  // with large epsilons: the sign of a gradient of nearly 0 must not matter
    case 0:
      made_.optimizer = optimizers::SGD({.learning_rate = 0.5, .momentum = 0.5});
      break;
    case 1:
      made_.optimizer = optimizers::SGD({.learning_rate = 0.5, .momentum = 0.5, .nesterov = true});
      break;
    case 2:
      made_.optimizer = optimizers::Adam({.learning_rate = 0.5, .epsilon = 1, .amsgrad = dice_.chance(0.5)});
      break;
    case 3:
      made_.optimizer = optimizers::RMSprop({.learning_rate = 0.5, .epsilon = 1, .centered = dice_.chance(0.5)});
      break;
    case 4:
      made_.optimizer = optimizers::Adadelta({.learning_rate = 0.5, .epsilon = 1});
      break;
    case 5:
      made_.optimizer = optimizers::Adagrad({.learning_rate = 0.5, .epsilon = 1});
      break;
    case 6:
      made_.optimizer = optimizers::Adamax({.learning_rate = 0.5, .epsilon = 1});
      break;
    case 7:
      made_.optimizer = optimizers::Nadam({.learning_rate = 0.5, .epsilon = 1, .clipnorm = 1});
      break;
    case 8:
      made_.optimizer = optimizers::AdamW({.learning_rate = 0.5, .weight_decay = 0.1, .epsilon = 1});
      break;
    default:
      made_.optimizer = optimizers::SGD({.learning_rate = 0.5});
  }
  return std::move(made_);
}

}  // namespace keras::testing
