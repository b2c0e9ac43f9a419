// What the cells of dense products share: their weights, and the masks of dropout, which are the same in all steps.
#pragma once

#include <keras/layers/rnn.h>
#include <keras/ops.h>

#include "layers/layer_state.h"
#include "layers/regularization/draws.h"
#include "layers/upgrades.h"

namespace keras::layers {

// The masks of dropout of a cell, for its inputs and its state: none, one, or one for each gate, as Keras draws them.
class CellDropout {
 public:
  CellDropout(const LayerBody& cell, double dropout, double recurrent_dropout, std::optional<std::int64_t> seed,
              int gates);
  std::vector<std::pair<std::string, Tensor>> draw(const Shape& input, const Shape& state, bool training);

 private:
  Tensor mask(const Shape& shape, double rate);

  const LayerBody& cell_;
  double dropout_, recurrent_dropout_;
  int masks_;
  Draws draws_;
};
inline constexpr auto kInputMask = "dropout_mask", kStateMask = "recurrent_dropout_mask";
std::vector<Tensor> named(const Call& call, const std::string& name);  // the extra tensors of this name

// A step of an LSTM from what its gates get, {input, forget, candidate, output}, and its memory c: {output, h, c}.
std::vector<Tensor> lstm_step(const std::vector<Tensor>& z, const Tensor& memory, const Activation& activation,
                              const Activation& recurrent_activation);

// x times the columns of `weights` for gates [first, last) of `units` columns each, with the mask of each gate, or one
// for all.
Tensor gates_of(const Tensor& x, const Tensor& weights, const std::vector<Tensor>& masks, std::int64_t units, int first,
                int last);

// Of the bias of four gates, of which the second, the forget gate, starts with ones.
Initializer forget_bias(std::int64_t units, const Initializer& others);

template <class A>
class DenseCell : public CellBody {
 public:
  using Args = A;
  static void upgrade(const char* class_name, Config& config) { upgrades::recurrent(class_name, config); }
  DenseCell(A args, int gates)
      : args_(std::move(args)),
        gates_(gates),
        dropout_(*this, args_.dropout, args_.recurrent_dropout, args_.seed, gates) {
    set_initial_weights(std::move(args_.weights));
  }

  void build(const Shape& input) override {
    kernel_ = add_weight("kernel", {input.back(), columns()}, args_.kernel_initializer,
                         {.regularizer = args_.kernel_regularizer, .constraint = args_.kernel_constraint});
    recurrent_kernel_ =
        add_weight("recurrent_kernel", {args_.units, columns()}, args_.recurrent_initializer,
                   {.regularizer = args_.recurrent_regularizer, .constraint = args_.recurrent_constraint});
    if (args_.use_bias) {
      bias_ = add_weight("bias", bias_shape(), bias_initializer(),
                         {.regularizer = args_.bias_regularizer, .constraint = args_.bias_constraint});
    }
  }
  std::vector<Shape> state_shapes(const Shape&) const override { return {{args_.units}}; }
  bool gives_first_state() const override { return true; }
  std::vector<std::pair<std::string, Tensor>> call_state(const Shape& input, bool training) override {
    return dropout_.draw(input, Shape{input[0], Dim(args_.units)}, training);
  }

 protected:
  Dim columns() const { return Dim(gates_) * Dim(args_.units); }
  virtual Shape bias_shape() const { return {columns()}; }
  virtual Initializer bias_initializer() const { return args_.bias_initializer; }
  Tensor of_input(const Call& call, int first, int last) const {
    return gates_of(call.inputs[0], kernel_, named(call, kInputMask), args_.units, first, last);
  }
  Tensor of_state(const Call& call, int first, int last) const {
    return gates_of(call.inputs[1], recurrent_kernel_, named(call, kStateMask), args_.units, first, last);
  }

  A args_;
  int gates_;
  Variable kernel_, recurrent_kernel_, bias_;

 private:
  CellDropout dropout_;
};

}  // namespace keras::layers
