// Model::evaluate and evaluate_generator.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/models.h>

#include "callbacks/progress_bar.h"
#include "trainers/hooks.h"
#include "trainers/runner.h"

namespace keras {

void check_steps(const char* what, std::int64_t batch_size, std::optional<std::int64_t> steps) {
  if (batch_size < 1)
    throw ValueError(fmt::format("{}: batch_size must be 1 or more. Received: {}.", what, batch_size));
  if (steps && *steps < 1) throw ValueError(fmt::format("{}: steps must be 1 or more. Received: {}.", what, *steps));
}

std::map<std::string, double> hook_params(const BatchSource& source, std::optional<std::int64_t> steps) {
  std::map<std::string, double> params;
  if (steps || source.steps())
    params["steps"] =
        static_cast<double>(source.steps() ? std::min(steps.value_or(*source.steps()), *source.steps()) : *steps);
  if (!steps && source.rows()) {
    params["samples"] = static_cast<double>(*source.rows());
    params["batch_size"] = static_cast<double>(source.batch_size());
  }
  return params;
}

namespace {
Logs run_evaluate(const Model& model, const Data& x, const Data& y, EvaluateArgs args, Feed feed) {
  require_compiled(model, "evaluate");
  check_steps(feed.what, args.batch_size, args.steps);
  feed.stage = Stage::test, feed.batch_size = args.batch_size, feed.most = args.steps;
  const auto source = make_source(model, x, y, args.sample_weight, feed);
  require_steps(*source, x, args.steps, feed.what, "steps");
  Runner test(model, Stage::test, *source);
  if (args.verbose > 0) add_progress_bar(args.callbacks, args.verbose);
  const Hooks hooks(model, args.callbacks, hook_params(*source, args.steps));
  return run_tests(test, args.steps, hooks, feed.what, "steps", [] { return false; });
}
}  // namespace

Logs Model::evaluate(const Data& x, const Data& y, EvaluateArgs args) const {
  return run_evaluate(*this, x, y, std::move(args), {.what = "Model.evaluate"});
}

Logs Model::evaluate_generator(const Data& generator, EvaluateGeneratorArgs args) const {
  constexpr const char* kWhat = "Model.evaluate_generator";
  require_generator(generator, args.steps, kWhat, "steps");
  return run_evaluate(*this, generator, {}, {.verbose = args.verbose, .steps = args.steps},
                      {.what = kWhat, .workers = args.workers, .max_queue_size = args.max_queue_size});
}

}  // namespace keras
