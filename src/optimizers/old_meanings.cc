#include "optimizers/makers.h"

namespace keras::optimizers {

namespace {
thread_local int old_meanings = 0;
}  // namespace

OldMeanings::OldMeanings() { ++old_meanings; }
OldMeanings::~OldMeanings() { --old_meanings; }
bool OldMeanings::active() { return old_meanings > 0; }

bool adds_epsilon_to_root(const OptimizerBody& optimizer) {
  const auto* body = dynamic_cast<const HasEpsilon*>(&optimizer);
  return body && body->outside_root();
}

}  // namespace keras::optimizers
