// Configurations that are wrong, or say what is not there: an error that names layer, argument and value. And what the
// user gives for it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/error.h>
#include <keras/layers.h>
#include <keras/ops.h>
#include <keras/saving.h>

#include "layers/layer_state.h"
#include "models/model_state.h"
#include "saving/compile_config.h"
#include "saving/read_config.h"
#include "saving/write_config.h"

namespace keras::saving {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

Config layer(const char* class_name, const char* name, Config config = Config::map(), Config nodes = Config::list()) {
  config.set("name", name);
  return Config::map(
      {{"class_name", class_name}, {"config", std::move(config)}, {"name", name}, {"inbound_nodes", std::move(nodes)}});
}
Config input(const char* name) {
  return layer("InputLayer", name, Config::map({{"batch_input_shape", Config::list({Config(), 3})}}));
}
Config call(std::vector<const char*> names, int node = 0, int index = 0) {
  Config refs = Config::list();
  for (const char* name : names) refs.push_back(Config::list({name, node, index, Config::map()}));
  return Config::list({refs});
}
Config ends(const char* name) { return Config::list({Config::list({name, 0, 0})}); }
Config graph(std::vector<Config> layers, const char* in = "a", const char* out = "d") {
  Config list = Config::list(std::move(layers));
  return Config::map(
      {{"class_name", "Model"},
       {"config",
        Config::map({{"name", "m"}, {"layers", list}, {"input_layers", ends(in)}, {"output_layers", ends(out)}})}});
}
Config dense(const char* name, Config nodes) {
  return layer("Dense", name, Config::map({{"units", 2}}), std::move(nodes));
}
Config stack(std::vector<Config> layers) {
  return Config::map({{"class_name", "Sequential"},
                      {"config", Config::map({{"name", "s"}, {"layers", Config::list(std::move(layers))}})}});
}

template <class Matcher>
void expect_error(const Config& config, Matcher matcher) {
  EXPECT_THAT([&] { model_from_config(config); }, ThrowsMessage<Error>(matcher)) << config.to_json();
}

TEST(ReadErrors, UnknownClassesAreOneErrorForAll) {
  const Config config = graph(
      {input("a"), layer("Scale", "s", Config::map(), call({"a"})),
       layer("Dense", "e", Config::map({{"units", 2}, {"activation", "swish2"}, {"kernel_initializer", "my_init"}}),
             call({"s"})),
       layer("Lambda", "l",
             Config::map({{"function", Config::list({"code", Config(), Config()})}, {"function_type", "lambda"}}),
             call({"e"})),
       layer("MultiHeadAttention", "h", Config::map(), call({"l"})), dense("d", call({"h"}))});
  expect_error(config, AllOf(HasSubstr("Scale (layer «s»)"), HasSubstr("swish2 (layer «e»)"),
                             HasSubstr("my_init (layer «e»)"), HasSubstr("Lambda (layer «l»)"),
                             HasSubstr("MultiHeadAttention (layer «h», a layer of Keras that is not in this version)"),
                             HasSubstr("custom_objects: {custom<Scale>()}"), HasSubstr("layers::Lambda(f)")));
}

TEST(ReadErrors, UnknownClassesInsideWrappersAndModels) {
  const Config inner = stack({layer("Mine", "x")});
  expect_error(stack({layer("TimeDistributed", "t", Config::map({{"layer", inner}}))}), HasSubstr("Mine (layer «x»)"));
  expect_error(stack({layer("Bidirectional", "t", Config::map({{"layer", layer("MyRnn", "r")}}))}),
               HasSubstr("MyRnn (layer «r»)"));
  expect_error(stack({layer("RNN", "t", Config::map({{"cell", layer("MyCell", "c")}}))}),
               HasSubstr("MyCell (layer «c»)"));
}

TEST(ReadErrors, ArgumentsAreNamedWithTheirLayer) {
  expect_error(stack({layer("Dense", "fc", Config::map({{"units", 2}, {"unitz", 3}}))}),
               AllOf(HasSubstr("Dense «fc»: Dense has no argument «unitz»"), HasSubstr("Did you mean «units»"),
                     HasSubstr("unitz=3")));
  expect_error(stack({layer("Conv2D", "c", Config::map({{"filters", 2}, {"kernel_size", 3}, {"groups", -2}}))}),
               HasSubstr("Conv2D «c»: Conv2D: groups"));
  expect_error(stack({layer("LSTM", "l", Config::map({{"units", 2}, {"time_major", true}}))}),
               HasSubstr("time_major=true"));
  expect_error(stack({layer("Dense", "fc", Config::map({{"units", "two"}}))}),
               AllOf(HasSubstr("Dense «fc»: Dense: units"), HasSubstr("\"two\"")));
  expect_error(
      stack({layer("Dense", "fc",
                   Config::map({{"units", 2},
                                {"kernel_initializer", Config::map({{"class_name", "Constant"},
                                                                    {"config", Config::map({{"valu", 1}})}})}}))}),
      AllOf(HasSubstr("Dense «fc»"), HasSubstr("Constant has no argument «valu»")));
}

TEST(ReadErrors, IdleArgumentsOfOtherVersionsAreTaken) {
  const Model model = model_from_config(stack({layer("Dense", "fc",
                                                     Config::map({{"units", 2},
                                                                  {"batch_input_shape", Config::list({Config(), 3})},
                                                                  {"groups", 1},
                                                                  {"ragged", false},
                                                                  {"sparse", false},
                                                                  {"quantization_config", nullptr},
                                                                  {"autocast", true},
                                                                  {"shared_object_id", 3},
                                                                  {"stateful", false}}))}));
  EXPECT_EQ(model.count_params(), 8);
}

TEST(ReadErrors, GraphsThatDoNotHoldTogether) {
  expect_error(graph({input("a"), dense("d", call({"b"}))}),
               AllOf(HasSubstr("Dense «d»"), HasSubstr("«b» is no layer of the model «m»")));
  expect_error(graph({input("a"), dense("dens", call({"a"})), dense("d", call({"dense"}))}),
               HasSubstr("Did you mean «dens»"));
  expect_error(graph({input("a"), dense("d", call({"a"}, 1))}),
               AllOf(HasSubstr("call 1 of «a»"), HasSubstr("called 1 time")));
  expect_error(graph({input("a"), dense("d", call({"a"}, 0, 2))}),
               AllOf(HasSubstr("output 2 of «a»"), HasSubstr("has 1")));
  expect_error(graph({input("a"), dense("d", call({"e"})), dense("e", call({"d"}))}),
               AllOf(HasSubstr("cycle"), HasSubstr("d"), HasSubstr("e")));
  expect_error(graph({input("a"), dense("d", call({"d"}))}), HasSubstr("cycle"));
  expect_error(graph({input("a"), input("b"), dense("d", call({"b"}))}), HasSubstr("disconnected"));
  expect_error(graph({input("a"), dense("d", call({"a"})), dense("d", call({"a"}))}),
               HasSubstr("two of its layers have the name «d»"));
  expect_error(graph({input("a"), dense("d", Config::list())}),
               HasSubstr("call 0 of «d» is meant, which is called 0 times"));
  expect_error(graph({input("a"), dense("d", Config::list({Config(5)}))}), HasSubstr("a call must be a list"));
  expect_error(graph({input("a"), dense("d", call({"a"}))}, "x"), HasSubstr("input_layers"));
  expect_error(graph({}), HasSubstr("must be a list of layers"));
  expect_error(graph({input("a"), layer("Dense", "d", Config::map({{"units", 2}}), call({"a", "a"}))}),
               HasSubstr("Dense \"d\""));
}

TEST(ReadErrors, WhatIsNoModel) {
  for (const char* text : {"null", "3", "\"Dense\"", "{}", "[]", "[1]", R"({"class_name": "Sequential"})",
                           R"({"class_name": 4, "config": []})", R"({"class_name": "Dense", "config": {"units": 2}})",
                           R"({"class_name": "Sequential", "config": {"layers": 3}})"}) {
    if (std::string(text) == "[]") continue;  // an empty Sequential of Keras 1
    EXPECT_THROW(model_from_json(text), Error) << text;
  }
  EXPECT_THAT([] { model_from_json("{\"class_name\": "); }, ThrowsMessage<ValueError>(HasSubstr("line 1")));
  EXPECT_THAT([] { model_from_json("[]", {.keras_version = "two"}); },
              ThrowsMessage<ValueError>(HasSubstr("keras_version=\"two\"")));
}

TEST(ReadErrors, AbsurdSizesAreRefusedBeforeMemoryIsAsked) {
  const auto with_units = [](std::int64_t units) {
    return stack({layer("Dense", "big",
                        Config::map({{"units", units}, {"batch_input_shape", Config::list({Config(), 1000})}}))});
  };
  expect_error(with_units(1'000'000'000'000),
               AllOf(HasSubstr("Dense"), HasSubstr("kernel"), HasSubstr("(1000, 1000000000000)")));
  expect_error(with_units(std::numeric_limits<std::int64_t>::max()),
               AllOf(HasSubstr("Dense"), HasSubstr("more than any memory holds")));
  const auto stateful = [](std::int64_t batch) {
    return stack({layer(
        "SimpleRNN", "big",
        Config::map({{"units", 2}, {"stateful", true}, {"batch_input_shape", Config::list({Config(batch), 3, 4})}}))});
  };
  expect_error(stateful(1'000'000'000'000), AllOf(HasSubstr("SimpleRNN"), HasSubstr("(1000000000000, 2)")));
  EXPECT_EQ(read_model(stateful(5)).count_params(), 14);
  EXPECT_THAT([&] { read_model(with_units(2000), {.weights = {.most_bytes = 1 << 20}}); },
              ThrowsMessage<ValueError>(AllOf(HasSubstr("kernel"), HasSubstr("7.63 MB"))));
  EXPECT_EQ(read_model(with_units(2000), {.weights = {.most_bytes = 9 << 20}}).count_params(), 2'002'000);
}

TEST(ReadErrors, ModelsInsideModelsThatWouldNeverEnd) {
  const Config two = layer("InputLayer", "a", Config::map({{"batch_input_shape", Config::list({Config(), 2})}}));
  Config model = graph({two, dense("d", call({"a"}))});
  for (int level = 0; level < 40; ++level) {  // each calls the one inside twice
    Config entry = layer("Model", "in", Config(model.at("config")),
                         Config::list({call({"a"}).items()[0], call({"in"}, 1).items()[0]}));
    model = graph({two, entry});
    Config config = model.at("config");
    model.set("config", config.set("output_layers", Config::list({Config::list({"in", 2, 0})})));
  }
  expect_error(model, HasSubstr("reasonable time"));
}

// ---- what the user gives

struct ScaleArgs {
  double by = 1;
  std::optional<std::string> name = {};
  bool trainable = true;
  static void fields(auto&& f) {
    f("by", &ScaleArgs::by, "Factor.");
    f("name", &ScaleArgs::name, "Name.");
    f("trainable", &ScaleArgs::trainable, "Whether training moves the weights.");
  }
};
struct Scale final : LayerBody {
  static constexpr auto class_name = "Scale";
  using Args = ScaleArgs;
  explicit Scale(Args args) : args_(args) {}
  Tensor call(const Tensor& x) override { return x * args_.by; }
  Args args_;
};
struct HalfArgs {
  static void fields(auto&&) {}
};
struct Half final : InitializerBody {
  static constexpr auto class_name = "Half";
  using Args = HalfArgs;
  explicit Half(Args) {}
  Array call(const Shape& shape, DType dtype) const override { return full(shape, 0.5, dtype); }
};

TEST(CustomObjects, Classes) {
  const Config config = stack(
      {layer("Dense", "d",
             Config::map({{"units", 2},
                          {"batch_input_shape", Config::list({Config(), 3})},
                          {"kernel_initializer", Config::map({{"class_name", "Half"}, {"config", Config::map()}})}})),
       Config::map({{"class_name", "Scale"},
                    {"registered_name", "mine>Scale"},
                    {"config", Config::map({{"name", "s"}, {"by", 4.0}})}})});
  const Model model = model_from_config(config, {.custom_objects = {custom<Scale>(), custom<Half>()}});
  EXPECT_EQ(model.predict_on_batch(ones({1, 3})).str(), "[[6. 6.]]");
  const Model again = model_from_json(model.to_json(), {.custom_objects = {custom<Scale>(), custom<Half>()}});
  EXPECT_EQ(again.predict_on_batch(ones({1, 3})).str(), "[[6. 6.]]");
  EXPECT_THAT([&] { model_from_json(model.to_json()); },
              ThrowsMessage<ValueError>(AllOf(HasSubstr("Half (layer «d»)"), HasSubstr("Scale (layer «s»)"))));
}

TEST(CustomObjects, Functions) {
  const Config config =
      stack({layer("Activation", "f",
                   Config::map({{"activation", "twice"}, {"batch_input_shape", Config::list({Config(), 2})}})),
             layer("Lambda", "l", Config::map({{"function", "twice"}, {"function_type", "function"}}))});
  const CustomObjects objects = {{"twice", [](const Tensor& x) { return x * 2; }}};
  const Model model = model_from_config(config, {.custom_objects = objects});
  EXPECT_EQ(model.predict_on_batch(ones({1, 2})).str(), "[[4. 4.]]");
  EXPECT_THAT(model.layers()[0].get_config().at("activation").at("config").as_string(), "twice");
}

TEST(CustomObjects, ALayerInPlaceOfOneOfTheFile) {
  const Config config =
      graph({input("a"),
             layer("Lambda", "l", Config::map({{"function", Config::list({"code"})}, {"function_type", "lambda"}}),
                   call({"a"})),
             layer("Attention9", "d", Config::map(), call({"l"}))});
  const Model model = model_from_config(
      config, {.custom_objects = {{"l", layers::Lambda([](const Tensor& x) { return x + 1; })},
                                  {"d", layers::Dense(1, {.kernel_initializer = "ones", .name = "own"})}}});
  EXPECT_EQ(model.predict_on_batch(ones({1, 3})).str(), "[[6.]]");
  EXPECT_EQ(model.layers()[2].name(), "d");
}

double zero_loss_calls = 0;
Tensor my_loss(const Tensor& y_true, const Tensor& y_pred) {
  ++zero_loss_calls;
  return ops::mean(ops::abs(y_true - y_pred), {-1});
}

TEST(CustomObjects, LossesAndMetricsOfTheTrainingConfiguration) {
  const Model model = model_from_config(
      stack({layer("Dense", "d", Config::map({{"units", 1}, {"batch_input_shape", Config::list({Config(), 2})}}))}));
  const Config training = Config::from_json(
      R"({"optimizer_config": {"class_name": "SGD", "config": {"lr": 0.25, "decay": 0.0, "momentum": 0.0, "nesterov": false}},
                                                "loss": "my_loss", "metrics": ["my_loss", "mae"], "sample_weight_mode": null, "loss_weights": null})");
  EXPECT_FALSE(compile_from_config(model, training, version_of({}, "2.2.4")));
  EXPECT_FALSE(model.compiled());
  EXPECT_EQ(training_config(model).to_json(), training.to_json());  // kept
  EXPECT_EQ(compile_config(model).at("optimizer").at("class_name").as_string(), "SGD");
  EXPECT_TRUE(compile_from_config(model, training, version_of({}, "2.2.4"), {{"my_loss", my_loss}}));
  EXPECT_TRUE(model.compiled());
  EXPECT_FLOAT_EQ(static_cast<float>(model.optimizer().learning_rate()), 0.25f);
  Model again = model;
  again.train_on_batch(ones({2, 2}), ones({2, 1}));
  EXPECT_GT(zero_loss_calls, 0);
}

