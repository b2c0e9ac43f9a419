// The arguments that the examples on data share: --data DIR (what tools/unpack_data.py made), --epochs N, --steps N (of
// an epoch; all the data otherwise) and --seed N.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

struct Options {
  std::filesystem::path data;
  int epochs = 1;
  std::optional<std::int64_t> steps = {};
  std::uint64_t seed = 1337;

  // Ends the program, with a word on how it is called, where an argument is wrong or --data is missing.
  static Options parse(int argc, char** argv, int epochs) {
    Options options;
    options.epochs = epochs;
    bool fine = true;
    for (int i = 1; i < argc && fine; i += 2) {
      const std::string_view name = argv[i];
      const char* value = i + 1 < argc ? argv[i + 1] : nullptr;
      if (name == "--data" && value) {
        options.data = value;
        continue;
      }
      char* end = nullptr;
      const long long number = value ? std::strtoll(value, &end, 10) : 0;
      fine = value && end != value && *end == '\0' && number >= (name == "--seed" ? 0 : 1);
      if (name == "--epochs") {
        options.epochs = static_cast<int>(number);
      } else if (name == "--steps") {
        options.steps = number;
      } else if (name == "--seed") {
        options.seed = static_cast<std::uint64_t>(number);
      } else {
        fine = false;
      }
    }
    if (fine && !options.data.empty()) return options;
    std::fprintf(stderr,
                 "usage: %s --data DIR [--epochs N] [--steps N] [--seed N]\n"
                 "DIR is what tools/unpack_data.py made.\n",
                 argv[0]);
    std::exit(2);
  }
};
