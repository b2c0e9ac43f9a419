// Loss: the handle. Casts, sample weights and reductions are here; the formulas are in files of their own.
#include <fmt/format.h>
#include <keras/config.h>
#include <keras/error.h>
#include <keras/losses.h>
#include <keras/ops.h>

#include <algorithm>

#include "losses/built_in.h"
#include "ops/samples.h"
#include "ops/tensor_node.h"
#include "support/text.h"
#include "tensor/custom.h"

namespace keras {

LossBody::~LossBody() = default;

namespace {
// A function of the user's as a body.
class FunctionLoss final : public LossBody {
 public:
  explicit FunctionLoss(Loss::Function function) : function_(function) {}
  Tensor call(const Tensor& y_true, const Tensor& y_pred) const override { return function_(y_true, y_pred); }

 private:
  Loss::Function function_;
};

Tensor weighted(const std::string& name, Tensor values, Tensor& weight) {
  std::tie(values, weight) = ops::same_rank(values, weight);
  const Shape a = values.shape(), b = weight.shape();
  bool fits = a.empty() || b.empty() || a.rank() == b.rank();
  for (std::size_t i = 0; fits && i < std::min(a.size(), b.size()); ++i) {
    fits = a[i] == b[i] || !a[i].known() || !b[i].known() || a[i] == Dim(1) || b[i] == Dim(1);
  }
  if (!fits) {
    throw ValueError(
        fmt::format("{}: sample_weight must have one weight for each of the loss values, of shape {}, or sizes of "
                    "1 where a weight holds for a whole axis. Received: sample_weight.shape={}.",
                    name, a.str(), b.str()));
  }
  return values * weight;
}

// The mean by Keras 2.2: masked values are divided by the part that counts, and weighted ones by the part of the
// weights that is not 0. Mask and weight may be empty.
Tensor mean_of_2_2(Tensor values, const Tensor& mask, const Tensor& weight) {
  if (!mask.empty()) {
    const auto [fitted, counts] = ops::same_rank(values, ops::cast(mask, values.dtype()));
    values = fitted * counts / ops::mean(counts);
  }
  if (!weight.empty()) {
    Axes axes;
    for (int axis = weight.ndim(); axis < values.ndim(); ++axis) axes.push_back(axis);
    if (!axes.empty()) values = ops::mean(values, axes);
    const auto [fitted, weights] = ops::same_rank(values, ops::cast(weight, values.dtype()));
    values = fitted * weights / ops::mean(ops::cast(ops::not_equal(weights, 0), values.dtype()));
  }
  return ops::mean(values);
}

// `weight` may be empty.
Tensor reduce(const Tensor& values, const Tensor& weight, const std::string& reduction) {
  if (reduction == "none" || values.ndim() == 0) return values;
  const bool no_values = values.shape().known() && values.shape().elements() == 0;
  if (reduction == "sum" || no_values) return ops::sum(values);
  if (reduction == "mean_with_sample_weight" && !weight.empty()) {
    return ops::divide_no_nan(ops::sum(values), ops::sum(weight));
  }
  return ops::mean(values);
}
}  // namespace

Loss::Loss(const char* name) { read_config(Config(name), *this); }
Loss::Loss(Function function) : body_(function ? std::make_shared<FunctionLoss>(function) : nullptr) {}

Tensor Loss::operator()(const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight) const {
  if (!body_) throw ValueError("A Loss was used before it was given a value: it is empty.");
  const auto* own = dynamic_cast<const losses::BuiltInLoss*>(body_.get());
  const DType dtype = own ? own->dtype() : config::floatx();
  const ops::NodePtr& labels = ops::node_of(y_true);
  if (labels->kind == ops::TensorNode::Kind::array) losses::check_labels(*this, labels->value, y_pred.shape());
  const Tensor predicted = ops::cast(y_pred, dtype);
  const Tensor wanted = own ? y_true : ops::cast(y_true, dtype);  // ours cast by themselves: integer labels stay exact
  Tensor values = ops::cast(body_->call(wanted, predicted), dtype);
  const std::string reduction = body_->reduction();
  Tensor mask = own ? own->mask(wanted, predicted) : Tensor();
  if (const Tensor carried = ops::mask_of(y_pred); !carried.empty())
    mask = mask.empty() ? carried : ops::logical_and(mask, carried);
  if (config::dialect().loss_by_nonzero_weights && (reduction == "sum_over_batch_size" || reduction == "mean"))
    return mean_of_2_2(values, mask, sample_weight);
  Tensor weight =
      ops::masked_weight(sample_weight, mask, dtype, reduction == "sum_over_batch_size" || reduction == "mean");
  if (!weight.empty()) values = weighted(name(), values, weight);
  return reduce(values, weight, reduction);
}

std::string Loss::name() const {
  if (!body_) return "";
  const Config config = body_->get_config();
  const Config* name = config.find("name");
  if (name && name->is_string()) return name->as_string();
  return body_->class_name().empty() ? "loss" : body_->class_name();
}

Config as_config(const Loss& loss) {
  if (loss.body() && loss.body()->class_name().empty()) {
    throw ValueError(
        "A loss made from a C++ function has no configuration. Make it a LossBody with a class_name, so that it "
        "can be saved.");
  }
  return losses::shelf().write(loss.body());
}

void read_config(const Config& config, Loss& loss) {
  const Config* name = config.is_string() ? &config : config.is_map() ? config.find("class_name") : nullptr;
  if (name && name->is_string()) {
    if (const std::any* own = CustomScope::find_function("loss", name->as_string())) {
      loss = Loss(std::any_cast<Loss::Function>(*own));
      return;
    }
  }
  loss = Loss(std::static_pointer_cast<const LossBody>(losses::shelf().read(config)));
}

namespace losses {

BuiltInLoss::BuiltInLoss(const std::string& reduction, std::optional<DType> dtype)
    : reduction_(reduction), dtype_(dtype) {
  static constexpr std::string_view kReductions[] = {"sum_over_batch_size", "sum", "mean", "mean_with_sample_weight",
                                                     "none"};
  for (std::string_view known : kReductions) {
    if (reduction == known) return;
  }
  throw ValueError(fmt::format("A loss has no reduction \"{}\".{} Expected one of: {}.", reduction,
                               support::did_you_mean(reduction, kReductions), support::list(kReductions)));
}

}  // namespace losses
}  // namespace keras
