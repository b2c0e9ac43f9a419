// ConvLSTM2D: an LSTM whose products with the input and the state are convolutions.
#include <fmt/format.h>
#include <keras/error.h>

#include "layers/convolutional/conv_body.h"
#include "layers/rnn/cells.h"
#include "layers/rnn/recurrent.h"
#include "layers/spatial.h"
#include "layers/table.h"
#include "ops/tensor_node.h"
#include "ops/trace.h"

namespace keras {
namespace {

template <class A>
A checked(const char* class_name, A args) {
  args.data_format = layers::data_format_of(class_name, args.data_format);
  layers::refuse_strides_with_dilation<2>(class_name, args.strides, args.dilation_rate);
  return args;
}

struct ConvLSTM2DCellBody final : CellBody {
  static constexpr auto class_name = "ConvLSTM2DCell";
  using Args = ConvLSTM2DCellArgs;
  explicit ConvLSTM2DCellBody(Args args)
      : args_(checked(class_name, std::move(args))),
        dropout_(*this, args_.dropout, args_.recurrent_dropout, args_.seed, 4) {
    set_initial_weights(std::move(args_.weights));
  }

  void build(const Shape& input) override {
    const Dim channels = first() ? input[1] : input.back();
    kernel_ = add_weight("kernel", window(channels), args_.kernel_initializer,
                         {.regularizer = args_.kernel_regularizer, .constraint = args_.kernel_constraint});
    recurrent_kernel_ =
        add_weight("recurrent_kernel", window(args_.filters), args_.recurrent_initializer,
                   {.regularizer = args_.recurrent_regularizer, .constraint = args_.recurrent_constraint});
    if (!args_.use_bias) return;
    bias_ = add_weight(
        "bias", {Dim(4) * Dim(args_.filters)},
        args_.unit_forget_bias ? layers::forget_bias(args_.filters, args_.bias_initializer) : args_.bias_initializer,
        {.regularizer = args_.bias_regularizer, .constraint = args_.bias_constraint});
  }

  std::vector<Shape> state_shapes(const Shape& input) const override {
    const ops::Trace scratch;
    const DType dtype = this->dtype();
    const Tensor x = ops::placeholder({dtype, input}, "x"),
                 kernel = ops::placeholder({dtype, window(channels(input))}, "k");
    Shape state = ops::conv(x, kernel, over_input()).shape().slice(1);
    state[first() ? 0 : 2] = args_.filters;
    return {state, state};
  }
  std::vector<std::pair<std::string, Tensor>> call_state(const Shape& input, bool training) override {
    return dropout_.draw(input, state_shapes(input)[0].with_front(input[0]), training);
  }

  bool gives_first_state() const override { return true; }

  std::vector<Tensor> call_all(const Call& call) override {
    Tensor x = gates(call.inputs[0], kernel_, layers::named(call, layers::kInputMask), over_input());
    if (args_.use_bias) x = x + (first() ? ops::reshape(bias_, {4 * args_.filters, 1, 1}) : Tensor(bias_));
    const Tensor z = x + gates(call.inputs[1], recurrent_kernel_, layers::named(call, layers::kStateMask),
                               {.padding = "same", .data_format = args_.data_format});
    return layers::lstm_step(ops::split(z, 4, first() ? 1 : -1), call.inputs[2], args_.activation,
                             args_.recurrent_activation);
  }

 private:
  bool first() const { return args_.data_format == "channels_first"; }
  Dim channels(const Shape& input) const { return first() ? input[1] : input.back(); }
  Shape window(Dim channels) const {
    return {args_.kernel_size[0], args_.kernel_size[1], channels, Dim(4) * Dim(args_.filters)};
  }
  ops::ConvOptions over_input() const {
    return {.strides = {args_.strides[0], args_.strides[1]},
            .padding = args_.padding,
            .data_format = args_.data_format,
            .dilation_rate = {args_.dilation_rate[0], args_.dilation_rate[1]}};
  }
  Tensor gates(const Tensor& x, const Variable& kernel, const std::vector<Tensor>& masks,
               const ops::ConvOptions& options) const {
    if (masks.size() < 2) return ops::conv(masks.empty() ? x : x * masks[0], kernel, options);
    const std::vector<Tensor> kernels = ops::split(kernel, 4, -1);
    std::vector<Tensor> parts;
    for (std::size_t gate = 0; gate < 4; ++gate) parts.push_back(ops::conv(x * masks[gate], kernels[gate], options));
    return ops::concatenate(parts, first() ? 1 : -1);
  }

  Args args_;
  layers::CellDropout dropout_;
  Variable kernel_, recurrent_kernel_, bias_;
};

struct ConvLSTM2DBody final : layers::RecurrentBody {
  static constexpr auto class_name = "ConvLSTM2D";
  using Args = ConvLSTM2DArgs;
  static void upgrade(const char* name, Config& config) { layers::upgrades::recurrent_convolution(name, config); }
  explicit ConvLSTM2DBody(const Args& args)
      : RecurrentBody(class_name,
                      make_layer<ConvLSTM2DCellBody>(layers::cell_args<ConvLSTM2DCellArgs>(args, "conv_lstm_cell")),
                      layers::recurrent_options(args), args.activity_regularizer, 5),
        data_format_(*checked(class_name, args).data_format) {}

  Config get_config() const override { return RecurrentBody::get_config().set("data_format", data_format_); }

 private:
  std::string data_format_;
};

}  // namespace

Layer layers::ConvLSTM2D(std::int64_t filters, Ints<2> kernel_size, ConvLSTM2DArgs args) {
  if (args.filters != 0) refuse_twice("ConvLSTM2D", "filters");
  if (args.kernel_size != Ints<2>(0)) refuse_twice("ConvLSTM2D", "kernel_size");
  args.filters = filters;
  args.kernel_size = kernel_size;
  return make_layer<ConvLSTM2DBody>(std::move(args));
}
Layer layers::ConvLSTM2DCell(std::int64_t filters, Ints<2> kernel_size, ConvLSTM2DCellArgs args) {
  if (args.filters != 0) refuse_twice("ConvLSTM2DCell", "filters");
  if (args.kernel_size != Ints<2>(0)) refuse_twice("ConvLSTM2DCell", "kernel_size");
  args.filters = filters;
  args.kernel_size = kernel_size;
  return make_layer<ConvLSTM2DCellBody>(std::move(args));
}
Maker layers::makers::ConvLSTM2DCell() { return custom<ConvLSTM2DCellBody>(); }
Maker layers::makers::ConvLSTM2D() { return custom<ConvLSTM2DBody>(); }

}  // namespace keras
