// Tensor: an expression over arrays, variables and inputs. Variable: a value that programs read and update.
#pragma once

#include <keras/array.h>

#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace keras {

namespace ops {
struct TensorNode;  // what a Tensor refers to: private
struct VariableState;
}  // namespace ops

class Variable;

// A node of an expression graph. Operations on Tensors build larger expressions; nothing is computed until eval(), or
// until the Tensor is used as an Array. A Tensor made from Input() or seen inside LayerBody::call is symbolic: it has a
// shape and a dtype but no value, and evaluating it throws ValueError. A Tensor that was evaluated keeps its value.
// Numbers follow the dtype of what they meet: a C++ number never widens an Array, and an integer Array with a real
// number gives config::floatx(). Two Tensors promote by Keras 3's table. Building expressions from several threads is
// safe as long as no single Tensor is evaluated by two threads at once.
class KERAS_API Tensor {
 public:
  Tensor() = default;  // empty: using it throws ValueError
  template <std::integral T>
  Tensor(T number) : Tensor(from_int(static_cast<std::int64_t>(number))) {}
  template <std::floating_point T>
  Tensor(T number) : Tensor(from_real(static_cast<double>(number))) {}
  Tensor(const Array& array);
  Tensor(const Variable& variable);
  explicit Tensor(std::shared_ptr<ops::TensorNode> node)
      : node_(static_cast<std::shared_ptr<ops::TensorNode>&&>(node)) {}

  const Shape& shape() const;
  Dim shape(int axis) const;  // negative counts from the end
  int ndim() const { return shape().rank(); }
  DType dtype() const;
  bool empty() const { return !node_; }
  bool symbolic() const;  // depends on an Input or a traced step: no value can be computed

  operator Array() const;   // eval(*this)
  std::string str() const;  // the value if there is one, else <Tensor shape=(None, 10), dtype=float32>
  friend KERAS_API std::ostream& operator<<(std::ostream& out, const Tensor& tensor);

  const std::shared_ptr<ops::TensorNode>& node() const { return node_; }  // private to the library

 private:
  static Tensor from_int(std::int64_t number);
  static Tensor from_real(double number);
  std::shared_ptr<ops::TensorNode> node_;
};

struct VariableArgs {
  std::string name = "variable";
  bool trainable = true;
  std::optional<DType> dtype = {};  // of the initial value unless given
};

// A named array that layers and optimizers own, that is read in expressions and written by assign. Copies share it.
// Inside a step that is being traced, assign records the update and later reads see the new value; outside it is
// immediate. Reading and assigning one Variable from several threads at once is not safe.
class KERAS_API Variable {
 public:
  Variable() = default;
  explicit Variable(const Array& initial, VariableArgs args = {});
  explicit Variable(std::shared_ptr<ops::VariableState> state)
      : state_(static_cast<std::shared_ptr<ops::VariableState>&&>(state)) {}

  const std::string& name() const;
  const Shape& shape() const;
  DType dtype() const;
  bool trainable() const;
  void set_trainable(bool trainable);
  Array value() const;               // a copy of the current value
  void assign(const Tensor& value);  // ValueError when the shape differs
  bool empty() const { return !state_; }
  friend bool operator==(const Variable& a, const Variable& b) { return a.state_ == b.state_; }

  const std::shared_ptr<ops::VariableState>& state() const { return state_; }  // private to the library

 private:
  std::shared_ptr<ops::VariableState> state_;
};

// The value of an expression: compiles it (programs are cached by their structure) and runs it.
KERAS_API Array eval(const Tensor& tensor);
KERAS_API std::vector<Array> eval(const std::vector<Tensor>& tensors);  // in one program

KERAS_API Tensor operator+(const Tensor& a, const Tensor& b);
KERAS_API Tensor operator-(const Tensor& a, const Tensor& b);
KERAS_API Tensor operator*(const Tensor& a, const Tensor& b);
KERAS_API Tensor operator/(const Tensor& a, const Tensor& b);
KERAS_API Tensor operator-(const Tensor& x);
KERAS_API Tensor operator<(const Tensor& a, const Tensor& b);
KERAS_API Tensor operator<=(const Tensor& a, const Tensor& b);
KERAS_API Tensor operator>(const Tensor& a, const Tensor& b);
KERAS_API Tensor operator>=(const Tensor& a, const Tensor& b);

}  // namespace keras
