// keras::layers: SimpleRNN, GRU, LSTM, ConvLSTM2D and their cells, RNN over any cell, StackedRNNCells, Bidirectional.
#pragma once

#include <keras/layers/common.h>

namespace keras {

// What a recurrent layer does in one step. An own cell derives from it: build() makes the weights for the input of one
// step, (batch, features), and call_all() takes {x, states…} and gives {output, new states…}, of the shapes they had.
// `call.extra` has what call_state() gave and the layer's "constants". RNN(make_layer<MyCell>(…)) is the layer.
class KERAS_API CellBody : public LayerBody {
 public:
  // Without the batch, for inputs of this shape.
  virtual std::vector<Shape> state_shapes(const Shape& input) const = 0;
  virtual Shape output_shape(const Shape& input) const { return state_shapes(input)[0]; }
  virtual bool gives_first_state() const { return false; }  // as its output: then the last one is not carried twice
  // What is the same in all steps of one call on inputs of this shape: masks of dropout, say. Nothing by default.
  virtual std::vector<std::pair<std::string, Tensor>> call_state(const Shape& input, bool training);
};

// Members and fields that several of the Args below have, each in Keras's place.
#define KERAS_RECURRENT_INITIALIZERS                 \
  Initializer kernel_initializer = "glorot_uniform"; \
  Initializer recurrent_initializer = "orthogonal";  \
  Initializer bias_initializer = "zeros";
#define KERAS_RECURRENT_INITIALIZER_FIELDS(A)                                                               \
  f("kernel_initializer", &A::kernel_initializer, "Of the weights of the input.", was("init"));             \
  f("recurrent_initializer", &A::recurrent_initializer, "Of the weights of the state.", was("inner_init")); \
  f("bias_initializer", &A::bias_initializer, "Of the bias.");
#define KERAS_RECURRENT_REGULARIZERS      \
  Regularizer kernel_regularizer = {};    \
  Regularizer recurrent_regularizer = {}; \
  Regularizer bias_regularizer = {};
#define KERAS_RECURRENT_REGULARIZER_FIELDS(A)                                                                          \
  f("kernel_regularizer", &A::kernel_regularizer, "Penalty on the weights of the input.", was("W_regularizer"));       \
  f("recurrent_regularizer", &A::recurrent_regularizer, "Penalty on the weights of the state.", was("U_regularizer")); \
  f("bias_regularizer", &A::bias_regularizer, "Penalty on the bias.", was("b_regularizer"));
#define KERAS_RECURRENT_CONSTRAINTS     \
  Constraint kernel_constraint = {};    \
  Constraint recurrent_constraint = {}; \
  Constraint bias_constraint = {};      \
  double dropout = 0;                   \
  double recurrent_dropout = 0;
#define KERAS_RECURRENT_CONSTRAINT_FIELDS(A)                                                                           \
  f("kernel_constraint", &A::kernel_constraint, "Projection of the weights of the input after each update.");          \
  f("recurrent_constraint", &A::recurrent_constraint, "Projection of the weights of the state after each update.");    \
  f("bias_constraint", &A::bias_constraint, "Projection of the bias after each update.");                              \
  f("dropout", &A::dropout, "Part of the input that is dropped, the same in all steps.", fraction, was("dropout_W"));  \
  f("recurrent_dropout", &A::recurrent_dropout, "Part of the state that is dropped, the same in all steps.", fraction, \
    was("dropout_U"));
#define KERAS_RECURRENT_SEQUENCES \
  bool return_sequences = false;  \
  bool return_state = false;      \
  bool go_backwards = false;      \
  bool stateful = false;
#define KERAS_RECURRENT_SEQUENCE_FIELDS(A)                                                                           \
  f("return_sequences", &A::return_sequences, "Whether the output of each step is given, or that of the last one."); \
  f("return_state", &A::return_state, "Whether the last states are given too, as further outputs.");                 \
  f("go_backwards", &A::go_backwards, "Whether time runs backwards; outputs come in the order of the steps.");       \
  f("stateful", &A::stateful, "Whether a batch begins with the states the one before ended with.");
#define KERAS_RECURRENT_UNITS(A)                                                              \
  f("units", &A::units, "Size of the state and of the output.", positive, was("output_dim")); \
  f("activation", &A::activation, "Of the new state.");
#define KERAS_RECURRENT_BIAS(A) f("use_bias", &A::use_bias, "Whether a bias is added.");

struct SimpleRNNCellArgs {
  std::int64_t units = 0;
  Activation activation = "tanh";
  bool use_bias = true;
  KERAS_RECURRENT_INITIALIZERS
  KERAS_RECURRENT_REGULARIZERS
  KERAS_RECURRENT_CONSTRAINTS
  std::optional<std::int64_t> seed = {};
  KERAS_LAYER_ARGS
  std::vector<Array> weights = {};  // kernel, recurrent_kernel, bias
  static void fields(auto&& f) {
    using A = SimpleRNNCellArgs;
    KERAS_RECURRENT_UNITS(A)
    KERAS_RECURRENT_BIAS(A)
    KERAS_RECURRENT_INITIALIZER_FIELDS(A)
    KERAS_RECURRENT_REGULARIZER_FIELDS(A)
    KERAS_RECURRENT_CONSTRAINT_FIELDS(A)
    f("seed", &A::seed, "Of dropout.");
    KERAS_LAYER_FIELDS(A)
  }
};
struct SimpleRNNArgs {
  std::int64_t units = 0;
  Activation activation = "tanh";
  bool use_bias = true;
  KERAS_RECURRENT_INITIALIZERS
  KERAS_RECURRENT_REGULARIZERS
  Regularizer activity_regularizer = {};
  KERAS_RECURRENT_CONSTRAINTS
  KERAS_RECURRENT_SEQUENCES
  bool unroll = false;
  std::optional<std::int64_t> seed = {};
  bool zero_output_for_mask = false;
  KERAS_LAYER_ARGS
  std::vector<Array> weights = {};
  static void fields(auto&& f) {
    using A = SimpleRNNArgs;
    KERAS_RECURRENT_UNITS(A)
    KERAS_RECURRENT_BIAS(A)
    KERAS_RECURRENT_INITIALIZER_FIELDS(A)
    KERAS_RECURRENT_REGULARIZER_FIELDS(A)
    f("activity_regularizer", &A::activity_regularizer, "Penalty on the output, divided by the batch size.");
    KERAS_RECURRENT_CONSTRAINT_FIELDS(A)
    KERAS_RECURRENT_SEQUENCE_FIELDS(A)
    f("unroll", &A::unroll, "Whether the steps are written one after another rather than as a loop.");
    f("seed", &A::seed, "Of dropout.");
    f("zero_output_for_mask", &A::zero_output_for_mask, "Whether a masked step gives zeros, or the output before it.");
    KERAS_LAYER_FIELDS(A)
  }
};

struct GRUCellArgs {
  std::int64_t units = 0;
  Activation activation = "tanh";
  Activation recurrent_activation = config::dialect().recurrent_activation;  // sigmoid; in Keras 2.2 hard_sigmoid
  bool use_bias = true;
  KERAS_RECURRENT_INITIALIZERS
  KERAS_RECURRENT_REGULARIZERS
  KERAS_RECURRENT_CONSTRAINTS
  bool reset_after = config::dialect().reset_after;  // true; in Keras 2.2 false
  std::optional<std::int64_t> seed = {};
  KERAS_LAYER_ARGS
  std::vector<Array> weights = {};  // kernel, recurrent_kernel, bias
  static void fields(auto&& f) {
    using A = GRUCellArgs;
    KERAS_RECURRENT_UNITS(A)
    f("recurrent_activation", &A::recurrent_activation, "Of the gates.", was("inner_activation"));
    KERAS_RECURRENT_BIAS(A)
    KERAS_RECURRENT_INITIALIZER_FIELDS(A)
    KERAS_RECURRENT_REGULARIZER_FIELDS(A)
    KERAS_RECURRENT_CONSTRAINT_FIELDS(A)
    f("reset_after", &A::reset_after, "Whether the reset gate acts after the product with the state, or before.");
    f("seed", &A::seed, "Of dropout.");
    KERAS_LAYER_FIELDS(A)
  }
};
struct GRUArgs {
  std::int64_t units = 0;
  Activation activation = "tanh";
  Activation recurrent_activation = config::dialect().recurrent_activation;  // sigmoid; in Keras 2.2 hard_sigmoid
  bool use_bias = true;
  KERAS_RECURRENT_INITIALIZERS
  KERAS_RECURRENT_REGULARIZERS
  Regularizer activity_regularizer = {};
  KERAS_RECURRENT_CONSTRAINTS
  std::optional<std::int64_t> seed = {};
  KERAS_RECURRENT_SEQUENCES
  bool unroll = false;
  bool reset_after = config::dialect().reset_after;  // true; in Keras 2.2 false
  std::string use_cudnn = "auto";                    // of Keras 3: nothing depends on it
  bool zero_output_for_mask = false;
  KERAS_LAYER_ARGS
  std::vector<Array> weights = {};
  static void fields(auto&& f) {
    using A = GRUArgs;
    KERAS_RECURRENT_UNITS(A)
    f("recurrent_activation", &A::recurrent_activation, "Of the gates.", was("inner_activation"));
    KERAS_RECURRENT_BIAS(A)
    KERAS_RECURRENT_INITIALIZER_FIELDS(A)
    KERAS_RECURRENT_REGULARIZER_FIELDS(A)
    f("activity_regularizer", &A::activity_regularizer, "Penalty on the output, divided by the batch size.");
    KERAS_RECURRENT_CONSTRAINT_FIELDS(A)
    f("seed", &A::seed, "Of dropout.");
    KERAS_RECURRENT_SEQUENCE_FIELDS(A)
    f("unroll", &A::unroll, "Whether the steps are written one after another rather than as a loop.");
    f("reset_after", &A::reset_after, "Whether the reset gate acts after the product with the state, or before.");
    f("use_cudnn", &A::use_cudnn, "Of Keras 3: nothing depends on it.");
    f("zero_output_for_mask", &A::zero_output_for_mask, "Whether a masked step gives zeros, or the output before it.");
    KERAS_LAYER_FIELDS(A)
  }
};

struct LSTMCellArgs {
  std::int64_t units = 0;
  Activation activation = "tanh";
  Activation recurrent_activation = config::dialect().recurrent_activation;  // sigmoid; in Keras 2.2 hard_sigmoid
  bool use_bias = true;
  KERAS_RECURRENT_INITIALIZERS
  bool unit_forget_bias = true;
  KERAS_RECURRENT_REGULARIZERS
  KERAS_RECURRENT_CONSTRAINTS
  std::optional<std::int64_t> seed = {};
  KERAS_LAYER_ARGS
  std::vector<Array> weights = {};  // kernel, recurrent_kernel, bias
  static void fields(auto&& f) {
    using A = LSTMCellArgs;
    KERAS_RECURRENT_UNITS(A)
    f("recurrent_activation", &A::recurrent_activation, "Of the gates.", was("inner_activation"));
    KERAS_RECURRENT_BIAS(A)
    KERAS_RECURRENT_INITIALIZER_FIELDS(A)
    f("unit_forget_bias", &A::unit_forget_bias, "Whether the bias of the forget gate starts with ones.");
    KERAS_RECURRENT_REGULARIZER_FIELDS(A)
    KERAS_RECURRENT_CONSTRAINT_FIELDS(A)
    f("seed", &A::seed, "Of dropout.");
    KERAS_LAYER_FIELDS(A)
  }
};
struct LSTMArgs {
  std::int64_t units = 0;
  Activation activation = "tanh";
  Activation recurrent_activation = config::dialect().recurrent_activation;  // sigmoid; in Keras 2.2 hard_sigmoid
  bool use_bias = true;
  KERAS_RECURRENT_INITIALIZERS
  bool unit_forget_bias = true;
  KERAS_RECURRENT_REGULARIZERS
  Regularizer activity_regularizer = {};
  KERAS_RECURRENT_CONSTRAINTS
  std::optional<std::int64_t> seed = {};
  KERAS_RECURRENT_SEQUENCES
  bool unroll = false;
  std::string use_cudnn = "auto";  // of Keras 3: nothing depends on it
  bool zero_output_for_mask = false;
  KERAS_LAYER_ARGS
  std::vector<Array> weights = {};
  static void fields(auto&& f) {
    using A = LSTMArgs;
    KERAS_RECURRENT_UNITS(A)
    f("recurrent_activation", &A::recurrent_activation, "Of the gates.", was("inner_activation"));
    KERAS_RECURRENT_BIAS(A)
    KERAS_RECURRENT_INITIALIZER_FIELDS(A)
    f("unit_forget_bias", &A::unit_forget_bias, "Whether the bias of the forget gate starts with ones.");
    KERAS_RECURRENT_REGULARIZER_FIELDS(A)
    f("activity_regularizer", &A::activity_regularizer, "Penalty on the output, divided by the batch size.");
    KERAS_RECURRENT_CONSTRAINT_FIELDS(A)
    f("seed", &A::seed, "Of dropout.");
    KERAS_RECURRENT_SEQUENCE_FIELDS(A)
    f("unroll", &A::unroll, "Whether the steps are written one after another rather than as a loop.");
    f("use_cudnn", &A::use_cudnn, "Of Keras 3: nothing depends on it.");
    f("zero_output_for_mask", &A::zero_output_for_mask, "Whether a masked step gives zeros, or the output before it.");
    KERAS_LAYER_FIELDS(A)
  }
};

struct RNNArgs {
  std::optional<Layer> cell = {};
  KERAS_RECURRENT_SEQUENCES
  bool unroll = false;
  bool zero_output_for_mask = false;
  Regularizer activity_regularizer = {};
  KERAS_LAYER_ARGS
  static void fields(auto&& f) {
    using A = RNNArgs;
    f("cell", &A::cell, "What is done in a step.");
    KERAS_RECURRENT_SEQUENCE_FIELDS(A)
    f("unroll", &A::unroll, "Whether the steps are written one after another rather than as a loop.");
    f("zero_output_for_mask", &A::zero_output_for_mask, "Whether a masked step gives zeros, or the output before it.");
    f("activity_regularizer", &A::activity_regularizer, "Penalty on the output, divided by the batch size.");
    KERAS_LAYER_FIELDS(A)
  }
};

struct StackedRNNCellsArgs {
  std::vector<Layer> cells = {};
  KERAS_LAYER_ARGS
  static void fields(auto&& f) {
    using A = StackedRNNCellsArgs;
    f("cells", &A::cells, "From the input to the output.");
    KERAS_LAYER_FIELDS(A)
  }
};

struct BidirectionalArgs {
  std::optional<Layer> layer = {};
  std::optional<std::string> merge_mode = "concat";
  std::optional<Layer> backward_layer = {};
  KERAS_LAYER_ARGS
  std::vector<Array> weights = {};  // of the layer forwards, then of the one backwards
  static void fields(auto&& f) {
    using A = BidirectionalArgs;
    f("layer", &A::layer, "The recurrent layer that goes forwards.");
    f("merge_mode", &A::merge_mode, "sum, mul, concat, ave; none: both outputs by themselves.");
    f("backward_layer", &A::backward_layer, "The one that goes backwards; a copy of the first if none.");
    KERAS_LAYER_FIELDS(A)
  }
};

struct ConvLSTM2DCellArgs {
  ByName by_name = ByName();
  std::int64_t filters = 0;
  Ints<2> kernel_size = 0;
  Ints<2> strides = 1;
  std::string padding = "valid";
  std::optional<std::string> data_format = {};
  Ints<2> dilation_rate = 1;
  Activation activation = "tanh";
  Activation recurrent_activation = config::dialect().recurrent_activation;  // sigmoid; in Keras 2.2 hard_sigmoid
  bool use_bias = true;
  KERAS_RECURRENT_INITIALIZERS
  bool unit_forget_bias = true;
  KERAS_RECURRENT_REGULARIZERS
  KERAS_RECURRENT_CONSTRAINTS
  std::optional<std::int64_t> seed = {};
  KERAS_LAYER_ARGS
  std::vector<Array> weights = {};  // kernel, recurrent_kernel, bias
  static void fields(auto&& f) {
    using A = ConvLSTM2DCellArgs;
    f("filters", &A::filters, "Number of channels of the state and of the output.", positive, was("nb_filter"));
    f("kernel_size", &A::kernel_size, "Sizes of the window.", positive);
    f("strides", &A::strides, "Steps of the window over the input.", positive, was("subsample"));
    f("padding", &A::padding, "valid or same, of the input; over the state it is same.", was("border_mode"));
    f("data_format", &A::data_format, "channels_last or channels_first.");
    f("dilation_rate", &A::dilation_rate, "Distance of the window's points over the input; not with strides.",
      positive);
    f("activation", &A::activation, "Of the candidate and of the memory.");
    f("recurrent_activation", &A::recurrent_activation, "Of the gates.", was("inner_activation"));
    KERAS_RECURRENT_BIAS(A)
    KERAS_RECURRENT_INITIALIZER_FIELDS(A)
    f("unit_forget_bias", &A::unit_forget_bias, "Whether the bias of the forget gate starts with ones.");
    KERAS_RECURRENT_REGULARIZER_FIELDS(A)
    KERAS_RECURRENT_CONSTRAINT_FIELDS(A)
    f("seed", &A::seed, "Of dropout.");
    KERAS_LAYER_FIELDS(A)
  }
};

struct ConvLSTM2DArgs {
  ByName by_name = ByName();
  std::int64_t filters = 0;
  Ints<2> kernel_size = 0;
  Ints<2> strides = 1;
  std::string padding = "valid";
  std::optional<std::string> data_format = {};
  Ints<2> dilation_rate = 1;
  Activation activation = "tanh";
  Activation recurrent_activation = config::dialect().recurrent_activation;  // sigmoid; in Keras 2.2 hard_sigmoid
  bool use_bias = true;
  KERAS_RECURRENT_INITIALIZERS
  bool unit_forget_bias = true;
  KERAS_RECURRENT_REGULARIZERS
  Regularizer activity_regularizer = {};
  KERAS_RECURRENT_CONSTRAINTS
  std::optional<std::int64_t> seed = {};
  KERAS_RECURRENT_SEQUENCES
  bool unroll = false;
  bool zero_output_for_mask = false;
  KERAS_LAYER_ARGS
  std::vector<Array> weights = {};  // kernel, recurrent_kernel, bias
  static void fields(auto&& f) {
    using A = ConvLSTM2DArgs;
    f("filters", &A::filters, "Number of channels of the state and of the output.", positive, was("nb_filter"));
    f("kernel_size", &A::kernel_size, "Sizes of the window.", positive);
    f("strides", &A::strides, "Steps of the window over the input.", positive, was("subsample"));
    f("padding", &A::padding, "valid or same, of the input; over the state it is same.", was("border_mode"));
    f("data_format", &A::data_format, "channels_last or channels_first.");
    f("dilation_rate", &A::dilation_rate, "Distance of the window's points over the input; not with strides.",
      positive);
    f("activation", &A::activation, "Of the candidate and of the memory.");
    f("recurrent_activation", &A::recurrent_activation, "Of the gates.", was("inner_activation"));
    KERAS_RECURRENT_BIAS(A)
    KERAS_RECURRENT_INITIALIZER_FIELDS(A)
    f("unit_forget_bias", &A::unit_forget_bias, "Whether the bias of the forget gate starts with ones.");
    KERAS_RECURRENT_REGULARIZER_FIELDS(A)
    f("activity_regularizer", &A::activity_regularizer, "Penalty on the output, divided by the batch size.");
    KERAS_RECURRENT_CONSTRAINT_FIELDS(A)
    f("seed", &A::seed, "Of dropout.");
    KERAS_RECURRENT_SEQUENCE_FIELDS(A)
    f("unroll", &A::unroll, "Whether the steps are written one after another rather than as a loop.");
    f("zero_output_for_mask", &A::zero_output_for_mask, "Whether a masked step gives zeros, or the output before it.");
    KERAS_LAYER_FIELDS(A)
  }
};

namespace layers {
// Recurrent layers take (batch, time, features) and give the output of the last step, (batch, units), or with
// return_sequences of each one, (batch, time, units); with return_state the last states follow as further outputs, so
// call layer.outputs({x}). A mask (batch, time) leaves out steps: the states stay as they are. States begin with zeros,
// or with further inputs: lstm({x, h, c}), one tensor for each state. With stateful they go on from batch to batch, all
// of one size, which Input's batch_shape has to say; Layer::reset_states() begins anew.

// h = activation(x kernel + h recurrent_kernel + bias).
KERAS_API Layer SimpleRNN(std::int64_t units, SimpleRNNArgs args = {});
KERAS_API Layer SimpleRNNCell(std::int64_t units, SimpleRNNCellArgs args = {});
// Gated recurrent unit (Cho et al. 2014; with reset_after as cuDNN computes it). Columns of the weights: update gate,
// reset gate, candidate.
KERAS_API Layer GRU(std::int64_t units, GRUArgs args = {});
KERAS_API Layer GRUCell(std::int64_t units, GRUCellArgs args = {});
// Long short-term memory (Hochreiter and Schmidhuber 1997), of two states: h, c. Columns of the weights: input gate,
// forget gate, candidate, output gate.
KERAS_API Layer LSTM(std::int64_t units, LSTMArgs args = {});
KERAS_API Layer LSTMCell(std::int64_t units, LSTMCellArgs args = {});
// Of Keras 2: on any machine the same as GRU and LSTM.
inline Layer CuDNNGRU(std::int64_t units, GRUArgs args = {}) { return GRU(units, std::move(args)); }
inline Layer CuDNNLSTM(std::int64_t units, LSTMArgs args = {}) { return LSTM(units, std::move(args)); }

// A recurrent layer of any cell, an own one too. TypeError when it is none. Tensors in Call::extra named "constants"
// are handed to the cell in each step.
KERAS_API Layer RNN(const Layer& cell, RNNArgs args = {});
// Cells one upon another as one cell, with the states of all.
KERAS_API Layer StackedRNNCells(std::vector<Layer> cells, StackedRNNCellsArgs args = {});

// A recurrent layer run over time and a copy run backwards, merged; with return_state the states of the first, then of
// the second. Each is made anew from the configuration of what is given. TypeError when it is no recurrent layer.
KERAS_API Layer Bidirectional(const Layer& layer, BidirectionalArgs args = {});
// An LSTM over images, (batch, time, rows, columns, channels), whose products are convolutions (Shi et al. 2015).
KERAS_API Layer ConvLSTM2D(std::int64_t filters, Ints<2> kernel_size, ConvLSTM2DArgs args = {});
KERAS_API Layer ConvLSTM2DCell(std::int64_t filters, Ints<2> kernel_size, ConvLSTM2DCellArgs args = {});
// Of Keras 2: RNN over a cell of images.
inline Layer ConvRNN2D(const Layer& cell, RNNArgs args = {}) { return RNN(cell, std::move(args)); }
}  // namespace layers

}  // namespace keras
