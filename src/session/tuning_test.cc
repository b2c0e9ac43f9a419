// Tuning: what is measured to be the fastest is taken, and files of it are read and left aside as they should be.
#include "session/tuning.h"

#include <gmock/gmock.h>
#include <keras/config.h>
#include <keras/error.h>
#include <keras/layers.h>
#include <keras/models.h>
#include <keras/random.h>
#include <keras/version.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "compile/choose.h"
#include "compile/tuning.h"
#include "primitives/build.h"
#include "session/session.h"
#include "support/files.h"

namespace keras {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Property;
using ::testing::Throws;

struct Waits final : runtime::Kernel {
  explicit Waits(int microseconds) : microseconds(microseconds) {}
  void run(const runtime::Operands& operands, const runtime::Workspace& workspace) const override {
    operands.as<float>(1)[5] = operands.as<float>(0)[5];
    if (microseconds > 0) {
      workspace.shared[99] = std::byte{1};
      std::this_thread::sleep_for(std::chrono::microseconds(microseconds));
    }
  }
  int microseconds;
};

struct Waiting final : runtime::Backend {
  Waiting(const char* name, double cost, int microseconds) : name_(name), cost(cost), microseconds(microseconds) {}
  std::string_view name() const override { return name_; }
  runtime::Offer candidate(const ir::Graph&, const ir::Node&) const override {
    return runtime::Offer::yes({.name = std::string(name_) + ".waits", .cost = cost, .workspace = 100, .make = [this] {
                                  return std::make_unique<Waits>(microseconds);
                                }});
  }
  const char* name_;
  double cost;
  int microseconds;
};

class Tuning : public ::testing::Test {
 protected:
  void SetUp() override {
    config::set_warning_handler([this](const std::string& text) { warnings.push_back(text); });
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
  }
  void TearDown() override {
    config::set_warning_handler([](const std::string& text) { std::fprintf(stderr, "keras: %s\n", text.c_str()); });
    compile::set_tuning({});
    std::filesystem::remove_all(folder);
  }
  std::string write(const char* name, const std::string& text) const {
    support::write_file(folder + "/" + name, text);
    return folder + "/" + name;
  }
  // A file for this machine, but for what `other` says of it.
  std::string tuning_file(const Config& kernels, const Config& other = Config::map()) const {
    const Info info = keras::info();
    Config machine = Config::map({{"processor", info.processor}, {"isa", info.isa}, {"threads", info.threads}});
    for (const auto& [name, value] : other.entries()) machine.set(name, value);
    return write("tuning.json", Config::map({{"machine", machine}, {"kernels", kernels}}).to_json());
  }

  std::vector<std::string> warnings;
  const std::string folder =
      (std::filesystem::temp_directory_path() / ("tuning_test_" + std::to_string(::getpid()))).string();
};

TEST_F(Tuning, TakesWhatWasMeasured) {
  const Waiting cheap("cheap", 1, 300), dear("dear", 100, 0);
  const runtime::Target target{{&cheap, &dear}};
  ir::Graph graph;
  const ir::Value input = graph.at(graph.add_input("x", {DType::float32, {4, 6}}, false));
  graph.outputs = {primitives::node(primitives::Op::tanh, {input}, {}).id};
  const ir::Node& node = graph.node_of(graph.outputs[0]);
  const auto chosen = [&] { return compile::choose(graph, node, target).name; };

  EXPECT_EQ(chosen(), "cheap.waits");
  compile::Tuning found;
  {
    const compile::Tuner tuner;
    EXPECT_EQ(chosen(), "dear.waits");
    found = tuner.found();
  }
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found.begin()->first, compile::describe(graph, node));
  EXPECT_EQ(found.begin()->second, "dear.waits");
  EXPECT_EQ(chosen(), "cheap.waits") << "a tuner that is gone";
  compile::set_tuning(found);
  EXPECT_EQ(chosen(), "dear.waits");
  compile::set_tuning({{compile::describe(graph, node), "of.another_version"}});
  EXPECT_EQ(chosen(), "cheap.waits");
  compile::set_tuning({{"another node", "dear.waits"}});
  EXPECT_EQ(chosen(), "cheap.waits");
}

