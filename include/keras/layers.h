// keras::layers: the layers, by category.
#pragma once

#include <keras/layers/activation.h>
#include <keras/layers/aliases.h>
#include <keras/layers/convolutional.h>
#include <keras/layers/core.h>
#include <keras/layers/lambda.h>
#include <keras/layers/local.h>
#include <keras/layers/merging.h>
#include <keras/layers/normalization.h>
#include <keras/layers/pooling.h>
#include <keras/layers/regularization.h>
#include <keras/layers/reshaping.h>
#include <keras/layers/rnn.h>
#include <keras/layers/wrappers.h>
