#include "saving/graph.h"

#include <fmt/format.h>
#include <keras/error.h>

#include <algorithm>
#include <optional>
#include <queue>
#include <unordered_map>

#include "layers/core/input_layer.h"
#include "layers/layer_state.h"
#include "models/graph_config.h"
#include "saving/context.h"
#include "saving/node.h"
#include "saving/op_arguments.h"
#include "saving/ops.h"
#include "saving/scope.h"
#include "saving/tf_ops.h"
#include "saving/value.h"
#include "support/text.h"

namespace keras::saving {
namespace {

// A layer or op of the graph, the calls the configuration says, and what those that are made have given.
struct Member {
  std::string name;
  Config entry;
  std::optional<Layer> layer;  // none: an op, or where the model begins
  bool input = false, model = false, functional = false;
  std::int64_t constants = 0;  // of a recurrent layer of Keras 2, behind the states
  std::vector<Node> nodes;
  std::vector<std::vector<Tensor>> results;  // of each call
};

struct Place {
  std::size_t member, node;
};

std::string call_text(const Member& member, std::size_t node) {
  return member.nodes.size() < 2 ? describe_entry(member.entry)
                                 : fmt::format("{}, call {}", describe_entry(member.entry), node);
}

// A layer's call, from what a configuration says of it.
class LayerArguments {
 public:
  LayerArguments(const Member& member, const Node& node, const std::vector<Tensor>& tensors)
      : member_(member), tensors_(tensors) {
    const bool states = takes_states(*member.layer);
    static constexpr const char* kRecurrent[] = {"initial_state", "mask", "training"};
    for (std::size_t i = 0; i < node.args.size(); ++i) {
      const Config& arg = node.args.items()[i];
      if (i == 0) {
        append(arg, "inputs", inputs);
      } else if (states && i <= std::size(kRecurrent)) {
        keyword(kRecurrent[i - 1], arg);
      } else {
        throw ValueError(fmt::format("it is called with {} arguments in order, and only the inputs are taken so.",
                                     node.args.size()));
      }
    }
    for (const auto& [key, value] : node.kwargs.entries()) keyword(key, value);
    if (states && inputs.size() > 1) move_states();
    const bool masked =
        std::any_of(call.masks.begin(), call.masks.end(), [](const Tensor& mask) { return !mask.empty(); });
    if (!masked) {
      call.masks.clear();
    } else {
      call.masks.resize(inputs.size());
    }
  }

  std::vector<Tensor> inputs;
  Call call;
  std::optional<bool> training;

 private:
  void append(const Config& value, const char* name, std::vector<Tensor>& list) const {
    if (value.is_list()) {
      for (const Config& each : value.items()) append(each, name, list);
    } else if (value.is_null()) {
      list.emplace_back();
    } else if (value.is_map() && !value.contains("class_name")) {  // inputs by name: in the order of the names
      std::vector<std::string> keys;
      for (const auto& [key, each] : value.entries()) keys.push_back(key);
      std::sort(keys.begin(), keys.end());
      for (const std::string& key : keys) append(value.at(key), name, list);
    } else {
      list.push_back(OpArguments::as_tensor(value, name, tensors_));
    }
  }

  void keyword(const std::string& key, const Config& value) {
    if (key == "inputs" || key == "sequences" || key == "x") {
      append(value, "inputs", inputs);
    } else if (key == "training") {
      if (!value.is_null()) training = value.is_number() ? value.as_real() != 0 : value.as_bool();
    } else if (key == "mask") {
      append(value, "mask", call.masks);
    } else if (key == "initial_state" || key == "constants") {
      std::vector<Tensor> list;
      append(value, key.c_str(), list);
      for (const Tensor& each : list) {
        if (!each.empty()) call.extra.emplace_back(key, each);
      }
    } else if (!value.is_null()) {
      throw ValueError(fmt::format("it is called with {}={}, which this version does not know.",
                                   support::printable(key), support::printable(value.to_json())));
    }
  }

  // Keras 2 lists the initial states, and then the constants, behind the sequence.
  void move_states() {
    const std::size_t constants = static_cast<std::size_t>(member_.constants);
    if (constants >= inputs.size())
      throw ValueError(fmt::format("num_constants is {}, for {} inputs.", constants, inputs.size()));
    const std::size_t states_end = inputs.size() - constants;
    for (std::size_t i = 1; i < inputs.size(); ++i) {
      if (!inputs[i].empty()) call.extra.emplace_back(i < states_end ? "initial_state" : "constants", inputs[i]);
    }
    inputs.resize(1);
    if (call.masks.size() > 1) call.masks.resize(1);
  }

