// What the functions of losses begin with: y_true and y_pred of one dtype, rank and shape.
#pragma once

#include <keras/tensor.h>

#include <string>
#include <utility>

namespace keras::losses {

// As it is where it is floating point, else in floatx.
Tensor real(const Tensor& x);

// y_true in y_pred's dtype, and y_pred, with their ranks brought together. ValueError of the loss `name` where the
// shapes differ: "y_true and y_pred must have the same shape", and `fix`.
std::pair<Tensor, Tensor> paired(const char* name, const Tensor& y_true, const Tensor& y_pred, const char* fix = "");

// `axis` counted from the front. ValueError where y_pred has no such axis.
int front_axis(const char* name, const Tensor& y_pred, int axis);

[[noreturn]] void refuse(const char* name, const char* rule, const Tensor& y_true, const Tensor& y_pred,
                         const std::string& fix);

}  // namespace keras::losses
