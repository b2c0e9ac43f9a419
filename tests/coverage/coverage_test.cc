// docs/reference/coverage.md says what of Keras 2.2.4 is here: made from the inventory of its names
// (tests/golden/inventory.json) and from the library itself. This test compares the page, or writes it anew when
// KERAS_UPDATE_DOCS is set.
#include <gtest/gtest.h>
#include <keras/keras.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "losses/built_in.h"
#include "metrics/built_in.h"
#include "tests/support/golden.h"
#include "tests/support/primer.h"

namespace keras::testing {

// A line of the list whose function is not in the header does not compile.
namespace declared::in_backend {
#define KERAS_BACKEND_FUNCTION(name, here) using keras::backend::here;
#define KERAS_BACKEND_OP(name, here, op) using keras::backend::here;
#include "tests/coverage/backend_functions.def"
}  // namespace declared::in_backend
namespace declared::in_ops {
#define KERAS_BACKEND_FUNCTION(name, here)
#define KERAS_BACKEND_OP(name, here, op) using keras::ops::op;
#include "tests/coverage/backend_functions.def"
}  // namespace declared::in_ops

namespace {

#define KERAS_LAYER_FUNCTIONS(f) f(add) f(subtract) f(multiply) f(average) f(maximum) f(minimum) f(concatenate) f(dot)
#define KERAS_DECLARE(name) using keras::layers::name;
namespace declared_layers {
using keras::Input;
KERAS_LAYER_FUNCTIONS(KERAS_DECLARE)
}  // namespace declared_layers

#define KERAS_CALLBACKS(f)                                                                               \
  f(BackupAndRestore) f(BaseLogger) f(CSVLogger) f(CallbackList) f(EarlyStopping) f(LambdaCallback)      \
      f(LearningRateScheduler) f(ModelCheckpoint) f(ProgbarLogger) f(ReduceLROnPlateau) f(RemoteMonitor) \
          f(SwapEMAWeights) f(TerminateOnNaN)
#define KERAS_DECLARE_CALLBACK(name) using keras::callbacks::name;
namespace declared_callbacks {
using keras::CallbackBody;  // what one's own derive from
using keras::History;       // what fit returns
KERAS_CALLBACKS(KERAS_DECLARE_CALLBACK)
}  // namespace declared_callbacks

const std::map<std::string, std::string>& left_out() {
  static const std::map<std::string, std::string> reasons = {
      {"ctc_label_dense_to_sparse", "makes a sparse tensor"},
      {"get_session", "a session of TensorFlow"},
      {"is_sparse", "sparse tensors"},
      {"manual_variable_initialization", "variables have their value from the start"},
      {"set_session", "a session of TensorFlow"},
      {"to_dense", "sparse tensors"},
  };
  return reasons;
}

struct Here {
  std::string name, op;
};
std::map<std::string, Here> backend_functions() {
  return {
#define KERAS_BACKEND_FUNCTION(name, here) {#name, {#here, ""}},
#define KERAS_BACKEND_OP(name, here, op) {#name, {#here, #op}},
#include "tests/coverage/backend_functions.def"
  };
}

// Every name by which a layer is found, and the class that it leads to.
std::map<std::string, std::string> layer_names() {
  std::map<std::string, std::string> names;
  const auto add = [&](std::initializer_list<const char*> all) {
    for (const char* name : all) names[name] = *all.begin();
  };
#define KERAS_LAYER(name, ...) add({#name __VA_OPT__(, ) __VA_ARGS__});
#include "layers/layers.def"
  static_assert(std::is_base_of_v<LayerBody, WrapperBody>);  // a base, not a layer by itself
  names["Wrapper"] = "WrapperBody";
  return names;
}

// One section of the page: its rows, and what is missing.
struct Section {
  std::string title, head;
  std::vector<std::string> rows = {}, missing = {}, left_out = {};
  std::size_t all = 0;

