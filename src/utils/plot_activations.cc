// plot_activations: what layers make of a picture, channel by channel, as one picture.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/preprocessing.h>
#include <keras/utils.h>

#include <algorithm>
#include <cmath>

#include "models/functional.h"
#include "models/model_state.h"
#include "ops/shapes.h"
#include "support/text.h"
#include "tensor/format.h"
#include "utils/canvas.h"

namespace keras::utils {
namespace {

struct Output {
  std::string layer;
  Tensor tensor;
};

// What each layer gives, and the inputs that this comes of.
struct Outputs {
  std::vector<Tensor> inputs;
  std::vector<Output> all;
};
Outputs outputs_of(const Model& model) {
  Outputs outputs;
  if (const auto* functional = dynamic_cast<const FunctionalBody*>(model.body().get())) {
    outputs.inputs = model.inputs();
    for (const auto& operation : functional->operations()) {
      const CallPtr& call = operation.calls[0];
      const ops::NodePtr result = call->results.at(0).lock();
      if (!call->inputs.empty() && result) outputs.all.push_back({call->name, Tensor(result)});
    }
    return outputs;
  }
  if (model.class_name() != "Sequential" || model.model_body().model_state().inputs.empty()) {
    throw ValueError(
        fmt::format("plot_activations: it takes a functional model, or a Sequential that knows its input. Received: "
                    "{} «{}».",
                    model.class_name(), model.name()));
  }
  const ir::Type& input = model.model_body().model_state().inputs[0];
  Tensor x = Input(input.shape.slice(1), {.batch_size = input.shape[0], .dtype = input.dtype});
  outputs.inputs = {x};
  for (const Layer& layer : model.layers()) outputs.all.push_back({layer.name(), x = layer(x)});
  return outputs;
}

std::vector<Output> chosen(const Model& model, const std::vector<Output>& all, const std::vector<std::string>& names) {
  std::vector<Output> out;
  if (names.empty()) {
    std::copy_if(all.begin(), all.end(), std::back_inserter(out),
                 [](const Output& each) { return each.tensor.shape().rank() == 4; });
    if (out.empty()) {
      throw ValueError(fmt::format(
          "plot_activations: no layer of «{}» gives pictures: (batch, height, width, channels).", model.name()));
    }
    return out;
  }
  for (const std::string& name : names) {
    const auto found = std::find_if(all.begin(), all.end(), [&](const Output& each) { return each.layer == name; });
    if (found == all.end()) {
      model.get_layer(name);  // says what there is
      throw ValueError(fmt::format("plot_activations: «{}» is an input of the model and computes nothing.", name));
    }
    if (found->tensor.shape().rank() != 4) {
      throw ValueError(
          fmt::format("plot_activations: «{}» gives {}, and a picture is (batch, height, width, channels).", name,
                      found->tensor.shape()));
    }
    out.push_back(*found);
  }
  return out;
}

// One sample of each input, with the batch axis.
Data sample_of(const std::vector<Tensor>& inputs, const Data& x, std::int64_t sample) {
  if (x.size() != inputs.size()) {
    throw ValueError(fmt::format("plot_activations: the model takes {} input{}; received {}.", inputs.size(),
                                 inputs.size() == 1 ? "" : "s", x.size()));
  }
  std::vector<Array> arrays;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const Array& array = x[i];
    if (array.ndim() + 1 == inputs[i].shape().rank()) {  // the sample itself
      arrays.push_back(array.reshape(array.shape().with_front(1)));
      continue;
    }
    if (array.ndim() == 0 || sample < 0 || sample >= array.length()) {
      throw ValueError(
          fmt::format("plot_activations: sample {} is asked for, of an array of shape {}.", sample, array.shape()));
    }
    arrays.push_back(array.slice(sample, sample + 1));
  }
  if (x.names().empty()) return arrays;
  std::vector<Data::Named> named;
  for (std::size_t i = 0; i < arrays.size(); ++i) named.emplace_back(x.names()[i], arrays[i]);
  return named;
}

// A channel as bytes: its mean is 128, its standard deviation 64.
struct Map {
  std::int64_t height = 0, width = 0;
  std::vector<double> values;
};
Map map_of(const Array& activation, std::int64_t channel, bool first) {
  const Shape shape = activation.shape();
  Map map{shape[first ? 1 : 0].value(), shape[first ? 2 : 1].value(), {}};
  const std::int64_t count = map.height * map.width, channels = shape[first ? 0 : 2].value();
  const auto values = activation.values<float>();
  for (std::int64_t i = 0; i < count; ++i)
    map.values.push_back(values[static_cast<std::size_t>(first ? channel * count + i : i * channels + channel)]);
  double mean = 0, square = 0;
  for (const double v : map.values) mean += v / static_cast<double>(count);
  for (const double v : map.values) square += (v - mean) * (v - mean) / static_cast<double>(count);
  const double deviation = std::sqrt(square);
  for (double& v : map.values) v = deviation > 0 ? (v - mean) / deviation * 64 + 128 : 0;
  return map;
}

// The mean of the map's values below a pixel of a tile: at least one, so that small maps are enlarged in squares.
double below(const Map& map, std::int64_t y, std::int64_t x, std::int64_t height, std::int64_t width) {
  const std::int64_t top = y * map.height / height, bottom = std::max(top + 1, (y + 1) * map.height / height);
  const std::int64_t left = x * map.width / width, right = std::max(left + 1, (x + 1) * map.width / width);
  double sum = 0;
  for (std::int64_t row = top; row < bottom; ++row) {
    for (std::int64_t column = left; column < right; ++column)
      sum += map.values[static_cast<std::size_t>(row * map.width + column)];
  }
  return sum / static_cast<double>((bottom - top) * (right - left));
}

struct Block {  // of one layer
  std::string caption;
  Array activation;  // without the batch
  std::int64_t channels, rows, tile_height, tile_width;
};

Array draw(const std::vector<Block>& blocks, const PlotActivationsArgs& args, bool first) {
  constexpr std::int64_t kGap = 2, kMargin = 8;
  std::int64_t height = kMargin, width = 0;
  for (const Block& block : blocks) {
    const std::int64_t columns = std::min(args.columns, block.channels);
    width = std::max({width, columns * (block.tile_width + kGap) - kGap,
                      static_cast<std::int64_t>(block.caption.size()) * Canvas::kLetterWidth});
    height += Canvas::kTextHeight + kMargin + block.rows * (block.tile_height + kGap) - kGap + 2 * kMargin;
  }
  Canvas canvas(height - kMargin, width + 2 * kMargin, {255, 255, 255});
  std::int64_t top = kMargin;
  for (const Block& block : blocks) {
    canvas.write(top, kMargin, block.caption, {0, 0, 0});
    top += Canvas::kTextHeight + kMargin;
    for (std::int64_t channel = 0; channel < block.channels; ++channel) {
      const Map map = map_of(block.activation, channel, first);
      const std::int64_t tile_top = top + channel / args.columns * (block.tile_height + kGap);
      const std::int64_t tile_left = kMargin + channel % args.columns * (block.tile_width + kGap);
      for (std::int64_t y = 0; y < block.tile_height; ++y) {
        for (std::int64_t x = 0; x < block.tile_width; ++x) {
          const double value = std::clamp(below(map, y, x, block.tile_height, block.tile_width), 0.0, 255.0);
          const auto level = static_cast<std::uint8_t>(std::isnan(value) ? 0 : value);
          canvas.set(tile_top + y, tile_left + x, args.cmap == "gray" ? Colour{level, level, level} : viridis(level));
        }
      }
    }
    top += block.rows * (block.tile_height + kGap) - kGap + 2 * kMargin;
  }
  return canvas.picture();
}

void check(const PlotActivationsArgs& args) {
  const auto positive = [](const char* name, std::int64_t value) {
    if (value < 1) throw ValueError(fmt::format("plot_activations: {} is 1 or more; received {}.", name, value));
  };
  positive("columns", args.columns);
  positive("tile", args.tile);
  if (args.channels) positive("channels", *args.channels);
  if (args.cmap != "viridis" && args.cmap != "gray") {
    throw ValueError(fmt::format("plot_activations: cmap is \"viridis\" or \"gray\"; received \"{}\".{}", args.cmap,
                                 support::did_you_mean(args.cmap, {"viridis", "gray"})));
  }
}

}  // namespace

