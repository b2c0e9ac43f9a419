// Labels to one-hot rows.
#include <fmt/format.h>
#include <keras/config.h>
#include <keras/error.h>
#include <keras/utils.h>

#include <algorithm>
#include <cmath>

#include "support/text.h"
#include "tensor/dispatch.h"
#include "tensor/format.h"

namespace keras::utils {
namespace {

// The labels as int64; those of a real dtype must be whole.
Array whole(const Array& y) {
  if (y.dtype().is_floating()) {
    const Array reals = y.astype(DType::float64);
    for (const double label : reals.values<double>()) {
      if (label == std::trunc(label) && std::isfinite(label)) continue;
      throw ValueError(fmt::format("to_categorical: labels are whole numbers; received {} in an array of dtype {}.",
                                   support::number(label), y.dtype()));
    }
  }
  return y.astype(DType::int64);
}

}  // namespace

Array to_categorical(const Array& y, std::int64_t num_classes, std::optional<DType> dtype) {
  const Array labels = whole(y);
  const auto values = labels.values<std::int64_t>();
  if (num_classes < -1 || num_classes == 0) {
    throw ValueError(
        fmt::format("to_categorical: num_classes must be 1 or more, or -1 to take the largest label + 1; "
                    "received {}.",
                    num_classes));
  }
  if (num_classes == -1) {
    if (values.empty()) {
      throw ValueError(
          fmt::format("to_categorical: there are no labels (shape {}) to take the number of classes from; give "
                      "num_classes.",
                      y.shape()));
    }
    const std::int64_t largest = *std::max_element(values.begin(), values.end());
    constexpr std::int64_t kMostClasses = std::int64_t{1} << 40;
    if (largest >= kMostClasses) {
      throw ValueError(fmt::format("to_categorical: a label is {}, which would make {} classes.", largest, largest));
    }
    num_classes = std::max<std::int64_t>(largest + 1, 1);
  }
  Shape shape = y.shape();
  if (shape.rank() > 1 && shape.back() == 1) shape = shape.slice(0, -1);
  shape.push_back(num_classes);
  Array out = zeros(shape, dtype.value_or(config::floatx()));
  dispatch(out.dtype(), [&]<class T>(std::type_identity<T>) {
    T* row = out.mutable_values<T>().data();
    for (std::size_t i = 0; i < values.size(); ++i, row += num_classes) {
      if (values[i] < 0 || values[i] >= num_classes) {
        throw ValueError(
            fmt::format("to_categorical: label {} (at position {}) is not in [0, {}). Labels start at 0; "
                        "num_classes is their largest + 1.",
                        values[i], i, num_classes));
      }
      row[values[i]] = convert<T>(1);
    }
  });
  return out;
}

}  // namespace keras::utils
