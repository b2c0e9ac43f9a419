// What fit warns of though it trains: mistakes after which a model can hardly learn. Each kind once a compiled model;
// config::set_diagnostics silences them.
#pragma once

#include <keras/models.h>

#include "trainers/dataset.h"

namespace keras {

// Before the first step, when losses and outputs are known. `validation`: what validation_split took, or empty. Looks
// at some of the data, at most a million numbers of each array.
void diagnose(const Model& model, const Dataset& train, const Dataset* validation);
// After an epoch, when every callback had its chance to set the learning rate.
void diagnose_learning_rate(const Model& model);
// What a step is traced from: notes outputs that a softmax makes of one number.
void note_outputs(const Model& model, const std::vector<Tensor>& predictions);

}  // namespace keras
