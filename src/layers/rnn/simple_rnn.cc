// SimpleRNN: the state is what a dense layer makes of the input and the state before.
#include "layers/rnn/cells.h"
#include "layers/rnn/recurrent.h"
#include "layers/table.h"

namespace keras {
namespace {

struct SimpleRNNCellBody final : layers::DenseCell<SimpleRNNCellArgs> {
  static constexpr auto class_name = "SimpleRNNCell";
  explicit SimpleRNNCellBody(SimpleRNNCellArgs args) : DenseCell(std::move(args), 1) {}

  std::vector<Tensor> call_all(const Call& call) override {
    Tensor h = of_input(call, 0, 1) + of_state(call, 0, 1);
    if (args_.use_bias) h = h + bias_;
    h = args_.activation(h);
    return {h, h};
  }
};

struct SimpleRNNBody final : layers::RecurrentBody {
  static constexpr auto class_name = "SimpleRNN";
  using Args = SimpleRNNArgs;
  explicit SimpleRNNBody(const Args& args)
      : RecurrentBody(class_name,
                      make_layer<SimpleRNNCellBody>(layers::cell_args<SimpleRNNCellArgs>(args, "simple_rnn_cell")),
                      layers::recurrent_options(args), args.activity_regularizer, 3) {}

  Config get_config() const override {  // Keras writes no seed; we do where there is one
    Config config = RecurrentBody::get_config();
    if (config.at("seed").is_null()) config.erase("seed");
    return config;
  }
};

}  // namespace

Layer layers::SimpleRNN(std::int64_t units, SimpleRNNArgs args) {
  if (args.units != 0) refuse_twice("SimpleRNN", "units");
  args.units = units;
  return make_layer<SimpleRNNBody>(std::move(args));
}
Layer layers::SimpleRNNCell(std::int64_t units, SimpleRNNCellArgs args) {
  if (args.units != 0) refuse_twice("SimpleRNNCell", "units");
  args.units = units;
  return make_layer<SimpleRNNCellBody>(std::move(args));
}
Maker layers::makers::SimpleRNN() { return custom<SimpleRNNBody>(); }
Maker layers::makers::SimpleRNNCell() { return custom<SimpleRNNCellBody>(); }

}  // namespace keras
