// Which pictures are alike? SqueezeNet with weights that Keras trained on ImageNet sees 512 things in a picture; two
// pictures are as alike as these numbers point the same way.
//   squeezenet --weights squeezenet_weights_tf_dim_ordering_tf_kernels_notop.h5 PICTURE PICTURE …
#include "squeezenet.h"

#include <cstdio>
#include <string_view>
#include <vector>

using namespace keras;

int main(int argc, char** argv) try {
  std::string weights;
  std::vector<std::string> pictures;
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--weights" && i + 1 < argc) {
      weights = argv[++i];
    } else {
      pictures.emplace_back(argv[i]);
    }
  }
  if (pictures.empty()) {
    std::fprintf(stderr, "usage: %s [--weights FILE] PICTURE PICTURE …\nWithout weights the network is untrained.\n",
                 argv[0]);
    return 2;
  }

  const Tensor input = Input({227, 227, 3}, {.name = "picture"});
  Model base = squeezenet::base(input);
  if (!weights.empty()) std::fprintf(stderr, "%s\n", base.load_weights(weights).str().c_str());
  const Model model(input, layers::GlobalAveragePooling2D()(base.output()));

  std::vector<Array> seen;
  for (const std::string& path : pictures) {
    const Array picture = utils::img_to_array(utils::load_img(path, {.target_size = {227, 227}}));
    seen.push_back(model.predict(squeezenet::preprocess(picture.reshape({1, 227, 227, 3}))));
  }
  Tensor features = concatenate(seen);
  features = features / ops::sqrt(ops::sum(ops::square(features), {1}, true));
  const Array alike = ops::matmul(features, ops::transpose(features));
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    for (std::size_t j = 0; j < pictures.size(); ++j)
      std::printf("%6.3f", alike.at({static_cast<std::int64_t>(i), static_cast<std::int64_t>(j)}));
    std::printf("  %s\n", pictures[i].c_str());
  }
} catch (const Error& error) {
  std::fprintf(stderr, "squeezenet: %s\n", error.what());
  return 1;
}
