// Architectures that real Keras wrote (tests/golden/configs.json): read, compared, written again.
#include "tests/support/golden.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/error.h>
#include <keras/saving.h>

#include <algorithm>
#include <set>

#include "models/model_state.h"
#include "saving/compile_config.h"
#include "saving/read_config.h"
#include "saving/write_config.h"
#include "support/log.h"

namespace keras::saving {
namespace {

const testing::Golden& golden() {
  static const testing::Golden golden("configs");
  return golden;
}

std::vector<std::string> names_of(const std::string& dialect) {
  std::vector<std::string> names;
  for (const Config& each : golden().cases()) {
    if (each.at("dialect").as_string() == dialect) names.push_back(each.at("name").as_string());
  }
  return names;
}

// Every way in which `ours` is not `keras`, but for the order of keys, one line each.
void differences(const Config& ours, const Config& keras, const std::string& path, std::vector<std::string>& found) {
  if (ours == keras) return;
  if (ours.is_number() && keras.is_number() && ours.as_real() == keras.as_real()) return;
  if (ours.is_list() && keras.is_list() && ours.size() == keras.size()) {
    for (std::size_t i = 0; i < ours.size(); ++i)
      differences(ours.items()[i], keras.items()[i], path + "[" + std::to_string(i) + "]", found);
    return;
  }
  if (!ours.is_map() || !keras.is_map()) {
    found.push_back(path + ": " + ours.to_json() + " for " + keras.to_json());
    return;
  }
  for (const auto& [key, value] : keras.entries()) {
    if (const Config* own = ours.find(key)) {
      differences(*own, value, path + "." + key, found);
    } else {
      found.push_back(path + "." + key + ": missing, " + value.to_json());
    }
  }
  for (const auto& [key, value] : ours.entries()) {
    if (!keras.contains(key)) found.push_back(path + "." + key + ": " + value.to_json() + " is not Keras's");
  }
}

// What says the same by other words.
Config normal(const Config& config) {
  if (config.is_list()) {
    Config list = Config::list();
    for (const Config& each : config.items()) list.push_back(normal(each));
    return list;
  }
  if (!config.is_map()) return config;
  Config map = Config::map();
  for (const auto& [key, value] : config.entries()) {
    const bool nothing = value.is_null() || (key == "compile_config" && value.size() == 0);
    if (!nothing) map.set(key, normal(value));  // what is null by default, and unknown to older versions of Keras 3
  }
  for (const char* one : {"input_layers", "output_layers", "axis"}) {  // Model([x], y) and Model(x, y)
    const Config* list = map.find(one);
    if (list && list->is_list() && list->size() == 1) map.set(one, Config(list->items()[0]));
  }
  if (const Config* axes = map.find("axes");
      axes && axes->is_list() && axes->size() == 2 && axes->items()[0] == axes->items()[1])
    map.set("axes", Config(axes->items()[0]));                     // of Dot
  for (const char* inner : {"layer", "backward_layer", "cell"}) {  // these are built by the layer around them
    if (const Config* layer = map.find(inner); layer && layer->is_map()) {
      Config bare = *layer;
      bare.erase("build_config");
      map.set(inner, bare);
    }
  }
  if (const Config* cells = map.find("cells"); cells && cells->is_list()) {
    Config bare = Config::list();
    for (Config cell : cells->items()) cell.erase("build_config"), bare.push_back(cell);
    map.set("cells", bare);
  }
  if (const Config* build = map.find("build_config"); build && build->is_map() && build->contains("shapes_dict"))
    map.set("build_config", Config::map({{"input_shape", Config(build->at("shapes_dict").at("sequences_shape"))}}));
  if (const Config* loss = map.find("loss"); loss && *loss == Config("mse")) map.set("loss", "mean_squared_error");
  return map;
}

struct Reading : ::testing::TestWithParam<std::string> {
  const Config& golden_case() const { return golden().at(GetParam()); }
  std::string version() const { return golden_case().at("dialect").as_string() == "keras3" ? "3.15.1" : "2.21.0"; }
};

std::vector<std::string> shapes_of(const Model& model) {
  std::vector<std::string> shapes;
  for (const ir::Type& type : model.model_body().model_state().outputs)
    shapes.push_back(as_config(type.shape).to_json());
  return shapes;
}

void expect_same_model(const Model& model, const Config& golden_case) {
  ASSERT_EQ(model.built(), golden_case.contains("params"));
  if (!model.built()) return;
  EXPECT_EQ(model.count_params(), golden_case.at("params").as_int());
  std::vector<std::string> shapes;
  for (const Config& each : golden_case.at("outputs").items()) shapes.push_back(each.to_json());
  EXPECT_THAT(shapes_of(model), ::testing::ElementsAreArray(shapes));
}

TEST_P(Reading, GivesTheModel) {
  const Model model = model_from_json(golden_case().at("json").to_json());
  EXPECT_EQ(model.name(), golden_case().at("json").at("config").at("name").as_string());
  expect_same_model(model, golden_case());
}

TEST_P(Reading, IsReadAgainFromBothDialects) {
  const Model model = model_from_json(golden_case().at("json").to_json());
  const Config three = keras3_config(model);
  const Model again = read_model(three);
  expect_same_model(again, golden_case());
  std::vector<std::string> found;
  differences(keras3_config(again), three, "", found);
  EXPECT_THAT(found, ::testing::IsEmpty());
  Config two;
  try {
    two = keras2_config(model);
  } catch (const ValueError& error) {  // an op or a constant that Keras 2 cannot say
    static const std::set<std::string> kOfKeras3 = {"keras3_functions", "keras3_constants"};
    EXPECT_TRUE(kOfKeras3.contains(GetParam())) << error.what();
    return;
  }
  expect_same_model(read_model(two, {.keras_version = "2.15.0"}), golden_case());
}

INSTANTIATE_TEST_SUITE_P(Keras3, Reading, ::testing::ValuesIn(names_of("keras3")),
                         [](const auto& info) { return info.param; });
INSTANTIATE_TEST_SUITE_P(TfKeras, Reading, ::testing::ValuesIn(names_of("tf_keras")),
                         [](const auto& info) { return info.param; });

struct Writing : Reading {};

TEST_P(Writing, IsWhatKerasWrote) {
  const Model model = model_from_json(golden_case().at("json").to_json());
  std::vector<std::string> found;
  differences(normal(keras3_config(model)), normal(golden_case().at("json")), "", found);
  EXPECT_THAT(found, ::testing::IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Keras3, Writing, ::testing::ValuesIn(names_of("keras3")),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace keras::saving
