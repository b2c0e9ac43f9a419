// The state of every optimizer in files that Keras 3 and tf_keras wrote: training goes on as there, and what is written
// again has the same arrays in the same order.
#include <gtest/gtest.h>
#include <keras/layers.h>
#include <keras/models.h>
#include <keras/ops.h>
#include <keras/optimizers.h>
#include <keras/saving.h>

#include <filesystem>

#include "saving/optimizer_state.h"
#include "support/zip.h"
#include "tests/support/golden.h"
#include "tests/support/keras2.h"

namespace keras::saving {
namespace {

namespace fs = std::filesystem;

const testing::Golden& golden() {
  static const testing::Golden golden("optimizer_files");
  return golden;
}

fs::path file_of(const Config& c) {
  const char* root = std::getenv("KERAS_TEST_ROOT");
  return fs::path(root ? root : ".") / "tests/golden/optimizer_files" / c.at("file").as_string();
}

std::vector<Array> optimizer_arrays(const fs::path& path) {
  std::vector<Array> arrays;
  if (path.extension() == ".h5") {
    for (const StoredArray& array : read_optimizer_arrays(support::hdf5::File(path.string())))
      arrays.push_back(array.own());
    return arrays;
  }
  support::ZipReader zip(path.string());
  const auto* weights = zip.find("model.weights.h5");
  if (!weights) return arrays;
  Tree tree;
  read_tree(support::hdf5::File::of("weights", zip.read(*weights)), tree);
  for (const StoredArray& array : optimizer_arrays_of(tree)) arrays.push_back(array.own());
  return arrays;
}

void expect_near(const Array& ours, const Array& keras, const std::string& what) {
  ASSERT_EQ(ours.shape(), keras.shape()) << what;
  const Array a = ours.astype(DType::float64), b = keras.astype(DType::float64);
  for (std::size_t i = 0; i < a.values<double>().size(); ++i)
    EXPECT_NEAR(a.values<double>()[i], b.values<double>()[i], 2e-6) << what;
}

TEST(OptimizerFiles, TrainingGoesOn) {
  for (const Config& c : golden().cases()) {
    const std::string name = c.at("name").as_string();
    SCOPED_TRACE(name);
    const testing::Warnings warnings;
    const Model model = load_model(file_of(c).string());
    EXPECT_TRUE(warnings.texts.empty()) << warnings.texts.front();
    ASSERT_TRUE(model.compiled());
    EXPECT_EQ(model.optimizer().body()->class_name(), c.at("class").as_string());
    EXPECT_EQ(model.optimizer().iterations(), 2);
    for (const Config& loss : c.at("losses").items()) {
      const double ours = Model(model).train_on_batch(golden().array(name + "/x"), golden().array(name + "/y"));
      EXPECT_NEAR(ours, loss.as_real(), 2e-6 * std::max(1.0, loss.as_real()));
    }
    const std::vector<Array> weights = model.get_weights();
    for (std::size_t i = 0; i < weights.size(); ++i)
      expect_near(weights[i], golden().array(name + "/after_" + std::to_string(i)), "weight " + std::to_string(i));
  }
}

TEST(OptimizerFiles, AreWrittenAsTheyWereRead) {
  const fs::path folder = fs::path(::testing::TempDir()) / "keras_optimizer_files";
  fs::create_directories(folder);
  for (const Config& c : golden().cases()) {
    const std::string name = c.at("name").as_string();
    // As .h5 the later optimizers of tf.keras are written as the older ones are.
    if (name.starts_with("later_") && c.at("class") != Config("AdamW")) continue;
    SCOPED_TRACE(name);
    const fs::path again = folder / c.at("file").as_string();
    load_model(file_of(c).string()).save(again.string());
    const std::vector<Array> theirs = optimizer_arrays(file_of(c)), ours = optimizer_arrays(again);
    ASSERT_EQ(ours.size(), theirs.size());
    for (std::size_t i = 0; i < ours.size(); ++i) EXPECT_TRUE(identical(ours[i], theirs[i])) << i;
    // What is read from there goes on as well.
    const Model model = load_model(again.string());
    const double loss = Model(model).train_on_batch(golden().array(name + "/x"), golden().array(name + "/y"));
    EXPECT_NEAR(loss, c.at("losses").items()[0].as_real(), 1e-5);
  }
  fs::remove_all(folder);
}

// As .h5 too everything comes back here, with what Keras 3 means by it.
TEST(OptimizerFiles, GoOnAsHdf5) {
  const fs::path path = fs::path(::testing::TempDir()) / "keras_optimizer.h5";
  for (const Config& c : golden().cases()) {
    const std::string name = c.at("name").as_string();
    if (!name.starts_with("keras3_")) continue;
    SCOPED_TRACE(name);
    load_model(file_of(c).string()).save(path.string());
    const testing::Warnings warnings;
    const Model model = load_model(path.string());
    EXPECT_TRUE(warnings.texts.empty()) << warnings.texts.front();
    for (const Config& loss : c.at("losses").items()) {
      const double ours = Model(model).train_on_batch(golden().array(name + "/x"), golden().array(name + "/y"));
      EXPECT_NEAR(ours, loss.as_real(), 1e-5);
    }
  }
  fs::remove(path);
}

struct HalfArgs {
  double first = 1;
  static void fields(auto&& f) { f("first", &HalfArgs::first, "Learning rate of the first step."); }
};
struct Half final : LearningRateScheduleBody {
  static constexpr auto class_name = "Half";
  using Args = HalfArgs;
  explicit Half(const Args& args) : first(args.first) {}
  Tensor call(const Tensor& step) const override { return first * ops::power(0.5, ops::cast(step, DType::float32)); }
  double first;
};

TEST(OptimizerFiles, KeepSchedulesOfOnesOwn) {
  const fs::path path = fs::path(::testing::TempDir()) / "keras_schedule.keras";
  Sequential model({layers::Dense(1, {.input_dim = 2})});
  model.compile({.optimizer = optimizers::SGD({.learning_rate = make_schedule<Half>({.first = 0.5})}), .loss = "mse"});
  const Array x = ones({4, 2}), y = zeros({4, 1});
  model.fit(x, y, {.batch_size = 2, .epochs = 2, .verbose = 0});
  EXPECT_EQ(model.optimizer().learning_rate(), 0.5 / 16);
  EXPECT_THROW(Optimizer(model.optimizer()).set_learning_rate(1), TypeError);
  model.save(path.string());
  Model again = load_model(path.string(), {.custom_objects = {custom<Half>()}});
  EXPECT_EQ(again.optimizer().learning_rate(), 0.5 / 16);
  EXPECT_EQ(double(again.train_on_batch(x, y)), double(model.train_on_batch(x, y)));
  EXPECT_TRUE(identical(again.get_weights()[0], model.get_weights()[0]));
  const testing::Warnings warnings;
  EXPECT_FALSE(load_model(path.string()).compiled());
  ASSERT_EQ(warnings.texts.size(), 1u);
  EXPECT_NE(warnings.texts[0].find("There is no schedule of the name «Half»"), std::string::npos) << warnings.texts[0];
  fs::remove(path);
}

}  // namespace
}  // namespace keras::saving
