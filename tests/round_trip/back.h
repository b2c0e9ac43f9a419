// The way back: files that real Keras trained on and saved, opened, asked and trained on here.
#pragma once

#include <string>

namespace keras::testing {

// Opens the file and compares what its model predicts, and its losses in two further steps of training, with what Keras
// wrote beside it (NPZ: x0…, y0…, predicted0…, losses). What differs too much, or "".
struct Back {
  std::string wrong;
  double prediction = 0, loss = 0;  // the largest differences: of the predictions' range, of the loss
};
Back come_back(const std::string& model, const std::string& npz);

}  // namespace keras::testing
