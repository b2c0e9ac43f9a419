// model_to_dot: a model as the text of a graph, layer by layer, as Keras draws it.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/utils.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <unordered_map>

#include "layers/layer_call.h"
#include "layers/layer_state.h"
#include "models/functional.h"
#include "support/text.h"

namespace keras::utils {
namespace {

const ModelBody* as_model(const Layer& layer, const char* class_name) {
  const auto* model = dynamic_cast<const ModelBody*>(layer.body().get());
  return model && layer.class_name() == class_name ? model : nullptr;
}
const FunctionalBody* as_functional(const Layer& layer) {
  return dynamic_cast<const FunctionalBody*>(layer.body().get());
}
bool is_sequential(const Layer& layer) { return as_model(layer, "Sequential") != nullptr; }

// What a box stands for: a layer, or the call of an op.
struct Operation {
  std::optional<Layer> layer = {};
  CallPtr op = {};
  static Operation of(const CallPtr& call) {
    if (const auto* made = dynamic_cast<const LayerCall*>(call.get())) return {made->layer, nullptr};
    return {std::nullopt, call};
  }
  const void* key() const { return layer ? static_cast<const void*>(layer->body().get()) : op.get(); }
  const std::string& name() const { return layer ? layer->name() : op->name; }
  const std::string& class_name() const { return layer ? layer->class_name() : op->class_name(); }
};

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : std::string(1, c);
  return out;
}
std::string quoted(std::string_view text) {
  const auto plain = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
  if (!text.empty() && std::all_of(text.begin(), text.end(), plain)) return std::string(text);
  std::string out = "\"";
  for (const char c : text) out += (c == '"' || c == '\\' ? "\\" : "") + std::string(1, c);
  return out + "\"";
}

// Of one tensor, or as Python prints a list of several; "?" where it is not known.
std::string in_list(const std::vector<std::string>& items) {
  return items.empty() ? "?" : items.size() == 1 ? items[0] : fmt::format("[{}]", fmt::join(items, ", "));
}
struct Ends {  // what goes into a layer or op, and what comes out of it
  std::vector<ir::Type> inputs, outputs;
};
Ends ends_of(const Operation& operation) {
  Ends ends;
  const auto add = [](std::vector<ir::Type>& list, const Tensor& tensor) {
    if (ops::recorded(tensor)) list.push_back({tensor.dtype(), tensor.shape()});
  };
  CallPtr call = operation.op;
  if (operation.layer) {
    const LayerState& state = operation.layer->body()->state();
    for (const auto& each : state.calls) {
      if (!call) call = each.lock();
    }
    if (as_functional(*operation.layer) || (!call && !state.outputs.empty())) {  // as it was made
      for (const Tensor& input : state.inputs) add(ends.inputs, input);
      for (const Tensor& output : state.outputs) add(ends.outputs, output);
      return ends;
    }
  }
  if (!call) return ends;
  for (const Tensor& input : call->inputs) add(ends.inputs, input);
  ends.outputs = call->types;
  return ends;
}
std::string shapes_in(const std::vector<ir::Type>& types) {
  std::vector<std::string> texts;
  for (const ir::Type& type : types) texts.push_back(type.shape.str());
  return in_list(texts);
}
std::string dtypes_in(const std::vector<ir::Type>& types) {
  std::vector<std::string> texts;
  for (const ir::Type& type : types)
    texts.push_back(types.size() == 1 ? std::string(type.dtype.name()) : fmt::format("'{}'", type.dtype.name()));
  return in_list(texts);
}

// None for a layer without.
std::optional<std::string> activation_of(const Layer& layer) {
  if (dynamic_cast<const ModelBody*>(layer.body().get())) return {};
  const Config config = layer.get_config();
  const Config* found = config.find("activation");
  if (!found || found->is_null()) return {};
  if (found->is_string()) return found->as_string();
  const Config* name = found->find("class_name");
  return name && name->is_string() ? name->as_string() : "?";
}

std::string label_of(const Operation& operation, const ModelToDotArgs& args) {
  constexpr const char* kCell = R"(<td bgcolor="{}"><font point-size="14"{}>{}<b>{}</b></font></td>)";
  const int span = std::max(1, 2 * args.show_shapes + args.show_dtype + args.show_trainable);
  const std::string kind = escaped(operation.class_name());
  const std::string title = args.show_layer_names ? fmt::format("<b>{}</b> ({})", escaped(operation.name()), kind)
                                                  : fmt::format("<b>{}</b>", kind);
  std::string table = fmt::format(
      R"(<<table border="0" cellborder="1" bgcolor="black" cellpadding="10"><tr><td colspan="{}" bgcolor="black">)"
      R"(<font point-size="16" color="white">{}</font></td></tr>)",
      span, title);
  if (args.show_layer_activations && operation.layer) {
    if (const auto activation = activation_of(*operation.layer)) {
      table += fmt::format(
          R"(<tr><td bgcolor="white" colspan="{}"><font point-size="14">Activation: <b>{}</b></font></td></tr>)", span,
          escaped(*activation));
    }
  }
  std::string cells;
  const auto cell = [&](const char* ground, const char* font, const char* what, const std::string& value) {
    cells += fmt::format(fmt::runtime(kCell), ground, font, what, value);
  };
  const Ends ends = ends_of(operation);
  if (args.show_shapes) {
    if (kind != "InputLayer") cell("white", "", "Input shape: ", shapes_in(ends.inputs));
    cell("white", "", "Output shape: ", shapes_in(ends.outputs));
  }
  if (args.show_dtype) cell("white", "", "Output dtype: ", dtypes_in(ends.outputs));
  if (args.show_trainable && operation.layer && !operation.layer->weights().empty()) {
    const bool trainable = operation.layer->trainable();
    cell(trainable ? "forestgreen" : "firebrick", R"( color="white")", "", trainable ? "Trainable" : "Non-trainable");
  }
  if (!cells.empty()) table += fmt::format("<tr>{}</tr>", cells);
  return table + "</table>>";
}

class Writer {
 public:
  explicit Writer(const ModelToDotArgs& args) : args_(args) {}

