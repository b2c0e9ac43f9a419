#include "data.h"

#include <keras/error.h>
#include <keras/ops.h>
#include <keras/preprocessing.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <filesystem>
#include <map>

namespace cli {
namespace {

using namespace keras;
namespace fs = std::filesystem;

std::vector<std::string> keys(const std::map<std::string, Array>& arrays) {
  std::vector<std::string> names;
  for (const auto& [name, array] : arrays) names.push_back(name);
  return names;
}

bool is_image(const std::string& path) {
  return ends_with(path, ".png") || ends_with(path, ".jpg") || ends_with(path, ".jpeg");
}

// An array for each of these names; none where one is missing.
std::vector<Data::Named> named(const std::map<std::string, Array>& arrays, const std::vector<std::string>& names) {
  std::vector<Data::Named> found;
  for (const std::string& name : names) {
    const auto at = arrays.find(name);
    if (at == arrays.end()) return {};
    found.emplace_back(name, at->second);
  }
  return found;
}

Data in_order(const std::vector<Data::Named>& arrays) {
  if (arrays.size() == 1) return arrays[0].second;
  std::vector<Array> list;
  for (const auto& [name, array] : arrays) list.push_back(array);
  return list;
}

// One image as the model's only input takes it: (1, height, width, channels).
Array read_image(const Model& model, const std::string& path, double scale) {
  const Tensor input = model.inputs().at(0);
  const Shape& shape = input.shape();
  const bool first = shape.rank() == 4 && !(shape[3] == Dim(1) || shape[3] == Dim(3) || shape[3] == Dim(4)) &&
                     (shape[1] == Dim(1) || shape[1] == Dim(3) || shape[1] == Dim(4));
  if (shape.rank() != 4) {
    throw ValueError("the model takes " + shape.str() + ", which is no image; give its input as .npy or .npz");
  }
  const Dim height = shape[first ? 2 : 1], width = shape[first ? 3 : 2], channels = shape[first ? 1 : 3];
  utils::LoadImgArgs args;
  args.color_mode = channels == Dim(1) ? "grayscale" : channels == Dim(4) ? "rgba" : "rgb";
  if (height.known() && width.known()) args.target_size = Ints<2>{height.value(), width.value()};
  Array image = utils::load_img(path, args);
  image = utils::img_to_array(image, {.data_format = first ? "channels_first" : "channels_last"});
  if (scale != 1) image = Array(Tensor(image) * scale);
  Shape batch{1};
  for (const Dim& dim : image.shape()) batch.push_back(dim);
  return image.reshape(batch);
}

Data read_images(const Model& model, std::vector<std::string> paths, double scale) {
  if (model.inputs().size() != 1) {
    throw ValueError("the model takes several inputs (" + listed(model.input_names()) +
                     "), and an image can be but one; give them as .npz");
  }
  std::sort(paths.begin(), paths.end());
  std::vector<Array> images;
  for (const std::string& path : paths) {
    if (talk().verbose) note("row " + std::to_string(images.size()) + ": " + path);
    images.push_back(read_image(model, path, scale));
    if (images.back().shape() != images.front().shape()) {
      throw ValueError("the model takes images of any size, and those of one folder must have the same: " + path +
                       " is " + images.back().shape().str() + ", not " + images.front().shape().str());
    }
  }
  return concatenate(images, 0);
}

}  // namespace

Data read_inputs(const Model& model, const std::string& path, double scale) {
  if (fs::is_directory(path)) {
    std::vector<std::string> images;
    for (const auto& entry : fs::directory_iterator(path)) {
      if (is_image(entry.path().string())) images.push_back(entry.path().string());
    }
    if (images.empty()) throw ValueError("there are no images (.png, .jpg) in the folder " + path);
    return read_images(model, std::move(images), scale);
  }
  if (is_image(path)) return read_images(model, {path}, scale);
  if (ends_with(path, ".npy")) return load_npy(path);
  if (!fs::exists(path)) throw IOError("there is no file or folder " + path);
  if (!ends_with(path, ".npz")) {
    throw ValueError(path + ": inputs are read from .npz, .npy, .png and .jpg files, and from folders of images");
  }
  const std::map<std::string, Array> arrays = load_npz(path);
  const std::vector<std::string> names = model.input_names();
  if (names.size() == 1 && arrays.size() == 1) return arrays.begin()->second;
  if (const auto found = named(arrays, names); !found.empty()) return in_order(found);
  if (names.size() == 1 && arrays.count("x") > 0) return arrays.at("x");
  throw ValueError(path + ": expected an array for each input of the model (" + listed(names) +
                   "). Received: " + listed(keys(arrays)));
}

Examples read_examples(const Model& model, const std::string& path) {
  if (fs::exists(path) && !ends_with(path, ".npz")) throw ValueError(path + ": data are read from an .npz file");
  const std::map<std::string, Array> arrays = load_npz(path);
  const std::vector<std::string> inputs = model.input_names(), outputs = model.output_names();
  if (arrays.count("x") > 0 && arrays.count("y") > 0 && inputs.size() == 1 && outputs.size() == 1)
    return {arrays.at("x"), arrays.at("y")};
  const auto x = named(arrays, inputs), y = named(arrays, outputs);
  if (!x.empty() && !y.empty()) return {in_order(x), in_order(y)};
  throw ValueError(path + ": expected " + (inputs.size() == 1 && outputs.size() == 1 ? "x and y, or " : "") +
                   "arrays named after the model's inputs and outputs (" + listed(inputs) + "; " + listed(outputs) +
                   "). Received: " + listed(keys(arrays)));
}

void write_outputs(const Model& model, const std::vector<Array>& outputs, const std::string& path) {
  if (ends_with(path, ".npz")) {
    const std::vector<std::string> names = model.output_names();
    NamedArrays arrays;
    for (std::size_t i = 0; i < outputs.size(); ++i) arrays.emplace_back(names.at(i), outputs[i]);
    return save_npz(path, arrays);
  }
  if (ends_with(path, ".npy")) {
    if (outputs.size() != 1)
      throw ValueError(path + ": an .npy holds one array, and the model has several outputs; write .npz");
    return save_npy(path, outputs[0]);
  }
  std::vector<Array> columns;
  for (const Array& output : outputs) columns.push_back(output.reshape({output.length(), -1}).astype(DType::float64));
  const char* const format = outputs[0].dtype() == DType::float64 ? "%.17g" : "%.9g";
  std::string text;
  for (std::int64_t row = 0; row < columns[0].length(); ++row) {
    for (const Array& column : columns) {
      for (const double value : column[row].values<double>()) {
        char number[32];
        std::snprintf(number, sizeof number, format, value);
        text += text.empty() || text.back() == '\n' ? "" : ",";
        text += number;
      }
    }
    text += '\n';
  }
  write_text(path, text);
}

}  // namespace cli
