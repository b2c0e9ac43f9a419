// Every model file of the test data opens, or fails for a documented reason: docs/reference/model-files.md lists all of
// them. This test compares the page, or writes it anew when KERAS_UPDATE_DOCS is set. What a file's Keras predicted,
// its model predicts here.
#include <gtest/gtest.h>
#include <keras/keras.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <sstream>

#include "saving/legacy_weights.h"
#include "saving/stored.h"
#include "saving/tree.h"
#include "support/files.h"
#include "support/hdf5.h"

namespace keras {
namespace {

namespace fs = std::filesystem;
using support::hdf5::File;

std::string root() { return std::string(std::getenv("KERAS_TEST_DATA")) + "/models"; }

// Files that do not open, by a part of their path: why, and what the error says.
struct Reason {
  const char *part, *why, *message;
};
constexpr Reason kReasons[] = {
#include "tests/needs_data/model_files.def"
    {nullptr, nullptr, nullptr},
};
const Reason* reason_for(const std::string& path) {
  for (const Reason& reason : kReasons) {
    if (reason.part && path.find(reason.part) != std::string::npos) return &reason;
  }
  return nullptr;
}

struct Row {
  std::string path, holds, result;
  bool failed = false;
};

std::string describe(const Model& model, const std::vector<std::string>& warnings) {
  std::int64_t parameters = 0;
  for (const Variable& weight : model.weights()) parameters += weight.shape().elements();
  std::string text = std::to_string(model.layers().size()) + " layers, " + std::to_string(parameters) + " parameters";
  if (model.compiled()) text += ", compiled with " + model.optimizer().body()->class_name();
  for (const std::string& warning : warnings) {
    if (warning.find("uncompiled") != std::string::npos) text += "; " + warning;
  }
  return text;
}

std::string of_keras(const std::string& version) { return version.empty() ? "" : " of Keras " + version; }

std::string holds(const std::string& path) {
  const std::string start = support::read_file(path).substr(0, 8);
  if (start.starts_with("PK")) return ".keras";
  if (!support::hdf5::is_hdf5(start)) return "JSON";
  const File file(path);
  const std::string version = of_keras(saving::text_of(file, "keras_version"));
  if (file.has_attribute("model_config")) return "model" + version;
  if (saving::has_legacy_weights(file)) return "weights" + version;
  return file.has_group("predictions") || file.has_group("outputs") ? "arrays" : "tree of weights";
}

// The JSON that lies beside weights.
std::optional<std::string> architecture_of(const std::string& weights) {
  constexpr std::pair<const char*, const char*> kNames[] = {
      {"_weights.h5", "_config.json"}, {"_weights.h5", ".json"}, {"_weights.h5", "_arch.json"}, {".h5", ".json"}};
  for (const auto& [end, with] : kNames) {
    if (!weights.ends_with(end)) continue;
    const std::string path = weights.substr(0, weights.size() - std::string(end).size()) + with;
    if (support::file_exists(path)) return path;
  }
  return std::nullopt;
}

std::string opened(const std::string& path, const std::string& holds, const std::vector<std::string>& warnings) {
  if (holds == "arrays") return "inputs and predictions";
  if (holds == "JSON" || holds == ".keras" || holds.starts_with("model")) return describe(load_model(path), warnings);
  if (const auto json = architecture_of(path)) {
    Model model = load_model(*json);
    return "of " + fs::path(*json).filename().string() + ": " + model.load_weights(path).str();
  }
  const File file(path);
  if (holds.starts_with("weights")) return std::to_string(saving::texts_of(file, "layer_names").size()) + " layers";
  saving::Tree tree;
  saving::read_tree(file, tree);
  return std::to_string(tree.size()) + " layers";
}

Row open(const std::string& path) {
  Row row{path.substr(root().size() + 1), "", "", false};
  std::vector<std::string> warnings;
  config::set_warning_handler([&](const std::string& text) { warnings.push_back(text); });
  try {
    row.holds = holds(path);
    row.result = opened(path, row.holds, warnings);
  } catch (const Error& error) {
    row.failed = true;
    row.result = error.what();
  }
  config::set_warning_handler([](const std::string&) {});
  return row;
}

std::vector<std::string> files() {
  std::vector<std::string> paths;
  for (const auto& entry : fs::recursive_directory_iterator(root())) {
    const std::string path = entry.path().string();
    for (const char* end : {".h5", ".hdf5", ".h5f", ".keras", ".json"}) {
      if (entry.is_regular_file() && path.ends_with(end)) paths.push_back(path);
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

TEST(ModelFiles, OpenOrFailForADocumentedReason) {
  std::ostringstream rows;
  std::size_t good = 0, bad = 0;
  for (const std::string& path : files()) {
    Row row = open(path);
    const Reason* const reason = reason_for(row.path);
    (row.failed ? bad : good) += 1;
    if (row.failed && !reason) {
      ADD_FAILURE() << row.path << " (" << row.holds << "): " << row.result;
    } else if (row.failed) {
      EXPECT_NE(row.result.find(reason->message), std::string::npos) << row.path << ": " << row.result;
      row.result = std::string("*") + reason->why + "*";
    } else if (reason) {
      ADD_FAILURE() << row.path << " opens, and is said not to: " << row.result;
    }
    rows << "| " << row.path << " | " << row.holds << " | " << row.result << " |\n";
  }
  std::ostringstream page;
  page << "# Model files\n\nFiles that other people's Kerases wrote, as "
          "[model_files_test.cc](../../tests/needs_data/model_files_test.cc) finds them: "
       << good << " of " << good + bad << " open; of the others the reason.\n\n| file | holds | here |\n|---|---|---|\n"
       << rows.str();
  const std::string path = std::string(std::getenv("KERAS_TEST_ROOT")) + "/docs/reference/model-files.md";
  if (std::getenv("KERAS_UPDATE_DOCS")) return support::write_file(path, page.str());
  EXPECT_EQ(support::read_file(path), page.str()) << "KERAS_UPDATE_DOCS=1 writes it anew";
}

std::map<std::string, Array> arrays_of(const File& file, const char* group) {
  std::map<std::string, Array> arrays;
  const support::hdf5::Group inside = file.group(group);
  for (const std::string& name : inside.names()) arrays[name] = saving::stored_array(name, inside.dataset(name)).value;
  return arrays;
}

TEST(ModelFiles, PredictWhatTheirKerasPredicted) {
  config::set_warning_handler([](const std::string&) {});
  std::size_t compared = 0;
  for (const std::string& path : files()) {
    constexpr std::string_view kEnd = "_inputs_and_outputs.h5";
    if (!path.ends_with(kEnd)) continue;
    SCOPED_TRACE(path);
    const std::string base = path.substr(0, path.size() - kEnd.size());
    const File file(path);
    const bool whole = support::file_exists(base + "_model.h5");
    Model model = load_model(base + (whole ? "_model.h5" : "_config.json"), {.compile = false});
    if (!whole) model.load_weights(base + "_weights.h5");
    std::vector<Array> inputs;
    for (auto& [name, array] : arrays_of(file, "inputs")) inputs.push_back(array);
    const std::map<std::string, Array> wanted = arrays_of(file, "predictions");
    ASSERT_EQ(wanted.size(), 1U);
    const Array got = model.predict(inputs), want = wanted.begin()->second.astype(DType::float32);
    ASSERT_EQ(got.shape(), want.shape());
    double difference = 0, low = INFINITY, high = -INFINITY;
    const auto a = got.values<float>(), b = want.values<float>();
    for (std::size_t i = 0; i < b.size(); ++i) {
      difference = std::max(difference, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
      low = std::min(low, static_cast<double>(b[i])), high = std::max(high, static_cast<double>(b[i]));
    }
    EXPECT_LE(difference, 1e-5 * (high - low));
    ++compared;
  }
  EXPECT_EQ(compared, 40U);
}

}  // namespace
}  // namespace keras
