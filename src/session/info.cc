// info(): what the library was built with and what machine it found.
#include <keras/config.h>
#include <keras/version.h>

#include <fstream>

#include "backends/cpu/cpu.h"
#include "session/session.h"

namespace keras {
namespace {

std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

std::vector<std::string> processor_features() {
  std::vector<std::string> found;
  // The names have to be literals.
#define KERAS_FEATURE(name) \
  if (__builtin_cpu_supports(name)) found.emplace_back(name)
  KERAS_FEATURE("sse4.1");
  KERAS_FEATURE("sse4.2");
  KERAS_FEATURE("avx");
  KERAS_FEATURE("avx2");
  KERAS_FEATURE("fma");
  KERAS_FEATURE("avx512f");
  KERAS_FEATURE("avx512bw");
  KERAS_FEATURE("avx512vl");
  KERAS_FEATURE("avx512dq");
  KERAS_FEATURE("avx512vnni");
#undef KERAS_FEATURE
  return found;
}

}  // namespace

Info info() {
  Info info;
  info.version = version();
#if defined(__clang__)
  info.compiler = "clang " __clang_version__;
#else
  info.compiler = "g++ " __VERSION__;
#endif
  info.processor = processor();
  info.processor_features = processor_features();
  info.isa = backends::cpu::isa();
  for (const runtime::Backend* backend : session::target().backends) info.backends.emplace_back(backend->name());
#ifdef KERAS_WITH_PNG
  info.features.emplace_back("PNG");
#endif
#ifdef KERAS_WITH_JPEG
  info.features.emplace_back("JPEG");
#endif
#ifdef KERAS_WITH_GRAPHVIZ
  info.features.emplace_back("Graphviz");
#endif
  info.threads = config::num_threads();
  return info;
}

}  // namespace keras
