// Layer: the one handle of all layers and models; LayerBody: what a layer is.
#pragma once

#include <keras/activations.h>
#include <keras/constraints.h>
#include <keras/fields.h>
#include <keras/initializers.h>
#include <keras/regularizers.h>
#include <keras/tensor.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace keras {

class Layer;
struct LayerState;  // private

// How a layer is called. Train and test are two traces, so `training` is a plain bool.
struct Call {
  bool training = false;
  std::vector<Tensor> inputs = {};
  std::vector<Tensor> masks = {};                          // as many as inputs, or none
  std::vector<std::pair<std::string, Tensor>> extra = {};  // initial_state, constants, a query's mask, …
};

struct WeightArgs {
  Regularizer regularizer = {};
  Constraint constraint = {};
  bool trainable = true;
  std::optional<DType> dtype = {};
};

// What a layer does. Derive from it for an own layer: build() makes the weights, call() says what is computed;
// gradients are never written by hand. The layer's arguments are its Args (keras/fields.h); make_layer<B>(args) gives
// the handle.
class KERAS_API LayerBody : public Body {
 public:
  static constexpr auto category = "layer";
  LayerBody();
  ~LayerBody() override;

  virtual void build(const Shape& input);                    // once, before the first call; the shape has the batch
  virtual void build_all(const std::vector<Shape>& inputs);  // for several inputs; build(inputs[0]) by default
  virtual Tensor call(const Tensor& x);                      // the short form, for one input and one output
  virtual std::vector<Tensor> call_all(const Call& call);    // the general form
  // The masks of the outputs. By default those of the inputs if set_supports_masking() was called, else none.
  virtual std::vector<Tensor> compute_mask(const Call& call);
  // In Keras 3's order; name, trainable and dtype as they are now, if Args has them.
  Config get_config() const override;

  const std::string& name() const;
  bool trainable() const;
  DType dtype() const;  // of the weights and of the computation
  bool built() const;
  std::vector<Layer> layers() const;      // the children, in order
  std::vector<Variable> weights() const;  // its own, the trainable ones first, then its children's: Keras 3's order

  LayerState& state() const { return *state_; }  // private to the library

 protected:
  // A new variable of the layer, in build or in the constructor. ValueError when a size is unknown.
  Variable add_weight(const std::string& name, const Shape& shape, const Initializer& initializer = "glorot_uniform",
                      WeightArgs args = {});
  // What the weights start from, in order, whatever the initializers say.
  void set_initial_weights(std::vector<Array> weights);
  void set_supports_masking();  // in the constructor: the outputs have the masks of the inputs
  // During call: a scalar, or values whose sum is meant, added to the model's loss in training and in tests.
  void add_loss(const Tensor& loss);
  // During call: reported by fit, evaluate, … under this name, as the mean of its values and over the batches.
  void add_metric(const Tensor& value, const std::string& name);
  // A layer this one is made of: tracked, saved and frozen with it.
  Layer child(const std::string& name, const Layer& layer);

 private:
  std::unique_ptr<LayerState> state_;
};

// A handle: copies share the layer. Calling it builds it from the shape of its first input. A layer called by another
// one takes over whether that is training. Reading from several threads is safe; building, training and setting weights
// are not.
class KERAS_API Layer {
 public:
  explicit Layer(std::shared_ptr<LayerBody> body) : body_(std::move(body)) {}

  // Called on an Input or on what comes of one, a layer gives symbolic tensors, of which Model(inputs, outputs) is
  // made.
  Tensor operator()(const Tensor& x) const;  // ValueError when the layer has several outputs
  Tensor operator()(const std::vector<Tensor>& inputs) const;
  std::vector<Tensor> outputs(const std::vector<Tensor>& inputs) const;
  std::vector<Tensor> outputs(const std::vector<Tensor>& inputs, Call call) const;  // training is what `call` says

  // The symbolic tensors of the first call on such. ValueError when there was none, or when the call had several.
  Tensor input() const;
  Tensor output() const;
  std::vector<Tensor> inputs() const;
  std::vector<Tensor> outputs() const;
  // Of call number `index`, as a shared layer has several: Keras 2's get_input_at and get_output_at.
  Tensor get_input_at(int index) const;
  Tensor get_output_at(int index) const;

  const std::string& name() const { return body_->name(); }
  const std::string& class_name() const { return body_->class_name(); }
  bool trainable() const;
  void set_trainable(bool trainable) const;  // and of every layer inside; takes effect at the next compile
  bool built() const { return body_->built(); }
  void build(const Shape& input) const;
  std::vector<Array> get_weights() const;
  void set_weights(const std::vector<Array>& weights) const;  // ValueError that lists the shapes when they do not fit
  std::vector<Variable> weights() const { return body_->weights(); }
  std::vector<Variable> trainable_weights() const;
  std::vector<Variable> non_trainable_weights() const;
  std::int64_t count_params() const;  // ValueError before it is built
  void reset_states() const;          // of stateful recurrent layers, this one and those inside: they begin anew
  Config get_config() const { return body_->get_config(); }
  Shape compute_output_shape(const Shape& input) const;  // by tracing the layer, which is built if it was not

  // The handle of a kind of layer, such as Model; TypeError when it is not one.
  template <class H>
  H as() const {
    return H::from_layer(*this);
  }
  friend bool operator==(const Layer& a, const Layer& b) { return a.body_ == b.body_; }
  const std::shared_ptr<LayerBody>& body() const { return body_; }
  // Private to the library: `training` as it is said, or as the layer around is called.
  std::vector<Tensor> call(const std::vector<Tensor>& inputs, Call call, std::optional<bool> training) const;

 protected:
  std::shared_ptr<LayerBody> body_;
};

// A layer among the arguments of another one, as Keras writes it: {"class_name": …, "config": …}.
KERAS_API Config as_config(const Layer& layer);
KERAS_API void read_config(const Config& config, std::optional<Layer>& layer);
KERAS_API void read_config(const Config& config, std::vector<Layer>& layers);

namespace layers {
// {"class_name": …, "config": {…}} as Keras 3 writes it, and the layer of a configuration that any Keras wrote, with
// the arguments of its time. ValueError for an unknown class or argument.
KERAS_API Config serialize(const Layer& layer);
KERAS_API Layer deserialize(const Config& config);
}  // namespace layers

// Takes name, trainable, dtype, input_dim, input_shape and batch_input_shape, which every layer may have, out of its
// arguments.
KERAS_API void finish_body(LayerBody& body, const Config& config);

// The layer of a body: `Layer scale = make_layer<Scale>({.initial = 2});`
template <class B>
Layer make_layer(typename B::Args args = {}) {
  return Layer(make_body<B>(std::move(args)));
}

}  // namespace keras
