// docs/design/stages.md shows what model.show prints: this test compares them, or writes the page anew when
// KERAS_UPDATE_DOCS is set.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "backends/cpu/cpu.h"
#include "tests/support/primer.h"

namespace keras::testing {
namespace {

constexpr const char* kAbout = R"(# Stages

What `model.show(stage)` prints of this network, with batches of 32, at each stage of its training step. A test holds this
page against the library (`KERAS_UPDATE_DOCS=1 e2e_test --gtest_filter='Stages*'` writes it anew).

```cpp
Sequential model({
    layers::Conv2D(8, 3, {.activation = "relu", .name = "conv", .input_shape = Shape{8, 8, 1}}),
    layers::MaxPooling2D(2, {.name = "pool"}),
    layers::Flatten({.name = "flatten"}),
    layers::Dense(10, {.activation = "softmax", .name = "out"}),
}, {.name = "small"});
model.compile({.optimizer = "sgd", .loss = "categorical_crossentropy"});
```
)";

struct Stage {
  const char *name, *about;
};
constexpr Stage kStages[] = {
    {"graph", "The forward part alone, as the layers traced it."},
    {"grad",
     "The training step as it was traced: loss, gradients, updates and the mean of the losses. The states that "
     "it changes stand at the end."},
    {"fused",
     "After all passes: loops with the op they begin with ([fusion](fusion.md)), one update for all variables "
     "([segments](segments.md))."},
    {"program",
     "The kernels that were chosen, with where their operands and results lie: values that do not live at "
     "the same time share places in the arena, results of the step lie over the states they replace."},
};

std::string page() {
  Sequential model(
      {
          layers::Conv2D(8, 3, {.activation = "relu", .name = "conv", .input_shape = Shape{8, 8, 1}}),
          layers::MaxPooling2D(2, {.name = "pool"}),
          layers::Flatten({.name = "flatten"}),
          layers::Dense(10, {.activation = "softmax", .name = "out"}),
      },
      {.name = "small"});
  model.compile({.optimizer = "sgd", .loss = "categorical_crossentropy"});
  std::string text = kAbout;
  for (const Stage& stage : kStages) {
    text += std::string("\n## ") + stage.name + "\n\n" + stage.about + "\n\n```\n" + model.show(stage.name, 32);
    if (text.back() != '\n') text += '\n';
    text += "```\n";
  }
  return text;
}

TEST(Stages, AreAsThePageShows) {
  if (backends::cpu::isa() != std::string("avx512") || std::getenv("KERAS_PASSES"))
    GTEST_SKIP() << "the page shows what all passes leave, for kernels of avx512";
  const std::string path = test_root() + "/docs/design/stages.md";
  if (std::getenv("KERAS_UPDATE_DOCS")) std::ofstream(path) << page();
  std::ifstream file(path);
  std::stringstream written;
  written << file.rdbuf();
  EXPECT_EQ(written.str(), page());
}

}  // namespace
}  // namespace keras::testing