// ---- meanings

TEST(Meanings, HardSigmoidStaysWhatItsVersionMeant) {
  const auto value = [](const Model& model) { return model.predict_on_batch(Array{{1.0f, -1.0f}}).str(); };
  const Config config =
      stack({layer("Activation", "h",
                   Config::map({{"activation", "hard_sigmoid"}, {"batch_input_shape", Config::list({Config(), 2})}}))});
  const Model two = model_from_config(config, {.keras_version = "2.2.4"}),
              three = model_from_config(config, {.keras_version = "3.9.0"});
  EXPECT_EQ(value(two), "[[0.7 0.3]]");
  EXPECT_EQ(value(three), "[[0.6666667  0.33333334]]");
  EXPECT_EQ(value(model_from_json(two.to_json())), value(two));  // a note beside the layer
  EXPECT_EQ(value(model_from_json(three.to_json())), value(three));
  EXPECT_EQ(value(read_model(keras2_config(two), {.keras_version = "2.15.0"})), value(two));
  EXPECT_EQ(value(read_model(keras2_config(three), {.keras_version = "2.15.0"})), value(three));
  EXPECT_THAT(two.to_json(),
              AllOf(HasSubstr("\"activation\": \"hard_sigmoid\""), HasSubstr("\"hard_sigmoid_slope\": 0.2")));
  EXPECT_THAT(three.to_json(), ::testing::Not(HasSubstr("hard_sigmoid_slope")));
}

