// Every backend against the reference: every sample of every record, in float32 against the reference in double, with
// other alignments, in place, and at the edges of numbers. A backend that has no kernel for a node is passed over for
// it.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <map>

#include "backends/cpu/cpu.h"
#include "backends/onednn/onednn.h"
#include "backends/reference/reference.h"
#include "primitives/draw.h"
#include "primitives/interpret.h"
#include "primitives/primitives.h"

namespace keras {
namespace {

std::vector<const runtime::Backend*> backends() {
  return {
      &backends::reference::backend(),
      &backends::cpu::backend(),
#ifdef KERAS_WITH_ONEDNN
      &backends::onednn::backend(),
#endif
  };
}

// Memory of an array's size that starts `shift` bytes behind a multiple of 64, with guards around it.
class Buffer {
 public:
  Buffer(std::size_t bytes, std::size_t shift) : bytes_(bytes), memory_(bytes + 3 * kGuard, kFill) {
    const auto at = reinterpret_cast<std::uintptr_t>(memory_.data());
    begin_ = (at + kGuard + 63) / 64 * 64 - at + shift;
  }
  Buffer(const Array& a, std::size_t shift) : Buffer(a.nbytes(), shift) {
    if (bytes_) std::memcpy(data(), a.data(), bytes_);
  }
  void* data() { return memory_.data() + begin_; }
  bool whole() const {
    return std::all_of(memory_.begin(), memory_.begin() + static_cast<std::ptrdiff_t>(begin_),
                       [](std::byte b) { return b == kFill; }) &&
           std::all_of(memory_.begin() + static_cast<std::ptrdiff_t>(begin_ + bytes_), memory_.end(),
                       [](std::byte b) { return b == kFill; });
  }
  Array array(const ir::Type& type) {
    Array a(type.shape, type.dtype);
    if (bytes_) std::memcpy(a.mutable_data(), data(), bytes_);
    return a;
  }

 private:
  static constexpr std::size_t kGuard = 192;
  static constexpr std::byte kFill{0xA5};
  std::size_t bytes_, begin_;
  std::vector<std::byte> memory_;
};

enum class Place { aligned, shifted, in_place, over_last };

// Runs the candidate on the operands. In place: result i over operand i wherever their types are equal; over the last:
// the first result over the last operand.
std::vector<Array> run(const runtime::Candidate& candidate, const ir::Graph& graph, const std::vector<Array>& operands,
                       Place place) {
  const ir::Node& node = graph.nodes.back();
  std::vector<Buffer> buffers;
  std::vector<std::size_t> results;
  for (const Array& a : operands) buffers.emplace_back(a, place == Place::shifted ? a.dtype().size() : 0);
  for (int i = 0; i < node.outputs; ++i) {
    const ir::Type& type = graph.type(node.first + i);
    const auto n = static_cast<std::size_t>(i);
    if (place == Place::in_place && n < operands.size() && graph.type(node.inputs[n]) == type) {
      results.push_back(n);
    } else if (place == Place::over_last && n == 0 && graph.type(node.inputs.back()) == type) {
      results.push_back(operands.size() - 1);
    } else {
      results.push_back(buffers.size());
      buffers.emplace_back(type.bytes(), place == Place::shifted ? type.dtype.size() : 0);
    }
  }
  std::vector<void*> slots;
  std::vector<std::int32_t> index;
  for (Buffer& b : buffers) slots.push_back(b.data());
  for (std::size_t i = 0; i < operands.size(); ++i) index.push_back(static_cast<std::int32_t>(i));
  for (const std::size_t r : results) index.push_back(static_cast<std::int32_t>(r));
  Buffer workspace(candidate.workspace, 0), scratch(candidate.scratch, 0);
  candidate.make()->run(runtime::Operands(slots.data(), index.data()),
                        {static_cast<std::byte*>(workspace.data()), static_cast<std::byte*>(scratch.data()), 0});
  std::vector<Array> out;
  for (int i = 0; i < node.outputs; ++i)
    out.push_back(buffers[results[static_cast<std::size_t>(i)]].array(graph.type(node.first + i)));
  for (const Buffer& b : buffers) EXPECT_TRUE(b.whole()) << candidate.name << " wrote outside its operands";
  EXPECT_TRUE(scratch.whole()) << candidate.name << " wrote outside its scratch";
  EXPECT_TRUE(workspace.whole()) << candidate.name << " wrote outside its workspace";
  if (place == Place::aligned || place == Place::shifted) {
    for (std::size_t i = 0; i < operands.size(); ++i) {
      EXPECT_TRUE(identical(buffers[i].array(graph.type(node.inputs[i])), operands[i]))
          << candidate.name << " changed operand " << i;
    }
  }
  return out;
}

std::vector<Array> in_double(std::vector<Array> arrays) {
  for (Array& a : arrays) {
    if (a.dtype() == DType::float32) a = a.astype(DType::float64);
  }
  return arrays;
}

// |a - b| <= 4 max(|ref32 - ref64|, 1e-6 max |ref64|); NaN and infinities as the reference in float32 has them.
void compare(const Array& actual, const Array& ref32, const Array& ref64, bool random) {
  ASSERT_EQ(actual.shape(), ref32.shape());
  ASSERT_EQ(actual.dtype(), ref32.dtype());
  if (!actual.dtype().is_floating()) {
    EXPECT_TRUE(identical(actual, ref32)) << actual << "\nis not\n" << ref32;
    return;
  }
  const Array a = actual.astype(DType::float64), b = ref32.astype(DType::float64), c = ref64.astype(DType::float64);
  const auto x = a.values<double>(), y = b.values<double>(), z = c.values<double>();
  double largest = 0, rounding = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (!std::isfinite(y[i]) || !std::isfinite(z[i])) continue;
    largest = std::max(largest, std::fabs(z[i]));
    if (!random) rounding = std::max(rounding, std::fabs(y[i] - z[i]));  // float64 draws other numbers
  }
  const bool half = actual.dtype() == DType::float16 || actual.dtype() == DType::bfloat16;
  const double tolerance = 4 * std::max(rounding, (half ? 0.004 : 1e-6) * largest);
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (x[i] == y[i] || (std::isnan(x[i]) && std::isnan(y[i])) || std::fabs(x[i] - y[i]) <= tolerance) continue;
    if (++wrong <= 3)
      ADD_FAILURE() << "element " << i << " is " << x[i] << ", reference " << y[i] << ", in double " << z[i]
                    << ", tolerance " << tolerance;
  }
  if (wrong > 3) ADD_FAILURE() << wrong << " of " << x.size() << " elements in all";
}

