// floor_mlp: what mnist_mlp costs as a bare loop of library calls. 784-400-relu-10-softmax, cross-entropy,
// RMSprop(0.001, rho 0.9, epsilon 1e-8), batches of 32, 1,875 steps an epoch. Figures choose the calls: inner_product
// is the fastest forward pass, matmul the fastest gradient of the weights, and both are fastest with dense weights [in,
// out].
#include <memory>

#include "floor.h"

namespace {

using namespace floors;
using dnnl::inner_product_forward;
using dnnl::matmul;
using Tag = dnnl::memory::format_tag;

constexpr std::int64_t kBatch = 32, kIn = 784, kHidden = 400, kOut = 10;

struct Mlp {
  Library lib;
  Batches batches;
  Parameters p{1};
  Floats h = Floats(kBatch * kHidden), dh = h, dz = h;
  Floats logits = Floats(kBatch * kOut), dlogits = logits;
  std::int64_t last = 0;
};

void rmsprop(Parameters& p) {
  parallel(p.size(), [&](std::int64_t begin, std::int64_t end) {
    float *w = p.value(), *v = p.slot(0);
    const float* g = p.gradient();
    FLOOR_INDEPENDENT
    for (std::int64_t i = begin; i < end; ++i) {
      v[i] = 0.9f * v[i] + 0.1f * g[i] * g[i];
      w[i] -= 0.001f * g[i] / std::sqrt(v[i] + 1e-8f);
    }
  });
}

Work make(const Options& options) {
  const auto m = std::make_shared<Mlp>();
  m->batches = make_batches(options, 16, kBatch);
  Library& lib = m->lib;
  Parameters& p = m->p;
  const std::size_t w1 = p.add(kIn * kHidden, glorot(kIn, kHidden)), b1 = p.add(kHidden);
  const std::size_t w2 = p.add(kHidden * kOut, glorot(kHidden, kOut)), b2 = p.add(kOut);
  p.allocate();

  const auto x = Library::desc({kBatch, kIn}, Tag::ab), h = Library::desc({kBatch, kHidden}, Tag::ab);
  const auto logits = Library::desc({kBatch, kOut}, Tag::ab);
  const inner_product_forward::primitive_desc forward1(lib.engine, dnnl::prop_kind::forward_training, x,
                                                       Library::desc({kHidden, kIn}, Tag::ba),
                                                       Library::desc({kHidden}, Tag::a), h, Library::attr(true));
  const matmul::primitive_desc weights1(lib.engine, Library::desc({kIn, kBatch}, Tag::ba), h,
                                        Library::desc({kIn, kHidden}, Tag::ab), Library::attr());
  const matmul::primitive_desc forward2(lib.engine, h, Library::desc({kHidden, kOut}, Tag::ab),
                                        Library::desc({1, kOut}, Tag::ab), logits, Library::attr());
  const matmul::primitive_desc weights2(lib.engine, Library::desc({kHidden, kBatch}, Tag::ba), logits,
                                        Library::desc({kHidden, kOut}, Tag::ab), Library::attr());
  const matmul::primitive_desc data2(lib.engine, logits, Library::desc({kOut, kHidden}, Tag::ba), h, Library::attr());

  const auto value = [&](const dnnl::memory::desc& desc, std::size_t at) { return lib.memory(desc, p.value() + at); };
  const auto gradient = [&](const dnnl::memory::desc& desc, std::size_t at) {
    return lib.memory(desc, p.gradient() + at);
  };
  const auto of = [&](const dnnl::memory::desc& desc, Floats& data) { return lib.memory(desc, data.data()); };
  std::vector<Library::Args> for_forward1, for_weights1;
  for (std::int64_t i = 0; i < m->batches.count; ++i) {
    float* pictures = m->batches.pictures(i);
    for_forward1.push_back({{DNNL_ARG_SRC, lib.memory(x, pictures)},
                            {DNNL_ARG_WEIGHTS, value(forward1.weights_desc(), w1)},
                            {DNNL_ARG_BIAS, value(forward1.bias_desc(), b1)},
                            {DNNL_ARG_DST, of(h, m->h)}});
    for_weights1.push_back({{DNNL_ARG_SRC, lib.memory(weights1.src_desc(), pictures)},
                            {DNNL_ARG_WEIGHTS, of(h, m->dz)},
                            {DNNL_ARG_DST, gradient(weights1.dst_desc(), w1)}});
  }
  constexpr double kLarge = 2.0 * kBatch * kIn * kHidden, kSmall = 2.0 * kBatch * kHidden * kOut;
  Work work{"mnist_mlp",
            1875,
            {},
            [m] { m->p.reset(); },
            [m] { return cross_entropy(m->logits.data(), m->batches.labels(m->last), kBatch); }};
  work.calls = {
      lib.call<inner_product_forward>("forward 1", kLarge, forward1, for_forward1),
      lib.call<matmul>("forward 2", kSmall, forward2,
                       {{{DNNL_ARG_SRC, of(h, m->h)},
                         {DNNL_ARG_WEIGHTS, value(forward2.weights_desc(), w2)},
                         {DNNL_ARG_BIAS, value(Library::desc({1, kOut}, Tag::ab), b2)},
                         {DNNL_ARG_DST, of(logits, m->logits)}}}),
      {"softmax", 40.0 * kBatch * kOut, 0,
       [m, b2](std::int64_t step) {
         m->last = step;
         softmax_gradient(m->logits.data(), m->batches.labels(step), kBatch, m->dlogits.data(), m->p.gradient() + b2);
       }},
      lib.call<matmul>("weights 2", kSmall, weights2,
                       {{{DNNL_ARG_SRC, of(weights2.src_desc(), m->h)},
                         {DNNL_ARG_WEIGHTS, of(logits, m->dlogits)},
                         {DNNL_ARG_DST, gradient(weights2.dst_desc(), w2)}}}),
      lib.call<matmul>("data 2", kSmall, data2,
                       {{{DNNL_ARG_SRC, of(logits, m->dlogits)},
                         {DNNL_ARG_WEIGHTS, value(data2.weights_desc(), w2)},
                         {DNNL_ARG_DST, of(h, m->dh)}}}),
      {"relu and bias", 2.0 * kBatch * kHidden, 3.0 * 4 * kBatch * kHidden,
       [m, b1](std::int64_t) {
         float* sums = m->p.gradient() + b1;
         std::fill_n(sums, kHidden, 0.f);
         for (std::int64_t i = 0; i < kBatch; ++i) {
           const float *h = &m->h[i * kHidden], *dh = &m->dh[i * kHidden];
           float* dz = &m->dz[i * kHidden];
           FLOOR_INDEPENDENT
           for (std::int64_t j = 0; j < kHidden; ++j) sums[j] += dz[j] = h[j] > 0 ? dh[j] : 0;
         }
       }},
      lib.call<matmul>("weights 1", kLarge, weights1, for_weights1),
      {"rmsprop", 9.0 * static_cast<double>(p.size()), 20.0 * static_cast<double>(p.size()),
       [m](std::int64_t) { rmsprop(m->p); }},
  };
  return work;
}

}  // namespace

int main(int argc, char** argv) { return floors::floor_main(argc, argv, make); }
