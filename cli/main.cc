// keras COMMAND …: Keras files from the shell. Figures go to standard output, progress and errors to standard error.
// Exit codes: 0 done, 1 it could not be done (one line says why), 2 it was called wrongly.
#include <keras/error.h>
#include <keras/version.h>

#include <cstdio>
#include <exception>
#include <string>

#include "commands.h"

namespace {

int fail(const std::string& what) {
  std::fprintf(stderr, "keras: %s\n", what.c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Opens, runs, trains and converts Keras models.", "keras");
  app.set_version_flag("--version", keras::version());
  app.require_subcommand(1);
  app.footer("keras COMMAND --help tells more about a command. Models are .keras, .h5 or .json files of any Keras.");
  cli::add_summary(app);
  cli::add_plot(app);
  cli::add_predict(app);
  cli::add_evaluate(app);
  cli::add_fit(app);
  cli::add_convert(app);
  cli::add_show(app);
  cli::add_profile(app);
  cli::add_info(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const std::exception& error) {
    return fail(error.what());
  }
  return 0;
}
