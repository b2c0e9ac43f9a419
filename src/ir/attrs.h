// Attrs: the attributes of a node. A plain struct with a fields() visitor, kept behind one immutable, comparable,
// printable handle, so that a node of any op can be copied, compared, hashed, printed and parsed without knowing the
// op.
#pragma once

#include <keras/array.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace keras::ir {

class Graph;
using GraphPtr = std::shared_ptr<const Graph>;  // a subgraph: the body of a fused loop
using Ints = std::vector<std::int64_t>;

// What a field of an attributes struct may be; each kind is printed, parsed, compared and hashed in attrs.cc.
void print(std::string& out, std::int64_t v);
void print(std::string& out, int v);
void print(std::string& out, bool v);
void print(std::string& out, double v);
void print(std::string& out, DType v);
void print(std::string& out, const Ints& v);
void print(std::string& out, const Shape& v);
void print(std::string& out, const std::string& v);
void print(std::string& out, const Array& v);
void print(std::string& out, const GraphPtr& v);
// Each takes its value off the front of `text`; ValueError when it is not there.
void parse(std::string_view& text, std::int64_t& v);
void parse(std::string_view& text, int& v);
void parse(std::string_view& text, bool& v);
void parse(std::string_view& text, double& v);
void parse(std::string_view& text, DType& v);
void parse(std::string_view& text, Ints& v);
void parse(std::string_view& text, Shape& v);
void parse(std::string_view& text, std::string& v);
void parse(std::string_view& text, Array& v);
void parse(std::string_view& text, GraphPtr& v);
void parse_field(std::string_view& text, std::string_view name);  // takes "name=" off the front

template <class T>
bool same(const T& a, const T& b) {
  return a == b;
}
bool same(double a, double b);  // bit for bit: NaN equals itself, -0 differs from 0
bool same(const Array& a, const Array& b);
bool same(const GraphPtr& a, const GraphPtr& b);

struct NoAttrs {
  static void fields(auto&&) {}
};

struct AttrsType {
  bool (*equal)(const void* a, const void* b);
  std::string (*print)(const void* a);  // "axes=[0] keepdims=true"
  std::shared_ptr<const void> (*parse)(std::string_view& text);
};

template <class A>
constexpr AttrsType attrs_type_of() {
  return {
      [](const void* a, const void* b) {
        bool equal = true;
        A::fields([&](const char*, auto member) {
          equal = equal && same(static_cast<const A*>(a)->*member, static_cast<const A*>(b)->*member);
        });
        return equal;
      },
      [](const void* a) {
        std::string out;
        A::fields([&](const char* name, auto member) {
          if (!out.empty()) out += ' ';
          out.append(name) += '=';
          print(out, static_cast<const A*>(a)->*member);
        });
        return out;
      },
      [](std::string_view& text) -> std::shared_ptr<const void> {
        auto a = std::make_shared<A>();
        A::fields([&](const char* name, auto member) {
          parse_field(text, name);
          parse(text, *a.*member);
        });
        return a;
      },
  };
}
template <class A>
inline constexpr AttrsType kAttrsType = attrs_type_of<A>();

class Attrs {
 public:
  Attrs() : Attrs(NoAttrs{}) {}
  template <class A>
  requires(!std::is_same_v<std::decay_t<A>, Attrs>) Attrs(A attrs)
      : type_(&kAttrsType<A>), data_(std::make_shared<const A>(std::move(attrs))) {}
  Attrs(const AttrsType& type, std::shared_ptr<const void> data) : type_(&type), data_(std::move(data)) {}

  template <class A>
  const A& as() const {  // of the op's own attributes type: the verifier checks it
    return *static_cast<const A*>(data_.get());
  }
  const AttrsType& type() const { return *type_; }
  std::string str() const { return type_->print(data_.get()); }
  friend bool operator==(const Attrs& a, const Attrs& b) {
    return a.data_ == b.data_ || (a.type_ == b.type_ && a.type_->equal(a.data_.get(), b.data_.get()));
  }

 private:
  const AttrsType* type_;
  std::shared_ptr<const void> data_;
};

}  // namespace keras::ir
