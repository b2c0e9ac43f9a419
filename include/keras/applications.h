// keras::applications: networks that the tutorials use, with the weights that were published for them.
#pragma once

#include <keras/models.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace keras::applications {

struct VGG16Args {
  bool include_top = true;                          // the three dense layers after the convolutions
  std::optional<std::string> weights = "imagenet";  // or the path of a weights file; none: drawn at random
  std::optional<Tensor> input_tensor = {};          // of Input(), or what a layer gave
  std::optional<Shape> input_shape = {};            // without the batch; with the top (224, 224, 3) if none
  std::optional<std::string> pooling = {};          // without the top: "avg" or "max" over each picture
  std::int64_t classes = 1000;                      // 1000 with the top and "imagenet"
  Activation classifier_activation = "softmax";     // of the last layer; none or softmax with weights
  std::string name = "vgg16";
};
// Simonyan and Zisserman's network of 2014 (arXiv 1409.1556): names, order and shapes of its layers are Keras's, so
// that the published files fit. Sides of pictures are 32 or more, with the top fixed, and without it free. The weights
// "imagenet" are ~/.keras/models/vgg16_weights_tf_dim_ordering_tf_kernels.h5 (without the top: …_notop.h5), downloaded
// from Keras's own address where that is missing or another file. ValueError for arguments that do not go together,
// IOError for a file that cannot be had or read. Keras 3.15: keras.applications.VGG16.
KERAS_API Model VGG16(VGG16Args args = {});

namespace imagenet_utils {

struct PreprocessInputArgs {
  std::optional<std::string> data_format = {};  // the global setting if none
  // "caffe": RGB to BGR, minus the mean colour of ImageNet. "tf": -1 to 1. "torch": 0 to 1, minus the mean colour,
  // divided by its deviation.
  std::string mode = "caffe";
};
// Pictures of 3 channels, values 0 to 255, as networks were trained with them: a batch or one. A real dtype stays, any
// other becomes floatx. The argument is not written to, as in Keras it is.
KERAS_API Array preprocess_input(const Array& x, PreprocessInputArgs args = {});
KERAS_API Tensor preprocess_input(const Tensor& x, PreprocessInputArgs args = {});

struct Prediction {
  std::string class_name, class_description;  // "n02099712", "Labrador_retriever"
  double score = 0;
};
struct DecodePredictionsArgs {
  std::int64_t top = 5;
};
// For each row of (samples, 1000) the most likely classes of ImageNet, the likeliest first. Their names are in
// ~/.keras/models/imagenet_class_index.json, downloaded where that is missing. ValueError for another shape, IOError.
KERAS_API std::vector<std::vector<Prediction>> decode_predictions(const Array& preds, DecodePredictionsArgs args = {});

}  // namespace imagenet_utils

namespace vgg16 {
using applications::VGG16;
using imagenet_utils::decode_predictions;

struct PreprocessInputArgs {
  std::optional<std::string> data_format = {};
};
// imagenet_utils::preprocess_input in the mode "caffe".
KERAS_API Array preprocess_input(const Array& x, PreprocessInputArgs args = {});
KERAS_API Tensor preprocess_input(const Tensor& x, PreprocessInputArgs args = {});
}  // namespace vgg16

}  // namespace keras::applications
