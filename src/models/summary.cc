// Model::summary: Keras 3's table, or the lines of Keras 2.2.
#include <fmt/format.h>
#include <keras/config.h>
#include <keras/error.h>
#include <keras/models.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <regex>

#include "layers/layer_call.h"
#include "layers/layer_state.h"
#include "models/functional.h"
#include "models/text_table.h"
#include "support/terminal.h"
#include "support/text.h"

namespace keras {

namespace {

// As Python finds it: COLUMNS, else the terminal, else 80.
int terminal_columns() {
  const char* columns = std::getenv("COLUMNS");
  const auto given = columns ? support::parse_int(columns) : std::nullopt;
  if (given && *given > 0 && *given < 10000) return static_cast<int>(*given);
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

struct Size {
  std::int64_t count = 0;
  double bytes = 0;
};

Size size_of(const std::vector<Variable>& variables) {
  Size size;
  for (const Variable& variable : variables) {
    const std::int64_t count = variable.shape().elements();
    size.count += count;
    size.bytes += static_cast<double>(count) * static_cast<double>(variable.dtype().size());
  }
  return size;
}

std::string thousands(std::int64_t number) {
  std::string digits = std::to_string(number);
  for (int at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3) digits.insert(static_cast<std::size_t>(at), ",");
  return digits;
}

std::string total(const char* title, const Size& size) {
  return fmt::format(" {} params: {} ({})", title, thousands(size.count), support::readable_bytes(size.bytes));
}

// Without Python's comma after a single size, as Keras 3 has it; Keras 2.2 prints the tuple as it is.
std::string text_of(const Shape& shape, bool plain) {
  std::string text;
  for (const Dim dim : shape) text += (text.empty() ? "" : ", ") + (dim.known() ? std::to_string(dim.value()) : "None");
  return plain && shape.rank() == 1 ? fmt::format("({},)", text) : fmt::format("({})", text);
}

// Of one output or several, as Python prints a list.
std::string text_of(const std::vector<Shape>& shapes, bool plain) {
  if (shapes.size() == 1) return text_of(shapes[0], plain);
  std::vector<std::string> texts;
  for (const Shape& shape : shapes) texts.push_back(text_of(shape, plain));
  return fmt::format("[{}]", fmt::join(texts, ", "));
}

std::vector<Shape> shapes_of(const ops::CallRecord& call) {
  std::vector<Shape> shapes;
  for (const ir::Type& type : call.types) shapes.push_back(type.shape);
  return shapes;
}

// Of the last call, as Keras has it. None where it is not known.
std::vector<Shape> output_shapes(const Layer& layer) {
  const LayerState& state = layer.body()->state();
  for (auto call = state.calls.rbegin(); call != state.calls.rend(); ++call) {
    if (const auto last = call->lock()) return shapes_of(*last);
  }
  if (state.output_shape) return {*state.output_shape};
  if (!state.outputs.empty()) {
    std::vector<Shape> shapes;
    for (const Tensor& output : state.outputs) shapes.push_back(output.shape());
    return shapes;
  }
  if (!layer.built() || state.build_shapes.size() != 1) return {};
  try {
    return {layer.compute_output_shape(state.build_shapes[0])};
  } catch (const Error&) {  // it needs sizes that are not known, or has several outputs
    return {};
  }
}

std::string parameters(const Layer& layer) { return layer.built() ? thousands(layer.count_params()) : "0 (unbuilt)"; }

std::string name_and_class(const std::string& name, const std::string& class_name) {
  return fmt::format("{} ({})", name, class_name);
}

// The index of the first layer shown and of the one after the last.
std::pair<std::size_t, std::size_t> shown(const std::vector<std::string>& names,
                                          const std::vector<std::string>& range) {
  if (range.empty()) return {0, names.size()};
  if (range.size() != 2) {
    throw ValueError(
        fmt::format("Model.summary: layer_range names two layers, the first and the last; received {}.", range.size()));
  }
  const auto matches = [&](const std::string& pattern) {
    std::vector<std::size_t> found;
    try {
      const std::regex regex(pattern);
      for (std::size_t i = 0; i < names.size(); ++i) {
        if (std::regex_search(names[i], regex, std::regex_constants::match_continuous)) found.push_back(i);
      }
    } catch (const std::regex_error&) {
      throw ValueError(fmt::format("Model.summary: layer_range: «{}» is no regular expression.", pattern));
    }
    if (found.empty()) {
      throw ValueError(fmt::format("Model.summary: layer_range: no layer is called «{}».{} There are {}.", pattern,
                                   support::did_you_mean(pattern, names), support::list(names)));
    }
    return found;
  };
  const std::vector<std::size_t> low = matches(range[0]), high = matches(range[1]);
  if (low.front() > high.back()) return {high.front(), low.back() + 1};
  return {low.front(), high.back() + 1};
}
template <class Item, class Name>
std::vector<Item> in_range(const std::vector<Item>& items, const SummaryArgs& args, Name&& name) {
  std::vector<std::string> names;
  for (const Item& item : items) names.push_back(name(item));
  const auto [begin, end] = shown(names, args.layer_range);
  return {items.begin() + static_cast<std::ptrdiff_t>(begin), items.begin() + static_cast<std::ptrdiff_t>(end)};
}
std::vector<FunctionalBody::Operation> shown_operations(const FunctionalBody& model, const SummaryArgs& args) {
  return in_range(model.operations(), args,
                  [](const FunctionalBody::Operation& operation) { return operation.calls[0]->name; });
}
std::vector<Layer> shown_layers(const Model& model, const SummaryArgs& args) {
  return in_range(model.layers(), args, [](const Layer& layer) { return layer.name(); });
}

// Which call of its layer or op this is, of all that there were.
std::size_t index_of(const ops::CallRecord& call) {
  const auto* of_layer = dynamic_cast<const LayerCall*>(&call);
  if (!of_layer) return 0;
  std::size_t index = 0;
  for (const auto& each : of_layer->layer.body()->state().calls) {
    const auto known = each.lock();
    if (known.get() == &call) break;
    index += known != nullptr;
  }
  return index;
}

// "dense[0][0]": the tensors that the calls of an operation take.
std::vector<std::string> connections(const FunctionalBody& model, const FunctionalBody::Operation& operation) {
  std::vector<std::string> list;
  for (const CallPtr& call : operation.calls) {
    for (const Tensor& input : call->inputs) {
      if (const CallPtr source = model.source(input))
        list.push_back(fmt::format("{}[{}][{}]", source->name, index_of(*source), input.node()->index));
    }
  }
  return list;
}

// Of a layer in this model, which may also lie inside a model here; "-" where it is no operation of its own.
std::string connections(const FunctionalBody& model, const Layer& layer) {
  for (const FunctionalBody::Operation& operation : model.operations()) {
    const auto* call = dynamic_cast<const LayerCall*>(operation.calls[0].get());
    if (!call || call->layer != layer) continue;
    const std::vector<std::string> list = connections(model, operation);
    return list.empty() ? "-" : fmt::format("{}", fmt::join(list, ", "));
  }
  return "-";
}

// `graph`: the model whose connections are shown, if any.
void add_rows(TextTable& table, const Layer& layer, const SummaryArgs& args, int level, const FunctionalBody* graph) {
  std::string prefix(static_cast<std::size_t>(3 * level), ' ');
  if (level > 0) prefix += table.ascii ? "+ " : "└ ";
  const std::vector<Shape> shapes = output_shapes(layer);
  std::vector<std::string> row{prefix + name_and_class(layer.name(), layer.class_name()),
                               shapes.empty() ? "?" : text_of(shapes, false), parameters(layer)};
  if (graph) row.push_back(connections(*graph, layer));
  if (args.show_trainable) row.push_back(layer.weights().empty() ? "-" : layer.trainable() ? "Y" : "N");
  table.rows.push_back(std::move(row));
  if (!args.expand_nested || !dynamic_cast<const ModelBody*>(layer.body().get())) return;
  for (const Layer& child : layer.body()->layers()) add_rows(table, child, args, level + 1, graph);
}

void add_rows(TextTable& table, const FunctionalBody& model, const SummaryArgs& args, bool chain) {
  for (const FunctionalBody::Operation& operation : shown_operations(model, args)) {
    const ops::CallRecord& call = *operation.calls[0];
    if (const auto* layer = dynamic_cast<const LayerCall*>(&call)) {
      add_rows(table, layer->layer, args, 0, chain ? nullptr : &model);
      continue;
    }
    std::vector<std::string> row{name_and_class(call.name, call.class_name()), text_of(shapes_of(call), false), "0"};
    if (!chain) row.push_back(fmt::format("{}", fmt::join(connections(model, operation), ", ")));
    if (args.show_trainable) row.push_back("-");
    table.rows.push_back(std::move(row));
  }
}

void check_positions(const SummaryArgs& args, std::size_t columns, double most) {
  const std::vector<double>& given = args.positions;
  if (given.size() != columns || !std::is_sorted(given.begin(), given.end()) || !(given[0] > 0) ||
      !(given.back() <= most)) {
    throw ValueError(
        fmt::format("Model.summary: positions says where each of the {} columns ends, in growing order and as parts of "
                    "the line, up to 1. Received: [{}].",
                    columns, fmt::join(given, ", ")));
  }
}

TextTable make_table(const SummaryArgs& args, bool ascii, bool connections) {
  using Align = TextTable::Align;
  TextTable table{
      {{"Layer (type)", Align::left, 0}, {"Output Shape", Align::left, 0}, {"Param #", Align::right, 0}}, {}, 0, ascii};
  std::vector<double> positions{0.45, 0.80, 1.0};  // where the columns end, as parts of the line
  int length = 88;
  if (connections) {
    table.columns.push_back({"Connected to", Align::left, 0});
    positions = {0.3, 0.56, 0.74, 1.0};
    length = 108;
  }
  if (!args.positions.empty()) {
    check_positions(args, table.columns.size(), 1);
    positions = args.positions;
  }
  if (args.show_trainable) {
    table.columns.push_back({"Trainable", Align::center, 0});
    for (double& position : positions) position *= 0.90;
    positions.push_back(1.0);
    length += 12;
  }
  length = std::min(length, terminal_columns() - 4);
  table.width = args.line_length.value_or(length);
  int begin = 0;
  for (std::size_t i = 0; i < positions.size(); ++i) {
    table.columns[i].width = static_cast<int>(positions[i] * table.width) - begin;
    begin += table.columns[i].width;
    if (table.columns[i].width < 4) {
      if (!args.line_length && args.positions.empty()) {
        table.width = 0;
        break;
      }
      throw ValueError(
          fmt::format("Model.summary: {} columns are too few for the table. Give a larger line_length, or widen the "
                      "terminal.",
                      table.width));
    }
  }
  return table;
}

// One below the other what would not stand side by side.
std::vector<std::string> narrow_lines(const TextTable& table) {
  std::vector<std::string> lines;
  for (const std::vector<std::string>& row : table.rows) {
    lines.push_back(row[0]);
    for (std::size_t i = 1; i < row.size(); ++i)
      lines.push_back(fmt::format("  {}: {}", table.columns[i].title, row[i]));
  }
  return lines;
}

// The shapes of a layer's outputs; "multiple" where its calls differ, as Keras 2.2 has it.
std::string plain_shapes(const Layer& layer) {
  std::optional<std::string> shapes;
  if (dynamic_cast<const ModelBody*>(layer.body().get())) {  // a call of itself, on its own inputs
    std::vector<Shape> own;
    for (const Tensor& output : layer.body()->state().outputs) own.push_back(output.shape());
    if (!own.empty()) shapes = text_of(own, true);
  }
  for (const auto& each : layer.body()->state().calls) {
    const auto call = each.lock();
    if (!call) continue;
    std::string text = text_of(shapes_of(*call), true);
    if (shapes && *shapes != text) return "multiple";
    shapes = std::move(text);
  }
  if (shapes) return *shapes;
  const std::vector<Shape> found = output_shapes(layer);
  return found.empty() ? "multiple" : text_of(found, true);
}

// The lines of Keras 2.2: columns that end at parts of the line, and texts cut there.
std::vector<std::string> plain_lines(const Model& model, const SummaryArgs& args) {
  const auto* functional = dynamic_cast<const FunctionalBody*>(model.body().get());
  const bool chain = !functional || functional->is_chain();
  const int width = args.line_length.value_or(chain ? 65 : 98);
  std::vector<std::size_t> ends;
  if (!args.positions.empty()) check_positions(args, chain ? 3 : 4, 10000);
  const std::vector<double> positions = !args.positions.empty() ? args.positions
                                        : chain                 ? std::vector{0.45, 0.85, 1.0}
                                                                : std::vector{0.33, 0.55, 0.67, 1.0};
  for (const double end : positions) ends.push_back(static_cast<std::size_t>(positions.back() > 1 ? end : end * width));
  std::vector<std::string> lines;
  const auto rule = [&](char fill) { lines.emplace_back(static_cast<std::size_t>(std::max(0, width)), fill); };
  const auto row = [&](const std::vector<std::string>& fields) {
    std::string line;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (i > 0) line.back() = ' ';
      line += fields[i];
      line.resize(ends[i], ' ');
    }
    lines.push_back(std::move(line));
  };
  rule('_');
  row(chain ? std::vector<std::string>{"Layer (type)", "Output Shape", "Param #"}
            : std::vector<std::string>{"Layer (type)", "Output Shape", "Param #", "Connected to"});
  rule('=');
  std::vector<std::vector<std::string>> rows;
  std::vector<std::vector<std::string>> connected;
  const auto add = [&](const Layer& layer) {
    const std::string& kind = layer.class_name();
    rows.push_back({name_and_class(layer.name(), kind == "Functional" ? "Model" : kind), plain_shapes(layer),
                    std::to_string(layer.built() ? layer.count_params() : 0)});
  };
  if (functional) {
    for (const FunctionalBody::Operation& operation : shown_operations(*functional, args)) {
      const ops::CallRecord& call = *operation.calls[0];
      if (const auto* layer = dynamic_cast<const LayerCall*>(&call)) {
        add(layer->layer);
      } else {
        rows.push_back({name_and_class(call.name, call.class_name()), text_of(shapes_of(call), true), "0"});
      }
      connected.push_back(connections(*functional, operation));
    }
  } else {
    for (const Layer& layer : shown_layers(model, args)) add(layer);
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!chain) rows[i].push_back(connected[i].empty() ? "" : connected[i][0]);
    row(rows[i]);
    for (std::size_t more = 1; !chain && more < connected[i].size(); ++more) row({"", "", "", connected[i][more]});
    rule(i + 1 == rows.size() ? '=' : '_');
  }
  const std::int64_t trainable = size_of(model.trainable_weights()).count,
                     fixed = size_of(model.non_trainable_weights()).count;
  lines.push_back("Total params: " + thousands(trainable + fixed));
  lines.push_back("Trainable params: " + thousands(trainable));
  lines.push_back("Non-trainable params: " + thousands(fixed));
  rule('_');
  return lines;
}

std::vector<std::string> table_lines(const Model& model, const SummaryArgs& args) {
  const auto* functional = dynamic_cast<const FunctionalBody*>(model.body().get());
  const bool chain = !functional || functional->is_chain();
  TextTable table = make_table(args, !args.print_fn && !support::utf8_locale(), !chain);
  table.ascii |= table.width == 0;
  if (functional) {
    add_rows(table, *functional, args, chain);
  } else {
    for (const Layer& layer : shown_layers(model, args)) add_rows(table, layer, args, 0, nullptr);
  }
  std::vector<std::string> lines{fmt::format("Model: \"{}\"", model.name())};
  for (std::string& line : table.width > 0 ? table.lines() : narrow_lines(table)) lines.push_back(std::move(line));
  const Size trainable = size_of(model.trainable_weights()), fixed = size_of(model.non_trainable_weights());
  const bool trained = model.compiled() && model.optimizer().body()->built();
  const Size optimizer_size = trained ? size_of(model.optimizer().variables()) : Size();
  lines.push_back(total("Total", {trainable.count + fixed.count + optimizer_size.count,
                                  trainable.bytes + fixed.bytes + optimizer_size.bytes}));
  lines.push_back(total("Trainable", trainable));
  lines.push_back(total("Non-trainable", fixed));
  if (trained) lines.push_back(total("Optimizer", optimizer_size));
  return lines;
}

}  // namespace

void Model::summary(SummaryArgs args) const {
  const std::vector<std::string> lines =
      config::dialect().plain_texts ? plain_lines(*this, args) : table_lines(*this, args);
  if (args.print_fn) {
    for (const std::string& line : lines) args.print_fn(line);
    return;
  }
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  std::fwrite(text.data(), 1, text.size(), stdout);
}

}  // namespace keras
