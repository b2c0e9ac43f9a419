// keras.cpp: Keras in C++. This header includes the whole public set.
#pragma once

#include <keras/activations.h>
#include <keras/array.h>
#include <keras/backend.h>
#include <keras/callbacks.h>
#include <keras/config.h>
#include <keras/constraints.h>
#include <keras/datasets.h>
#include <keras/dtype.h>
#include <keras/error.h>
#include <keras/fields.h>
#include <keras/initializers.h>
#include <keras/layer.h>
#include <keras/layers.h>
#include <keras/losses.h>
#include <keras/metrics.h>
#include <keras/models.h>
#include <keras/ops.h>
#include <keras/optimizers.h>
#include <keras/preprocessing.h>
#include <keras/random.h>
#include <keras/regularizers.h>
#include <keras/shape.h>
#include <keras/tensor.h>
#include <keras/utils.h>
#include <keras/version.h>