// Runs every backend on the op with these operands.
std::map<std::string_view, int> check(const ir::OpDef& op, const ir::Sample& sample,
                                      const std::vector<Array>& operands) {
  std::map<std::string_view, int> offered;
  const ir::Graph graph = primitives::graph_of(op, sample),
                  wide = primitives::graph_of(op, primitives::in_double(sample));
  const std::vector<Array> ref32 = primitives::Interpreter(graph).run(operands);
  const std::vector<Array> ref64 = primitives::Interpreter(wide).run(in_double(operands));
  for (const runtime::Backend* backend : backends()) {
    const runtime::Offer offer = backend->candidate(graph, graph.nodes.back());
    if (!offer.candidate) {
      EXPECT_FALSE(offer.reason.empty()) << backend->name() << " says no without a reason";
      continue;
    }
    ++offered[backend->name()];
    const runtime::Candidate& c = *offer.candidate;
    SCOPED_TRACE(c.name);
    EXPECT_GT(c.cost, 0);
    EXPECT_TRUE(c.name.starts_with(std::string(backend->name()) + ".")) << c.name;
    const std::vector<Array> results = run(c, graph, operands, Place::aligned);
    for (std::size_t i = 0; i < results.size(); ++i) compare(results[i], ref32[i], ref64[i], op.is(ir::kRandom));
    for (const Place place : {Place::shifted, Place::in_place, Place::over_last}) {
      if (place == Place::in_place && !op.is(ir::kInPlace)) continue;
      if (place == Place::over_last && !(op.is(ir::kInPlace) && op.is(ir::kElementwise))) continue;
      const std::vector<Array> again = run(c, graph, operands, place);
      for (std::size_t i = 0; i < results.size(); ++i) {
        EXPECT_TRUE(identical(again[i], results[i]))
            << (place == Place::shifted ? "other bits at another alignment" : "other bits in place");
      }
    }
  }
  return offered;
}

TEST(Backends, AgreeWithTheReferenceOnEverySample) {
  std::map<std::string_view, int> offered;
  for (const ir::OpDef& op : primitives::all()) {
    std::size_t number = 0;
    for (const ir::Sample& sample : op.samples()) {
      SCOPED_TRACE(std::string(op.name) + ", sample " + std::to_string(number++));
      for (const auto& [backend, count] : check(op, sample, primitives::draw(sample, 5))) offered[backend] += count;
    }
  }
  for (const auto& [backend, count] : offered) std::printf("%s: %d samples\n", std::string(backend).c_str(), count);
  EXPECT_GT(offered["reference"], 700);
}

