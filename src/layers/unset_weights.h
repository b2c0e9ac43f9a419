// While one of these lives, the layers that its thread builds leave their weights unset instead of initializing them:
// for loaders, which set every one of them.
#pragma once

namespace keras::layers {

class UnsetWeights {
 public:
  UnsetWeights() { ++depth(); }
  ~UnsetWeights() { --depth(); }
  UnsetWeights(const UnsetWeights&) = delete;
  UnsetWeights& operator=(const UnsetWeights&) = delete;
  static bool active() { return depth() > 0; }

 private:
  static int& depth() {
    thread_local int depth = 0;
    return depth;
  }
};

}  // namespace keras::layers
