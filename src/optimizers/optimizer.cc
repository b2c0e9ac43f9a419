// Optimizer: the handle, and the table of names.
#include <fmt/format.h>
#include <keras/config.h>
#include <keras/error.h>
#include <keras/optimizers.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "optimizers/makers.h"
#include "support/text.h"
#include "tensor/shelf.h"

namespace keras {

namespace optimizers {
namespace {
const std::set<std::string_view> kTakesDecay = {"Adadelta", "Adagrad", "Adam", "Adamax", "RMSprop", "SGD"};

// What no optimizer computes with, though tf.keras wrote it, and epsilon of null, the default of Keras 2.2.
void upgrade(const char* class_name, Config& config) {
  if (const Config* epsilon = config.find("epsilon"); epsilon && epsilon->is_null())
    config.set("epsilon", config::epsilon());
  for (const char* name : {"is_legacy_optimizer", "jit_compile"}) config.erase(name);
  const std::string_view name = class_name;
  const bool takes_decay = kTakesDecay.contains(name);
  if (name == "Nadam" && OldMeanings::active()) {
    // tf.keras called schedule_decay so, and took 0.004 whatever it wrote.
    config.erase("decay");
    if (!config.contains("schedule_decay")) config.set("schedule_decay", 0.004);
  }
  if (name == "Adagrad" && OldMeanings::active() && !config.contains("initial_accumulator_value"))
    config.set("initial_accumulator_value", 0.0);
  if (const Config* decay = config.find("decay"); decay && !takes_decay && (decay->is_null() || decay->as_real() == 0))
    config.erase("decay");
}

const Shelf& shelf() {
  static const Shelf shelf("optimizer", "keras.optimizers",
                           {{adadelta(), {"adadelta"}},
                            {adafactor(), {"adafactor"}},
                            {adagrad(), {"adagrad"}},
                            {adam(), {"adam"}},
                            {adamax(), {"adamax"}},
                            {adamw(), {"adamw"}},
                            {ftrl(), {"ftrl"}},
                            {lamb(), {"lamb"}},
                            {lion(), {"lion"}},
                            {loss_scale_optimizer(), {"lossscaleoptimizer"}},
                            {multi_optimizer(), {"multioptimizer"}},
                            {muon(), {"muon"}},
                            {nadam(), {"nadam"}},
                            {rmsprop(), {"rmsprop"}},
                            {schedule_free_adamw(), {"schedulefreeadamw"}},
                            {sgd(), {"sgd"}}},
                           upgrade);
  return shelf;
}

std::shared_ptr<OptimizerBody> read(const Config& config) {
  Config wanted = config;
  const Config* name = config.is_string() ? &config : config.is_map() ? config.find("class_name") : nullptr;
  if (name && name->is_string()) {
    const std::string lower = support::lower(name->as_string());  // Keras looks optimizers up without case
    if (shelf().knows(lower)) wanted = config.is_string() ? Config(lower) : wanted.set("class_name", lower);
  }
  return std::static_pointer_cast<OptimizerBody>(shelf().read(wanted));
}

bool upper(char c) { return std::isupper(static_cast<unsigned char>(c)) != 0; }
bool lower(char c) { return std::islower(static_cast<unsigned char>(c)) != 0; }
}  // namespace

std::string snake_case(std::string_view class_name) {
  std::string result;
  for (std::size_t i = 0; i < class_name.size(); ++i) {
    const char c = class_name[i];
    const bool word =
        i > 0 && upper(c) && (lower(class_name[i - 1]) || (i + 1 < class_name.size() && lower(class_name[i + 1])));
    if (word) result += '_';
    result += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return result;
}
}  // namespace optimizers

namespace {
OptimizerBody& body_of(const Optimizer& optimizer) {
  if (!optimizer) throw ValueError("An Optimizer was used before it was given a value: it is empty.");
  return *optimizer.body();
}
}  // namespace

Optimizer::Optimizer(const char* name) : body_(optimizers::read(name)) {}

double Optimizer::learning_rate() const { return body_of(*this).current_rate(); }
void Optimizer::set_learning_rate(double learning_rate) {
  Variable variable = body_of(*this).learning_rate();
  if (variable.empty()) {
    throw TypeError(
        fmt::format("Optimizer \"{}\": its learning rate follows a schedule and cannot be set. Received: {}. Make the "
                    "optimizer with a number as learning_rate to set another one later.",
                    body_->name(), support::number(learning_rate)));
  }
  variable.assign(Array::scalar(learning_rate, variable.dtype()));
}
std::int64_t Optimizer::iterations() const {
  const OptimizerBody& body = body_of(*this);
  return body.iterations().value().values<std::int64_t>()[0] / body.accumulation_steps();
}
std::vector<Variable> Optimizer::variables() const { return body_of(*this).variables(); }
void Optimizer::apply_gradients(const std::vector<std::pair<Tensor, Variable>>& gradients_and_variables) {
  body_of(*this).apply(gradients_and_variables);
}
void Optimizer::exclude_from_weight_decay(ExcludeArgs args) {
  body_of(*this).exclude_from_weight_decay(std::move(args));
}
void Optimizer::finalize_variable_values() { body_of(*this).finalize_variable_values(); }
Config Optimizer::get_config() const { return body_of(*this).get_config(); }

Config as_config(const Optimizer& optimizer) { return optimizers::shelf().write(optimizer.body()); }

void read_config(const Config& config, Optimizer& optimizer) { optimizer = Optimizer(optimizers::read(config)); }

}  // namespace keras