TEST(Meanings, DefaultsOfTheVersionThatWrote) {
  const auto gru = [](const char* version, const char* class_name = "GRU") {
    const Config config = stack(
        {layer(class_name, "g", Config::map({{"units", 2}, {"batch_input_shape", Config::list({Config(), 4, 3})}}))});
    return model_from_config(config, {.keras_version = version}).layers()[0].get_config();
  };
  EXPECT_FALSE(gru("2.1.0").at("reset_after").as_bool());
  EXPECT_TRUE(gru("3.1.0").at("reset_after").as_bool());
  EXPECT_TRUE(gru("2.2.4", "CuDNNGRU").at("reset_after").as_bool());
  EXPECT_EQ(gru("2.2.4", "CuDNNGRU").at("recurrent_activation").as_string(), "sigmoid");
  EXPECT_EQ(gru("2.2.4").at("recurrent_activation").as_string(), "hard_sigmoid_keras2");
  EXPECT_EQ(gru("3.0.0").at("recurrent_activation").as_string(), "sigmoid");
  const auto epsilon = [](const char* version) {
    const Config config =
        stack({layer("BatchNormalization", "b", Config::map({{"batch_input_shape", Config::list({Config(), 3})}}))});
    return model_from_config(config, {.keras_version = version}).layers()[0].get_config().at("epsilon").as_real();
  };
  EXPECT_EQ(epsilon("1.1.0"), 1e-5);
  EXPECT_EQ(epsilon("1.2.0"), 1e-3);
}

