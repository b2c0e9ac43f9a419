// What the commands share: how one is added to the program, how a model is opened, and what goes to standard error.
#pragma once

#include <keras/models.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

namespace cli {

// What every command takes.
struct Talk {
  bool quiet = false, verbose = false;
};
Talk& talk();  // of the process
void add_talk_options(CLI::App& command);

// Ctrl-C ended training, and what there was is written: the exit code is 130.
struct Interrupted {};

// «--to-file: model.txt ends in none of .png, .svg» where the value of an option has another ending.
CLI::Validator ending(std::vector<std::string> suffixes);
CLI::Validator at_least(double least, const char* what);
CLI::Validator below_one();

// A command with options of its own, that outlive parsing. `example`: a call, without «keras» and the command's name.
template <class Options>
CLI::App& add(CLI::App& app, const char* name, const char* what, const char* example, std::shared_ptr<Options>& options,
              void (*run)(const Options&)) {
  options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(name, what)->group("Commands");
  command->callback([options, run] { run(*options); });
  command->footer(std::string("Example:\n  keras ") + name + (*example ? " " : "") + example);
  return *command;
}
void model_argument(CLI::App& command, std::string& model);
void batch_size_option(CLI::App& command, std::int64_t& batch_size);

// The model of the file. Says so where the file holds no weights, which are then new, unless others are to follow.
keras::Model open_model(const std::string& path, bool compile = true, bool weights_wanted = true);

bool ends_with(const std::string& path, const std::string& suffix);  // letters' case does not count
std::string listed(const std::vector<std::string>& names);
// IOError where no file of this name can be written: better before an hour of work than after.
void check_can_write(const std::string& path);
void write_text(const std::string& path, const std::string& text);  // whole or not at all

void note(const std::string& text);  // a line on standard error, unless --quiet
// Every few seconds such a line with the batch that a long work has come to; after each epoch one with its figures.
std::vector<keras::Callback> progress(const std::string& work);

}  // namespace cli
