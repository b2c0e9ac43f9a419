// What this library writes, opened in real Keras: when KERAS_PEERS_PYTHON names a Python that has keras and tf_keras.
#include <gtest/gtest.h>
#include <keras/error.h>
#include <keras/saving.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "models/model_state.h"
#include "saving/compile_config.h"
#include "saving/write_config.h"
#include "tests/support/golden.h"

namespace keras::saving {
namespace {

TEST(Live, RealKerasOpensWhatIsWritten) {
  const char* python = std::getenv("KERAS_PEERS_PYTHON");
  if (!python) GTEST_SKIP() << "KERAS_PEERS_PYTHON names no Python with keras and tf_keras";
  const testing::Golden golden("configs");
  Config cases = Config::list();
  for (const Config& each : golden.cases()) {
    const Model model = model_from_json(each.at("json").to_json());
    Config outputs;
    if (model.built()) {
      outputs = Config::list();
      for (const ir::Type& type : model.model_body().model_state().outputs) outputs.push_back(as_config(type.shape));
    }
    const auto add = [&](const char* dialect, Config config, Config training) {
      cases.push_back(Config::map({{"name", each.at("name")},
                                   {"dialect", dialect},
                                   {"config", std::move(config)},
                                   {"training", std::move(training)},
                                   {"outputs", outputs}}));
    };
    const bool own = each.at("name").as_string() == "tf_keras_locally";  // layers that Keras 3 has no more
    if (!own) add("keras3", keras3_config(model), {});
    try {
      add("keras2", keras2_config(model), training_config(model));
    } catch (const ValueError&) {  // what Keras 2 cannot say
    }
  }
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("keras_live_" + std::to_string(std::rand()));
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "cases.json") << cases.to_json();
  const char* root = std::getenv("KERAS_TEST_ROOT");
  const std::string command = std::string(python) + " " + (root ? root : ".") + "/tools/check_configs.py " +
                              (folder / "cases.json").string() + " > " + (folder / "faults").string() + " 2> " +
                              (folder / "log").string();
  const int status = std::system(command.c_str());
  std::ifstream faults(folder / "faults"), log(folder / "log");
  EXPECT_EQ(status, 0) << std::string(std::istreambuf_iterator<char>(faults), {});
  std::string last, line;
  while (std::getline(log, line)) last = line;
  std::printf("%s\n", last.c_str());
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace keras::saving
