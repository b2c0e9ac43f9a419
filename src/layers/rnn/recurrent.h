// RecurrentBody: a cell run over time. What SimpleRNN, GRU, LSTM, ConvLSTM2D and RNN are.
#pragma once

#include <keras/layers/rnn.h>

#include "layers/layer_state.h"
#include "layers/upgrades.h"

namespace keras::layers {

struct RecurrentOptions {
  bool return_sequences, return_state, go_backwards, stateful, unroll, zero_output_for_mask;
};

// `layer` as what recurrent layers are made of; TypeError when it is no cell.
std::shared_ptr<CellBody> as_cell(const Layer& layer, const std::string& who);

class RecurrentBody : public LayerBody {
 public:
  static void upgrade(const char* class_name, Config& config) { upgrades::recurrent(class_name, config); }
  RecurrentBody(const char* class_name, const Layer& cell, RecurrentOptions options, Regularizer activity_regularizer,
                int rank = 0);
  void build_all(const std::vector<Shape>& inputs) override;
  std::vector<Tensor> call_all(const Call& call) override;
  std::vector<Tensor> compute_mask(const Call& call) override;
  Config get_config() const override;

  const RecurrentOptions& options() const { return options_; }
  void set_zero_output_for_mask(bool zero) { options_.zero_output_for_mask = zero; }

 private:
  void check(const Shape& shape) const;
  std::vector<Tensor> initial_states(const Call& call, const Tensor& x) const;

  Layer cell_;
  std::shared_ptr<CellBody> body_;  // of cell_
  RecurrentOptions options_;
  int rank_;
  Shape step_;  // the input of one step it was built for
};

// The arguments of a layer that are those of its cell too, and the cell's name.
template <class CellArgs, class A>
CellArgs cell_args(const A& args, const char* name) {
  CellArgs cell;
  CellArgs::fields([&](const char* field, auto member, const char*, auto...) {
    A::fields([&](const char* other, auto from, const char*, auto...) {
      if constexpr (std::is_same_v<std::remove_cvref_t<decltype(cell.*member)>,
                                   std::remove_cvref_t<decltype(args.*from)>>) {
        if (std::string_view(field) == other) cell.*member = args.*from;
      }
    });
  });
  cell.name = name;
  cell.input_shape.reset();
  cell.weights = args.weights;
  return cell;
}

template <class A>
RecurrentOptions recurrent_options(const A& a) {
  bool unroll = false;
  if constexpr (requires { a.unroll; }) unroll = a.unroll;
  return {a.return_sequences, a.return_state, a.go_backwards, a.stateful, unroll, a.zero_output_for_mask};
}

}  // namespace keras::layers