  static std::string list(const char* what, const std::vector<std::string>& names) {
    std::string text = names.empty() ? "" : what;
    for (std::size_t i = 0; i < names.size(); ++i) text += (i ? ", `" : " `") + names[i] + "`";
    return names.empty() ? "" : text + ".";
  }

  std::string text() const {
    std::ostringstream out;
    out << "\n## " << title << "\n\n" << all - missing.size() - left_out.size() << " of " << all << ".";
    out << list(" Missing:", missing) << list(" Left out on purpose:", left_out);
    out << "\n\n" << head << "\n";
    for (const std::string& row : rows) out << row << "\n";
    return out.str();
  }
};

Section layers_section(const Golden& inventory) {
  Section section{"Layers", "| 2.2.4 | here |\n|---|---|"};
  const auto names = layer_names();
  for (const Config& c : inventory.cases()) {
    if (!c.contains("classes")) continue;
    for (const Config& item : c.at("classes").items()) {
      const auto found = names.find(item.as_string());
      ++section.all;
      if (found == names.end()) {
        section.missing.push_back(item.as_string());
      } else {
        section.rows.push_back("| " + found->first + " | `layers::" + found->second + "` |");
      }
    }
  }
  std::sort(section.rows.begin(), section.rows.end());
  return section;
}

Section other_names_section(const Golden& inventory) {
  Section section{"Other names of layers", "| 2.2.4 | here, where configurations are read |\n|---|---|"};
  std::set<std::string> wanted;
  for (const Config& c : inventory.cases()) {
    if (!c.contains("other_names")) continue;
    for (const auto& [name, of] : c.at("other_names").entries()) wanted.insert(name);
  }
  wanted.insert({"AtrousConvolution1D", "AtrousConvolution2D"});  // functions of keras.legacy
  const auto names = layer_names();
  for (const std::string& name : wanted) {
    const auto found = names.find(name);
    ++section.all;
    if (found == names.end()) {
      section.missing.push_back(name);
    } else {
      section.rows.push_back("| " + name + " | `" + found->second + "` |");
    }
  }
  return section;
}

Section layer_functions_section(const Golden& inventory) {
  Section section{"Functions beside the layers", "| 2.2.4 | here |\n|---|---|"};
#define KERAS_NAME(name) #name,
  const std::set<std::string> here = {KERAS_LAYER_FUNCTIONS(KERAS_NAME)};
  for (const Config& c : inventory.cases()) {
    if (!c.contains("classes")) continue;
    for (const Config& item : c.at("functions").items()) {
      const std::string& name = item.as_string();
      ++section.all;
      if (name == "Input") {
        section.rows.push_back("| Input | `Input` |");
      } else if (here.contains(name)) {
        section.rows.push_back("| " + name + " | `layers::" + name + "` |");
      } else {
        section.missing.push_back(name);
      }
    }
  }
  return section;
}

Section backend_section(const Golden& inventory) {
  Section section{"Backend functions",
                  "| `K.` in 2.2.4 | `keras::backend::` | built on `keras::ops::` |\n|---|---|---|"};
  const auto here = backend_functions();
  std::set<std::string> wanted;
  for (const Config& item : inventory.at("backend").at("functions").items()) wanted.insert(item.as_string());
  section.all = wanted.size();
  for (const std::string& name : wanted) {
    const auto found = here.find(name);
    if (found == here.end()) {
      const auto reason = left_out().find(name);
      (reason != left_out().end() ? section.left_out : section.missing).push_back(name);
      section.rows.push_back("| " + name + " | — | " +
                             (reason != left_out().end() ? "left out: " + reason->second : "") + " |");
    } else {
      const std::string op = found->second.op.empty() ? "" : "`" + found->second.op + "`";
      section.rows.push_back("| " + name + " | `" + found->second.name + "` | " + op + " |");
    }
  }
  return section;
}

#define KERAS_OPTIMIZERS(f)                                                                                    \
  f(Adadelta) f(Adafactor) f(Adagrad) f(Adam) f(AdamW) f(Adamax) f(Ftrl) f(Lamb) f(Lion) f(LossScaleOptimizer) \
      f(MultiOptimizer) f(Muon) f(Nadam) f(RMSprop) f(SGD) f(ScheduleFreeAdamW)
#define KERAS_SCHEDULES(f)                                                                                \
  f(CosineDecay) f(CosineDecayRestarts) f(ExponentialDecay) f(InverseTimeDecay) f(PiecewiseConstantDecay) \
      f(PolynomialDecay)
#define KERAS_DECLARE_OPTIMIZER(name) using keras::optimizers::name;
#define KERAS_DECLARE_SCHEDULE(name) using keras::optimizers::schedules::name;
namespace declared_optimizers {
using keras::LearningRateScheduleBody;
using keras::OptimizerBody;
using keras::OptimizerMap;
KERAS_OPTIMIZERS(KERAS_DECLARE_OPTIMIZER)
KERAS_SCHEDULES(KERAS_DECLARE_SCHEDULE)
}  // namespace declared_optimizers

// A section of classes of both Kerases: those that are here, and why others are not.
Section both_section(const char* title, const Config& inventory, const std::map<std::string, std::string>& here,
                     const std::map<std::string, std::string>& left_out) {
  Section section{title, "| Keras | 2.2.4 | 3 | here |\n|---|---|---|---|"};
  std::map<std::string, std::pair<bool, bool>> wanted;
  for (const Config& name : inventory.at("keras_2").items()) wanted[name.as_string()].first = true;
  for (const Config& name : inventory.at("keras_3").items()) wanted[name.as_string()].second = true;
  section.all = wanted.size();
  for (const auto& [name, in] : wanted) {
    const auto found = here.find(name), reason = left_out.find(name);
    if (found == here.end()) (reason != left_out.end() ? section.left_out : section.missing).push_back(name);
    const std::string what = found != here.end()        ? "`" + found->second + "`"
                             : reason != left_out.end() ? "left out: " + reason->second
                                                        : "";
    section.rows.push_back("| " + name + " | " + (in.first ? "yes" : "") + " | " + (in.second ? "yes" : "") + " | " +
                           what + " |");
  }
  return section;
}

Section callbacks_section(const Golden& inventory) {
  std::map<std::string, std::string> here = {{"Callback", "CallbackBody"}, {"History", "History"}};
#define KERAS_CALLBACK_NAME(name) here[#name] = "callbacks::" #name;
  KERAS_CALLBACKS(KERAS_CALLBACK_NAME)
  return both_section("Callbacks", inventory.at("callbacks"), here,
                      {{"TensorBoard", "for now"}, {"OrbaxCheckpoint", "for now: files of JAX's Orbax"}});
}

std::vector<Section> optimizer_sections() {
  const Golden inventory("inventory");
  std::map<std::string, std::string> optimizers = {{"Optimizer", "OptimizerBody"}, {"OptimizerMap", "OptimizerMap"}},
                                     schedules = {{"LearningRateSchedule", "LearningRateScheduleBody"}};
#define KERAS_OPTIMIZER_NAME(name) optimizers[#name] = "optimizers::" #name;
#define KERAS_SCHEDULE_NAME(name) schedules[#name] = "optimizers::schedules::" #name;
  KERAS_OPTIMIZERS(KERAS_OPTIMIZER_NAME)
  KERAS_SCHEDULES(KERAS_SCHEDULE_NAME)
  return {both_section("Optimizers", inventory.at("optimizers"), optimizers,
                       {{"TFOptimizer", "wraps an optimizer of TensorFlow"}}),
          both_section("Schedules", inventory.at("schedules"), schedules, {})};
}

#define KERAS_LOSS_FUNCTIONS(f)                                                                                     \
  f(binary_crossentropy) f(binary_focal_crossentropy) f(categorical_crossentropy) f(categorical_focal_crossentropy) \
      f(categorical_generalized_cross_entropy) f(categorical_hinge) f(circle) f(cosine_similarity) f(ctc) f(dice)   \
          f(hinge) f(huber) f(kl_divergence) f(log_cosh) f(mean_absolute_error) f(mean_absolute_percentage_error)   \
              f(mean_squared_error) f(mean_squared_logarithmic_error) f(poisson) f(sparse_categorical_crossentropy) \
                  f(squared_hinge) f(tversky)
#define KERAS_METRIC_FUNCTIONS(f)                                                                                   \
  f(binary_accuracy) f(binary_crossentropy) f(binary_focal_crossentropy) f(categorical_accuracy)                    \
      f(categorical_crossentropy) f(categorical_focal_crossentropy) f(categorical_hinge) f(concordance_correlation) \
          f(hinge) f(huber) f(kl_divergence) f(log_cosh) f(mean_absolute_error) f(mean_absolute_percentage_error)   \
              f(mean_squared_error) f(mean_squared_logarithmic_error) f(pearson_correlation) f(poisson)             \
                  f(sparse_categorical_accuracy) f(sparse_categorical_crossentropy)                                 \
                      f(sparse_top_k_categorical_accuracy) f(squared_hinge) f(top_k_categorical_accuracy)
#define KERAS_DECLARE_LOSS(name) using keras::losses::name;
#define KERAS_DECLARE_METRIC(name) using keras::metrics::name;
namespace declared_losses {
KERAS_LOSS_FUNCTIONS(KERAS_DECLARE_LOSS)
}  // namespace declared_losses
namespace declared_metrics {
KERAS_METRIC_FUNCTIONS(KERAS_DECLARE_METRIC)
}  // namespace declared_metrics

// Classes and other names from the table by which they are found; functions where they are declared.
void add_names(std::map<std::string, std::string>& here, const std::string& room, const std::string& handle,
               const Shelf& shelf) {
  for (const std::string_view name : shelf.names()) {
    const bool is_class = std::isupper(static_cast<unsigned char>(name[0])) && name != "BCE" && name != "MAE" &&
                          name != "MAPE" && name != "MSE" && name != "MSLE" && name != "KLD";
    here[std::string(name)] = is_class ? room + "::" + std::string(name) : handle + "(\"" + std::string(name) + "\")";
  }
}

std::vector<Section> loss_sections() {
  const Golden inventory("inventory");
  std::map<std::string, std::string> losses = {{"Loss", "LossBody"}},
                                     metrics = {{"Metric", "MetricBody"}, {"MeanMetricWrapper", "Metric(function)"}};
  add_names(losses, "losses", "Loss", losses::shelf());
  add_names(metrics, "metrics", "Metric", metrics::shelf());
#define KERAS_LOSS_NAME_HERE(name) losses[#name] = "losses::" #name;
#define KERAS_METRIC_NAME_HERE(name) metrics[#name] = "metrics::" #name;
  KERAS_LOSS_FUNCTIONS(KERAS_LOSS_NAME_HERE)
  KERAS_METRIC_FUNCTIONS(KERAS_METRIC_NAME_HERE)
  return {both_section("Losses", inventory.at("losses"), losses, {}),
          both_section("Metrics", inventory.at("metrics"), metrics, {})};
}

// Of keras.utils and Model: what data may be beside Arrays, by hand, each held to be declared.
#define KERAS_DATA_NAMES(f) f(Sequence) f(PyDataset) f(HDF5Matrix)
#define KERAS_DECLARE_DATA(name) using keras::utils::name;
namespace declared_data {
KERAS_DATA_NAMES(KERAS_DECLARE_DATA)
static_assert(requires(Model model, Data data) {
  model.fit_generator(data), model.evaluate_generator(data), model.predict_generator(data);
});
}  // namespace declared_data

Section data_section() {
  Section section{"Data larger than memory", "| Keras | 2.2.4 | 3 | here |\n|---|---|---|---|"};
  section.rows = {
      "| utils.HDF5Matrix | yes |  | `utils::HDF5Matrix` |",
      "| utils.Sequence, utils.PyDataset | Sequence | both | `utils::Sequence`, with a `utils::SequenceBody` |",
      "| utils.OrderedEnqueuer | yes |  | the threads of `fit` with a `Sequence` |",
      "| utils.GeneratorEnqueuer | yes |  | the thread of `fit` with a generator |",
      "| utils.SequenceEnqueuer | yes |  | likewise: nobody has to see it |",
      "| Model.fit_generator | yes |  | `Model::fit_generator` |",
      "| Model.evaluate_generator | yes |  | `Model::evaluate_generator` |",
      "| Model.predict_generator | yes |  | `Model::predict_generator` |"};
  section.all = section.rows.size();
  return section;
}

std::vector<Section> sections() {
  const Golden inventory("inventory");
  return {layers_section(inventory), other_names_section(inventory), layer_functions_section(inventory),
          callbacks_section(inventory), backend_section(inventory)};
}

constexpr const char* kAbout = R"(# Coverage

What of Keras 2.2.4 is here, and of Keras 3's callbacks, losses, metrics and optimizers. A test makes this page from the names
that these have (`tests/golden/inventory.json`) and from the library: layers from the table by which they are found, functions
from a list that only compiles where each is declared. `KERAS_UPDATE_DOCS=1 coverage_test` writes it anew.
)";

TEST(Coverage, IsAsThePageSays) {
  std::string page = kAbout;
  for (const Section& section : sections()) page += section.text();
  for (const Section& section : loss_sections()) page += section.text();
  for (const Section& section : optimizer_sections()) page += section.text();
  page += data_section().text();
  const std::string path = test_root() + "/docs/reference/coverage.md";
  if (std::getenv("KERAS_UPDATE_DOCS")) std::ofstream(path) << page;
  std::ifstream file(path);
  std::stringstream written;
  written << file.rdbuf();
  EXPECT_EQ(written.str(), page) << "KERAS_UPDATE_DOCS=1 coverage_test writes docs/reference/coverage.md anew";
}

TEST(Coverage, LeavesOutOnlyBackendFunctionsThatAreMeantToBe) {
  const Section section = backend_section(Golden("inventory"));
  EXPECT_EQ(section.all, 155u);
  EXPECT_EQ(section.missing, std::vector<std::string>());
  for (const auto& [name, here] : backend_functions()) EXPECT_FALSE(left_out().contains(name)) << name;
}

TEST(Coverage, LossesAndMetricsAreComplete) {
  const std::vector<Section> both = loss_sections();
  EXPECT_EQ(both[0].all, 59u);
  EXPECT_EQ(both[1].all, 81u);
  for (const Section& section : both) EXPECT_EQ(section.missing, std::vector<std::string>()) << section.title;
}

TEST(Coverage, OptimizersAndSchedulesAreComplete) {
  const std::vector<Section> both = optimizer_sections();
  EXPECT_EQ(both[0].all, 19u);
  EXPECT_EQ(both[1].all, 7u);
  for (const Section& section : both) EXPECT_EQ(section.missing, std::vector<std::string>()) << section.title;
}

TEST(Coverage, TheInventoryIsWhole) {
  const std::vector<Section> all = sections();
  EXPECT_EQ(all[0].all, 80u);
  EXPECT_EQ(all[1].all, 24u);
  EXPECT_EQ(all[2].all, 9u);
  EXPECT_EQ(all[3].all, 17u);  // 14 of 2.2.4 and 3 more of Keras 3
  EXPECT_EQ(all[3].missing, std::vector<std::string>());
}

}  // namespace
}  // namespace keras::testing