TEST(Meanings, NamesStayAndKeras3GetsThemWithoutSlashes) {
  const Model model =
      model_from_config(graph({input("a"), dense("block/conv 1", call({"a"})), dense("d", call({"block/conv 1"}))}));
  EXPECT_EQ(model.layers()[1].name(), "block/conv 1");
  EXPECT_EQ(model_from_json(model.to_json()).layers()[1].name(), "block_conv 1");
  EXPECT_EQ(read_model(keras2_config(model)).layers()[1].name(), "block/conv 1");
}

// ---- Keras 1

TEST(Keras1, MergeInItsModes) {
  const auto merged = [](const char* mode, Config more = Config::map()) {
    more.set("mode", mode).set("mode_type", "raw");
    const Config config = graph({input("a"), input("b"), layer("Merge", "d", more, call({"a", "b"}))});
    Config whole = config.at("config");
    whole.set("input_layers", Config::list({Config::list({"a", 0, 0}), Config::list({"b", 0, 0})}));
    const Model model =
        model_from_config(Config::map({{"class_name", "Model"}, {"config", whole}}), {.keras_version = "1.2.2"});
    return model.predict_on_batch({{Array{{1.0f, 2.0f, 2.0f}}, Array{{2.0f, 4.0f, 0.0f}}}}).str();
  };
  EXPECT_EQ(merged("sum"), "[[3. 6. 2.]]");
  EXPECT_EQ(merged("mul"), "[[2. 8. 0.]]");
  EXPECT_EQ(merged("ave"), "[[1.5 3.  1. ]]");
  EXPECT_EQ(merged("max"), "[[2. 4. 2.]]");
  EXPECT_EQ(merged("concat", Config::map({{"concat_axis", -1}})), "[[1. 2. 2. 2. 4. 0.]]");
  EXPECT_EQ(merged("dot", Config::map({{"dot_axes", Config::list({1, 1})}})), "[[10.]]");
  EXPECT_EQ(merged("cos", Config::map({{"dot_axes", -1}})), "[[0.745356]]");
  EXPECT_THAT([&] { merged("lambda x: x", Config::map()); },
              ThrowsMessage<ValueError>(HasSubstr("a Merge of Keras 1 whose mode is a Python function")));
}

