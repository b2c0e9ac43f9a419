// SwapEMAWeights: tests and predictions with the moving averages of the weights.
#include <keras/error.h>
#include <keras/models.h>

#include "callbacks/state.h"
#include "ops/tensor_node.h"

namespace keras::callbacks {

namespace {

// While the averages are in the model, the weights wait here: so the optimizer's averages stay what they are, however
// training ends.
class SwapEMAWeightsBody final : public CallbackBody {
 public:
  static constexpr auto class_name = "SwapEMAWeights";
  using Args = SwapEMAWeightsArgs;

  explicit SwapEMAWeightsBody(const Args& args) : args_(args) {}
  bool wants_batches() const override { return false; }

  void on_train_begin(const Logs&) override { forget(); }
  void on_train_end(const Logs&) override { forget(); }  // fit has made the averages the weights
  void on_epoch_begin(int, const Logs&) override {
    if (args_.swap_on_epoch) leave();
  }
  void on_epoch_end(int, const Logs&) override {
    if (args_.swap_on_epoch) enter();
  }
  void on_test_begin(const Logs&) override { enter(); }
  void on_test_end(const Logs&) override { leave(); }
  void on_predict_begin(const Logs&) override { enter(); }
  void on_predict_end(const Logs&) override { leave(); }

  CallbackState get_state() const override {
    CallbackState state;
    state.values.set("swapped", swapped_);
    for (const Array& weight : weights_) state.arrays.emplace_back("weight", weight);
    return state;
  }
  void set_state(const CallbackState& state) override {
    const StateReader read(class_name, state);
    read("swapped", swapped_);
    weights_.clear();
    for (const auto& [name, weight] : state.arrays) weights_.push_back(weight);
  }

 private:
  const OptimizerBody& optimizer() const {
    const OptimizerBody& optimizer = *model().optimizer().body();
    if (optimizer.averages().empty()) {
      throw ValueError(
          "SwapEMAWeights: the optimizer keeps no moving averages of the weights. Make it with .use_ema = true, and "
          "train before it is used for predictions.");
    }
    return optimizer;
  }

  void enter() {
    const OptimizerBody& from = optimizer();
    if (swapped_) return;
    weights_.clear();
    for (std::size_t i = 0; i < from.trainable().size(); ++i) {
      Array& value = from.trainable()[i].state()->value;
      weights_.push_back(value);
      value = from.averages()[i].state()->value;
    }
    swapped_ = true;
  }
  void leave() {
    if (!swapped_) return;
    const OptimizerBody& to = optimizer();
    for (std::size_t i = 0; i < to.trainable().size() && i < weights_.size(); ++i)
      to.trainable()[i].state()->value = weights_[i];
    forget();
  }
  void forget() {
    swapped_ = false;
    weights_.clear();
  }

  const Args args_;
  bool swapped_ = false;
  std::vector<Array> weights_;
};

}  // namespace

Callback SwapEMAWeights(SwapEMAWeightsArgs args) { return make_callback<SwapEMAWeightsBody>(std::move(args)); }

}  // namespace keras::callbacks
