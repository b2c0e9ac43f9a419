// OpDef: what the library knows of one primitive op, as plain data. The records of src/primitives/ are turned into
// these.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ir/attrs.h"

namespace keras::ir {

// The type of a value. In an ir::Graph the shape is static; infer also answers for shapes with None.
struct Type {
  DType dtype;
  Shape shape;
  std::size_t bytes() const { return static_cast<std::size_t>(shape.elements()) * dtype.size(); }
  std::string str() const;  // f32[32,784]
  friend bool operator==(const Type&, const Type&) = default;
};

using ValueId = std::int32_t;
using NodeId = std::int32_t;

// A value of a graph under construction: what vjp functions compute with.
struct Value {
  using scalar_tag = void;  // so that the names of primitives/scalar.h accept it
  Graph* graph = nullptr;
  ValueId id = -1;
  explicit operator bool() const { return id >= 0; }
  const Type& type() const;  // valid until the next node is added
};

struct VjpContext {
  Graph& graph;
  const Attrs& attrs;
  std::span<const Value> in;    // the op's operands
  std::span<const Value> out;   // its results
  std::span<const Value> grad;  // the gradient of each result; empty where none flows
  template <class A>
  const A& as() const {
    return attrs.as<A>();
  }
};

struct ReferenceContext {
  const Attrs& attrs;
  std::span<const Type> in_types, out_types;
  std::span<const void* const> in;
  std::span<void* const> out;
  template <class A>
  const A& as() const {
    return attrs.as<A>();
  }
};

// An example of the op for the conformance tests: operand types and the range of values to draw operands from.
struct Sample {
  std::vector<Type> inputs;
  Attrs attrs;
  double low = -2, high = 2;  // of floating point operands
  std::int64_t below = 3;     // integer operands are drawn from [0, below)
  bool distinct = false;      // operands without ties: for ops whose gradient is not defined at ties
};

enum Trait : unsigned {
  kElementwise = 1,  // result i depends on element i of each operand only; same shapes
  kRowWise = 2,      // row i of the result depends on row i of the operands only
  kCommutative = 4,
  kCheap = 8,         // cheaper to compute again than to keep
  kRandom = 16,       // draws from a counter-based stream
  kLeaf = 32,         // an input, a state or a constant
  kInPlace = 64,      // a result may be written over an operand of the same type, element by element
  kFeedsLoops = 128,  // makes its result block by block from other places: a fused loop may begin with one such op
};

struct OpDef {
  std::string_view name, doc;
  int inputs;  // -1: one or more
  int outputs;
  unsigned traits;
  const AttrsType* attrs;
  std::vector<Type> (*infer)(const Attrs& attrs, std::span<const Type> in);  // ValueError names the op and the shapes
  std::vector<Value> (*vjp)(const VjpContext& context);                      // nullptr: the op has no gradient
  void (*reference)(const ReferenceContext& context);                        // nullptr for leaves only
  std::vector<Sample> (*samples)();
  int code;  // its place in the list of all records
  bool is(unsigned trait) const { return (traits & trait) != 0; }
};

}  // namespace keras::ir
