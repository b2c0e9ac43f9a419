// GRU: an update gate mixes the state with a candidate, for which a reset gate decides what of the state counts.
#include "layers/rnn/cells.h"
#include "layers/rnn/recurrent.h"
#include "layers/table.h"

namespace keras {
namespace {

struct GRUCellBody final : layers::DenseCell<GRUCellArgs> {
  static constexpr auto class_name = "GRUCell";
  explicit GRUCellBody(GRUCellArgs args) : DenseCell(std::move(args), 3) {}

  std::vector<Tensor> call_all(const Call& call) override {
    const Tensor& h = call.inputs[1];
    const bool after = args_.reset_after;
    Tensor x = of_input(call, 0, 3), inner = of_state(call, 0, after ? 3 : 2);
    if (args_.use_bias) {
      x = x + (after ? row(0) : Tensor(bias_));
      if (after) inner = inner + row(1);
    }
    const Tensor z = args_.recurrent_activation(gate(x, 0) + gate(inner, 0)),
                 r = args_.recurrent_activation(gate(x, 1) + gate(inner, 1));
    Call reset = call;
    reset.inputs[1] = r * h;
    const Tensor candidate = args_.activation(gate(x, 2) + (after ? r * gate(inner, 2) : of_state(reset, 2, 3)));
    const Tensor next = z * h + (1 - z) * candidate;
    return {next, next};
  }

 protected:
  Shape bias_shape() const override {  // with reset_after one for the input and one for the state
    if (args_.reset_after) return {2, columns()};
    return {columns()};
  }

 private:
  Tensor row(std::int64_t which) const { return ops::slice(bias_, {which, 0}, {1, 3 * args_.units}); }
  Tensor gate(const Tensor& x, int which) const {
    const std::int64_t width = x.shape(-1).value() / args_.units;
    return ops::split(x, static_cast<int>(width), -1)[static_cast<std::size_t>(which)];
  }
};

struct GRUBody final : layers::RecurrentBody {
  static constexpr auto class_name = "GRU";
  using Args = GRUArgs;
  explicit GRUBody(const Args& args)
      : RecurrentBody(class_name, make_layer<GRUCellBody>(layers::cell_args<GRUCellArgs>(args, "gru_cell")),
                      layers::recurrent_options(args), args.activity_regularizer, 3) {}
};

}  // namespace

Layer layers::GRU(std::int64_t units, GRUArgs args) {
  if (args.units != 0) refuse_twice("GRU", "units");
  args.units = units;
  return make_layer<GRUBody>(std::move(args));
}
Layer layers::GRUCell(std::int64_t units, GRUCellArgs args) {
  if (args.units != 0) refuse_twice("GRUCell", "units");
  args.units = units;
  return make_layer<GRUCellBody>(std::move(args));
}
Maker layers::makers::GRU() { return custom<GRUBody>(); }
Maker layers::makers::GRUCell() { return custom<GRUCellBody>(); }

}  // namespace keras
