// An own layer and an own model, neither with a hand-written gradient: a curve fitted by two paths that are added.
#include <keras/keras.h>

#include <cstdio>
#include <iostream>

using namespace keras;

// The arguments of the layer. What fields() lists is checked, saved and documented; name and trainable every layer may
// have.
struct ScaleArgs {
  double initial = 1;
  std::optional<std::string> name = {};
  bool trainable = true;
  static void fields(auto&& f) {
    f("initial", &ScaleArgs::initial, "Starting value of the scale.");
    f("name", &ScaleArgs::name, "Name of the layer.");
    f("trainable", &ScaleArgs::trainable, "Whether training moves the scale.");
  }
};

// What the layer does: one factor a column, which is learnt.
struct Scale final : LayerBody {
  static constexpr auto class_name = "Scale";
  using Args = ScaleArgs;
  explicit Scale(Args args) : args_(std::move(args)) {}
  void build(const Shape& input) override {
    gamma_ = add_weight("gamma", {input.back()}, initializers::Constant(args_.initial));
  }
  Tensor call(const Tensor& x) override { return x * gamma_; }

 private:
  Args args_;
  Variable gamma_;
};

struct TwoPathsArgs {
  std::int64_t width = 16;
  std::optional<std::string> name = {};
  static void fields(auto&& f) {
    f("width", &TwoPathsArgs::width, "Neurons of the curved path.", positive);
    f("name", &TwoPathsArgs::name, "Name of the model.");
  }
};

// A model: its layers are children, and call() says how they connect.
struct TwoPaths final : ModelBody {
  static constexpr auto class_name = "TwoPaths";
  using Args = TwoPathsArgs;
  explicit TwoPaths(const Args& args)
      : hidden_(child("hidden", layers::Dense(args.width, {.activation = "tanh"}))),
        scale_(child("scale", make_layer<Scale>({.initial = 2}))),
        curved_(child("curved", layers::Dense(1))),
        straight_(child("straight", layers::Dense(1))) {}
  Tensor call(const Tensor& x) override { return curved_(scale_(hidden_(x))) + straight_(x); }

 private:
  Layer hidden_, scale_, curved_, straight_;
};

int main() {
  random::seed(1);
  Array x = linspace(-2, 2, 256).reshape({256, 1});
  Array y = 0.5 * x + ops::sin(3 * x);

  Model model = make_model<TwoPaths>({.width = 24});
  model.compile({.optimizer = optimizers::Adam({.learning_rate = 0.02}), .loss = "mse"});
  History history = model.fit(x, y, {.epochs = 100, .verbose = 0});

  std::printf("loss: %g at first, %g at the end\n", history.history.at("loss").front(),
              history.history.at("loss").back());
  std::cout << "scale: " << model.get_layer("scale").get_weights()[0] << "\n\n";
  model.summary();
}
