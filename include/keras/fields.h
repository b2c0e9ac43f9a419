// fields(): every configurable thing of the library is one Args struct with one visitor,
//
//   struct DenseArgs {
//     std::int64_t units = 0;
//     bool use_bias = true;
//     static void fields(auto&& f) {
//       f("units", &DenseArgs::units, "Size of the output.", positive, was("output_dim"));
//       f("use_bias", &DenseArgs::use_bias, "Whether a bias is added.");
//     }
//   };
//
// from which its configuration, its loading, its checks, its printed form and its documentation are made. The names,
// their order and their defaults are Keras's. This header turns Args structs into Config values and back.
#pragma once

#include <keras/config.h>
#include <keras/shape.h>

#include <exception>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

namespace keras {

// ---- what may follow the doc string of a field
struct Was {  // a spelling of an older Keras that is accepted, with a warning, when a configuration is read
  const char* name;
};
constexpr Was was(const char* name) { return {name}; }
struct Range {  // low <= value, or low < value when open
  double low, high;
  bool open;
  const char* text;
};
inline constexpr Range positive{0, 1e300, true, "a positive number"};
inline constexpr Range not_negative{0, 1e300, false, "a number of 0 or more"};
inline constexpr Range fraction{0, 1, false, "a number from 0 to 1"};

// ---- values of fields as Config values. Handles (Initializer, Activation, …) have theirs beside their class.
inline Config as_config(bool v) { return v; }
inline Config as_config(int v) { return v; }
inline Config as_config(std::int64_t v) { return v; }
inline Config as_config(double v) { return v; }
inline Config as_config(float v) { return static_cast<double>(v); }
inline Config as_config(const std::string& v) { return v; }
inline Config as_config(DType v) { return v.name(); }
KERAS_API Config as_config(const Shape& v);
template <int N>
Config as_config(const Ints<N>& v) {
  Config list = Config::list();
  for (std::int64_t i : v) list.push_back(i);
  return list;
}
template <class T>
Config as_config(const std::optional<T>& v);
template <class T>
Config as_config(const std::vector<T>& v) {
  Config list = Config::list();
  for (const T& item : v) list.push_back(as_config(item));
  return list;
}
template <class T>
Config as_config(const std::optional<T>& v) {
  return v ? as_config(*v) : Config();
}

inline void read_config(const Config& c, bool& v) { v = c.as_bool(); }
KERAS_API void read_config(const Config& c, int& v);
inline void read_config(const Config& c, std::int64_t& v) { v = c.as_int(); }
inline void read_config(const Config& c, double& v) { v = c.as_real(); }
inline void read_config(const Config& c, float& v) { v = static_cast<float>(c.as_real()); }
inline void read_config(const Config& c, std::string& v) { v = c.as_string(); }
inline void read_config(const Config& c, DType& v) { v = DType(c.as_string()); }
KERAS_API void read_config(const Config& c, Shape& v);
KERAS_API std::int64_t read_int(const Config& c, int index,
                                int count);  // item `index` of a list of `count`, or a number for all
template <int N>
void read_config(const Config& c, Ints<N>& v) {
  if constexpr (N == 1) v = {read_int(c, 0, 1)};
  if constexpr (N == 2) v = {read_int(c, 0, 2), read_int(c, 1, 2)};
  if constexpr (N == 3) v = {read_int(c, 0, 3), read_int(c, 1, 3), read_int(c, 2, 3)};
}
template <class T>
void read_config(const Config& c, std::optional<T>& v);
template <class T>
void read_config(const Config& c, std::vector<T>& v) {
  v.clear();
  if (c.is_null()) return;  // none
  for (const Config& item : c.items()) read_config(item, v.emplace_back());
}
template <class T>
void read_config(const Config& c, std::optional<T>& v) {
  v.reset();
  if (!c.is_null()) read_config(c, v.emplace());
}

// ---- whole structs
template <class A>
Config config_of(const A& args) {
  Config config = Config::map();
  A::fields([&](const char* name, auto member, const char*, auto...) { config.set(name, as_config(args.*member)); });
  return config;
}

namespace detail {
// The value of `name`, or of one of its older spellings (nullptr stands for none), in `config`, whose key joins `used`;
// nullptr when it is not given. ValueError when it is given under two spellings.
KERAS_API const Config* field(const Config& config, const char* what, const char* name,
                              std::initializer_list<const char*> older, std::vector<std::string>& used);
// Throws the keras::Error that is being handled again, with the field in front of its message.
[[noreturn]] KERAS_API void rethrow(const char* what, const char* name);
KERAS_API void refuse_unknown(const Config& config, const char* what, const std::vector<std::string>& used,
                              const std::vector<std::string>& names);
KERAS_API void check_range(const char* what, const char* name, double value, double low, double high, bool open,
                           const char* text);
constexpr const char* older_name(const Was& was) { return was.name; }
constexpr const char* older_name(const Range&) { return nullptr; }
template <class T>
void check(const char*, const char*, const T&) {}
template <class T, class... Rest>
void check(const char* what, const char* name, const T& value, const Was&, const Rest&... rest) {
  check(what, name, value, rest...);
}
template <class T>
void check_numbers(const char* what, const char* name, const T& value, const Range& range) {
  if constexpr (std::is_arithmetic_v<T>) {
    check_range(what, name, static_cast<double>(value), range.low, range.high, range.open, range.text);
  } else if constexpr (requires { value.has_value(); }) {
    if (value) check_numbers(what, name, *value, range);
  } else {  // Ints
    for (const auto& number : value) check_numbers(what, name, number, range);
  }
}
template <class T, class... Rest>
void check(const char* what, const char* name, const T& value, const Range& range, const Rest&... rest) {
  check_numbers(what, name, value, range);
  check(what, name, value, rest...);
}
}  // namespace detail

// Throws ValueError that names `what` and the field when a value is outside its range.
template <class A>
void check_args(const A& args, const char* what) {
  A::fields([&](const char* name, auto member, const char*, auto... notes) {
    detail::check(what, name, args.*member, notes...);
  });
}

// The struct of a configuration; fields that are not given keep their defaults. An unknown field is a ValueError that
// names the nearest one.
template <class A>
A args_of(const Config& config, const char* what) {
  A args{};
  std::vector<std::string> used, names;
  A::fields([&](const char* name, auto member, const char*, auto... notes) {
    names.push_back(name);
    const Config* value = detail::field(config, what, name, {detail::older_name(notes)...}, used);
    if (!value) return;
    try {
      read_config(*value, args.*member);
    } catch (const std::exception&) {
      detail::rethrow(what, name);
    }
  });
  detail::refuse_unknown(config, what, used, names);
  return args;
}

struct NoArgs {  // of a class without arguments
  static void fields(auto&&) {}
};

// ---- bodies: what a handle (Layer, Optimizer, Loss, Metric, Initializer, Regularizer, Constraint, Callback) refers
// to. A class derived from one of the bodies has `static constexpr auto class_name` and `using Args`, whose fields()
// describe it.
class KERAS_API Body {
 public:
  Body() = default;
  Body(const Body&) = delete;
  Body& operator=(const Body&) = delete;
  virtual ~Body();
  const std::string& class_name() const { return class_name_; }
  virtual Config get_config() const { return config_; }  // the arguments it was made with

