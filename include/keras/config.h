// Config: the JSON-like value in which configurations are written and read; and keras::config, the global settings.
#pragma once

#include <keras/api.h>
#include <keras/dtype.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <iosfwd>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace keras {

// null, bool, integer, real, string, list or map (in the order of insertion). A value: copying copies.
// Reading as another kind throws TypeError that names what was found; an integer reads as a real too.
class KERAS_API Config {
 public:
  enum class Kind : std::uint8_t { null, boolean, integer, real, string, list, map };
  using Item = std::pair<std::string, Config>;

  Config() = default;
  Config(std::nullptr_t) {}
  Config(bool value) : kind_(Kind::boolean), integer_(value) {}
  Config(int value) : kind_(Kind::integer), integer_(value) {}
  Config(long value) : kind_(Kind::integer), integer_(value) {}
  Config(long long value) : kind_(Kind::integer), integer_(value) {}
  Config(double value) : kind_(Kind::real), real_(value) {}
  Config(const char* value) : kind_(Kind::string), string_(value) {}
  Config(std::string value) : kind_(Kind::string), string_(static_cast<std::string&&>(value)) {}
  static Config list(std::vector<Config> items = {});
  static Config map(std::vector<Item> items = {});

  Kind kind() const { return kind_; }
  bool is_null() const { return kind_ == Kind::null; }
  bool is_string() const { return kind_ == Kind::string; }
  bool is_list() const { return kind_ == Kind::list; }
  bool is_map() const { return kind_ == Kind::map; }
  bool is_number() const { return kind_ == Kind::integer || kind_ == Kind::real; }

  bool as_bool() const;
  std::int64_t as_int() const;  // a real with an integral value is taken
  double as_real() const;
  const std::string& as_string() const;
  const std::vector<Config>& items() const;  // of a list
  const std::vector<Item>& entries() const;  // of a map

  std::size_t size() const;                        // of a list or map
  const Config* find(std::string_view key) const;  // nullptr where the map has no such key
  bool contains(std::string_view key) const { return find(key) != nullptr; }
  const Config& at(std::string_view key) const;  // ValueError that lists the keys there are
  Config get(std::string_view key, Config fallback) const;
  Config& set(std::string_view key, Config value);  // inserts or replaces; null turns into a map; returns *this
  bool erase(std::string_view key);
  void push_back(Config value);  // null turns into a list

  std::string to_json(
      int indent = -1) const;  // compact, as Python's json.dumps writes it; `indent` spaces a level else
  static Config from_json(std::string_view text);  // ValueError with line and column; depth at most 512

  friend KERAS_API bool operator==(const Config& a, const Config& b);
  friend KERAS_API std::ostream& operator<<(std::ostream& out, const Config& config);

 private:
  Kind kind_ = Kind::null;
  std::int64_t integer_ = 0;
  double real_ = 0;
  std::string string_;
  std::vector<Config> list_;
  std::vector<Item> map_;
};

// Global settings, as keras.config. Safe to call from any thread; they are read when layers are made and steps are
// traced.
namespace config {
KERAS_API DType floatx();                // float32 by default
KERAS_API void set_floatx(DType dtype);  // ValueError unless float16, bfloat16, float32 or float64
KERAS_API double epsilon();              // 1e-7 by default
KERAS_API void set_epsilon(double value);
KERAS_API std::string image_data_format();  // "channels_last" by default
KERAS_API void set_image_data_format(const std::string& format);
// The threads that kernels share their work among, the caller's included: those the process may run on, or the
// environment variable KERAS_NUM_THREADS, until set. Setting waits for no running work: it holds from the next call of
// fit, predict, … on. ValueError when count < 1.
KERAS_API int num_threads();
KERAS_API void set_num_threads(int count);
// The same bits whatever the number of threads, for programs compiled from then on: call it first. Without it the same
// seed and number of threads give the same bits. Our own kernels keep this promise always, so it costs nothing where
// they run; the few products that are left to oneDNN fall to the reference.
KERAS_API void enable_op_determinism();

// Takes the kernels that Model::tune measured to be the fastest, for programs compiled from then on; the environment
// variable KERAS_TUNING names such a file as well. A file of another processor or number of threads is left aside with
// a warning. IOError, ValueError for what is no such file.
KERAS_API void load_tuning(const std::string& path);

// What Keras 2.2.4 and Keras 3 mean by the same names, where they differ; docs/keras-2.2-and-3.md says more.
struct Dialect {
  const char* version;
  // "accuracy" is reported as acc and chosen by the loss, "mse" is reported as mean_squared_error, and a list of
  // metrics is for each output.
  bool metrics_by_function;
  bool losses_first;                        // the losses of several outputs are reported before metrics
  double hard_sigmoid_slope;                // clip(slope x + 0.5, 0, 1)
  const char* recurrent_activation;         // of GRU, LSTM, ConvLSTM2D and their cells, by default
  bool reset_after;                         // of GRU, by default
  bool clipnorm_is_global;                  // clipnorm: of all gradients together
  double adadelta, adagrad, adamax, nadam;  // learning rates by default
  double initial_accumulator_value;         // of Adagrad, by default
  bool frozen_normalizes_by_batch;          // BatchNormalization with trainable = false, in training
  bool unbiased_moving_variance;            // of BatchNormalization
  bool loss_by_nonzero_weights;         // a loss is divided by the part of weights that is not 0, and by a mask's mean
  bool hinge_takes_labels_as_they_are;  // Keras 3 takes labels of 0 and 1 for -1 and 1
  bool cosine_proximity_is_negative;    // the metric of that name, as the loss
  bool restores_best_at_end;            // EarlyStopping, when training ends by itself
  bool epsilon_outside_root;            // of RMSprop and Adagrad
  bool plain_texts;                     // summary and progress bar
  bool plain_callbacks;                 // directions by names, a baseline is the first best, the figure "lr"
  bool merged_masks_are_all;            // merging layers: a step counts if it counts in all inputs, not in one
  bool steps_are_one_batch;             // TimeDistributed: for every layer, whose own mask goes on
};
// "3", or "2.2" for the meanings of Keras 2.2.4. Set it first: it is read when things are made and steps are traced.
// ValueError for another version.
KERAS_API std::string compatibility();
KERAS_API void set_compatibility(const std::string& version);
KERAS_API const Dialect& dialect();  // of that version

// Warnings, such as of arguments in the spelling of an older Keras, are each given once a process. They are lines on
// standard error until a handler is set; an empty one drops them, and so does the environment variable
// KERAS_WARNINGS=0.
KERAS_API void set_warning_handler(std::function<void(const std::string& text)> handler);

// What fit warns of once a compiled model, though it trains: a softmax over one unit ("softmax"), a validation_split
// that leaves a class out of training ("split"), labels that do not fit the loss ("labels"), inputs that are not scaled
// ("scale"), a BatchNormalization that trains with what it never learned ("batch_normalization"), a learning rate of 0
// ("learning_rate"). "all" of them; ValueError for another kind.
KERAS_API bool diagnostics(const std::string& kind = "all");
KERAS_API void set_diagnostics(bool on, const std::string& kind = "all");
}  // namespace config

}  // namespace keras
