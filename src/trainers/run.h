// RunKeeper: what a run of fit is at a moment, for BackupAndRestore to keep, and to go on from in another process.
#pragma once

#include <keras/callbacks.h>
#include <keras/models.h>

#include <memory>
#include <vector>

#include "callbacks/backup.h"
#include "tensor/random_stream.h"
#include "trainers/runner.h"

namespace keras {

// Where fit is, between two batches or two epochs.
struct RunPlace {
  int epoch = 0;          // the one that goes on, or the next one
  std::int64_t step = 0;  // batches of it that are done
  bool trained = false;   // its last one is: what follows is validation and the end of the epoch
  std::int64_t next = 0;  // batch of a pass over the data, which takes several epochs where steps_per_epoch is small
  RandomState before_order = {};  // the order of this pass is the permutation that follows this state
};

class RunKeeper {
 public:
  // `data`: what must be the same for a run to go on in the middle of a pass over the data.
  RunKeeper(const Model& model, const std::vector<Callback>& callbacks, Config data);

  bool keeps() const { return !backups_.empty(); }
  // Whether there is a run to go on from: then model, callbacks, streams, figures, place and history are its. To be
  // called after on_train_begin. ValueError, IOError.
  bool restore(Runner& train, RunPlace& place, History& history) const;
  void after_batch(int batch, const Runner& train, const RunPlace& place, const History& history) const;
  void after_epoch(const Runner& train, const RunPlace& place, const History& history) const;
  void save(const Runner& train, const RunPlace& place, const History& history) const;
  void end() const;  // training has come to its end

 private:
  RunState state(const Runner& train, const RunPlace& place, const History& history) const;
  void give(const RunState& state, Runner& train, RunPlace& place, History& history) const;
  void give_callbacks(const RunState& state, std::size_t array) const;
  std::vector<Variable> others(const Runner& train) const;

  const Model& model_;
  const std::vector<Callback>& callbacks_;
  std::vector<std::shared_ptr<callbacks::Backup>> backups_;
  Config data_;
};

}  // namespace keras
