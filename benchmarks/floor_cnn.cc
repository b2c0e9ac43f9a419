// floor_cnn: what mnist_cnn costs as a bare loop of library calls. Convolutions 32 and 64 of 3x3 with relu, maximum of
// 2x2, dropout 0.25, 128 with relu, dropout 0.5, 10 with softmax; cross-entropy, Adadelta(1, rho 0.95, epsilon 1e-7);
// batches of 128. An epoch is 12,000 pictures, 93.75 steps: so many times one full step.
#include <memory>

#include "floor.h"

namespace {

using namespace floors;
using namespace dnnl;
using Tag = memory::format_tag;
using Dims = memory::dims;

constexpr std::int64_t kBatch = 128, kHidden = 128, kOut = 10;
constexpr std::int64_t kConvolved = kBatch * 32 * 26 * 26, kPooled = kBatch * 64 * 12 * 12;

// The gradients that go through dropout (which keeps `keep` of the elements) and relu: y > 0 where both let x pass.
void mask_gradient(const float* y, const float* dy, float keep, float* dx, std::int64_t n) {
  parallel(n, [=](std::int64_t begin, std::int64_t end) {
    const float scale = 1 / keep;
    FLOOR_INDEPENDENT
    for (std::int64_t i = begin; i < end; ++i) {
      const float passed = dy[i] * scale;  // before the choice, which then needs no branch
      dx[i] = y[i] > 0 ? passed : 0;
    }
  });
}

// Bits from a hash of the element's number and the step's.
void dropout(const float* x, float keep, std::int64_t step, float* y, std::int64_t n) {
  parallel(n, [=](std::int64_t begin, std::int64_t end) {
    const auto limit = static_cast<std::uint32_t>(keep * 4294967040.0);
    const auto seed = static_cast<std::uint32_t>(step) * 0x9E3779B9u;
    const float scale = 1 / keep;
    FLOOR_INDEPENDENT
    for (std::int64_t i = begin; i < end; ++i) {
      std::uint32_t bits = (static_cast<std::uint32_t>(i) ^ seed) * 0x85EBCA77u;
      bits = (bits ^ (bits >> 15)) * 0xC2B2AE3Du;
      bits ^= bits >> 13;
      const float kept = x[i] * scale;
      y[i] = bits < limit ? kept : 0;
    }
  });
}

void adadelta(Parameters& p) {
  parallel(p.size(), [&](std::int64_t begin, std::int64_t end) {
    float *w = p.value(), *squares = p.slot(0), *changes = p.slot(1);
    const float* g = p.gradient();
    FLOOR_INDEPENDENT
    for (std::int64_t i = begin; i < end; ++i) {
      squares[i] = 0.95f * squares[i] + 0.05f * g[i] * g[i];
      const float change = g[i] * std::sqrt((changes[i] + 1e-7f) / (squares[i] + 1e-7f));
      changes[i] = 0.95f * changes[i] + 0.05f * change * change;
      w[i] -= change;
    }
  });
}

// Primitives of one layer. The parameters are in the layout of the forward pass, and so are their gradients; the
// gradient of the data may want the parameters in another one.
struct Convolution {
  convolution_forward::primitive_desc forward;
  convolution_backward_weights::primitive_desc weights;
  convolution_backward_data::primitive_desc data;
};
struct Product {
  inner_product_forward::primitive_desc forward;
  inner_product_backward_weights::primitive_desc weights;
  inner_product_backward_data::primitive_desc data;
};

Convolution convolution(const Library& lib, const memory::desc& x, const Dims& kernel, const memory::desc& y) {
  const Dims ones{1, 1}, none{0, 0};
  const auto w = Library::desc(kernel), b = Library::desc({kernel[0]}, Tag::a);
  Convolution c;
  c.forward = {lib.engine, prop_kind::forward_training, algorithm::convolution_direct, x, w, b, y, ones, none,
               none,       Library::attr(true)};
  const auto in = c.forward.src_desc(), out = c.forward.dst_desc();
  c.weights = {
      lib.engine,     algorithm::convolution_direct, in, c.forward.weights_desc(), b, out, ones, none, none, c.forward,
      Library::attr()};
  if (kernel[1] > 1) {  // nobody asks for the gradient of the pictures
    c.data = {lib.engine, algorithm::convolution_direct, in, w, out, ones, none, none, c.forward, Library::attr()};
  }
  return c;
}

Product product(const Library& lib, const memory::desc& x, const Dims& kernel, bool relu) {
  const auto w = Library::desc(kernel), b = Library::desc({kernel[0]}, Tag::a);
  const auto y = Library::desc({kBatch, kernel[0]}, Tag::ab);
  Product p;
  p.forward = {lib.engine, prop_kind::forward_training, x, w, b, y, Library::attr(relu)};
  p.weights = {lib.engine, x, p.forward.weights_desc(), b, y, p.forward, Library::attr()};
  p.data = {lib.engine, x, w, y, p.forward, Library::attr()};
  return p;
}

struct Cnn {
  Library lib;
  Batches batches;
  Parameters p{2};
  std::int64_t last = 0;
  memory y1, dy1, y2, dy2, pooled, dpooled, dropped, ddropped, indices;
  memory h, dh, hdropped, dhdropped, logits, dlogits;
};

float* floats(const memory& m) { return static_cast<float*>(m.get_data_handle()); }

// A layer's parameters: where they are, and the copy that the gradient of the data reads if it wants another layout.
struct Layer {
  memory w, dw, b, db, turned;
};

// Draws and places the parameters, in the layouts of `primitives`.
template <class Primitives>
std::function<Layer()> add_layer(const std::shared_ptr<Cnn>& m, const Primitives& primitives, std::int64_t in,
                                 std::int64_t out) {
  const auto w = primitives.forward.weights_desc(), b = primitives.forward.bias_desc();
  const std::size_t at_w = m->p.add(w.get_size() / sizeof(float), glorot(in, out));
  const std::size_t at_b = m->p.add(b.get_size() / sizeof(float));
  return [=] {
    Layer layer;
    layer.w = m->lib.memory(w, m->p.value() + at_w);
    layer.dw = m->lib.memory(w, m->p.gradient() + at_w);
    layer.b = m->lib.memory(b, m->p.value() + at_b);
    layer.db = m->lib.memory(b, m->p.gradient() + at_b);
    layer.turned = layer.w;
    if (primitives.data && primitives.data.weights_desc() != w)
      layer.turned = m->lib.memory(primitives.data.weights_desc());
    return layer;
  };
}

Work make(const Options& options) {
  const auto m = std::make_shared<Cnn>();
  m->batches = make_batches(options, 8, kBatch);
  Library& lib = m->lib;
  const auto x = Library::desc({kBatch, 1, 28, 28}, Tag::nchw);

  const Convolution conv2 =
      convolution(lib, Library::desc({kBatch, 32, 26, 26}), {64, 32, 3, 3}, Library::desc({kBatch, 64, 24, 24}));
  const Convolution conv1 = convolution(lib, x, {32, 1, 3, 3}, conv2.forward.src_desc());
  const Dims two{2, 2}, none{0, 0};
  const auto flat = Library::desc({kBatch, 64, 12, 12});
  const auto y2 = conv2.forward.dst_desc();
  const pooling_forward::primitive_desc pool(lib.engine, prop_kind::forward_training, algorithm::pooling_max, y2, flat,
                                             two, two, none, none, none, Library::attr());
  const pooling_backward::primitive_desc unpool(lib.engine, algorithm::pooling_max, y2, pool.dst_desc(), two, two, none,
                                                none, none, pool, Library::attr());
  const Product dense1 = product(lib, pool.dst_desc(), {kHidden, 64, 12, 12}, true);
  const Product dense2 = product(lib, dense1.forward.dst_desc(), {kOut, kHidden}, false);

  const auto make1 = add_layer(m, conv1, 9, 9 * 32), make2 = add_layer(m, conv2, 9 * 32, 9 * 64);
  const auto make3 = add_layer(m, dense1, 9216, kHidden), make4 = add_layer(m, dense2, kHidden, kOut);
  m->p.allocate();
  const Layer c1 = make1(), c2 = make2(), d1 = make3(), d2 = make4();
  m->y1 = lib.memory(conv2.forward.src_desc()), m->dy1 = lib.memory(conv2.forward.src_desc());
  m->y2 = lib.memory(y2), m->dy2 = lib.memory(y2);
  for (memory* each : {&m->pooled, &m->dpooled, &m->dropped, &m->ddropped}) *each = lib.memory(pool.dst_desc());
  for (memory* each : {&m->h, &m->dh, &m->hdropped, &m->dhdropped}) *each = lib.memory(dense1.forward.dst_desc());
  m->logits = lib.memory(dense2.forward.dst_desc()), m->dlogits = lib.memory(dense2.forward.dst_desc());
  m->indices = lib.memory(pool.workspace_desc());

  std::vector<Library::Args> for_forward, for_weights;
  for (std::int64_t i = 0; i < m->batches.count; ++i) {
    const memory pictures = lib.memory(x, m->batches.pictures(i));
    for_forward.push_back(
        {{DNNL_ARG_SRC, pictures}, {DNNL_ARG_WEIGHTS, c1.w}, {DNNL_ARG_BIAS, c1.b}, {DNNL_ARG_DST, m->y1}});
    for_weights.push_back({{DNNL_ARG_SRC, pictures},
                           {DNNL_ARG_DIFF_DST, m->dy1},
                           {DNNL_ARG_DIFF_WEIGHTS, c1.dw},
                           {DNNL_ARG_DIFF_BIAS, c1.db}});
  }
  const auto forward = [](const memory& in, const Layer& layer, const memory& out) {
    return std::vector<Library::Args>{
        {{DNNL_ARG_SRC, in}, {DNNL_ARG_WEIGHTS, layer.w}, {DNNL_ARG_BIAS, layer.b}, {DNNL_ARG_DST, out}}};
  };
  const auto weights = [](const memory& in, const memory& dout, const Layer& layer) {
    return std::vector<Library::Args>{{{DNNL_ARG_SRC, in},
                                       {DNNL_ARG_DIFF_DST, dout},
                                       {DNNL_ARG_DIFF_WEIGHTS, layer.dw},
                                       {DNNL_ARG_DIFF_BIAS, layer.db}}};
  };
  const auto data = [](const memory& dout, const Layer& layer, const memory& din) {
    return std::vector<Library::Args>{
        {{DNNL_ARG_DIFF_DST, dout}, {DNNL_ARG_WEIGHTS, layer.turned}, {DNNL_ARG_DIFF_SRC, din}}};
  };

  Work work{"mnist_cnn",
            93.75,
            {},
            [m] { m->p.reset(); },
            [m] { return cross_entropy(floats(m->logits), m->batches.labels(m->last), kBatch); }};
  const auto turn = [&](const char* name, const Layer& layer) {
    if (layer.turned.get_desc() == layer.w.get_desc()) return;
    const reorder::primitive_desc made(layer.w, layer.turned, Library::attr());
    work.calls.push_back(lib.call<reorder>(name, 0, made, {{{DNNL_ARG_FROM, layer.w}, {DNNL_ARG_TO, layer.turned}}}));
    work.calls.back().bytes = 2.0 * static_cast<double>(layer.w.get_desc().get_size());
  };
  const auto loop = [&](const char* name, double flops, double bytes, std::function<void(std::int64_t)> run) {
    work.calls.push_back({name, flops, bytes, std::move(run)});
  };
  constexpr double kConv1 = 2.0 * kConvolved * 9, kConv2 = 2.0 * kBatch * 64 * 24 * 24 * 9 * 32;
  constexpr double kDense1 = 2.0 * kBatch * 9216 * kHidden, kDense2 = 2.0 * kBatch * kHidden * kOut;
  auto& calls = work.calls;
  calls.push_back(lib.call<convolution_forward>("forward 1", kConv1, conv1.forward, for_forward));
  calls.push_back(lib.call<convolution_forward>("forward 2", kConv2, conv2.forward, forward(m->y1, c2, m->y2)));
  calls.push_back(lib.call<pooling_forward>(
      "pool", 3.0 * kPooled, pool,
      {{{DNNL_ARG_SRC, m->y2}, {DNNL_ARG_DST, m->pooled}, {DNNL_ARG_WORKSPACE, m->indices}}}));
  loop("dropout 1", kPooled, 8.0 * kPooled,
       [m](std::int64_t step) { dropout(floats(m->pooled), 0.75f, step, floats(m->dropped), kPooled); });
  calls.push_back(lib.call<inner_product_forward>("forward 3", kDense1, dense1.forward, forward(m->dropped, d1, m->h)));
  loop("dropout 2", kBatch * kHidden, 8.0 * kBatch * kHidden,
       [m](std::int64_t step) { dropout(floats(m->h), 0.5f, step, floats(m->hdropped), kBatch * kHidden); });
  calls.push_back(
      lib.call<inner_product_forward>("forward 4", kDense2, dense2.forward, forward(m->hdropped, d2, m->logits)));
  loop("softmax", 40.0 * kBatch * kOut, 0, [m](std::int64_t step) {
    float sums[kOut];
    m->last = step;
    softmax_gradient(floats(m->logits), m->batches.labels(step), kBatch, floats(m->dlogits), sums);
  });
  calls.push_back(lib.call<inner_product_backward_weights>("weights 4", kDense2, dense2.weights,
                                                           weights(m->hdropped, m->dlogits, d2)));
  turn("turn 4", d2);
  calls.push_back(
      lib.call<inner_product_backward_data>("data 4", kDense2, dense2.data, data(m->dlogits, d2, m->dhdropped)));
  loop("mask 2", kBatch * kHidden, 12.0 * kBatch * kHidden, [m](std::int64_t) {
    mask_gradient(floats(m->hdropped), floats(m->dhdropped), 0.5f, floats(m->dh), kBatch * kHidden);
  });
  calls.push_back(
      lib.call<inner_product_backward_weights>("weights 3", kDense1, dense1.weights, weights(m->dropped, m->dh, d1)));
  turn("turn 3", d1);
  calls.push_back(lib.call<inner_product_backward_data>("data 3", kDense1, dense1.data, data(m->dh, d1, m->ddropped)));
  // A maximum of relus is 0 where its gradient is stopped: so relu is done here, on a quarter of the elements.
  loop("mask 1", kPooled, 12.0 * kPooled, [m](std::int64_t) {
    mask_gradient(floats(m->dropped), floats(m->ddropped), 0.75f, floats(m->dpooled), kPooled);
  });
  calls.push_back(lib.call<pooling_backward>(
      "unpool", kPooled, unpool,
      {{{DNNL_ARG_DIFF_DST, m->dpooled}, {DNNL_ARG_WORKSPACE, m->indices}, {DNNL_ARG_DIFF_SRC, m->dy2}}}));
  calls.push_back(
      lib.call<convolution_backward_weights>("weights 2", kConv2, conv2.weights, weights(m->y1, m->dy2, c2)));
  turn("turn 2", c2);
  calls.push_back(lib.call<convolution_backward_data>("data 2", kConv2, conv2.data, data(m->dy2, c2, m->dy1)));
  loop("mask 0", kConvolved, 12.0 * kConvolved,
       [m](std::int64_t) { mask_gradient(floats(m->y1), floats(m->dy1), 1, floats(m->dy1), kConvolved); });
  calls.push_back(lib.call<convolution_backward_weights>("weights 1", kConv1, conv1.weights, for_weights));
  const auto size = static_cast<double>(m->p.size());
  loop("adadelta", 13 * size, 28 * size, [m](std::int64_t) { adadelta(m->p); });
  return work;
}

}  // namespace

int main(int argc, char** argv) { return floors::floor_main(argc, argv, make); }