// Indices that count from the end, and those that lie outside.
TEST(Backends, AgreeWithTheReferenceOnIndicesOfAnySign) {
  using primitives::Op;
  for (const Op code : {Op::gather, Op::scatter_add, Op::take_along_axis, Op::one_hot}) {
    const ir::OpDef& op = primitives::def(code);
    const std::size_t place = code == Op::one_hot ? 0 : 1;
    std::size_t number = 0;
    for (const ir::Sample& sample : op.samples()) {
      SCOPED_TRACE(std::string(op.name) + ", sample " + std::to_string(number++));
      const DType dtype = sample.inputs[place].dtype;
      if (dtype == DType::uint8) continue;
      std::vector<Array> operands = primitives::draw(sample, 5);
      Array wide = operands[place].astype(DType::float64);
      for (double& v : wide.mutable_values<double>()) v = 3 * v - static_cast<double>(sample.below) - 1;
      operands[place] = wide.astype(dtype);
      check(op, sample, operands);
    }
  }
}

// Elementwise ops on all combinations of special numbers. Denormals are left out: programs run with them flushed to
// zero.
TEST(Backends, AgreeWithTheReferenceOnSpecialNumbers) {
  constexpr float kInf = std::numeric_limits<float>::infinity(), kNan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> numbers{0.F,   -0.F,   1.F,     -1.F,  0.5F,   -0.5F, 2.F,   -2.F,  2.5F,   -2.5F,
                                   3.F,   -3.F,   10.F,    -10.F, 88.F,   90.F,  -90.F, 100.F, -110.F, 1e4F,
                                   -1e4F, 1e-20F, -1e-20F, 1e30F, -1e30F, kInf,  -kInf, kNan};
  const auto n = static_cast<std::int64_t>(numbers.size());
  for (const ir::OpDef& op : primitives::all()) {
    const auto* info = primitives::elementwise(op);
    if (!info || info->kind == primitives::Kind::logic || info->kind == primitives::Kind::choose) continue;
    const Shape shape = info->inputs == 1 ? Shape{n} : Shape{n, n};
    std::vector<Array> operands(static_cast<std::size_t>(info->inputs), Array(shape));
    for (std::int64_t i = 0; i < shape.elements(); ++i) {
      const auto k = static_cast<std::size_t>(i);
      operands[0].mutable_values<float>()[k] = numbers[static_cast<std::size_t>(i / (info->inputs == 1 ? 1 : n))];
      if (info->inputs == 2) operands[1].mutable_values<float>()[k] = numbers[static_cast<std::size_t>(i % n)];
    }
    const ir::Sample whole{.inputs = std::vector<ir::Type>(operands.size(), {DType::float32, shape}), .attrs = {}};
    const ir::Graph graph = primitives::graph_of(op, whole),
                    wide = primitives::graph_of(op, primitives::in_double(whole));
    const Array ref32 = primitives::Interpreter(graph).run(operands)[0];
    const Array ref64 = primitives::Interpreter(wide).run(in_double(operands))[0];
    for (const runtime::Backend* backend : backends()) {
      const runtime::Offer offer = backend->candidate(graph, graph.nodes.back());
      if (!offer.candidate) continue;
      SCOPED_TRACE(offer.candidate->name);
      const Array result = run(*offer.candidate, graph, operands, Place::aligned)[0];
      if (!result.dtype().is_floating()) {
        EXPECT_TRUE(identical(result, ref32));
        continue;
      }
      // Element by element, as the largest of them is 1e30.
      for (std::size_t i = 0; i < result.values<float>().size(); ++i) {
        const double x = result.values<float>()[i], y = ref32.values<float>()[i], z = ref64.values<double>()[i];
        const double tolerance = 4 * std::max(std::isfinite(z) ? std::fabs(y - z) : 0, 1e-6 * std::fabs(y));
        const bool fine = x == y || (std::isnan(x) && std::isnan(y)) || std::fabs(x - y) <= tolerance ||
                          (std::fabs(y) < 1.2e-38 && std::fabs(x) < 1.2e-38);
        EXPECT_TRUE(fine) << op.name << "(" << operands[0].values<float>()[i]
                          << (info->inputs == 2 ? ", " + std::to_string(operands[1].values<float>()[i]) : "") << ") is "
                          << x << ", reference " << y;
      }
    }
  }
}

}  // namespace
}  // namespace keras