TEST(Keras1, ASequentialThatBeginsWithBranches) {
  const auto first = [](const char* name) {
    return layer("Dense", name,
                 Config::map({{"output_dim", 2},
                              {"batch_input_shape", Config::list({Config(), 3})},
                              {"input_dtype", "float32"},
                              {"input_dim", 3}}));
  };
  const auto branch = [&](const char* name) {
    return Config::map({{"class_name", "Sequential"},
                        {"config", Config::list({first(name), layer("Activation", (std::string(name) + "_act").c_str(),
                                                                    Config::map({{"activation", "relu"}}))})}});
  };
  const Config merge = layer("Merge", "merge_1",
                             Config::map({{"mode", "concat"},
                                          {"mode_type", "raw"},
                                          {"concat_axis", -1},
                                          {"layers", Config::list({branch("left"), branch("right")})}}));
  const Model model = model_from_config(Config::list({merge, layer("Dense", "out", Config::map({{"output_dim", 1}}))}),
                                        {.keras_version = "1.1.0"});
  std::vector<std::string> names;
  for (const Layer& each : model.layers()) names.push_back(each.name());
  EXPECT_THAT(names,
              ElementsAre("left_input", "right_input", "left", "right", "left_act", "right_act", "merge_1", "out"));
  EXPECT_EQ(model.count_params(), 2 * 8 + 5);
}

