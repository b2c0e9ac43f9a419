// keras::utils: helpers around data and models.
#pragma once

#include <keras/array.h>
#include <keras/models.h>

#include <optional>
#include <string>

namespace keras {
namespace utils {

// One-hot rows: integer labels of shape (…) give (…, num_classes); a last axis of size 1 is dropped from the labels
// first. num_classes -1 means the largest label + 1. Labels of a real dtype must be whole numbers. ValueError names a
// label that is not in [0, num_classes). Keras 3 returns float64 here and 2.2.4 float32; ours is config::floatx()
// unless a dtype is given.
KERAS_API Array to_categorical(const Array& y, std::int64_t num_classes = -1, std::optional<DType> dtype = {});

struct GetFileArgs {
  std::optional<std::string> md5_hash = {};   // Keras's old name of file_hash
  std::optional<std::string> file_hash = {};  // MD5 or SHA-256 in hexadecimal; nothing is compared if none
  std::string cache_subdir = "datasets";      // below cache_dir, unless it begins with a slash
  std::string hash_algorithm = "auto";        // or "md5", "sha256"; auto: by the length
  std::optional<std::string> cache_dir = {};  // $KERAS_HOME, else ~/.keras, if none
  bool force_download = false;                // even if the file is there
};
// The path of a file from the network that is kept in the user's folder: downloaded, with the progress on stderr, where
// it is not there yet or is not the one with that hash. `fname` is its name there, that of the URL if empty. It appears
// whole or not at all. Archives are not unpacked. IOError for a failed download, which keeps a file that was there;
// ValueError for a name with a folder. Keras 3: keras.utils.get_file.
KERAS_API std::string get_file(const std::string& fname, const std::string& origin, GetFileArgs args = {});

struct ModelToDotArgs {
  bool show_shapes = false;      // of what goes into each layer and comes out
  bool show_dtype = false;       // of what comes out
  bool show_layer_names = true;  // beside the classes
  std::string rankdir = "TB";    // from top to bottom; or "LR", "BT", "RL"
  bool expand_nested = false;    // shows the layers of models inside, each model in a dashed frame
  int dpi = 200;                 // dots an inch
  bool subgraph = false;         // the frame alone, to be part of another graph
  bool show_layer_activations = false;
  bool show_trainable = false;
  std::string splines = "ortho";  // how edges run; or "curved", "polyline", "spline", "line"
};
// The model as a graph in Graphviz's language, a box a layer. What is no functional model and no Sequential is one box.
// ValueError for a model that is not built. Keras 3.15: keras.utils.model_to_dot.
KERAS_API std::string model_to_dot(const Model& model, ModelToDotArgs args = {});

struct PlotModelArgs {
  std::string to_file = "model.png";  // the suffix says the format: png, svg, pdf, dot, or what else Graphviz can
  bool show_shapes = false;
  bool show_dtype = false;
  bool show_layer_names = false;
  std::string rankdir = "TB";
  bool expand_nested = false;
  int dpi = 200;
  bool show_layer_activations = false;
  bool show_trainable = false;
  std::string splines = "ortho";
};
// Draws model_to_dot(model) into a file. Safe to call from any thread. IOError where the file cannot be written or
// Graphviz refuses; NotImplementedError in a build without Graphviz, but for .dot. Keras 3.15: keras.utils.plot_model.
KERAS_API void plot_model(const Model& model, PlotModelArgs args = {});

struct PlotActivationsArgs {
  std::vector<std::string> layers = {};         // whose outputs are shown; all that give pictures if none are named
  std::string to_file = "activations.png";      // PNG or JPEG; "" writes nothing
  std::int64_t columns = 16;                    // tiles a row
  std::optional<std::int64_t> channels = {};    // so many of each layer, from the first; all if none
  std::int64_t tile = 64;                       // the longer side of a tile, in pixels
  std::string cmap = "viridis";                 // or "gray"
  std::int64_t sample = 0;                      // which of the samples of x
  std::optional<std::string> data_format = {};  // of the layers; the global setting if none
};
// Draws what layers make of one sample: under each layer's name a tile a channel, with its mean in the middle of the
// colours and two standard deviations at their ends, and a channel that is the same everywhere dark. x: a batch, or the
// sample without the batch axis; a list for several inputs. Returns the outputs, (1, height, width, channels) each, by
// the names of the layers, of which a shared one shows its first call. ValueError for a model that is neither
// functional nor a Sequential with a known input, and for layers that are not there or give no pictures; errors of
// save_img.
KERAS_API NamedArrays plot_activations(const Model& model, const Data& x, PlotActivationsArgs args = {});

namespace np_utils {  // where Keras 1 and 2 kept it
using utils::to_categorical;
}

}  // namespace utils
namespace np_utils = utils::np_utils;
}  // namespace keras
