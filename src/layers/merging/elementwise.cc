// Add, Subtract, Multiply, Average, Maximum, Minimum: the inputs merged element by element.
#include <fmt/format.h>
#include <keras/error.h>

#include "layers/layer_state.h"
#include "layers/merging/merge.h"
#include "layers/table.h"

namespace keras {
namespace {

// B merges two tensors with `merge`, and may finish what became of all.
template <class B>
class MergeBody : public LayerBody {
 public:
  using Args = MergeArgs;
  explicit MergeBody(const Args&) {}

  std::vector<Tensor> call_all(const Call& call) override {
    if (B::inputs != 0 && call.inputs.size() != B::inputs) {
      throw ValueError(
          fmt::format("{}: it takes {} inputs. Received: {}.", layers::describe(*this), B::inputs, call.inputs.size()));
    }
    const std::vector<Tensor> inputs = layers::aligned(*this, call.inputs);
    Tensor all = inputs[0];
    for (std::size_t i = 1; i < inputs.size(); ++i) all = B::merge(all, inputs[i]);
    return {B::finish(all, inputs.size())};
  }
  std::vector<Tensor> compute_mask(const Call& call) override { return layers::merged_mask(call); }

  static constexpr std::size_t inputs = 0;  // any number
  static Tensor finish(const Tensor& all, std::size_t) { return all; }
};

struct AddBody final : MergeBody<AddBody> {
  static constexpr auto class_name = "Add";
  using MergeBody::MergeBody;
  static Tensor merge(const Tensor& a, const Tensor& b) { return a + b; }
};
struct SubtractBody final : MergeBody<SubtractBody> {
  static constexpr auto class_name = "Subtract";
  static constexpr std::size_t inputs = 2;
  using MergeBody::MergeBody;
  static Tensor merge(const Tensor& a, const Tensor& b) { return a - b; }
};
struct MultiplyBody final : MergeBody<MultiplyBody> {
  static constexpr auto class_name = "Multiply";
  using MergeBody::MergeBody;
  static Tensor merge(const Tensor& a, const Tensor& b) { return a * b; }
};
struct AverageBody final : MergeBody<AverageBody> {
  static constexpr auto class_name = "Average";
  using MergeBody::MergeBody;
  static Tensor merge(const Tensor& a, const Tensor& b) { return a + b; }
  static Tensor finish(const Tensor& all, std::size_t count) { return all / static_cast<double>(count); }
};
struct MaximumBody final : MergeBody<MaximumBody> {
  static constexpr auto class_name = "Maximum";
  using MergeBody::MergeBody;
  static Tensor merge(const Tensor& a, const Tensor& b) { return ops::maximum(a, b); }
};
struct MinimumBody final : MergeBody<MinimumBody> {
  static constexpr auto class_name = "Minimum";
  using MergeBody::MergeBody;
  static Tensor merge(const Tensor& a, const Tensor& b) { return ops::minimum(a, b); }
};

}  // namespace

#define KERAS_MERGE(Class, function)                                                         \
  Layer layers::Class(Class##Args args) { return make_layer<Class##Body>(std::move(args)); } \
  Tensor layers::function(const std::vector<Tensor>& inputs, Class##Args args) {             \
    return Class(std::move(args))(inputs);                                                   \
  }                                                                                          \
  Maker layers::makers::Class() { return custom<Class##Body>(); }
KERAS_MERGE(Add, add)
KERAS_MERGE(Subtract, subtract)
KERAS_MERGE(Multiply, multiply)
KERAS_MERGE(Average, average)
KERAS_MERGE(Maximum, maximum)
KERAS_MERGE(Minimum, minimum)
#undef KERAS_MERGE

}  // namespace keras
