#include "trainers/run.h"

#include <fmt/format.h>
#include <keras/error.h>

#include <algorithm>
#include <unordered_set>

#include "ops/tensor_node.h"

namespace keras {

namespace {

Config as_config(const RandomState& state) {
  return Config::list({static_cast<std::int64_t>(state.seed), static_cast<std::int64_t>(state.taken)});
}
RandomState random_state_of(const Config& config) {
  return {static_cast<std::uint64_t>(config.items().at(0).as_int()),
          static_cast<std::uint64_t>(config.items().at(1).as_int())};
}

Config as_config(const History& history) {
  Config epochs = Config::list(), figures = Config::map();
  for (const int epoch : history.epoch) epochs.push_back(epoch);
  for (const auto& [name, values] : history.history) figures.set(name, keras::as_config(values));
  return Config::map({{"epoch", epochs}, {"history", figures}});
}
void read_history(const Config& config, History& history) {
  history.epoch.clear(), history.history.clear();
  read_config(config.at("epoch"), history.epoch);
  for (const auto& [name, values] : config.at("history").entries()) read_config(values, history.history[name]);
}

}  // namespace

RunKeeper::RunKeeper(const Model& model, const std::vector<Callback>& callbacks, Config data)
    : model_(model), callbacks_(callbacks), data_(std::move(data)) {
  for (const Callback& callback : callbacks) {
    if (auto backup = std::dynamic_pointer_cast<callbacks::Backup>(callback.body()))
      backups_.push_back(std::move(backup));
  }
}

// What a step updates beside weights and the optimizer's state: running means, metrics, states of stateful layers.
std::vector<Variable> RunKeeper::others(const Runner& train) const {
  std::unordered_set<const ops::VariableState*> known;
  for (const Variable& variable : model_.weights()) known.insert(variable.state().get());
  for (const Variable& variable : model_.optimizer().variables()) known.insert(variable.state().get());
  std::vector<Variable> list;
  for (const ops::VariablePtr& variable : train.updated()) {
    if (!known.contains(variable.get())) list.emplace_back(variable);
  }
  return list;
}

RunState RunKeeper::state(const Runner& train, const RunPlace& place, const History& history) const {
  RunState state;
  Config figures = Config::list(), names = Config::list(), callbacks = Config::list();
  for (const auto& [name, value] : train.logs()) figures.push_back(value);
  for (const Variable& variable : others(train)) {
    names.push_back(variable.name());
    state.arrays.emplace_back(variable.name(), variable.value());
  }
  for (const Callback& callback : callbacks_) {
    CallbackState own = callback->get_state();
    callbacks.push_back(Config::map({{"class_name", callback->class_name()},
                                     {"values", own.values},
                                     {"arrays", static_cast<std::int64_t>(own.arrays.size())}}));
    for (auto& array : own.arrays) state.arrays.push_back(std::move(array));
  }
  state.values.set("version", 1)
      .set("epoch", place.epoch)
      .set("step", place.step)
      .set("trained", place.trained)
      .set("next", place.next)
      .set("order", as_config(place.before_order))
      .set("random", as_config(random_state()))
      .set("training_seed", static_cast<std::int64_t>(trainer_of(model_).seed))
      .set("stop", model_.stop_training())
      .set("figures", figures)
      .set("data", data_)
      .set("history", as_config(history))
      .set("variables", names)
      .set("callbacks", callbacks);
  return state;
}

void RunKeeper::save(const Runner& train, const RunPlace& place, const History& history) const {
  if (backups_.empty()) return;
  const RunState now = state(train, place, history);
  for (const auto& backup : backups_) backup->save(model_, now, place.epoch, place.step);
}

void RunKeeper::after_batch(int batch, const Runner& train, const RunPlace& place, const History& history) const {
  bool due = false;
  for (const auto& backup : backups_) due = backup->due(batch) || due;
  if (due) save(train, place, history);
}

void RunKeeper::after_epoch(const Runner& train, const RunPlace& place, const History& history) const {
  if (std::any_of(backups_.begin(), backups_.end(), [](const auto& backup) { return backup->by_epoch(); }))
    save(train, place, history);
}

void RunKeeper::end() const {
  for (const auto& backup : backups_) backup->end();
}

bool RunKeeper::restore(Runner& train, RunPlace& place, History& history) const {
  for (const auto& backup : backups_) {
    const std::optional<callbacks::Backup::Found> found = backup->restore(model_);
    if (!found) continue;
    if (found->state) {
      give(*found->state, train, place, history);
    } else {
      place.epoch = std::max(place.epoch, found->epoch);
    }
    return true;
  }
  return false;
}

void RunKeeper::give(const RunState& state, Runner& train, RunPlace& place, History& history) const {
  const Config& values = state.values;
  RunPlace found;
  found.epoch = static_cast<int>(values.at("epoch").as_int());
  found.step = values.at("step").as_int();
  found.trained = values.at("trained").as_bool();
  found.next = values.at("next").as_int();
  found.before_order = random_state_of(values.at("order"));
  const bool between = found.step == 0 && found.next == 0;  // two passes over the data
  if (!between && !(values.at("data") == data_)) {
    throw ValueError(
        fmt::format("BackupAndRestore: the run that was kept is in the middle of other data, so it cannot "
                    "go on with these: {}, now {}. Call fit as it was called then, or remove the folder to "
                    "begin anew.",
                    values.at("data").to_json(), data_.to_json()));
  }
  const std::vector<Variable> variables = others(train);
  const Config& names = values.at("variables");
  bool same = names.size() == variables.size();
  for (std::size_t i = 0; same && i < variables.size(); ++i) {
    const Array& kept = state.arrays[i].second;
    same = names.items()[i].as_string() == variables[i].name() && kept.shape() == variables[i].shape() &&
           kept.dtype() == variables[i].dtype();
  }
  if (same) {
    for (std::size_t i = 0; i < variables.size(); ++i) variables[i].state()->value = state.arrays[i].second;
  } else if (!between) {
    throw ValueError(
        "BackupAndRestore: the run that was kept is in the middle of an epoch, and the model was compiled with other "
        "metrics then. Compile it as it was, or remove the folder to begin anew.");
  }
  give_callbacks(state, names.size());
  read_history(values.at("history"), history);
  model_.set_stop_training(values.at("stop").as_bool());
  TrainerState& trainer = trainer_of(model_);
  const auto seed = static_cast<std::uint64_t>(values.at("training_seed").as_int());
  if (trainer.seed != seed) {
    trainer.seed = seed;
    drop_programs(model_);
    train.renew();
  }
  if (same) train.set_figures(values.at("figures"));
  set_random_state(random_state_of(values.at("random")));
  place = found;
}

// Each gets the state of the one of its class that was as early in the list.
void RunKeeper::give_callbacks(const RunState& state, std::size_t array) const {
  std::vector<bool> used(callbacks_.size(), false);
  for (const Config& kept : state.values.at("callbacks").items()) {
    CallbackState own{kept.at("values"), {}};
    for (std::int64_t i = 0; i < kept.at("arrays").as_int(); ++i) own.arrays.push_back(state.arrays.at(array++));
    for (std::size_t i = 0; i < callbacks_.size(); ++i) {
      if (used[i] || callbacks_[i]->class_name() != kept.at("class_name").as_string()) continue;
      used[i] = true;
      callbacks_[i]->set_state(own);
      break;
    }
  }
}

}  // namespace keras
