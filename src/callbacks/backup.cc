#include "callbacks/backup.h"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <system_error>

#include "callbacks/monitor.h"
#include "support/files.h"

namespace keras::callbacks {

namespace {
namespace fs = std::filesystem;

// Keras's names. The weights' file holds everything, so that its renaming is the one moment at which a save comes to
// be; the other one is for Keras.
constexpr auto kWeights = "latest.weights.h5", kMetadata = "training_metadata.json", kBefore = ".bkp";
}  // namespace

Backup::Backup(const Args& args) : args_(args), counter_(class_name, args.save_freq) {
  if (args_.backup_dir.empty()) throw ValueError("BackupAndRestore: backup_dir must name a folder. Received: none.");
}

CallbackState Backup::get_state() const { return {counter_.state(), {}}; }
void Backup::set_state(const CallbackState& state) { counter_.set_state(StateReader(class_name, state)); }

void Backup::save(const Model& model, const RunState& state, int epoch, std::int64_t batch) {
  support::make_folders(args_.backup_dir);
  if (args_.double_checkpoint && support::file_exists(path(kWeights))) {
    for (const char* name : {kWeights, kMetadata}) {
      // The link's own name first: at each moment one of the two is there.
      const std::string from = path(name), to = from + kBefore, link = to + ".tmp";
      std::error_code error;
      fs::remove(link, error);
      fs::create_hard_link(from, link, error);
      if (error) fs::copy_file(from, link, fs::copy_options::overwrite_existing, error);
      if (!error) fs::rename(link, to, error);
      if (!error || error == std::errc::no_such_file_or_directory) continue;
      throw IOError(fmt::format("BackupAndRestore: «{}» cannot be kept as «{}»: {}.", from, to, error.message()));
    }
  }
  write_run(path(kWeights), model, state);
  support::write_file(path(kMetadata), Config::map({{"epoch", epoch}, {"batch", batch}}).to_json());
}

Backup::Found Backup::read(const Model& model, const std::string& suffix) const {
  Found found{read_run(path(kWeights) + suffix, model), 0};
  const std::string metadata = path(kMetadata) + suffix;
  if (!found.state && support::file_exists(metadata))
    found.epoch = static_cast<int>(Config::from_json(support::read_file(metadata, 1 << 20)).at("epoch").as_int());
  return found;
}

std::optional<Backup::Found> Backup::restore(const Model& model) {
  remove_leftovers();
  if (!support::file_exists(path(kWeights))) return std::nullopt;
  try {
    return read(model, "");
  } catch (const IOError& error) {
    if (!support::file_exists(path(kWeights) + kBefore)) throw;
    warn(class_name,
         fmt::format("the last save cannot be read, and training goes on from the one before it. {}", error.what()));
  }
  return read(model, kBefore);
}

// What saves left that were killed.
void Backup::remove_leftovers() const {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(args_.backup_dir, error)) {
    const std::string name = entry.path().filename().string();
    if ((name.starts_with(".keras-") && name.find(".tmp") != std::string::npos) || name.ends_with(".bkp.tmp")) {
      std::error_code ignored;
      fs::remove(entry.path(), ignored);
    }
  }
}

void Backup::end() {
  if (!args_.delete_checkpoint) return;
  std::error_code ignored;
  fs::remove(path(kWeights), ignored);  // from here on there is nothing to restore
  for (const char* name : {kMetadata, kWeights}) {
    fs::remove(path(name), ignored);
    fs::remove(path(name) + kBefore, ignored);
  }
  remove_leftovers();
  fs::remove(args_.backup_dir, ignored);  // unless something else lies in it
}

Callback BackupAndRestore(const std::string& backup_dir, BackupAndRestoreArgs args) {
  if (!args.backup_dir.empty())
    throw ValueError("BackupAndRestore: backup_dir is given twice, positionally and as a field.");
  args.backup_dir = backup_dir;
  return make_callback<Backup>(std::move(args));
}

}  // namespace keras::callbacks
