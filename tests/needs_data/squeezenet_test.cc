// The network of examples/squeezenet.h, with weights that Keras trained on ImageNet, sees in pictures what Keras sees.
#include "examples/squeezenet.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/support/golden.h"

namespace keras::testing {
namespace {

TEST(SqueezeNet, SeesWhatKerasSees) {
  const Golden golden("squeezenet");
  const std::string data = std::getenv("KERAS_TEST_DATA");
  const Tensor input = Input({227, 227, 3});
  Model base = squeezenet::base(input);
  const LoadReport report =
      base.load_weights(data + "/models/rcmalli/weights/squeezenet_weights_tf_dim_ordering_tf_kernels_notop.h5");
  EXPECT_EQ(report.loaded.size(), 50U);
  const Model model(input, layers::GlobalAveragePooling2D()(base.output()));
  for (const Config& c : golden.cases()) {
    const std::string path = data + "/pictures/" + c.at("picture").as_string();
    const Array picture = utils::img_to_array(utils::load_img(path, {.target_size = {227, 227}}));
    const Array features = model.predict(squeezenet::preprocess(picture.reshape({1, 227, 227, 3})));
    EXPECT_TRUE(golden.agrees(features, c, "features"));
  }
}

}  // namespace
}  // namespace keras::testing
