// A training run that may be killed at any moment and started again, for kill_runs.py:
//
//   run_to_kill FOLDER BATCHES [save N | hook N]
//
// keeps its backups in FOLDER/backup, after each epoch or, if BATCHES is not 0, after so many batches, and kills itself
// at the Nth system call that a save makes, or at the Nth hook of a callback. At the end it prints all that training
// made, bit for bit, and how many such calls and hooks there were.
#include <dlfcn.h>
#include <keras/keras.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

using namespace keras;

namespace {

struct Countdown {
  long seen = 0, deadly = -1;
  void tick() {
    if (++seen == deadly) ::kill(::getpid(), SIGKILL);
  }
};
Countdown saves, hooks;

template <class F>
F next(const char* name) {
  return reinterpret_cast<F>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

// What the HDF5 library and AtomicFile call when they write: before each of them a save can end.
extern "C" {
ssize_t pwrite(int file, const void* data, size_t size, off_t at) noexcept(noexcept(::pwrite(file, data, size, at))) {
  saves.tick();
  static const auto real = next<ssize_t (*)(int, const void*, size_t, off_t)>("pwrite");
  return real(file, data, size, at);
}
ssize_t pwrite64(int file, const void* data, size_t size,
                 off64_t at) noexcept(noexcept(::pwrite64(file, data, size, at))) {
  saves.tick();
  static const auto real = next<ssize_t (*)(int, const void*, size_t, off64_t)>("pwrite64");
  return real(file, data, size, at);
}
int fsync(int file) {
  saves.tick();
  static const auto real = next<int (*)(int)>("fsync");
  return real(file);
}
int rename(const char* from, const char* to) noexcept {
  saves.tick();
  static const auto real = next<int (*)(const char*, const char*)>("rename");
  const int result = real(from, to);
  saves.tick();  // just after a save has come to be
  return result;
}
}

namespace {

std::uint64_t digest(std::uint64_t so_far, const void* data, std::size_t size) {  // FNV-1a
  for (std::size_t i = 0; i < size; ++i) so_far = (so_far ^ static_cast<const unsigned char*>(data)[i]) * 0x100000001b3;
  return so_far;
}
std::uint64_t digest(const std::vector<Array>& arrays) {
  std::uint64_t all = 0xcbf29ce484222325;
  for (const Array& array : arrays) all = digest(all, array.data(), array.nbytes());
  return all;
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 3 && argc != 5) return 2;
  const std::string folder = argv[1];
  const long batches = std::strtol(argv[2], nullptr, 10);
  if (argc == 5) (std::strcmp(argv[3], "save") == 0 ? saves : hooks).deadly = std::strtol(argv[4], nullptr, 10);
  config::set_num_threads(1);

  random::seed(1337);
  const Array x = random::normal({70, 6}), noise = random::normal({70, 1}, {.stddev = 0.5});
  const Array y = ops::sin(Tensor(x.slice(0, 1, 1)) * 2) + Tensor(x.slice(1, 2, 1)) + noise;
  Sequential model({layers::Dense(16, {.activation = "relu", .input_dim = 6}), layers::BatchNormalization(),
                    layers::Dropout(0.25), layers::Dense(8, {.activation = "tanh"}), layers::GaussianNoise(0.125),
                    layers::Dense(1)});
  model.compile({.optimizer = optimizers::Adam({.learning_rate = 0.02}), .loss = "mse", .metrics = {"mae"}});

  const auto tick = [](int, const Logs&) { hooks.tick(); };
  const SaveFrequency often = batches == 0 ? SaveFrequency("epoch") : SaveFrequency(batches);
  const History history =
      model.fit(x, y,
                {.batch_size = 8,
                 .epochs = 8,
                 .verbose = 0,
                 .callbacks = {callbacks::LambdaCallback({.on_epoch_begin = tick,
                                                          .on_epoch_end = tick,
                                                          .on_train_batch_begin = tick,
                                                          .on_train_batch_end = tick,
                                                          .on_test_batch_end = tick}),
                               callbacks::BackupAndRestore(folder + "/backup",
                                                           {.save_freq = often, .double_checkpoint = batches == 7}),
                               callbacks::EarlyStopping({.patience = 5, .restore_best_weights = true}),
                               callbacks::ReduceLROnPlateau({.factor = 0.5, .patience = 1}),
                               callbacks::CSVLogger(folder + "/log.csv"),
                               callbacks::ModelCheckpoint(folder + "/best.keras", {.save_best_only = true})},
                 .validation_split = 0.2});

  std::vector<Array> state;
  for (const Variable& variable : model.optimizer().variables()) state.push_back(variable.value());
  std::printf("weights %016llx optimizer %016llx\n", static_cast<unsigned long long>(digest(model.get_weights())),
              static_cast<unsigned long long>(digest(state)));
  std::printf("history %s\n", history.str().c_str());
  std::printf("draw %s\n", random::uniform({2}).str().c_str());
  std::fprintf(stderr, "%ld %ld\n", saves.seen, hooks.seen);
} catch (const Error& error) {
  std::fprintf(stderr, "run_to_kill: %s\n", error.what());
  return 1;
}
