// keras COMMAND …: Keras files from the shell. Figures go to standard output, progress and errors to standard error.
// Exit codes: 0 done, 1 it could not be done (one line says why), 2 it was called wrongly, 130 Ctrl-C ended training.
#include <keras/version.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <memory>
#include <new>
#include <numeric>
#include <string>
#include <vector>

#include "command.h"
#include "commands.h"

namespace {

constexpr int kFailed = 1, kCalledWrongly = 2, kInterrupted = 130;

// A message of the library's may have several lines.
int fail(const std::string& what) {
  const std::size_t end = what.find('\n');
  const bool more = end != std::string::npos && what.find_first_not_of('\n', end) != std::string::npos;
  const std::string shown = cli::talk().verbose || !more ? what : what.substr(0, end) + " (--verbose tells more)";
  std::fprintf(stderr, "keras: %s\n", shown.c_str());
  return kFailed;
}

// Letters to change, insert or leave out to make one word of the other.
std::size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t corner = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t above = row[j + 1];
      row[j + 1] = std::min({above + 1, row[j] + 1, corner + (a[i] == b[j] ? 0 : 1)});
      corner = above;
    }
  }
  return row.back();
}
std::string did_you_mean(const std::string& word, const std::vector<std::string>& known) {
  std::string nearest;
  std::size_t least = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (const std::string& each : known) {
    if (const std::size_t far = distance(word, each); far < least) least = far, nearest = each;
  }
  return nearest.empty() ? "" : "; did you mean " + nearest + "?";
}

int called_wrongly(const CLI::App& app, const std::string& what) {
  const auto commands = app.get_subcommands();
  const std::string who = commands.empty() ? "keras" : "keras " + commands[0]->get_name();
  std::fprintf(stderr, "%s: %s (%s --help tells more)\n", who.c_str(), what.c_str(), who.c_str());
  return kCalledWrongly;
}

// What was not expected: an unknown command, an unknown option, or one argument too many.
int unexpected(const CLI::App& app, const std::string& argument) {
  const auto commands = app.get_subcommands();
  const CLI::App& asked = commands.empty() ? app : *commands[0];
  std::vector<std::string> known;
  if (argument.rfind("-", 0) == 0) {
    for (const CLI::Option* each : asked.get_options()) {
      if (!each->get_lnames().empty()) known.push_back("--" + each->get_lnames()[0]);
    }
    const std::string name = argument.substr(0, argument.find('='));
    return called_wrongly(app, "there is no option " + name + did_you_mean(name, known));
  }
  if (!commands.empty()) return called_wrongly(app, "there is one argument too many: " + argument);
  for (const CLI::App* each : app.get_subcommands([](const CLI::App*) { return true; }))
    known.push_back(each->get_name());
  return called_wrongly(app, "there is no command " + argument + did_you_mean(argument, known));
}

}  // namespace

int main(int argc, char** argv) {
  const auto formatter = std::make_shared<CLI::Formatter>();
  formatter->column_width(30);
  formatter->label("Positionals", "Arguments");
  formatter->label("REQUIRED", "(required)");
  formatter->label("SUBCOMMAND", "COMMAND");
  formatter->label("Subcommands", "Commands");
  CLI::App app("Opens, runs, trains and converts Keras models.", "keras");
  app.set_version_flag("--version", "keras.cpp " + keras::version(), "Print the version");
  app.set_help_flag("-h,--help", "Print this");
  app.formatter(formatter);  // before the commands, which take it over
  app.require_subcommand(1);
  app.footer(
      "keras COMMAND --help tells more about a command. Models are .keras, .h5 or .json files of any Keras.\n"
      "Exit codes: 0 done, 1 it could not be done, 2 it was called wrongly, 130 Ctrl-C ended training.");
  cli::add_summary(app);
  cli::add_plot(app);
  cli::add_predict(app);
  cli::add_evaluate(app);
  cli::add_fit(app);
  cli::add_convert(app);
  cli::add_show(app);
  cli::add_profile(app);
  cli::add_info(app);
  for (CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) cli::add_talk_options(*command);
  if (argc < 2) {
    std::fprintf(stderr, "%s", app.help().c_str());
    return kCalledWrongly;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& answered) {
    return app.exit(answered);
  } catch (const CLI::ExtrasError&) {
    return unexpected(app, app.remaining(true).at(0));
  } catch (const CLI::RequiredError& error) {
    const auto rest = app.remaining(true);
    return app.get_subcommands().empty() && !rest.empty() ? unexpected(app, rest[0])
                                                          : called_wrongly(app, error.what());
  } catch (const CLI::ParseError& error) {
    return called_wrongly(app, error.what());
  } catch (const cli::Interrupted&) {
    return kInterrupted;
  } catch (const std::bad_alloc&) {
    return fail("there is not enough memory");
  } catch (const std::exception& error) {
    return fail(error.what());
  }
  return 0;
}