  const Member& member_;
  const std::vector<Tensor>& tensors_;
};

class Graph {
 public:
  Graph(const Config& config, std::string name) : config_(config), name_(std::move(name)) {
    const Config* layers = config.find("layers");
    if (!layers || !layers->is_list() || layers->size() == 0)
      throw ValueError(fmt::format("Model «{}»: a functional model's «layers» must be a list of layers.", name_));
    for (const Config& entry : layers->items()) add(entry);
    for (std::size_t i = 0; i < members_.size(); ++i)
      within(describe_entry(members_[i].entry), [&] { parse(members_[i]); });
  }

  Model build() {
    run_all();
    std::vector<Tensor> inputs = ends("input_layers"), outputs = ends("output_layers");
    ModelArgs args{.name = name_.empty() ? std::nullopt : std::optional(name_)};
    if (const Config* trainable = config_.find("trainable"); trainable && !trainable->is_null())
      args.trainable = trainable->as_bool();
    return Model(inputs, outputs, std::move(args));
  }

 private:
  void add(const Config& entry) {
    Member member;
    member.name = entry_name(entry);
    member.entry = entry;
    const std::string class_name = text_at(entry, "class_name");
    if (member.name.empty() || class_name.empty()) {
      throw ValueError(fmt::format("Model «{}»: layer {} must have a name and a class_name. Received: {}.", name_,
                                   members_.size(), support::printable(entry.to_json(), 200)));
    }
    if (!known_.emplace(member.name, members_.size()).second)
      throw ValueError(
          fmt::format("Model «{}»: two of its layers have the name «{}».", name_, support::printable(member.name)));
    const Config* nodes = entry.find("inbound_nodes");
    const bool called = nodes && nodes->is_list() && nodes->size() > 0;
    within(describe_entry(entry), [&] {
      if (class_name == "InputLayer" && !called) {
        member.input = true;
        member.results.push_back({input_of(entry)});
      } else if (!is_op_entry(entry)) {
        const Config* config = entry.find("config");
        if (const Config* count = config && config->is_map() ? config->find("num_constants") : nullptr;
            count && !count->is_null())
          member.constants = std::clamp<std::int64_t>(count->as_int(), 0, 1000);
        member.layer = read_layer(entry);
        member.functional = member.layer->class_name() == "Functional";
        member.model = member.functional || member.layer->class_name() == "Sequential";
      }
    });
    members_.push_back(std::move(member));
  }

  void parse(Member& member) {
    if (member.input) return;
    const Config* nodes = member.entry.find("inbound_nodes");
    if (!nodes) throw ValueError("«inbound_nodes» is not there: nothing says what it is called on.");
    for (const Config& node : nodes->items()) {
      member.nodes.push_back(parse_node(node, [&](const std::string& name) { return known_.contains(name); }));
    }
  }

  // Which call of which layer is meant.
  Place place_of(const TensorRef& ref, bool end) const {
    const auto found = known_.find(ref.layer);
    if (found == known_.end()) {
      std::vector<std::string> names;
      for (const Member& each : members_) names.push_back(each.name);
      throw ValueError(fmt::format("«{}» is no layer of the model «{}».{}", support::printable(ref.layer), name_,
                                   support::did_you_mean(ref.layer, names)));
    }
    const Member& member = members_[found->second];
    const auto count = static_cast<std::int64_t>(member.input ? 1 : member.nodes.size());
    // A model made of a graph has that as call 0, in Keras 1 and 2 and, for the model's ends only, in Keras 3.
    const bool old = ReadScope::current().version().before(3);
    const bool counts = ref.counts_itself && (old ? member.model : member.functional && end);
    const std::int64_t node = ref.node - (counts && ref.node > 0 ? 1 : 0);
    if (node < 0 || node >= count) {
      throw ValueError(fmt::format("call {} of «{}» is meant, which is called {} time{}.", ref.node,
                                   support::printable(ref.layer), count, count == 1 ? "" : "s"));
    }
    return {found->second, static_cast<std::size_t>(node)};
  }

  Tensor result(const TensorRef& ref, const Place& place) const {
    const Member& member = members_[place.member];
    const std::vector<Tensor>& results = member.results.at(place.node);
    if (ref.index < 0 || ref.index >= static_cast<std::int64_t>(results.size())) {
      throw ValueError(fmt::format("output {} of «{}» is meant, which has {}.", ref.index,
                                   support::printable(ref.layer), results.size()));
    }
    return results[static_cast<std::size_t>(ref.index)];
  }