TEST(Keras1, ClassesThatAreGone) {
  expect_error(stack({layer("Highway", "h")}),
               HasSubstr("Highway (layer «h», a layer of Keras 1 that Keras 2 took away)"));
  const Model model =
      model_from_config(Config::list({layer("TimeDistributedDense", "t",
                                            Config::map({{"output_dim", 2}, {"input_dim", 3}, {"input_length", 4}}))}),
                        {.keras_version = "1.0.8"});
  EXPECT_EQ(model.count_params(), 8);
  EXPECT_EQ(model.model_body().model_state().outputs[0].shape.str(), "(None, 4, 2)");
}

// ---- writing

TEST(WriteErrors, WhatNoConfigurationHolds) {
  const Tensor x = Input({3});
  const Model with_lambda(x, layers::Lambda([](const Tensor& y) { return y * 2; })(x));
  EXPECT_THAT([&] { static_cast<void>(with_lambda.to_json()); },
              ThrowsMessage<NotImplementedError>(HasSubstr("Lambda")));
  const Tensor image = Input({8, 8, 4});
  const Model with_groups(image, layers::Conv2D(4, 3, {.groups = 2, .name = "c"})(image));
  EXPECT_THAT([&] { keras2_config(with_groups, version_of({}, "2.2.4")); },
              ThrowsMessage<ValueError>(AllOf(HasSubstr("Conv2D «c»"), HasSubstr("groups=2"))));
  EXPECT_NO_THROW(keras2_config(with_groups));
  const Model with_op(x, ops::exp(x) + ops::sin(x));
  EXPECT_THAT([&] { keras2_config(with_op, version_of({}, "2.2.4")); }, ThrowsMessage<ValueError>(HasSubstr("Sin")));
}

}  // namespace
}  // namespace keras::saving
