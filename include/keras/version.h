// The version of the library.
#pragma once

#include <keras/api.h>

#include <string>
#include <vector>

namespace keras {

KERAS_API std::string version();  // of the library that the program runs with, such as "0.1.0"

struct Info {
  std::string version, compiler;
  std::string processor;  // as the system names it
  std::string isa;        // of our kernels: "avx512", "avx2", "sse4" or "reference"
  // Instructions beyond x86-64's first that the processor has and kernels may use: "avx2", "fma", "avx512f", …
  std::vector<std::string> processor_features;
  std::vector<std::string> backends;  // in the order in which they are asked
  std::vector<std::string> features;  // optional parts that are built in: "PNG", "JPEG", …
  int threads = 1;                    // config::num_threads()
};
KERAS_API Info info();  // of the library and this machine

}  // namespace keras
