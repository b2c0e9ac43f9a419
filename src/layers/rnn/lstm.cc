// LSTM: gates decide what of the memory c is forgotten, what comes to it, and what of it is the state h.
#include "layers/rnn/cells.h"
#include "layers/rnn/recurrent.h"
#include "layers/table.h"

namespace keras {
namespace {

struct LSTMCellBody final : layers::DenseCell<LSTMCellArgs> {
  static constexpr auto class_name = "LSTMCell";
  explicit LSTMCellBody(LSTMCellArgs args) : DenseCell(std::move(args), 4) {}

  std::vector<Shape> state_shapes(const Shape&) const override { return {{args_.units}, {args_.units}}; }

  std::vector<Tensor> call_all(const Call& call) override {
    Tensor z = of_input(call, 0, 4) + of_state(call, 0, 4);
    if (args_.use_bias) z = z + bias_;
    return layers::lstm_step(ops::split(z, 4, -1), call.inputs[2], args_.activation, args_.recurrent_activation);
  }

 protected:
  Initializer bias_initializer() const override {
    return args_.unit_forget_bias ? layers::forget_bias(args_.units, args_.bias_initializer) : args_.bias_initializer;
  }
};

struct LSTMBody final : layers::RecurrentBody {
  static constexpr auto class_name = "LSTM";
  using Args = LSTMArgs;
  explicit LSTMBody(const Args& args)
      : RecurrentBody(class_name, make_layer<LSTMCellBody>(layers::cell_args<LSTMCellArgs>(args, "lstm_cell")),
                      layers::recurrent_options(args), args.activity_regularizer, 3) {}
};

}  // namespace

Layer layers::LSTM(std::int64_t units, LSTMArgs args) {
  if (args.units != 0) refuse_twice("LSTM", "units");
  args.units = units;
  return make_layer<LSTMBody>(std::move(args));
}
Layer layers::LSTMCell(std::int64_t units, LSTMCellArgs args) {
  if (args.units != 0) refuse_twice("LSTMCell", "units");
  args.units = units;
  return make_layer<LSTMCellBody>(std::move(args));
}
Maker layers::makers::LSTM() { return custom<LSTMBody>(); }
Maker layers::makers::LSTMCell() { return custom<LSTMCellBody>(); }

}  // namespace keras
