// The state of every optimizer in files that Keras 3 and tf_keras wrote: training goes on as there, and what is written
// again has the same arrays in the same order.
#include <gtest/gtest.h>
#include <keras/models.h>
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

}  // namespace
}  // namespace keras::saving
