#include "layers/rnn/cells.h"

#include "ops/noise.h"

namespace keras::layers {

namespace {
class ForgetBias final : public InitializerBody {
 public:
  ForgetBias(std::int64_t units, Initializer others) : units_(units), others_(std::move(others)) {}
  Array call(const Shape&, DType dtype) const override {
    return ops::concatenate(
        {others_({units_}, dtype), ops::ones({units_}, dtype), others_({Dim(2) * Dim(units_)}, dtype)}, 0);
  }

 private:
  std::int64_t units_;
  Initializer others_;
};
}  // namespace

Initializer forget_bias(std::int64_t units, const Initializer& others) {
  return Initializer(std::make_shared<ForgetBias>(units, others));
}

CellDropout::CellDropout(const LayerBody& cell, double dropout, double recurrent_dropout,
                         std::optional<std::int64_t> seed, int gates)
    : cell_(cell),
      dropout_(dropout),
      recurrent_dropout_(recurrent_dropout),
      masks_(recurrent_dropout > 0 ? gates : 1),
      draws_(cell, seed) {}

Tensor CellDropout::mask(const Shape& shape, double rate) {
  return ops::dropped(ops::ones(shape, cell_.dtype()), rate, [&] { return draws_.uniform(shape); });
}

std::vector<std::pair<std::string, Tensor>> CellDropout::draw(const Shape& input, const Shape& state, bool training) {
  std::vector<std::pair<std::string, Tensor>> masks;
  for (int i = 0; training && dropout_ > 0 && i < masks_; ++i) masks.emplace_back(kInputMask, mask(input, dropout_));
  for (int i = 0; training && recurrent_dropout_ > 0 && i < masks_; ++i)
    masks.emplace_back(kStateMask, mask(state, recurrent_dropout_));
  return masks;
}

std::vector<Tensor> named(const Call& call, const std::string& name) {
  std::vector<Tensor> tensors;
  for (const auto& [key, tensor] : call.extra) {
    if (key == name) tensors.push_back(tensor);
  }
  return tensors;
}

std::vector<Tensor> lstm_step(const std::vector<Tensor>& z, const Tensor& memory, const Activation& activation,
                              const Activation& recurrent_activation) {
  const Tensor i = recurrent_activation(z[0]), f = recurrent_activation(z[1]), o = recurrent_activation(z[3]);
  const Tensor c = f * memory + i * activation(z[2]);
  const Tensor h = o * activation(c);
  return {h, h, c};
}

Tensor gates_of(const Tensor& x, const Tensor& weights, const std::vector<Tensor>& masks, std::int64_t units, int first,
                int last) {
  const std::int64_t rows = weights.shape(0).value();
  const auto columns = [&](int begin, int end) {
    if ((end - begin) * units == weights.shape(1).value()) return weights;
    return ops::slice(weights, {0, begin * units}, {rows, (end - begin) * units});
  };
  if (masks.size() < 2) return ops::matmul(masks.empty() ? x : x * masks[0], columns(first, last));
  std::vector<Tensor> parts;
  for (int gate = first; gate < last; ++gate)
    parts.push_back(ops::matmul(x * masks[static_cast<std::size_t>(gate)], columns(gate, gate + 1)));
  return parts.size() == 1 ? parts[0] : ops::concatenate(parts, -1);
}

}  // namespace keras::layers
