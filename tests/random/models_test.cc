// Random models, each class of layer at least 20 times among them: what the optimized backends and the compiler's
// passes make of a prediction and of a training step, against the reference, op by op as traced.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "backends/onednn/onednn.h"
#include "backends/reference/reference.h"
#include "compile/compile.h"
#include "layers/layer_state.h"
#include "ops/trace.h"
#include "primitives/attrs.h"
#include "primitives/draw.h"
#include "primitives/interpret.h"
#include "primitives/primitives.h"
#include "session/session.h"
#include "tests/random/make_models.h"

namespace keras::testing {
namespace {

#ifdef NDEBUG
constexpr std::uint64_t kSeeds = 2000;  // 0 … 1999: the committed ones
#else
constexpr std::uint64_t kSeeds = 200;  // under sanitizers and with assertions
#endif
constexpr int kLeast = static_cast<int>(kSeeds / 100);  // models of each class
constexpr double kRough = 1e-2;

const std::vector<std::string>& classes() {
  static const std::vector<std::string> names{
#define KERAS_LAYER(name, ...) #name,
#include "layers/layers.def"
  };
  return names;
}

// The seed says which class the model is about, in turns.
RandomModel make(std::uint64_t seed) {
  random::seed(seed);
  return ModelMaker(seed, classes()[seed % classes().size()]).make();
}

// The graph in double. Draws stay as they are, since a random op gives other numbers in double. With `noise`, each
// value that any op gives is off by up to a unit in the last place of float32.
ir::Graph widened(const ir::Graph& graph, Dice* noise = nullptr) {
  const auto wide = [](DType t) { return t == DType::float32 ? DType(DType::float64) : t; };
  ir::Graph out;
  const std::size_t values = graph.values.size();
  std::vector<ir::ValueId> map(values), plain(values);
  const auto at = [](const std::vector<ir::ValueId>& list, ir::ValueId v) { return list[static_cast<std::size_t>(v)]; };
  const auto keep = [&](ir::ValueId v, ir::ValueId made) {
    const ir::Type type = out.type(made);
    map[static_cast<std::size_t>(v)] = plain[static_cast<std::size_t>(v)] = made;
    if (!noise || type.dtype != DType::float64) return;
    Array factor(type.shape, DType::float64);
    for (double& f : factor.mutable_values<double>()) f = 1 + (noise->unit() - 0.5) * 0x1p-22;
    const ir::ValueId by = out.add(primitives::def(primitives::Op::constant), primitives::ConstantAttrs{factor}, {});
    map[static_cast<std::size_t>(v)] = out.add(primitives::def(primitives::Op::multiply), ir::NoAttrs{}, {made, by});
  };
  for (const ir::Node& node : graph.nodes) {
    if (const ir::Input* input = graph.input_of(node.first)) {
      const ir::Type& type = graph.type(node.first);
      keep(node.first, out.add_input(input->name, {wide(type.dtype), type.shape}, input->state));
      continue;
    }
    std::vector<ir::ValueId> inputs;
    for (const ir::ValueId v : node.inputs) inputs.push_back(at(map, v));
    ir::Attrs attrs = node.attrs;
    if (&attrs.type() == &ir::kAttrsType<primitives::ScanAttrs>) {
      auto scan = attrs.as<primitives::ScanAttrs>();
      scan.body = std::make_shared<const ir::Graph>(widened(*scan.body, noise));
      attrs = scan;
    } else if (!node.op->is(ir::kRandom)) {
      attrs = primitives::in_double(ir::Sample{.inputs = {}, .attrs = attrs}).attrs;
    }
    ir::ValueId first = out.add(*node.op, attrs, inputs);
    if (node.op->is(ir::kRandom) && wide(out.type(first).dtype) != out.type(first).dtype)
      first = out.add(primitives::def(primitives::Op::cast), primitives::CastAttrs{DType::float64}, {first});
    for (int i = 0; i < node.outputs; ++i) keep(node.first + i, first + i);
  }
  out.inputs.clear();  // in the graph's order, which need not be that of its nodes
  for (const ir::Input& input : graph.inputs) out.inputs.push_back({at(plain, input.value), input.name, input.state});
  for (const ir::ValueId v : graph.outputs) out.outputs.push_back(at(map, v));
  for (const ir::Update& u : graph.updates) out.updates.push_back({at(plain, u.state), at(map, u.value)});
  return out;
}

// What a program gives: its outputs, then the new values of the states that it updates.
struct Results {
  std::vector<std::vector<Array>> compiled;  // by each target
  std::vector<Array> reference;
  std::vector<Array> exact, noisy;  // in double; and with the rounding of float32 in each op
  bool in_double = false;           // the program computes in double; exact is the reference
  std::vector<int> group;           // of each: those of one group are of one kind, and compared by one scale
};

Array wide(const Array& a) { return a.dtype() == DType::float32 ? a.astype(DType::float64) : a; }

// All backends; and by turns the reference alone, below the compiler's passes, and oneDNN before our own kernels.
std::vector<runtime::Target> targets([[maybe_unused]] std::uint64_t seed) {
  const runtime::Backend* last = &backends::reference::backend();
#ifdef KERAS_WITH_ONEDNN
  if (seed % 2 == 0) return {session::target(), {{&backends::onednn::backend(), last}}};
#endif
  return {session::target(), {{last}}};
}

std::vector<Array> run(const runtime::Program& program, const ir::Graph& graph, const std::vector<Array>& operands,
                       const std::vector<Array>& states) {
  std::vector<const void*> inputs;
  std::vector<void*> changed, outputs;
  std::vector<Array> after, results;
  for (const Array& a : operands) inputs.push_back(a.data());
  for (const Array& a : states) after.push_back(a.copy());
  for (Array& a : after) changed.push_back(a.mutable_data());
  for (const ir::ValueId v : graph.outputs) results.emplace_back(graph.type(v).shape, graph.type(v).dtype);
  for (Array& a : results) outputs.push_back(a.mutable_data());
  program.run(inputs, changed, outputs);
  for (const ir::Update& u : graph.updates) {
    std::size_t place = 0;
    for (const ir::Input& input : graph.inputs) {
      if (input.value == u.state) break;
      place += input.state;
    }
    results.push_back(after[place]);
  }
  return results;
}

Results run(const ops::Lowered& lowered, const std::vector<Array>& placeholders, const std::vector<int>& group,
            std::uint64_t seed) {
  std::vector<Array> operands, all;  // all: in the order of the graph's inputs
  std::size_t operand = 0, state = 0;
  std::vector<Array> states;
  for (const ir::Input& input : lowered.graph.inputs) {
    if (input.state) {
      states.push_back(lowered.states[state++]->value.copy());
      all.push_back(states.back());
    } else {
      operands.push_back(operand < placeholders.size() ? placeholders[operand] : lowered.operands[operand]->value);
      ++operand;
      all.push_back(operands.back());
    }
  }
  Results results;
  results.reference = primitives::Interpreter(lowered.graph).run(all);
  results.in_double = config::floatx() == DType::float64;
  if (results.in_double) {
    results.exact = results.reference;
  } else {
    std::vector<Array> in_double;
    for (const Array& a : all) in_double.push_back(wide(a));
    Dice dice(1);
    results.exact = primitives::Interpreter(widened(lowered.graph)).run(in_double);
    results.noisy = primitives::Interpreter(widened(lowered.graph, &dice)).run(in_double);
  }

  for (const runtime::Target& target : targets(seed))
    results.compiled.push_back(run(*compile::compile(lowered.graph, target), lowered.graph, operands, states));
  results.group = group;
  results.group.resize(results.reference.size(), 2);
  return results;
}

double largest(const Array& a) {
  double most = 0;
  const Array w = wide(a);
  for (const double v : w.values<double>()) most = std::max(most, std::fabs(v));
  return most;
}
double distance(const Array& a, const Array& b) {  // infinite where one is no number and the other is
  double most = 0;
  const Array u = wide(a), v = wide(b);
  for (std::size_t i = 0; i < u.values<double>().size(); ++i) {
    const double x = u.values<double>()[i], y = v.values<double>()[i];
    if (x == y || (std::isnan(x) && std::isnan(y))) continue;
    most = std::max(most, std::isfinite(x) && std::isfinite(y) ? std::fabs(x - y) : INFINITY);
  }
  return most;
}

// What the model does to rounding errors is how far the graph in double moves when each value in it is off by as much
// as float32 rounds (the reference in float32 is better than that: it adds in double). The compiled program may be so
// far off too, but not much farther. All is measured against the size of a tensor; for one that is small among its kind
// (a gradient that is 0 but for rounding) against a tenth of the largest. Noise that moves a result by more than kRough
// has chosen another of equal maxima, or the like; then the reference's own error must do. Models where that is large
// as well say nothing: those are counted, and few. What computes in double is compared with the reference alone.
struct Verdict {
  double rounding = 0;
  std::string difference;
};
Verdict compare(const Results& r) {
  std::vector<double> scale(r.exact.size());
  std::array<double, 3> of_group{};
  for (std::size_t i = 0; i < r.exact.size(); ++i) {
    if (!r.exact[i].dtype().is_floating()) continue;
    scale[i] = largest(r.exact[i]);
    auto& most = of_group[static_cast<std::size_t>(r.group[i])];
    most = std::max(most, scale[i]);
  }
  Verdict verdict;
  double noise = 0;
  for (std::size_t i = 0; i < r.exact.size(); ++i) {
    scale[i] = std::max({scale[i], 0.1 * of_group[static_cast<std::size_t>(r.group[i])], 1e-12});
    if (!r.exact[i].dtype().is_floating()) continue;
    verdict.rounding = std::max(verdict.rounding, distance(r.reference[i], r.exact[i]) / scale[i]);
    if (!r.noisy.empty()) noise = std::max(noise, distance(r.noisy[i], r.exact[i]) / scale[i]);
  }
  if (noise < kRough) verdict.rounding = std::max(verdict.rounding, noise);
  const double tolerance = r.in_double ? 1e-11 : 8 * std::max(verdict.rounding, 1e-6);
  for (std::size_t n = 0; n < r.exact.size() * r.compiled.size(); ++n) {
    const std::size_t i = n % r.exact.size();
    const Array& compiled = r.compiled[n / r.exact.size()][i];
    if (!r.exact[i].dtype().is_floating()) {
      if (!identical(compiled, r.reference[i])) verdict.difference += "result " + std::to_string(i) + " differs\n";
      continue;
    }
    const double off = distance(compiled, r.exact[i]) / scale[i];
    if (!(off <= tolerance))
      verdict.difference += "target " + std::to_string(n / r.exact.size()) + ", result " + std::to_string(i) + " of " +
                            std::to_string(r.exact.size()) + ", " + r.exact[i].shape().str() + ": off by " +
                            std::to_string(off / tolerance) + " of the tolerance of " +
                            std::to_string(tolerance * 1e6) + "e-6 * " + std::to_string(scale[i]) + "\n";
  }
  return verdict;
}

std::vector<Tensor> placeholders_of(const std::vector<Array>& arrays) {
  std::vector<Tensor> out;
  for (const Array& a : arrays) out.push_back(ops::placeholder({a.dtype(), a.shape()}, "x"));
  return out;
}

Results predict(const RandomModel& made, std::uint64_t seed) {
  ops::Trace trace(3);
  const std::vector<Tensor> x = placeholders_of(made.inputs);
  const std::vector<Tensor> y = made.model->outputs(x);
  return run(ops::lower(y, trace.updates(), x, false), made.inputs, std::vector<int>(y.size(), 0), seed);
}

// As trainers/step.cc traces it; the gradients are results too in half of the models, as a step that keeps them is
// compiled in another way.
Results train(const RandomModel& made, std::uint64_t seed) {
  const std::vector<Variable> weights = made.model->trainable_weights();
  ops::Trace trace(seed);
  std::vector<Array> arrays = made.inputs;
  trace.set_step(Tensor(made.optimizer.body()->iterations()));
  std::vector<Tensor> x = placeholders_of(arrays);
  const std::vector<Tensor> y = made.model->outputs(x, {.training = true});
  Tensor loss;
  const auto add = [&](const Tensor& part) { loss = loss.node() ? loss + part : part; };
  Dice dice(seed + 100000);
  for (const Tensor& prediction : y) {
    Array target(prediction.shape(), DType::float64);
    for (double& v : target.mutable_values<double>()) v = dice.unit() * 2 - 1;
    target = target.astype(config::floatx());
    arrays.push_back(target);
    x.push_back(ops::placeholder({target.dtype(), target.shape()}, "y"));
    add(ops::mean(ops::square(prediction - x.back())));
  }
  for (const Tensor& part : trace.take_losses()) add(part);
  for (const Tensor& part : layers::regularization_losses(*made.model)) add(part);
  std::vector<Tensor> results{loss};
  std::vector<int> group{0};
  const std::vector<Tensor> gradients = ops::gradients(loss, weights);
  if (seed % 2 == 0) {
    for (const Tensor& g : gradients) results.push_back(g), group.push_back(1);
  }
  std::vector<std::pair<Tensor, Variable>> pairs;
  for (std::size_t i = 0; i < weights.size(); ++i) pairs.emplace_back(gradients[i], weights[i]);
  if (!weights.empty()) {
    made.optimizer.body()->build(weights);
    made.optimizer.body()->apply(pairs, layers::constraints_of(*made.model, weights));
  }
  return run(ops::lower(results, trace.updates(), x, false), arrays, group, seed);
}

TEST(RandomModels, AgreeBetweenTheCompiledProgramAndTheReference) {
  const char* const one = std::getenv("KERAS_RANDOM_SEED");  // only this one, with its story
  const int threads = config::num_threads();
  config::set_num_threads(4);  // wherever the test runs
  std::map<std::string, int> counts;
  int models = 0, rough = 0;
  for (std::uint64_t seed = one ? std::strtoull(one, nullptr, 10) : 0; one || seed < kSeeds; ++seed) {
    SCOPED_TRACE("KERAS_RANDOM_SEED=" + std::to_string(seed));
    RandomModel made;
    std::string story;
    try {
      config::set_floatx(seed % 8 == 7 ? "float64" : "float32");
      made = make(seed);
      for (const auto& [name, count] : made.layers) counts[name] += count;
      for (const std::string& line : made.story) story += line + "\n";
      if (one) std::printf("%s", story.c_str());
      ++models;
      for (const bool training : {false, true}) {
        const Verdict verdict = compare(training ? train(made, seed) : predict(made, seed));
        if (one) std::printf("rounding %g\n", verdict.rounding);
        if (verdict.rounding > kRough) {
          ++rough;
          continue;
        }
        EXPECT_EQ(verdict.difference, "") << (training ? "a step of training of\n" : "a prediction of\n") << story;
      }
    } catch (const std::exception& error) {
      ADD_FAILURE() << error.what() << "\n" << story;
    }
    if (one) break;
  }
  config::set_floatx("float32");
  config::set_num_threads(threads);
  if (one) return;
  EXPECT_LE(rough, models / 50);
  std::printf("%d models, %d programs too rough to compare\n", models, rough);
  for (const std::string& name : classes()) EXPECT_GE(counts[name], kLeast) << name;
}

}  // namespace
}  // namespace keras::testing
