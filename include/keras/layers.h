// keras::layers: the layers, by category.
#pragma once

#include <keras/layers/core.h>