NamedArrays plot_activations(const Model& model, const Data& x, PlotActivationsArgs args) {
  check(args);
  const bool first = ops::channels_first("plot_activations", args.data_format, "utils::");
  const Outputs outputs = outputs_of(model);
  const std::vector<Output> wanted = chosen(model, outputs.all, args.layers);
  std::vector<Tensor> tensors;
  for (const Output& each : wanted) tensors.push_back(each.tensor);
  const Model maker(outputs.inputs, tensors);
  const std::vector<Array> made = maker.predict_all(sample_of(outputs.inputs, x, args.sample));

  NamedArrays arrays;
  std::vector<Block> blocks;
  for (std::size_t i = 0; i < made.size(); ++i) {
    arrays.emplace_back(wanted[i].layer, made[i]);
    const Array activation = made[i][0].astype(DType::float32);
    const Shape shape = activation.shape();
    if (activation.size() == 0) {
      throw ValueError(
          fmt::format("plot_activations: «{}» gives {}, a picture without pixels.", wanted[i].layer, shape));
    }
    const std::int64_t all = shape[first ? 0 : 2].value();
    const double height = static_cast<double>(shape[first ? 1 : 0].value()),
                 width = static_cast<double>(shape[first ? 2 : 1].value());
    const double scale = static_cast<double>(args.tile) / std::max(height, width);
    const auto side = [&](double length) {
      return std::max<std::int64_t>(1, static_cast<std::int64_t>(std::lround(length * scale)));
    };
    Block block{fmt::format("{} {}", wanted[i].layer, shape),
                activation,
                std::min(args.channels.value_or(all), all),
                0,
                side(height),
                side(width)};
    block.rows = (block.channels + args.columns - 1) / args.columns;
    blocks.push_back(std::move(block));
  }
  if (!args.to_file.empty()) {
    save_img(args.to_file, draw(blocks, args, first), {.data_format = "channels_last", .scale = false, .quality = 95});
  }
  return arrays;
}

}  // namespace keras::utils
