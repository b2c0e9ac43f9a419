#include "saving/tf_ops.h"

#include <fmt/format.h>
#include <keras/error.h>

#include <algorithm>
#include <vector>

#include "saving/value.h"
#include "support/text.h"

namespace keras::saving {
namespace {

// One function: its name in TensorFlow, the class in Keras 3, and the arguments after the first operand in their order,
// "axis" for one of the same name, "y:" for an operand, "perm=axes" for one of another name.
struct Row {
  std::string_view function, op;
  std::vector<std::string_view> arguments;
};

const std::vector<Row>& rows() {
  static const auto* const rows = new std::vector<Row>{
      {"__operators__.add", "Add", {"y:"}},
      {"math.add", "Add", {"y:"}},
      {"math.subtract", "Subtract", {"y:"}},
      {"math.multiply", "Multiply", {"y:"}},
      {"math.truediv", "TrueDivide", {"y:"}},
      {"math.divide", "TrueDivide", {"y:"}},
      {"math.floordiv", "FloorDivide", {"y:"}},
      {"math.floormod", "Mod", {"y:"}},
      {"math.mod", "Mod", {"y:"}},
      {"math.pow", "Power", {"y:"}},
      {"math.maximum", "Maximum", {"y:"}},
      {"math.minimum", "Minimum", {"y:"}},
      {"math.squared_difference", "SquaredDifference", {"y:"}},
      {"math.greater", "Greater", {"y:"}},
      {"math.greater_equal", "GreaterEqual", {"y:"}},
      {"math.less", "Less", {"y:"}},
      {"math.less_equal", "LessEqual", {"y:"}},
      {"math.equal", "Equal", {"y:"}},
      {"math.not_equal", "NotEqual", {"y:"}},
      {"__operators__.eq", "Equal", {"other:"}},
      {"__operators__.ne", "NotEqual", {"other:"}},
      {"math.logical_and", "LogicalAnd", {"y:"}},
      {"math.logical_or", "LogicalOr", {"y:"}},
      {"math.logical_not", "LogicalNot", {}},
      {"math.atan2", "Arctan2", {"x:"}},
      {"linalg.matmul", "Matmul", {"b:"}},
      {"math.abs", "Absolute", {}},
      {"math.negative", "Negative", {}},
      {"math.reciprocal", "Reciprocal", {}},
      {"math.exp", "Exp", {}},
      {"math.expm1", "Expm1", {}},
      {"math.log", "Log", {}},
      {"math.log1p", "Log1p", {}},
      {"math.sqrt", "Sqrt", {}},
      {"math.rsqrt", "Rsqrt", {}},
      {"math.square", "Square", {}},
      {"math.sin", "Sin", {}},
      {"math.cos", "Cos", {}},
      {"math.tan", "Tan", {}},
      {"math.tanh", "Tanh", {}},
      {"math.sigmoid", "Sigmoid", {}},
      {"math.softplus", "Softplus", {}},
      {"math.erf", "Erf", {}},
      {"math.sign", "Sign", {}},
      {"math.round", "Round", {}},
      {"math.floor", "Floor", {}},
      {"math.ceil", "Ceil", {}},
      {"math.cumsum", "Cumsum", {"axis", "exclusive!", "reverse!"}},
      {"math.l2_normalize", "Normalize", {"axis", "epsilon~"}},
      {"math.reduce_sum", "Sum", {"axis", "keepdims"}},
      {"math.reduce_mean", "Mean", {"axis", "keepdims"}},
      {"math.reduce_max", "Max", {"axis", "keepdims"}},
      {"math.reduce_min", "Min", {"axis", "keepdims"}},
      {"math.reduce_prod", "Prod", {"axis", "keepdims"}},
      {"math.reduce_any", "Any", {"axis", "keepdims"}},
      {"math.reduce_all", "All", {"axis", "keepdims"}},
      {"math.reduce_std", "Std", {"axis", "keepdims"}},
      {"math.reduce_variance", "Var", {"axis", "keepdims"}},
      {"math.reduce_logsumexp", "Logsumexp", {"axis", "keepdims"}},
      {"math.argmax", "Argmax", {"axis", "output_type~"}},
      {"math.argmin", "Argmin", {"axis", "output_type~"}},
      {"nn.relu", "Relu", {}},
      {"nn.relu6", "Relu6", {}},
      {"nn.sigmoid", "Sigmoid", {}},
      {"nn.tanh", "Tanh", {}},
      {"nn.elu", "Elu", {}},
      {"nn.selu", "Selu", {}},
      {"nn.gelu", "Gelu", {"approximate"}},
      {"nn.silu", "Silu", {"beta~"}},
      {"nn.swish", "Silu", {"beta~"}},
      {"nn.leaky_relu", "LeakyRelu", {"alpha=negative_slope"}},
      {"nn.softplus", "Softplus", {}},
      {"nn.softsign", "Softsign", {}},
      {"nn.softmax", "Softmax", {"axis"}},
      {"nn.log_softmax", "LogSoftmax", {"axis"}},
      {"reshape", "Reshape", {"shape=newshape"}},
      {"expand_dims", "ExpandDims", {"axis"}},
      {"squeeze", "Squeeze", {"axis"}},
      {"transpose", "Transpose", {"perm=axes", "conjugate!"}},
      {"concat", "Concatenate", {"axis"}},
      {"stack", "Stack", {"axis"}},
      {"split", "Split", {"num_or_size_splits=indices_or_sections", "axis", "num~"}},
      {"tile", "Tile", {"multiples=repeats"}},
      {"repeat", "Repeat", {"repeats", "axis"}},
      {"reverse", "Flip", {"axis"}},
      {"cast", "Cast", {"dtype"}},
      {"one_hot", "OneHot", {"depth=num_classes", "on_value~", "off_value~", "axis", "dtype~"}},
      {"clip_by_value", "Clip", {"clip_value_min=x_min", "clip_value_max=x_max"}},
      {"pad", "Pad", {"paddings=pad_width", "mode~", "constant_values"}},
      {"gather", "Take", {"indices:", "validate_indices~", "axis", "batch_dims!"}},
      {"where", "Where", {"x:", "y:"}},
      {"identity", "Identity", {}},
      {"stop_gradient", "StopGradient", {}},
      {"zeros_like", "ZerosLike", {}},
      {"ones_like", "OnesLike", {}},
      {"image.resize", "Resize", {"size", "method=interpolation", "preserve_aspect_ratio!", "antialias"}},
      {"__operators__.getitem", "GetItem", {"slice_spec=key"}},
      // Ops as TensorFlow's graphs name them, of TensorFlowOpLayer.
      {"AddV2", "Add", {"y:"}},
      {"Add", "Add", {"y:"}},
      {"BiasAdd", "Add", {"y:"}},
      {"Sub", "Subtract", {"y:"}},
      {"Mul", "Multiply", {"y:"}},
      {"RealDiv", "TrueDivide", {"y:"}},
      {"Maximum", "Maximum", {"y:"}},
      {"Minimum", "Minimum", {"y:"}},
      {"Pow", "Power", {"y:"}},
      {"Square", "Square", {}},
      {"SquaredDifference", "SquaredDifference", {"y:"}},
      {"Neg", "Negative", {}},
      {"Abs", "Absolute", {}},
      {"Exp", "Exp", {}},
      {"Log", "Log", {}},
      {"Sqrt", "Sqrt", {}},
      {"Rsqrt", "Rsqrt", {}},
      {"Relu", "Relu", {}},
      {"Relu6", "Relu6", {}},
      {"Sigmoid", "Sigmoid", {}},
      {"Tanh", "Tanh", {}},
      {"Softmax", "Softmax", {}},
      {"Reshape", "Reshape", {"shape=newshape"}},
      {"Transpose", "Transpose", {"perm=axes"}},
      {"ExpandDims", "ExpandDims", {"axis"}},
      {"Identity", "Identity", {}},
      {"StopGradient", "StopGradient", {}},
      {"Sum", "Sum", {"axis"}},
      {"Mean", "Mean", {"axis"}},
      {"Max", "Max", {"axis"}},
      {"Min", "Min", {"axis"}},
  };
  return *rows;
}

const Row* row_of(std::string_view function) {
  if (function.starts_with("compat.v1.")) function.remove_prefix(10);
  const auto row =
      std::find_if(rows().begin(), rows().end(), [&](const Row& each) { return each.function == function; });
  return row == rows().end() ? nullptr : &*row;
}

// The operands of a TensorFlowOpLayer's node with the constants that its configuration has for some of them.
void add_constants(const Config& layer, OpCallConfig& call) {
  const Config* config = layer.find("config");
  const Config* constants = config && config->is_map() ? config->find("constants") : nullptr;
  if (text_at(layer, "class_name") != "TensorFlowOpLayer") return;
  std::vector<Config> tensors;
  for (const Config& each : call.args.items()) {
    if (each.is_list()) {
      tensors.insert(tensors.end(), each.items().begin(), each.items().end());
    } else {
      tensors.push_back(each);
    }
  }
  for (std::size_t place = 0; constants && constants->is_map() && place <= tensors.size(); ++place) {
    if (const Config* value = constants->find(std::to_string(place)))
      tensors.insert(tensors.begin() + static_cast<std::ptrdiff_t>(place), *value);
  }
  call.args = Config::list(std::move(tensors));
}

Config node_def(const Config& layer) {
  const Config* config = layer.find("config");
  const Config* def = config && config->is_map() ? config->find("node_def") : nullptr;
  if (!def) return {};
  return def->is_string() ? Config::from_json(def->as_string()) : *def;
}

void refuse(const std::string& function, std::string_view argument, const Config& value) {
  throw ValueError(fmt::format("tf.{} is given {}={}, which this version cannot do.", function, argument,
                               support::printable(value.to_json())));
}

// tf.keras's {"start", "stop", "step"} as Keras 3 has slices.
Config slices(const Config& spec) {
  if (spec.is_list()) {
    Config list = Config::list();
    for (const Config& each : spec.items()) list.push_back(slices(each));
    return list;
  }
  if (spec == Config("...") || text_at(spec, "class_name") == "__ellipsis__")
    return Config::map({{"class_name", "__ellipsis__"}, {"config", Config::map()}});
  if (!spec.is_map() || !spec.contains("start")) return spec;
  return Config::map({{"class_name", "__slice__"}, {"config", spec}});
}

// The attributes that ops of TensorFlow's graphs have.
void take_attributes(const Config& layer, const std::string& function, OpCallConfig& keras) {
  const Config def = node_def(layer);
  const Config* attributes = def.is_map() ? def.find("attr") : nullptr;
  if (!attributes || !attributes->is_map()) return;
  for (const auto& [key, value] : attributes->entries()) {
    const Config* flag = value.is_map() ? value.find("b") : nullptr;
    if (key == "keep_dims" && flag) keras.config.set("keepdims", *flag);
    if (key.starts_with("transpose_") && flag && *flag == Config(true)) refuse(function, key, *flag);
  }
}

}  // namespace

bool is_tf_op(std::string_view class_name) {
  return class_name == "TFOpLambda" || class_name == "SlicingOpLambda" || class_name == "TensorFlowOpLayer";
}

std::string tf_function(const Config& layer) {
  if (text_at(layer, "class_name") == "TensorFlowOpLayer") return text_at(node_def(layer), "op");
  const Config* config = layer.find("config");
  return config ? text_at(*config, "function") : std::string();
}

bool has_tf_op(const Config& layer) { return row_of(tf_function(layer)) != nullptr; }

OpCallConfig keras_op_of_tf(const Config& layer, OpCallConfig call) {
  const std::string function = tf_function(layer);
  const Row* row = row_of(function);
  if (!row)
    throw ValueError(
        fmt::format("The TensorFlow function tf.{} has no counterpart in this version.", support::printable(function)));
  add_constants(layer, call);
  OpCallConfig keras{.class_name = std::string(row->op)};
  if (call.args.size() == 0) throw ValueError(fmt::format("tf.{} is called on no tensor.", function));
  keras.args.push_back(call.args.items()[0]);
  for (const char* name : {"name", "v", "const"}) call.kwargs.erase(name);
  std::size_t place = 1;
  for (std::string_view argument : row->arguments) {
    const char kind = argument.find_first_of(":!~") == std::string_view::npos ? ' ' : argument.back();
    std::string name(argument), keras_name;
    if (kind != ' ') name.pop_back();
    if (const auto equals = name.find('='); equals != std::string::npos) {
      keras_name = name.substr(equals + 1);
      name = name.substr(0, equals);
    } else {
      keras_name = name;
    }
    Config value;
    bool given = false;
    if (place < call.args.size()) {
      value = Config(call.args.items()[place++]);
      given = true;
    } else if (const Config* keyword = call.kwargs.find(name)) {
      value = Config(*keyword);
      given = true;
    }
    call.kwargs.erase(name);
    if (kind == ':') {
      if (!given) throw ValueError(fmt::format("tf.{} is called without «{}».", function, name));
      keras.args.push_back(value);
    } else if (kind == '!') {
      if (!value.is_null() && value != Config(false) && value != Config(0)) refuse(function, name, value);
    } else if (kind == ' ' && given && !value.is_null()) {
      keras.config.set(keras_name, value);
    }
  }
  for (const auto& [name, value] : call.kwargs.entries()) {
    if (!value.is_null() && value != Config(false)) refuse(function, name, value);
  }
  if (place < call.args.size())
    throw ValueError(fmt::format("tf.{} is called on {} operands, which are too many.", function, call.args.size()));
  take_attributes(layer, function, keras);
  // Defaults that differ.
  if (row->op == "Concatenate" && !keras.config.contains("axis"))
    throw ValueError("tf.concat is called without an axis.");
  if (row->op == "Gelu" && !keras.config.contains("approximate")) keras.config.set("approximate", false);
  if ((row->op == "Argmax" || row->op == "Argmin") && !keras.config.contains("axis")) keras.config.set("axis", 0);
  if (row->op == "Split" && keras.config.get("indices_or_sections", {}).is_list())
    refuse(function, "num_or_size_splits", keras.config.at("indices_or_sections"));
  if (row->op == "Pad" && keras.config.contains("constant_values")) {
    keras.kwargs.set("constant_values", Config(keras.config.at("constant_values")));
    keras.config.erase("constant_values");
  }
  if (row->op == "GetItem" && keras.config.contains("key")) {
    keras.args.push_back(slices(keras.config.at("key")));
    keras.config.erase("key");
  }
  return keras;
}

Keras2Op tf_op_of_keras(const Config& entry) {
  const std::string op = text_at(entry, "class_name"), name = entry_name(entry);
  const auto row = std::find_if(rows().begin(), rows().end(), [&](const Row& each) { return each.op == op; });
  if (row == rows().end()) {
    throw ValueError(fmt::format(
        "The op {} «{}» has no counterpart among the layers of Keras 2. Save the model as .keras, or put the "
        "op into a layer.",
        op, name));
  }
  const bool slices = op == "GetItem";
  Keras2Op made{.calls_tensorflow = true};
  made.layer = Config::map(
      {{"class_name", slices ? "SlicingOpLambda" : "TFOpLambda"},
       {"config",
        Config::map(
            {{"name", name}, {"trainable", true}, {"dtype", "float32"}, {"function", std::string(row->function)}})}});
  const Config given = entry.get("config", Config::map());
  for (std::string_view argument : row->arguments) {
    const char kind = argument.find_first_of(":!~") == std::string_view::npos ? ' ' : argument.back();
    std::string tf_name(argument), keras_name;
    if (kind != ' ') tf_name.pop_back();
    keras_name = tf_name;
    if (const auto equals = tf_name.find('='); equals != std::string::npos) {
      keras_name = tf_name.substr(equals + 1);
      tf_name = tf_name.substr(0, equals);
    }
    if (kind == ':' || slices) {
      made.operands.push_back(tf_name);
    } else if (const Config* value = given.find(keras_name); kind == ' ' && value && !value->is_null()) {
      made.kwargs.set(tf_name, *value);
    }
  }
  return made;
}

}  // namespace keras::saving
