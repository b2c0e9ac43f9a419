// The subcommands: each adds itself to the program, with what it does when it is called.
#pragma once

#include <CLI/CLI.hpp>

namespace cli {

void add_summary(CLI::App& app);
void add_plot(CLI::App& app);
void add_predict(CLI::App& app);
void add_evaluate(CLI::App& app);
void add_fit(CLI::App& app);
void add_convert(CLI::App& app);
void add_show(CLI::App& app);
void add_profile(CLI::App& app);
void add_info(CLI::App& app);

}  // namespace cli
