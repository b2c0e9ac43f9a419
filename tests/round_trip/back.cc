#include "tests/round_trip/back.h"

#include <fmt/format.h>
#include <keras/keras.h>

#include <algorithm>
#include <cmath>

namespace keras::testing {
namespace {

constexpr double kPrediction = 1e-5, kLoss = 1e-5;

std::vector<Array> numbered(const std::map<std::string, Array>& arrays, const std::string& prefix) {
  std::vector<Array> list;
  for (auto at = arrays.find(prefix + "0"); at != arrays.end(); at = arrays.find(prefix + std::to_string(list.size())))
    list.push_back(at->second);
  return list;
}

// The largest difference, as a part of the range of what is expected.
double difference(const Array& got, const Array& expected) {
  if (got.shape() != expected.shape()) return INFINITY;
  const Array a = got.astype(DType::float64), b = expected.astype(DType::float64);
  double low = INFINITY, high = -INFINITY, most = 0;
  for (std::size_t i = 0; i < b.values<double>().size(); ++i) {
    const double x = a.values<double>()[i], y = b.values<double>()[i];
    low = std::min(low, y), high = std::max(high, y);
    most = std::isnan(x) ? INFINITY : std::max(most, std::fabs(x - y));
  }
  return most / std::max(high - low, 1e-3);
}

}  // namespace

Back come_back(const std::string& file, const std::string& npz) {
  Back back;
  try {
    const std::map<std::string, Array> arrays = load_npz(npz);
    const std::vector<Array> x = numbered(arrays, "x"), y = numbered(arrays, "y"),
                             wanted = numbered(arrays, "predicted");
    Model model = load_model(file);
    if (!model.compiled()) return {"it opened uncompiled", INFINITY, INFINITY};
    const std::vector<Array> predicted = model.predict_all(x);
    if (predicted.size() != wanted.size() || wanted.empty())
      return {"it has another number of outputs", INFINITY, INFINITY};
    for (std::size_t i = 0; i < wanted.size(); ++i)
      back.prediction = std::max(back.prediction, difference(predicted[i], wanted[i]));
    model.reset_states();
    const Array losses = arrays.at("losses").astype(DType::float64);
    for (const double expected : losses.values<double>()) {
      const double loss = model.train_on_batch(x, y);
      back.loss = std::max(back.loss, std::fabs(loss - expected) / std::max(std::fabs(expected), 1e-2));
      if (std::isnan(loss)) back.loss = INFINITY;
    }
  } catch (const std::exception& error) {
    return {error.what(), INFINITY, INFINITY};
  }
  if (back.prediction > kPrediction)
    back.wrong = fmt::format("predictions differ by {:.2g} of their range", back.prediction);
  if (back.loss > kLoss)
    back.wrong += fmt::format("{}losses differ by {:.2g}", back.wrong.empty() ? "" : "; ", back.loss);
  return back;
}

}  // namespace keras::testing
