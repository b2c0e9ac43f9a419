// BuiltInLoss: what the library's own losses have beyond a LossBody of a user.
#pragma once

#include <keras/config.h>
#include <keras/losses.h>

#include "tensor/shelf.h"

namespace keras::losses {

// Where integer labels stand against predictions: the axis of the classes, and a label that counts for nothing.
struct SparseLabels {
  int axis = -1;
  std::optional<std::int64_t> ignore_class = {};
};

class BuiltInLoss : public LossBody {
 public:
  BuiltInLoss(const std::string& reduction, std::optional<DType> dtype);  // ValueError for an unknown reduction
  std::string reduction() const override { return reduction_; }
  DType dtype() const { return dtype_.value_or(config::floatx()); }
  virtual Tensor mask(const Tensor& /*y_true*/, const Tensor& /*y_pred*/) const {
    return {};
  }  // samples that count; empty: all
  // Of a loss that takes integer labels of these shapes.
  virtual std::optional<SparseLabels> sparse_labels(const Shape& /*y_true*/, const Shape& /*y_pred*/) const {
    return {};
  }

 private:
  std::string reduction_;
  std::optional<DType> dtype_;
};

// The samples whose label is not `ignore_class`, with the shape of the loss.
Tensor counted(const Tensor& y_true, const Tensor& y_pred, std::int64_t ignore_class, int axis);

// ValueError when integer labels, which a traced step cannot look at, lie outside the classes that y_pred has. Does
// nothing for losses that take no integer labels.
void check_labels(const Loss& loss, const Array& y_true, const Shape& y_pred);

void check_q(double q);  // of the generalized crossentropy

const Shelf& shelf();

}  // namespace keras::losses
