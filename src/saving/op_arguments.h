// OpArguments: what one call of an op was given, by name or by place, as tensors and plain values.
#pragma once

#include <keras/config.h>
#include <keras/ops.h>

#include <string>
#include <vector>

namespace keras::saving {

class OpArguments {
 public:
  OpArguments(const Config& config, const Config& args, const Config& kwargs, const std::vector<Tensor>& tensors)
      : config_(config), args_(args), kwargs_(kwargs), tensors_(tensors) {}

  // ValueError where it is not given, TypeError where it is no tensor, number or array.
  Tensor tensor(std::size_t place, const char* name) const;
  std::vector<Tensor> tensors(std::size_t place, const char* name) const;
  // From the op's arguments, the call's keywords, or, where `place` is given, what was given there.
  Config plain(const char* name, Config fallback = {}, std::size_t place = 0) const;

  int integer(const char* name, int fallback, std::size_t place = 0) const;
  double real(const char* name, double fallback) const;
  double number(const char* name, std::size_t place) const;
  bool flag(const char* name, bool fallback) const;
  std::int64_t size(const char* name, std::size_t place) const;                               // at least 0
  std::vector<std::int64_t> sizes(const char* name, int count, std::size_t place = 1) const;  // count 0: any
  Shape shape(const char* name, std::size_t place) const;                                     // -1 is None
  Axes list(const char* name, std::size_t place = 0) const;  // of one number too; none: empty
  Axes axes(const char* name, int rank) const;               // a list that names no axis is all of them: refused
  int axis(int axis, int rank) const;                        // counted from the front
  int small(const char* what, const Config& value) const;    // a count of results: at most 10000

  // A slot, a number or an array as a tensor. ValueError or TypeError that names it for anything else.
  static Tensor as_tensor(const Config& value, const char* name, const std::vector<Tensor>& tensors);

 private:
  const Config* find(std::size_t place, const char* name) const;

  const Config &config_, &args_, &kwargs_;
  const std::vector<Tensor>& tensors_;
};

}  // namespace keras::saving
