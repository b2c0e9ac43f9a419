// Record: how one structured primitive op is written down. A record is complete or it does not compile: every field
// below must be given, and an op without gradient says so with `no_gradient`.
#pragma once

#include "ir/graph.h"
#include "primitives/attrs.h"
#include "primitives/op.h"

namespace keras::primitives {

using Types = std::span<const ir::Type>;
using InferFn = std::vector<ir::Type> (*)(const ir::Attrs&, Types);
using ReferenceFn = void (*)(const ir::ReferenceContext&);
using SamplesFn = std::vector<ir::Sample> (*)();

struct Vjp {
  using Fn = std::vector<ir::Value> (*)(const ir::VjpContext&);
  Fn fn;
  constexpr Vjp(NoGradient) : fn(nullptr) {}
  constexpr Vjp(Flat) : fn([](const ir::VjpContext& c) { return std::vector<ir::Value>(c.in.size()); }) {}
  constexpr Vjp(Fn f) : fn(f) {}
  template <class L>
  requires std::is_convertible_v<L, Fn>
  constexpr Vjp(L f) : fn(f) {}
};

// A function that must be given: it has no default, so a record that leaves it out is refused by the compiler.
template <class F>
struct Required {
  F fn;
  template <class L>
  requires std::is_convertible_v<L, F>
  constexpr Required(L f) : fn(f) {}
};

struct Record {
  std::string_view name, doc;
  int inputs;  // -1: one or more
  int outputs = 1;
  unsigned traits = 0;  // ir::Trait
  Required<const ir::AttrsType*> attrs;
  Required<InferFn> infer;
  Vjp vjp;
  Required<ReferenceFn> reference;
  Required<SamplesFn> samples;
};

constexpr ir::OpDef erase(const Record& r, int code) {
  return {r.name,     r.doc,    r.inputs,       r.outputs,    r.traits, r.attrs.fn,
          r.infer.fn, r.vjp.fn, r.reference.fn, r.samples.fn, code};
}

// The records, one of each line of primitives.def; each is defined in the file of its op.
namespace records {
#define KERAS_PRIMITIVE(name, ...) extern const Record name;
#include "primitives/primitives.def"
}  // namespace records

}  // namespace keras::primitives
