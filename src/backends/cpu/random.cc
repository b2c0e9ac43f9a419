// random_uniform as a kernel: the same bits as the reference.
#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "backends/cpu/kernels.h"
#include "backends/cpu/offers.h"
#include "primitives/attrs.h"
#include "support/threads.h"

namespace keras::backends::cpu {
namespace {

constexpr std::int64_t kGrain = 1 << 14;  // a multiple of 64

class UniformKernel final : public runtime::Kernel {
 public:
  UniformKernel(UniformRange range, std::size_t n) : range_(range), n_(n) {}
  void run(const runtime::Operands& operands, const runtime::Workspace&) const override {
    const auto stream = static_cast<std::uint64_t>(*operands.as<const std::int64_t>(0));
    const auto step = static_cast<std::uint64_t>(*operands.as<const std::int64_t>(1));
    auto* y = operands.as<float>(2);
    support::parallel_for(static_cast<std::int64_t>(n_), kGrain, [&](std::int64_t begin, std::int64_t end) {
      kernels()->random->uniform(stream, step, range_, y + begin, static_cast<std::size_t>(begin),
                                 static_cast<std::size_t>(end - begin));
    });
  }

 private:
  UniformRange range_;
  std::size_t n_;
};

}  // namespace

runtime::Offer offer_uniform(const ir::Graph&, const ir::Node& node) {
  const auto& a = node.attrs.as<primitives::RandomAttrs>();
  if (a.dtype != DType::float32) return runtime::Offer::no(fmt::format("random numbers of {}", a.dtype.name()));
  const std::int64_t n = a.shape.elements();
  if (n >= std::int64_t{1} << 32) return runtime::Offer::no("more than 2^32 random numbers");
  const auto low = static_cast<float>(a.a), high = static_cast<float>(a.b);
  UniformRange range{low, high - low, std::numeric_limits<float>::quiet_NaN(), 0};
  if (low < high)
    range.limit = high, range.last = std::nextafter(high, low);  // rounding may reach the end, which is left out
  runtime::Candidate c;
  c.name = "cpu.random_uniform";
  c.cost = 30 + static_cast<double>(n) * 0.35 / kernels()->speed;
  c.make = [range, n] { return std::make_unique<UniformKernel>(range, static_cast<std::size_t>(n)); };
  return runtime::Offer::yes(std::move(c));
}

}  // namespace keras::backends::cpu