  // Makes the calls, each after those it needs, else in the order of the layers.
  void run_all() {
    std::vector<std::size_t> first(members_.size() + 1, 0);  // of all calls, in the order of layers
    for (std::size_t i = 0; i < members_.size(); ++i) first[i + 1] = first[i] + members_[i].nodes.size();
    const std::size_t count = first.back();
    std::vector<std::size_t> waits(count, 0);
    std::vector<std::vector<std::size_t>> followers(count);
    std::vector<Place> places;
    for (std::size_t i = 0; i < members_.size(); ++i) {
      Member& member = members_[i];
      for (std::size_t n = 0; n < member.nodes.size(); ++n) {
        const std::size_t self = first[i] + n;
        places.push_back({i, n});
        const auto wait = [&](std::size_t other) {
          followers[other].push_back(self);
          ++waits[self];
        };
        if (n > 0) wait(self - 1);  // the calls of a layer keep their order
        within(call_text(member, n), [&] {
          for (const TensorRef& ref : member.nodes[n].refs) {
            const Place before = place_of(ref, false);
            if (!members_[before.member].input) wait(first[before.member] + before.node);
          }
        });
      }
    }
    std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
    for (std::size_t i = 0; i < count; ++i) {
      if (waits[i] == 0) ready.push(i);
    }
    std::size_t done = 0;
    while (!ready.empty()) {
      const std::size_t next = ready.top();
      ready.pop();
      ++done;
      within(call_text(members_[places[next].member], places[next].node), [&] { run(places[next]); });
      for (const std::size_t follower : followers[next]) {
        if (--waits[follower] == 0) ready.push(follower);
      }
    }
    if (done == count) return;
    std::vector<std::string> left;
    for (std::size_t i = 0; i < count; ++i) {
      if (waits[i] > 0) left.push_back(members_[places[i].member].name);
    }
    throw ValueError(
        fmt::format("Model «{}»: the graph has a cycle: each of these calls needs what another of them gives: {}.",
                    name_, support::list(left)));
  }

  void run(const Place& place) {
    Member& member = members_[place.member];
    const Node& node = member.nodes[place.node];
    std::vector<Tensor> tensors;
    for (const TensorRef& ref : node.refs) tensors.push_back(result(ref, place_of(ref, false)));
    if (!member.layer) {
      OpCallConfig call{.class_name = text_at(member.entry, "class_name"),
                        .config = member.entry.get("config", Config::map()),
                        .args = node.args,
                        .kwargs = node.kwargs};
      if (!call.config.is_map()) call.config = Config::map();
      if (is_tf_op(call.class_name)) call = keras_op_of_tf(member.entry, std::move(call));
      member.results.push_back(call_op(member.name, std::move(call), std::move(tensors)));
      return;
    }
    LayerArguments arguments(member, node, tensors);
    if (arguments.inputs.empty()) throw ValueError("it is called on nothing.");
    member.results.push_back(member.layer->call(arguments.inputs, std::move(arguments.call), arguments.training));
  }

  static Tensor input_of(const Config& entry) {
    const Config layer = upgraded_layer(entry, ReadScope::current().version());
    const InputLayerArgs args = args_of<InputLayerArgs>(layer.at("config"), "InputLayer");
    if (args.sparse || args.ragged || args.optional)
      throw ValueError("sparse, ragged and optional inputs are not in this version.");
    return layers::input_tensor(args.batch_shape, args.dtype.value_or(config::floatx()), entry_name(entry));
  }

  std::vector<Tensor> ends(const char* what) const {
    const Config* given = config_.find(what);
    if (!given) given = config_.find(what == std::string("input_layers") ? "input" : "output");
    if (!given) throw ValueError(fmt::format("Model «{}»: «{}» is not there.", name_, what));
    std::vector<Tensor> tensors;
    within(fmt::format("Model «{}», {}", name_, what), [&] {
      for (const TensorRef& ref : parse_ends(*given, what)) tensors.push_back(result(ref, place_of(ref, true)));
    });
    return tensors;
  }

  const Config& config_;
  std::string name_;
  std::vector<Member> members_;
  std::unordered_map<std::string, std::size_t> known_;
};

}  // namespace

bool is_op_entry(const Config& entry) {
  const std::string class_name = text_at(entry, "class_name"), module = text_at(entry, "module");
  if (is_tf_op(class_name)) return true;
  if (!module.empty()) return module.find(".ops.") != std::string::npos;
  // Keras 3 writes no modules into .h5, and ops have the names of layers.
  const Config* config = entry.is_map() ? entry.find("config") : nullptr;
  const Config* nodes = entry.is_map() ? entry.find("inbound_nodes") : nullptr;
  const bool keras3 = nodes && nodes->is_list() && nodes->size() > 0 && nodes->items()[0].is_map();
  return keras3 && has_op(class_name) && config && config->is_map() && !config->contains("trainable");
}

Model read_graph(const Config& config, const std::string& name) { return Graph(config, name).build(); }

}  // namespace keras::saving
