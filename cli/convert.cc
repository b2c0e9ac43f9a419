// convert: between the formats in which Kerases keep models.
#include <keras/keras.h>

#include <cstdio>
#include <fstream>

#include "commands.h"
#include "data.h"

namespace cli {
namespace {

using namespace keras;

struct Options {
  std::string in, out, keras_version;
};

void write_text(const std::string& path, const std::string& text) {
  std::ofstream file(path);
  file << text << '\n';
  file.close();
  if (!file) throw IOError("cannot write " + path);
}

void convert(const Options& options) {
  const Model model = load_model(options.in);
  const std::string& out = options.out;
  const bool two = options.keras_version == "2";
  if (ends_with(out, ".json")) {
    write_text(out, model.to_json(1));
  } else if (ends_with(out, ".weights.h5") || ends_with(out, ".npz")) {
    if (two) throw ValueError(out + ": only Keras 3 has weights of this form; for Keras 2, name the file .h5");
    model.save_weights(out);
  } else if (ends_with(out, ".keras")) {
    if (two) throw ValueError(out + ": Keras 2 before 2.12 does not read .keras; write .h5");
    model.save(out);
  } else if (ends_with(out, ".h5") || ends_with(out, ".hdf5")) {
    model.save(out);
  } else {
    throw ValueError(out + ": models are written as .keras, .h5, .weights.h5, .npz or .json");
  }
  std::fprintf(stderr, "wrote %s\n", out.c_str());
}

}  // namespace

void add_convert(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  CLI::App* c = app.add_subcommand("convert",
                                   "Writes a model in another format, which the name's end says: .keras, .h5 "
                                   "(Keras 2's, which Keras 3 reads too), .weights.h5, .npz, .json");
  c->callback([options] { convert(*options); });
  c->add_option("IN", options->in, "A .keras, .h5 or .json file of any Keras")->required();
  c->add_option("OUT", options->out, "The file to write")->required();
  c->add_option("--keras-version", options->keras_version, "Whose form: 2 or 3; by default the one the format is of")
      ->check(CLI::IsMember({"2", "3"}));
}

}  // namespace cli
