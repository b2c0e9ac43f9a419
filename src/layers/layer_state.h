// What a layer holds beside its arguments, and what trainers, models and savers ask of a layer and the layers inside
// it.
#pragma once

#include <keras/layer.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/arguments.h"

namespace keras {

// A weight that the layer made itself.
struct OwnWeight {
  Variable variable;
  Regularizer regularizer;
  Constraint constraint;
  bool trainable;  // as add_weight was told; the variable's own flag is that and the layer's
};

// What is asked of an input before the layer runs; a layer fills it in when it is made and when it is built.
struct InputSpec {
  int min_rank = 0;
  int rank = 0;  // exactly this one; 0: any
  int axis = -1;
  std::optional<std::int64_t> size = {};  // of that axis
};

struct LayerCall;  // layers/layer_call.h

struct LayerState {
  std::string name;
  bool trainable = true;
  DType dtype;
  bool built = false;
  InputSpec input_spec;
  bool own_input_dim = false;      // input_dim is an argument of the layer itself, not the size of its input
  bool supports_masking = false;   // passes the masks of its inputs on
  bool mixes_batch = false;        // what becomes of a sample depends on the others, or on the call before
  std::vector<OwnWeight> weights;  // in order of creation
  std::vector<Variable> states;    // what goes on from batch to batch, and is no weight
  std::vector<Layer> children;
  std::vector<std::string> child_names;
  std::optional<Shape> declared_input;  // with the batch: input_dim, input_shape or batch_input_shape
  std::vector<Array> initial_weights;
  Regularizer activity_regularizer;
  std::vector<Shape> build_shapes;              // the inputs it was built for
  std::vector<std::weak_ptr<LayerCall>> calls;  // on symbolic tensors, while these are there
  std::vector<Tensor> inputs, outputs;          // of a functional model: what it was made from
  std::optional<Shape> output_shape;            // in the model it is part of, once known
  // Of Model::add_loss and add_metric: called after each call in a trace.
  std::vector<std::function<Tensor()>> added_losses;
  std::vector<std::pair<std::string, std::function<Tensor()>>> added_metrics;
};

namespace layers {

// `Dense "dense_1"`: how messages name a layer.
std::string describe(const LayerBody& layer);
// A dtype as Keras 3 writes it into a layer's configuration: a policy of that name.
Config dtype_config(DType dtype);
// "kernel (784, 10), bias (10,)"
std::string list_weights(const std::vector<Variable>& weights);

// How often the trainable flag of any layer has been set.
std::uint64_t trainable_changes();
// Whether the layer is `inner`, or has it inside at any depth.
bool contains(const Layer& layer, const LayerBody& inner);
// The layer, then the layers inside, each once, a parent before its children.
void for_each_layer(const Layer& layer, const std::function<void(const LayerState&)>& visit);

// The penalties of the trainable weights of the layer and the layers inside, in their order; in a trace, as it reads
// them.
std::vector<Tensor> regularization_losses(const Layer& layer);
// The constraint of each variable, empty where there is none.
std::vector<Constraint> constraints_of(const Layer& layer, const std::vector<Variable>& variables);

using support::refuse_twice;

}  // namespace layers
}  // namespace keras
