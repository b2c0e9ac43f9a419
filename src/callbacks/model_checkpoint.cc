// ModelCheckpoint: saves the model at the end of epochs, or after so many batches.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/models.h>

#include "callbacks/monitor.h"
#include "callbacks/python_format.h"
#include "callbacks/save_counter.h"
#include "callbacks/state.h"
#include "support/files.h"
#include "support/text.h"

namespace keras::callbacks {

namespace {

class ModelCheckpointBody final : public CallbackBody {
 public:
  static constexpr auto class_name = "ModelCheckpoint";
  using Args = ModelCheckpointArgs;

  explicit ModelCheckpointBody(const Args& args)
      : args_(args),
        counter_(class_name, args.save_freq),
        monitor_(class_name, args.monitor, args.mode, 0),
        best_(args.initial_value_threshold) {
    check_name();
  }
  bool wants_batches() const override { return counter_.by_batches(); }

  void on_train_batch_end(int batch, const Logs& logs) override {
    if (counter_.due(batch)) save(epoch_, batch, logs);
  }
  void on_epoch_begin(int epoch, const Logs&) override { epoch_ = epoch; }
  void on_epoch_end(int epoch, const Logs& logs) override {
    if (!args_.save_freq.by_epoch() || ++epochs_since_save_ < args_.period) return;
    epochs_since_save_ = 0;
    save(epoch, std::nullopt, logs);
  }

  CallbackState get_state() const override {
    CallbackState state;
    state.values = counter_.state();
    state.values.set("best", as_config(best_))
        .set("epochs_since_save", epochs_since_save_)
        .set("epoch", epoch_)
        .set("warned", warned_);
    return state;
  }
  void set_state(const CallbackState& state) override {
    const StateReader read(class_name, state);
    counter_.set_state(read);
    read("best", best_), read("epochs_since_save", epochs_since_save_), read("epoch", epoch_);
    read("warned", warned_);
  }

 private:
  void check_name() const {
    const std::string& name = args_.filepath;
    const bool of_2_2 = config::dialect().plain_callbacks;
    const auto refuse = [&](const char* expected) {
      throw ValueError(
          fmt::format("ModelCheckpoint: {}. Received: filepath=«{}».", expected, support::printable(name)));
    };
    if (name.empty()) refuse("filepath must be the name of a file");
    if (args_.save_weights_only) {
      if (!of_2_2 && !name.ends_with(".weights.h5")) refuse("with save_weights_only the name ends in .weights.h5");
      return;
    }
    if (name.ends_with(".keras") || name.ends_with(".h5") || (of_2_2 && name.ends_with(".hdf5"))) return;
    refuse("the name ends in .keras or .h5, which say how the model is saved");
  }

  void save(int epoch, std::optional<int> batch, const Logs& logs) {
    FormatValues values{{"epoch", std::int64_t{epoch} + 1}};
    if (batch && !logs.find("batch")) values.emplace_back("batch", std::int64_t{*batch} + 1);
    for (const auto& [name, value] : logs) values.emplace_back(name, value);
    const std::string path = python_format(args_.filepath, values, class_name);
    const std::string heading = "\n" + epoch_text(epoch) + ": ";
    if (!wanted(epoch, logs, path, heading)) return;
    const std::size_t slash = path.find_last_of('/');
    if (slash != std::string::npos && slash > 0) support::make_folders(path.substr(0, slash));
    if (args_.save_weights_only) {
      model().save_weights(path);
    } else {
      model().save(path);
    }
    if (args_.verbose > 0 && !config::dialect().plain_callbacks) say(heading + "finished saving model to " + path);
  }

  bool wanted(int epoch, const Logs& logs, const std::string& path, const std::string& heading) {
    const bool of_2_2 = config::dialect().plain_callbacks;
    const bool verbose = args_.verbose > 0;
    if (!args_.save_best_only) {
      if (verbose) say(fmt::format("{}saving model to {}", heading, path));
      return true;
    }
    const double* figure = logs.find(args_.monitor);
    if (!figure) {
      if (!warned_) {
        monitor_.warn_of_missing(
            epoch,
            of_2_2 ? "so it is not known to be the best and not saved" : "so each is saved, as if it were the best",
            logs);
      }
      warned_ = true;
      return !of_2_2;
    }
    monitor_.find_direction(model());
    const std::string best = best_ ? fmt::format("{:.5f}", *best_) : of_2_2 ? (monitor_.up() ? "-inf" : "inf") : "None";
    if (!monitor_.better(*figure, best_)) {
      if (verbose) say(fmt::format("{}{} did not improve from {}", heading, args_.monitor, best));
      return false;
    }
    if (verbose) {
      say(fmt::format("{}{} improved from {} to {:.5f}, saving model to {}", heading, args_.monitor, best, *figure,
                      path));
    }
    best_ = *figure;
    return true;
  }

  const Args args_;
  SaveCounter counter_;
  Monitor monitor_;
  std::optional<double> best_;
  std::int64_t epochs_since_save_ = 0;
  int epoch_ = 0;
  bool warned_ = false;
};

}  // namespace

Callback ModelCheckpoint(const std::string& filepath, ModelCheckpointArgs args) {
  if (!args.filepath.empty())
    throw ValueError("ModelCheckpoint: filepath is given twice, positionally and as a field.");
  args.filepath = filepath;
  return make_callback<ModelCheckpointBody>(std::move(args));
}

}  // namespace keras::callbacks