TEST_F(Tuning, FilesOfThisMachineAreTaken) {
  config::load_tuning(tuning_file(Config::map({{"tanh f32[4,6] -> f32[4,6]", "cpu.tanh"}})));
  EXPECT_THAT(compile::tuning(), ElementsAre(std::pair("tanh f32[4,6] -> f32[4,6]", "cpu.tanh")));
  EXPECT_THAT(warnings, IsEmpty());
}

TEST_F(Tuning, FilesOfAnotherMachineAreLeftAside) {
  for (const Config& other :
       {Config::map({{"processor", "another"}}), Config::map({{"isa", "another"}}), Config::map({{"threads", 999}})}) {
    warnings.clear();
    config::load_tuning(tuning_file(Config::map({{"a", "b"}}), other));
    EXPECT_THAT(compile::tuning(), IsEmpty());
    EXPECT_THAT(warnings,
                ElementsAre(AllOf(HasSubstr("is left aside"), HasSubstr(other.entries()[0].second.to_json()))));
  }
}

TEST_F(Tuning, NoTuningFiles) {
  EXPECT_THAT([&] { config::load_tuning(folder + "/none.json"); }, Throws<IOError>());
  EXPECT_THAT([&] { config::load_tuning(write("a", "{\"machine\": ")); }, Throws<ValueError>());
  for (const char* text : {"[]", "{}", "3", "{\"kernels\": {}}", "{\"machine\": {}}"}) {
    EXPECT_THAT([&] { config::load_tuning(write("a", text)); },
                Throws<ValueError>(Property(&ValueError::what, HasSubstr("is no tuning file"))))
        << text;
  }
  for (const Config& kernels : {Config::list({1}), Config(3), Config::map({{"a", 1}}), Config()}) {
    EXPECT_THAT([&] { config::load_tuning(tuning_file(kernels)); },
                Throws<ValueError>(Property(&ValueError::what, HasSubstr("is no tuning file"))))
        << kernels;
  }
}

Sequential wide_model() {
  random::seed(3);
  Sequential model(
      {layers::Dense(96, {.activation = "relu", .input_dim = 64}), layers::Dense(10, {.activation = "softmax"})});
  model.compile({.optimizer = "adam", .loss = "categorical_crossentropy"});
  return model;
}
void expect_near(const Array& a, const Array& b) {
  ASSERT_EQ(a.shape(), b.shape());
  for (std::int64_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a.values<float>()[i], b.values<float>()[i], 2e-6);
}

TEST_F(Tuning, OfAModel) {
  random::seed(4);
  const Array x = random::uniform({40, 64});
  Sequential model = wide_model();
  const Array before = model.predict(x);
  const std::string path = folder + "/model.json";
  model.tune(path, 40);
  expect_near(model.predict(x), before);
  const Config file = Config::from_json(support::read_file(path));
  const bool choice = info().backends.size() > 2;  // beside the reference, the last resort
  EXPECT_EQ(file.at("kernels").size() > 0, choice);
  EXPECT_EQ(compile::tuning().size(), file.at("kernels").size());

  model.tune(path, 7);  // beside what the file tells
  const Config more = Config::from_json(support::read_file(path));
  EXPECT_EQ(more.at("kernels").size() > file.at("kernels").size(), choice);
  for (const auto& [node, kernel] : file.at("kernels").entries())
    EXPECT_TRUE(more.at("kernels").contains(node)) << node;

  compile::set_tuning({});
  config::load_tuning(path);
  const Sequential again = wide_model();
  expect_near(again.predict(x), before);
  EXPECT_THAT([&] { model.tune(folder + "/none/model.json"); }, Throws<IOError>());
  EXPECT_THAT([&] { model.tune(path, 0); }, Throws<ValueError>());
}

TEST_F(Tuning, NamedKernelsRun) {
  const Sequential model({layers::Dense(96, {.activation = "relu", .input_dim = 64}), layers::Dense(10)});
  const std::string path = folder + "/model.json";
  Sequential(model).tune(path, 40);
  const std::string program = model.show("program", 40);
  const Config file = Config::from_json(support::read_file(path));
  for (const auto& [node, kernel] : file.at("kernels").entries())
    EXPECT_THAT(program, HasSubstr(kernel.as_string())) << node;
}

}  // namespace
}  // namespace keras