  std::string write(const Layer& model) {
    if (args_.subgraph) {
      cluster(model);
    } else {
      out_ = fmt::format("digraph G {{\nrankdir={};\nconcentrate=true;\ndpi={};\nsplines={};\nnode [shape=record];\n",
                         args_.rankdir, args_.dpi, args_.splines);
      inside(model);
      out_ += "}\n";
    }
    return std::move(out_);
  }

 private:
  struct Edges {  // of one model, each once
    std::string text;
    std::set<std::pair<const void*, const void*>> known;
  };

  const std::string& id(const void* key) { return ids_.emplace(key, fmt::format("n{}", ids_.size())).first->second; }
  void node(const Operation& operation) {
    out_ += fmt::format("{} [label={}, fontname=Helvetica, border=0, margin=0];\n", id(operation.key()),
                        label_of(operation, args_));
  }
  void edge(Edges& edges, const void* from, const void* to) {
    if (edges.known.emplace(from, to).second) edges.text += fmt::format("{} -> {} [penwidth=2];\n", id(from), id(to));
  }
  bool expands(const Operation& operation) const {
    return args_.expand_nested && operation.layer &&
           (as_functional(*operation.layer) || is_sequential(*operation.layer));
  }
  void box(const Operation& operation) { expands(operation) ? cluster(*operation.layer) : node(operation); }
  void cluster(const Layer& model) {
    const std::string name = "cluster_" + model.name();
    const bool plain = std::all_of(name.begin(), name.end(),
                                   [](char c) { return c == '_' || std::isalnum(static_cast<unsigned char>(c)) != 0; });
    out_ += fmt::format("subgraph {} {{\nstyle=dashed;\nlabel={};\nlabeljust=l;\n", plain ? name : quoted(name),
                        quoted(model.name()));
    inside(model);
    out_ += "}\n";
  }

  // Where an edge begins and ends that leads out of or into a model whose inside is shown.
  const void* source_of(Operation operation, std::size_t index) const {
    while (expands(operation)) {
      const LayerState& state = operation.layer->body()->state();
      const FunctionalBody* functional = as_functional(*operation.layer);
      const Tensor output = state.outputs.at(functional ? index : 0);
      operation = functional ? Operation::of(functional->source(output)) : Operation{state.children.back(), nullptr};
      index = static_cast<std::size_t>(output.node()->index);
    }
    return operation.key();
  }
  const void* destination_of(Operation operation, std::size_t index) const {
    while (expands(operation)) {
      const LayerState& state = operation.layer->body()->state();
      const FunctionalBody* functional = as_functional(*operation.layer);
      operation = functional ? Operation::of(functional->source(state.inputs.at(index)))
                             : Operation{state.children.front(), nullptr};
    }
    return operation.key();
  }

  void inside(const Layer& model) {
    Edges edges;
    if (const FunctionalBody* functional = as_functional(model)) {
      for (const auto& each : functional->operations()) box(Operation::of(each.calls[0]));
      for (const auto& each : functional->operations()) {
        const Operation to = Operation::of(each.calls[0]);
        for (const CallPtr& call : each.calls) {
          std::size_t index = 0;
          for (const Tensor& input : call->inputs) {
            const CallPtr from = functional->source(input);
            if (!from) continue;
            edge(edges, source_of(Operation::of(from), static_cast<std::size_t>(input.node()->index)),
                 destination_of(to, index++));
          }
        }
      }
    } else if (is_sequential(model)) {
      const std::vector<Layer>& layers = model.body()->state().children;
      for (const Layer& layer : layers) box({layer, nullptr});
      for (std::size_t i = 1; i < layers.size(); ++i)
        edge(edges, source_of({layers[i - 1], nullptr}, 0), destination_of({layers[i], nullptr}, 0));
    } else {
      node({model, nullptr});
    }
    out_ += edges.text;
  }

  const ModelToDotArgs& args_;
  std::string out_;
  std::unordered_map<const void*, std::string> ids_;
};

void check_choice(const char* argument, const std::string& given, std::initializer_list<std::string_view> choices) {
  if (std::find(choices.begin(), choices.end(), given) != choices.end()) return;
  throw ValueError(fmt::format("model_to_dot: {} is one of {}; received \"{}\".{}", argument,
                               support::list(std::vector<std::string_view>(choices)), given,
                               support::did_you_mean(given, choices)));
}

}  // namespace

std::string model_to_dot(const Model& model, ModelToDotArgs args) {
  check_choice("rankdir", args.rankdir, {"TB", "LR", "BT", "RL"});
  check_choice("splines", args.splines, {"ortho", "curved", "polyline", "spline", "line", "none", "true", "false"});
  if (args.dpi < 1) throw ValueError(fmt::format("model_to_dot: dpi is 1 or more; received {}.", args.dpi));
  if (!model.built()) {
    throw ValueError(
        fmt::format("model_to_dot: {} is not built, so its layers have no shapes and connections yet. Add an Input "
                    "first, call build(shape), or call the model on data.",
                    layers::describe(*model.body())));
  }
  return Writer(args).write(model);
}

}  // namespace keras::utils
