// FunctionalBody: the model of all that lies between some symbolic tensors and others.
#pragma once

#include <keras/models.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "layers/layer_call.h"

namespace keras {

using CallPtr = std::shared_ptr<const ops::CallRecord>;

struct FunctionalBody final : ModelBody {
  static constexpr auto class_name = "Functional";
  using Args = ModelArgs;
  explicit FunctionalBody(Args) {}

  void connect(const std::vector<Tensor>& inputs, const std::vector<Tensor>& outputs);
  std::vector<Tensor> call_all(const Call& call) override;
  Config get_config() const override;  // of the graph too, see graph_config.h

  // Tensors of the model that are a loss or a figure beside its outputs. ValueError when its inputs do not give them.
  void add_loss(const Tensor& loss);
  void add_metric(const Tensor& value, const std::string& name);

  // A layer or an op with its calls in this model, in the order of model.layers().
  struct Operation {
    std::vector<CallPtr> calls;
    int depth;
  };
  const std::vector<Operation>& operations() const { return operations_; }
  const std::vector<CallPtr>& calls() const { return calls_; }  // each after those it needs, the inputs left out
  const std::vector<Tensor>& losses() const { return losses_; }
  const std::vector<std::pair<std::string, Tensor>>& metrics() const { return metrics_; }
  // The call that gives a tensor here: for an input of the model that of its InputLayer. None for a constant.
  CallPtr source(const Tensor& tensor) const;
  // Whether the calls are a chain, each with one input, of layers that are called once.
  bool is_chain() const;

 private:
  void walk();
  void adopt(const Layer& layer);

  std::vector<CallPtr> input_calls_, calls_;
  std::vector<Operation> operations_;
  std::vector<Tensor> losses_;
  std::vector<std::pair<std::string, Tensor>> metrics_;
};

}  // namespace keras
