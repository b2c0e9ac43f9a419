// convert: between the formats in which Kerases keep models.
#include <keras/keras.h>

#include "command.h"
#include "commands.h"

namespace cli {
namespace {

using namespace keras;

struct Options {
  std::string in, out, keras_version, weights;
  bool weights_only = false;
};

void check(const Options& options) {
  const std::string& out = options.out;
  const bool two = options.keras_version == "2";
  if (ends_with(out, ".weights.h5") && two)
    throw CLI::ValidationError(out,
                               "Keras 2 does not read .weights.h5; say --weights-only and a name that ends in .h5");
  if (ends_with(out, ".keras") && two)
    throw CLI::ValidationError(out, "Keras 2 before 2.12 does not read .keras; name it .h5");
  if (options.weights_only && (ends_with(out, ".keras") || ends_with(out, ".json")))
    throw CLI::ValidationError("--weights-only", out + " is no file of weights: name it .weights.h5, .h5 or .npz");
}

void convert(const Options& options) {
  check(options);
  const std::string& out = options.out;
  check_can_write(out);
  Model model = open_model(options.in, true, options.weights.empty());
  if (!options.weights.empty()) model.load_weights(options.weights);
  if (ends_with(out, ".json")) {
    write_text(out, model.to_json({.indent = 1, .keras_version = options.keras_version == "2" ? "2" : "3"}) + "\n");
  } else if (options.weights_only || ends_with(out, ".weights.h5") || ends_with(out, ".npz")) {
    model.save_weights(out);
  } else {
    model.save(out);
  }
  note("wrote " + out);
}

}  // namespace

void add_convert(CLI::App& app) {
  std::shared_ptr<Options> o;
  CLI::App& c = add(app, "convert", "Writes a model in another format, which the end of the new name says",
                    "old_model.h5 model.keras", o, convert);
  c.add_option("IN", o->in, "The file of a model, of any Keras: .keras, .h5, .hdf5 or .json")
      ->required()
      ->type_name("");
  c.add_option("OUT", o->out,
               "The file to write.\n"
               "  .keras        model and weights, of Keras 3\n"
               "  .h5, .hdf5    model and weights as Keras 2 keeps them; Keras 3 reads this too\n"
               "  .weights.h5   weights alone, of Keras 3\n"
               "  .npz          weights alone, as NumPy arrays\n"
               "  .json         the architecture alone")
      ->required()
      ->type_name("")
      ->check(ending({".keras", ".h5", ".hdf5", ".npz", ".json"}));
  c.add_option("--keras-version", o->keras_version,
               "Whose form OUT has: 2 or 3; by default the one that its format is of,\nand 3 for .json")
      ->type_name("2|3")
      ->check(CLI::Validator(CLI::IsMember({"2", "3"})).description(""));
  c.add_option("--weights", o->weights, "Weights for the model, such as those that belong to a .json")
      ->type_name("FILE");
  c.add_flag("--weights-only", o->weights_only, "Write an .h5 of the weights alone, as Keras 2's save_weights does");
}

}  // namespace cli