  void describe(const char* class_name, Config config);  // called once, by make_body

 private:
  std::string class_name_;
  Config config_;
};

// What a category does with a new body beyond that: layers take their name from the configuration. Found by overload.
inline void finish_body(Body&, const Config&) {}

template <class B>
std::shared_ptr<B> make_body(typename B::Args args) {
  check_args(args, B::class_name);
  Config config = config_of(args);
  auto body = std::make_shared<B>(std::move(args));
  body->describe(B::class_name, config);
  finish_body(*body, config);
  return body;
}

// How a class is made again from its configuration: a line of a category's table, and what custom<B>() gives.
struct Maker {
  const char* class_name;
  std::shared_ptr<Body> (*make)(const Config& config);
  const char* category = "";  // "layer", "initializer", …: of the body it derives from
};
namespace detail {
template <class B>
constexpr const char* category_of() {
  if constexpr (requires { B::category; }) return B::category;
  return "";
}
}  // namespace detail
// Where an older Keras said by other means than another name what an argument says now, the class has a
// `static void upgrade(const char* class_name, Config& config)`, which rewrites the configuration before it is read.
template <class B>
Maker custom() {
  return {B::class_name,
          [](const Config& given) -> std::shared_ptr<Body> {
            if constexpr (requires(Config & config) { B::upgrade(B::class_name, config); }) {
              Config config = given;
              if (config.is_map()) B::upgrade(B::class_name, config);
              return make_body<B>(args_of<typename B::Args>(config, B::class_name));
            } else {
              return make_body<B>(args_of<typename B::Args>(given, B::class_name));
            }
          },
          detail::category_of<B>()};
}

// {"class_name": …, "config": {…}}; null for no body.
KERAS_API Config serialize(const Body* body);

}  // namespace keras
