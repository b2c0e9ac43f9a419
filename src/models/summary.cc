// Model::summary: Keras 3's table.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/models.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "layers/layer_state.h"
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

std::string output_shape(const Layer& layer) {
  const LayerState& state = layer.body()->state();
  std::optional<Shape> shape = state.output_shape;
  if (!shape && layer.built() && state.build_shapes.size() == 1) {
    try {
      shape = layer.compute_output_shape(state.build_shapes[0]);
    } catch (const Error&) {  // it needs sizes that are not known, or has several outputs
    }
  }
  if (!shape) return "?";
  std::string text;  // without Python's comma after a single size, as Keras 3 has it
  for (const Dim dim : *shape)
    text += (text.empty() ? "" : ", ") + (dim.known() ? std::to_string(dim.value()) : "None");
  return fmt::format("({})", text);
}

void add_rows(TextTable& table, const Layer& layer, const SummaryArgs& args, int level) {
  std::string prefix(static_cast<std::size_t>(3 * level), ' ');
  if (level > 0) prefix += table.ascii ? "+ " : "└ ";
  std::vector<std::string> row{fmt::format("{}{} ({})", prefix, layer.name(), layer.class_name()), output_shape(layer),
                               layer.built() ? thousands(layer.count_params()) : "0 (unbuilt)"};
  if (args.show_trainable) row.push_back(layer.weights().empty() ? "-" : layer.trainable() ? "Y" : "N");
  table.rows.push_back(std::move(row));
  if (!args.expand_nested || !dynamic_cast<const ModelBody*>(layer.body().get())) return;
  for (const Layer& child : layer.body()->layers()) add_rows(table, child, args, level + 1);
}

TextTable make_table(const SummaryArgs& args, bool ascii) {
  using Align = TextTable::Align;
  TextTable table{
      {{"Layer (type)", Align::left, 0}, {"Output Shape", Align::left, 0}, {"Param #", Align::right, 0}}, {}, 0, ascii};
  std::vector<double> positions{0.45, 0.80, 1.0};  // where the columns end, as parts of the line
  int length = 88;
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

}  // namespace

void Model::summary(SummaryArgs args) const {
  TextTable table = make_table(args, !args.print_fn && !support::utf8_locale());
  for (const Layer& layer : layers()) add_rows(table, layer, args, 0);

  std::vector<std::string> lines{fmt::format("Model: \"{}\"", name())};
  for (std::string& line : table.lines()) lines.push_back(std::move(line));
  const Size trainable = size_of(trainable_weights()), fixed = size_of(non_trainable_weights());
  const bool trained = compiled() && optimizer().body()->built();
  const Size optimizer_size = trained ? size_of(optimizer().variables()) : Size();
  lines.push_back(total("Total", {trainable.count + fixed.count + optimizer_size.count,
                                  trainable.bytes + fixed.bytes + optimizer_size.bytes}));
  lines.push_back(total("Trainable", trainable));
  lines.push_back(total("Non-trainable", fixed));
  if (trained) lines.push_back(total("Optimizer", optimizer_size));

  if (args.print_fn) {
    for (const std::string& line : lines) args.print_fn(line);
    return;
  }
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  std::fwrite(text.data(), 1, text.size(), stdout);
}

}  // namespace keras
