// The workloads of keras-bench: the same shapes, data and numbers of steps as in peers.py.
#pragma once

#include <keras/config.h>

#include <string>
#include <vector>

namespace bench {

struct Options {
  std::string data;     // folder with mnist.npz; empty: where datasets::mnist::load_data finds it
  double seconds = 20;  // how long a workload of many calls is repeated
  int samples = 0;      // of MNIST to train on; 0: as many as the workload says
  double start = 0;     // now() when the process was started
};

struct Workload {
  const char* name;
  keras::Config (*run)(const Options& options);  // the entries of the line: value, unit and what else there is to say
};
const std::vector<Workload>& workloads();

keras::Config load_vgg16(const Options& options);         // loading.cc
keras::Config optimizer_updates(const Options& options);  // optimizers.cc
keras::Config embedding_step(const Options& options);

double now();  // seconds of the monotonic clock, which an exec does not set back

}  // namespace bench
