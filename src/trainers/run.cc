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

RandomState RunKeeper::begin(const std::vector<Callback>& callbacks) {
  for (const Callback& callback : callbacks) {
    const auto* backup = dynamic_cast<const callbacks::Backup*>(callback.body().get());
    if (!backup) continue;
    const std::optional<RunState> state = backup->peek();
    if (state) set_random_state(random_state_of(state->values.at("at_fit")));
  }
  return random_state();
}

RunKeeper::RunKeeper(const Model& model, const std::vector<Callback>& callbacks, Config data, const RandomState& at_fit)
    : model_(model), callbacks_(callbacks), data_(std::move(data)), at_fit_(at_fit) {
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
  Config passes = Config::list();
  for (const RunPlace::Pass& pass : place.passes) {
    Config entry = as_config(pass.random);
    entry.push_back(pass.batches);
    passes.push_back(std::move(entry));
  }
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
      .set("passes", passes)
      .set("at_fit", as_config(at_fit_))
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
    if (!backup->found()) continue;
    if (!model_.built()) {
      throw ValueError(
          fmt::format("BackupAndRestore: there is a run to go on from, and the model \"{}\" has no weights "
                      "yet that it could be given to. Build it before fit, or give its first layer the "
                      "shape of its input.",
                      model_.name()));
    }
    model_.optimizer().body()->build(model_.trainable_weights());
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
  for (const Config& entry : values.at("passes").items())
    found.passes.push_back({random_state_of(entry), entry.items().at(2).as_int()});
  const bool between = found.step == 0;  // two epochs
  if (!(values.at("data") == data_)) {
    throw ValueError(
        fmt::format("BackupAndRestore: the run that was kept is one on other data, so it cannot go on "
                    "with these: {}, now {}. Call fit as it was called then, or remove the folder to "
                    "begin anew.",
                    values.at("data").to_json(), data_.to_json()));
  }
  const auto give_others = [this, &train, between, state] {
    const std::vector<Variable> variables = others(train);
    const Config& names = state.values.at("variables");
    bool same = names.size() == variables.size();
    for (std::size_t i = 0; same && i < variables.size(); ++i) {
      const Array& kept = state.arrays[i].second;
      same = names.items()[i].as_string() == variables[i].name() && kept.shape() == variables[i].shape() &&
             kept.dtype() == variables[i].dtype();
    }
    if (same) {
      for (std::size_t i = 0; i < variables.size(); ++i) variables[i].state()->value = state.arrays[i].second;
      train.set_figures(state.values.at("figures"));
    } else if (!between) {
      throw ValueError(
          "BackupAndRestore: the run that was kept is in the middle of an epoch, and the model was compiled with other "
          "metrics then. Compile it as it was, or remove the folder to begin anew.");
    }
  };
  give_callbacks(state, values.at("variables").size());
  read_history(values.at("history"), history);
  model_.set_stop_training(values.at("stop").as_bool());
  TrainerState& trainer = trainer_of(model_);
  const auto seed = static_cast<std::uint64_t>(values.at("training_seed").as_int());
  if (trainer.seed != seed) {
    trainer.seed = seed;
    drop_programs(model_);
    train.renew();
  }
  if (train.has_program())
    give_others();
  else if (!between)
    train.when_ready(give_others);  // with the first batch of a stream
  replay(train.source(), found);
  set_random_state(random_state_of(values.at("random")));
  place = found;
}

// Arrays in memory need the pass that is under way alone; who makes batches one by one is told of all that were.
void RunKeeper::replay(BatchSource& source, const RunPlace& place) const {
  const bool in_epoch = place.step > 0;
  std::size_t first = 0;
  if (source.whole()) {
    std::int64_t at = 0;  // of the pass, where the epoch begins
    for (std::size_t i = 0; i < place.passes.size(); ++i) {
      if (at == 0) first = i;
      at += place.passes[i].batches;
      if (at < *source.steps()) continue;
      at = 0;
      const bool goes_on = in_epoch && i + 1 == place.passes.size();  // its end is still to come
      first = goes_on ? first : i + 1;
    }
  }
  for (std::size_t i = first; i < place.passes.size(); ++i) {
    set_random_state(place.passes[i].random);
    source.begin_epoch();
    source.skip(place.passes[i].batches);
    if (i + 1 < place.passes.size() || !in_epoch) source.end_epoch();
  }
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
