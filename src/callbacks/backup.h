// BackupAndRestore: where a run is kept, and when. What a run is knows fit, which asks and tells it (trainers/run.h).
#pragma once

#include <keras/callbacks.h>

#include <optional>
#include <string>

#include "callbacks/save_counter.h"
#include "models/run_file.h"

namespace keras::callbacks {

class Backup final : public CallbackBody {
 public:
  static constexpr auto class_name = "BackupAndRestore";
  using Args = BackupAndRestoreArgs;

  explicit Backup(const Args& args);
  bool wants_batches() const override { return false; }
  CallbackState get_state() const override;
  void set_state(const CallbackState& state) override;

  bool by_epoch() const { return args_.save_freq.by_epoch(); }
  bool due(int batch) { return counter_.due(batch); }  // to be asked after each batch
  // IOError leaves the save before as it was.
  void save(const Model& model, const RunState& state, int epoch, std::int64_t batch);

  struct Found {
    std::optional<RunState> state;  // none: Keras wrote it
    int epoch = 0;                  // then its number of epochs
  };
  // What was saved; the model and its optimizer, which are built, become what they were.
  std::optional<Found> restore(const Model& model);
  void end();  // of a training that came to its end

 private:
  std::string path(const char* name) const { return args_.backup_dir + "/" + name; }
  void remove_leftovers() const;
  Found read(const Model& model, const std::string& suffix) const;

  const Args args_;
  SaveCounter counter_;
};

}  // namespace keras::callbacks
