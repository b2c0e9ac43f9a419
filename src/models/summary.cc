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

// None where it is not known.
std::vector<Shape> output_shapes(const Layer& layer) {
  const LayerState& state = layer.body()->state();
  if (state.output_shape) return {*state.output_shape};
  for (auto call = state.calls.rbegin(); call != state.calls.rend(); ++call) {
    if (const auto last = call->lock()) return shapes_of(*last);
  }
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

void add_rows(TextTable& table, const Layer& layer, const SummaryArgs& args, int level,
              const std::optional<std::string>& connected) {
  std::string prefix(static_cast<std::size_t>(3 * level), ' ');
  if (level > 0) prefix += table.ascii ? "+ " : "└ ";
  const std::vector<Shape> shapes = output_shapes(layer);
  std::vector<std::string> row{prefix + name_and_class(layer.name(), layer.class_name()),
                               shapes.empty() ? "?" : text_of(shapes, false), parameters(layer)};
  if (connected) row.push_back(*connected);
  if (args.show_trainable) row.push_back(layer.weights().empty() ? "-" : layer.trainable() ? "Y" : "N");
  table.rows.push_back(std::move(row));
  if (!args.expand_nested || !dynamic_cast<const ModelBody*>(layer.body().get())) return;
  // What lies inside is connected within another model than this one.
  for (const Layer& child : layer.body()->layers())
    add_rows(table, child, args, level + 1, connected ? std::optional<std::string>("-") : std::nullopt);
}

void add_rows(TextTable& table, const FunctionalBody& model, const SummaryArgs& args, bool chain) {
  for (const FunctionalBody::Operation& operation : model.operations()) {
    const std::vector<std::string> list = connections(model, operation);
    const std::string connected = list.empty() ? "-" : fmt::format("{}", fmt::join(list, ", "));
    const ops::CallRecord& call = *operation.calls[0];
    if (const auto* layer = dynamic_cast<const LayerCall*>(&call)) {
      add_rows(table, layer->layer, args, 0, chain ? std::nullopt : std::optional(connected));
      continue;
    }
    std::vector<std::string> row{name_and_class(call.name, call.class_name()), text_of(shapes_of(call), false), "0"};
    if (!chain) row.push_back(connected);
    if (args.show_trainable) row.push_back("-");
    table.rows.push_back(std::move(row));
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
      throw ValueError(
          fmt::format("Model.summary: {} columns are too few for the table. Give a larger line_length, or widen the "
                      "terminal.",
                      table.width));
    }
  }
  return table;
}

// The lines of Keras 2.2: columns that end at parts of the line, and texts cut there.
std::vector<std::string> plain_lines(const Model& model, const SummaryArgs& args) {
  const auto* functional = dynamic_cast<const FunctionalBody*>(model.body().get());
  const bool chain = !functional || functional->is_chain();
  const int width = args.line_length.value_or(chain ? 65 : 98);
  std::vector<std::size_t> ends;
  for (const double part : chain ? std::vector{0.45, 0.85, 1.0} : std::vector{0.33, 0.55, 0.67, 1.0})
    ends.push_back(static_cast<std::size_t>(part * width));
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
    const std::vector<Shape> shapes = output_shapes(layer);
    rows.push_back({name_and_class(layer.name(), layer.class_name()),
                    shapes.empty() ? "multiple" : text_of(shapes, true),
                    std::to_string(layer.built() ? layer.count_params() : 0)});
  };
  if (functional) {
    for (const FunctionalBody::Operation& operation : functional->operations()) {
      const ops::CallRecord& call = *operation.calls[0];
      if (const auto* layer = dynamic_cast<const LayerCall*>(&call)) {
        add(layer->layer);
      } else {
        rows.push_back({name_and_class(call.name, call.class_name()), text_of(shapes_of(call), true), "0"});
      }
      connected.push_back(connections(*functional, operation));
    }
  } else {
    for (const Layer& layer : model.layers()) add(layer);
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
  if (functional) {
    add_rows(table, *functional, args, chain);
  } else {
    for (const Layer& layer : model.layers()) add_rows(table, layer, args, 0, {});
  }
  std::vector<std::string> lines{fmt::format("Model: \"{}\"", model.name())};
  for (std::string& line : table.lines()) lines.push_back(std::move(line));
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
