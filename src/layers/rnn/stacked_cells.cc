// StackedRNNCells: cells one upon another as one cell, whose states are those of all, one cell after another.
#include <fmt/format.h>
#include <keras/error.h>

#include "layers/frame.h"
#include "layers/rnn/recurrent.h"
#include "layers/table.h"

namespace keras {
namespace {

struct StackedRNNCellsBody final : CellBody {
  static constexpr auto class_name = "StackedRNNCells";
  using Args = StackedRNNCellsArgs;
  explicit StackedRNNCellsBody(const Args& args) {
    if (args.cells.empty()) throw ValueError("StackedRNNCells: there are no cells. Give at least one.");
    for (const Layer& cell : args.cells) {
      cells_.push_back(child(fmt::format("cell_{}", cells_.size()), cell));
      bodies_.push_back(layers::as_cell(cell, class_name));
    }
  }

  void build(const Shape& input) override {
    Shape shape = input;
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      cells_[i].build(shape);
      shape = bodies_[i]->output_shape(shape).with_front(input[0]);
    }
  }
  std::vector<Shape> state_shapes(const Shape& input) const override {
    std::vector<Shape> shapes;
    Shape shape = input;
    for (const auto& body : bodies_) {
      for (const Shape& state : body->state_shapes(shape)) shapes.push_back(state);
      shape = body->output_shape(shape).with_front(input[0]);
    }
    return shapes;
  }
  Shape output_shape(const Shape& input) const override {
    Shape shape = input;
    for (const auto& body : bodies_) shape = body->output_shape(shape).with_front(input[0]);
    return shape.slice(1);
  }

  // Each cell's own, with its number in front.
  std::vector<std::pair<std::string, Tensor>> call_state(const Shape& input, bool training) override {
    std::vector<std::pair<std::string, Tensor>> all;
    Shape shape = input;
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      const ops::Scope scope(cells_[i].name());
      for (auto& [name, tensor] : bodies_[i]->call_state(shape, training))
        all.emplace_back(fmt::format("{}/{}", i, name), tensor);
      shape = bodies_[i]->output_shape(shape).with_front(input[0]);
    }
    return all;
  }

  std::vector<Tensor> call_all(const Call& call) override {
    std::vector<Tensor> states;
    Tensor x = call.inputs[0];
    std::size_t next = 1;
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      Call of_cell{.training = call.training};
      const std::string prefix = fmt::format("{}/", i);
      for (const auto& [name, tensor] : call.extra) {
        if (name.starts_with(prefix)) of_cell.extra.emplace_back(name.substr(prefix.size()), tensor);
        if (name == "constants") of_cell.extra.emplace_back(name, tensor);
      }
      std::vector<Tensor> inputs{x};
      for (std::size_t k = bodies_[i]->state_shapes(x.shape()).size(); k-- > 0;) inputs.push_back(call.inputs[next++]);
      const std::vector<Tensor> results = cells_[i].outputs(inputs, of_cell);
      x = results[0];
      states.insert(states.end(), results.begin() + 1, results.end());
    }
    states.insert(states.begin(), x);
    return states;
  }

  Config get_config() const override {
    Config cells = Config::list();
    for (const Layer& cell : cells_) cells.push_back(as_config(cell));
    return LayerBody::get_config().set("cells", cells);
  }

 private:
  std::vector<Layer> cells_;
  std::vector<std::shared_ptr<CellBody>> bodies_;
};

}  // namespace

Layer layers::StackedRNNCells(std::vector<Layer> cells, StackedRNNCellsArgs args) {
  if (!args.cells.empty()) refuse_twice("StackedRNNCells", "cells");
  args.cells = std::move(cells);
  return make_layer<StackedRNNCellsBody>(std::move(args));
}
Maker layers::makers::StackedRNNCells() { return custom<StackedRNNCellsBody>(); }

}  // namespace keras
