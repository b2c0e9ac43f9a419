// RemoteMonitor, SwapEMAWeights, CallbackList and the loggers, CSVLogger's files, and what the others refuse.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/keras.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/support/folder.h"
#include "tests/support/keras2.h"

namespace keras {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::ThrowsMessage;

// Takes requests on a port of this machine, answers each with a status, and keeps them.
class Server {
 public:
  Server(int requests, std::string status) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(socket_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(socket_, 4) != 0 ||
        ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      throw std::runtime_error("no port to listen on");
    }
    port = ntohs(address.sin_port);
    thread_ = std::thread([this, requests, status] {
      for (int i = 0; i < requests; ++i) {
        const int connection = ::accept(socket_, nullptr, nullptr);
        if (connection < 0) return;
        std::string text;
        char bytes[4096];
        for (;;) {  // until the body is whole
          const auto count = ::read(connection, bytes, sizeof bytes);
          if (count <= 0) break;
          text.append(bytes, static_cast<std::size_t>(count));
          const std::size_t end = text.find("\r\n\r\n"), length = text.find("Content-Length: ");
          if (end != text.npos && length != text.npos &&
              text.size() - end - 4 >= std::strtoul(text.c_str() + length + 16, nullptr, 10)) {
            break;
          }
        }
        received.push_back(text);
        const std::string answer = "HTTP/1.1 " + status + "\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
        static_cast<void>(::send(connection, answer.data(), answer.size(), MSG_NOSIGNAL));
        ::close(connection);
      }
    });
  }
  ~Server() { stop(); }
  void stop() {
    if (!thread_.joinable()) return;
    ::shutdown(socket_, SHUT_RDWR);
    thread_.join();
    ::close(socket_);
  }
  std::string root() const { return "http://127.0.0.1:" + std::to_string(port); }
  std::vector<std::string> received;
  int port = 0;

 private:
  int socket_;
  std::thread thread_;
};

TEST(RemoteMonitor, SendsAFormOrJson) {
  ::setenv("no_proxy", "127.0.0.1", 1);
  const testing::Warnings warnings;
  Server server(2, "404 Not Found");  // an answer is an answer
  const Callback form = callbacks::RemoteMonitor({.root = server.root(), .headers = HttpHeaders{{"X-Run", "seven"}}});
  form->on_epoch_end(3, {{"loss", 0.5}, {"val loss", 1e-7}});
  const Callback json = callbacks::RemoteMonitor({.root = server.root(), .path = "/here", .send_as_json = true});
  json->on_epoch_end(0, {{"loss", 0.25}});
  server.stop();
  ASSERT_EQ(server.received.size(), 2u);
  EXPECT_THAT(server.received[0],
              AllOf(HasSubstr("POST /publish/epoch/end/ HTTP/1.1\r\n"), HasSubstr("X-Run: seven\r\n"),
                    HasSubstr("Content-Type: application/x-www-form-urlencoded\r\n"),
                    // As Python's requests encodes {"data": json.dumps(…)}.
                    ::testing::EndsWith(
                        "\r\n\r\ndata=%7B%22epoch%22%3A+3%2C+%22loss%22%3A+0.5%2C+%22val+loss%22%3A+1e-07%7D")));
  EXPECT_THAT(server.received[1],
              AllOf(HasSubstr("POST /here HTTP/1.1\r\n"), HasSubstr("Content-Type: application/json\r\n"),
                    ::testing::EndsWith("\r\n\r\n{\"epoch\": 0, \"loss\": 0.25}")));
  EXPECT_THAT(warnings.texts, IsEmpty());
}

TEST(RemoteMonitor, WarnsOfAServerThatIsNotThere) {
  std::string root;
  {
    Server server(0, "");
    root = server.root();
  }
  const testing::Warnings warnings;
  const Callback callback = callbacks::RemoteMonitor({.root = root});
  callback->on_epoch_end(0, {{"loss", 0.25}});
  EXPECT_THAT(warnings.texts, ElementsAre(AllOf(HasSubstr("RemoteMonitor"), HasSubstr(root))));
}

Sequential averaging(bool use_ema = true) {
  random::seed(3);
  Sequential model({layers::Dense(1, {.use_bias = false, .input_dim = 2})});
  model.compile(
      {.optimizer = optimizers::SGD({.learning_rate = 0.25, .use_ema = use_ema, .ema_momentum = 0.5}), .loss = "mse"});
  return model;
}

TEST(SwapEMAWeights, TestsAndPredictsWithTheAverages) {
  Sequential model = averaging();
  const Array x = random::normal({16, 2}), y = random::normal({16, 1});
  for (int i = 0; i < 4; ++i) model.train_on_batch(x, y);
  const Array weights = model.get_weights()[0], averages = model.optimizer().body()->averages()[0].value();
  ASSERT_FALSE(identical(weights, averages));
  const double plain = model.evaluate(x, y);
  const Array predicted = model.predict(x);
  const Callback swap = callbacks::SwapEMAWeights();
  const double averaged = model.evaluate(x, y, {.callbacks = {swap}});
  const Array of_averages = model.predict(x, {.callbacks = {swap}});
  EXPECT_TRUE(identical(model.get_weights()[0], weights));  // Keras 3 forgets to give them back after predict
  EXPECT_TRUE(identical(model.optimizer().body()->averages()[0].value(), averages));
  model.set_weights({averages});
  EXPECT_EQ(averaged, static_cast<double>(model.evaluate(x, y)));
  EXPECT_TRUE(identical(of_averages, model.predict(x)));
  EXPECT_NE(averaged, plain);
  EXPECT_FALSE(identical(of_averages, predicted));
}

TEST(SwapEMAWeights, LeavesTheAveragesHoweverTrainingEnds) {
  const Array x = random::normal({16, 2}), y = random::normal({16, 1});
  const auto train = [&](std::vector<Callback> callbacks) {
    Sequential model = averaging();
    model.fit(x, y, {.batch_size = 4, .epochs = 3, .verbose = 0, .callbacks = std::move(callbacks), .shuffle = false});
    return model.get_weights()[0];
  };
  const auto stop_after_2 = [] {
    return callbacks::EarlyStopping({.monitor = "loss", .min_delta = 100, .patience = 1});
  };
  EXPECT_TRUE(identical(train({}), train({callbacks::SwapEMAWeights({.swap_on_epoch = true})})));
  EXPECT_TRUE(
      identical(train({stop_after_2()}), train({callbacks::SwapEMAWeights({.swap_on_epoch = true}), stop_after_2()})));
}

TEST(SwapEMAWeights, NeedsAnOptimizerThatAverages) {
  Sequential model = averaging(false);
  const Array x = random::normal({4, 2}), y = random::normal({4, 1});
  EXPECT_THAT(
      [&] {
        model.fit(x, y,
                  {.verbose = 0, .callbacks = {callbacks::SwapEMAWeights()}, .validation_data = {.x = x, .y = y}});
      },
      ThrowsMessage<ValueError>(HasSubstr("use_ema = true")));
}

// What a training loop of one's own has of fit's.
TEST(CallbackList, ServesAnOwnLoop) {
  Sequential model({layers::Dense(1, {.use_bias = false, .kernel_initializer = "ones", .input_dim = 1})});
  model.compile({.optimizer = "sgd", .loss = "mse"});
  const Array x({{1.}, {2.}, {3.}}), y({{2.}, {4.}, {6.}});
  std::string text;
  {
    callbacks::CallbackList list({callbacks::BaseLogger(), callbacks::ProgbarLogger({.verbose = 2}),
                                  callbacks::EarlyStopping({.monitor = "loss", .min_delta = 100, .patience = 1})},
                                 &model, {{"epochs", 5}, {"steps", 2}});
    list.append(callbacks::LearningRateScheduler([](int epoch) { return 0.125 / (epoch + 1); }));
    EXPECT_EQ(list.size(), 4u);
    ::testing::internal::CaptureStdout();
    list.on_train_begin();
    for (int epoch = 0; epoch < 5 && !model.stop_training(); ++epoch) {
      list.on_epoch_begin(epoch);
      for (int batch = 0; batch < 2; ++batch) {
        const std::int64_t begin = 2 * batch, end = std::min<std::int64_t>(3, begin + 2);
        list.on_train_batch_begin(batch);
        Logs logs = model.train_on_batch(x.slice(begin, end), y.slice(begin, end));
        logs.set("size", static_cast<double>(end - begin));
        list.on_train_batch_end(batch, logs);
      }
      list.on_epoch_end(epoch);
    }
    list.on_train_end();
    text = ::testing::internal::GetCapturedStdout();
    const History& history = list.history();
    EXPECT_THAT(history.epoch, ElementsAre(0, 1));
    EXPECT_THAT(history.history.at("learning_rate"), ElementsAre(0.125, 0.0625));
    // (2 · (1 + 4) / 2 + the loss of the third sample after an update) / 3
    const double kernel = 1 + 0.125 * (2 * (1 * 1 + 2 * 2)) / 2;
    const double third = (6 - 3 * kernel) * (6 - 3 * kernel);
    EXPECT_NEAR(history.history.at("loss")[0], (2 * 2.5 + third) / 3, 1e-6);
  }
  EXPECT_THAT(text, AllOf(HasSubstr("Epoch 1/5\n"), HasSubstr("Epoch 2/5\n"), Not(HasSubstr("Epoch 3/5"))));
}

TEST(ProgbarLogger, FitAddsNoneBesideIt) {
  Sequential model = averaging();
  const Array x = random::normal({4, 2}), y = random::normal({4, 1});
  ::testing::internal::CaptureStdout();
  model.fit(x, y, {.epochs = 2, .verbose = 1, .callbacks = {callbacks::ProgbarLogger({.verbose = 2})}});
  const std::string text = ::testing::internal::GetCapturedStdout();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 4) << text;  // two lines an epoch
  EXPECT_THROW(callbacks::ProgbarLogger({.verbose = 0}), ValueError);
}

TEST(Callback, OlderNamesOfBatchHooksAreCalled) {
  struct Old final : CallbackBody {
    int begun = 0, ended = 0;
    void on_batch_begin(int, const Logs&) override { ++begun; }
    void on_batch_end(int, const Logs&) override { ++ended; }
  };
  const auto body = std::make_shared<Old>();
  Sequential model = averaging();
  const Array x = random::normal({8, 2}), y = random::normal({8, 1});
  model.fit(x, y, {.batch_size = 4, .verbose = 0, .callbacks = {Callback(body)}});
  EXPECT_EQ(body->begun, 2);
  EXPECT_EQ(body->ended, 2);
}

TEST(CSVLogger, SaysWhatDoesNotDo) {
  const testing::Folder folder;
  EXPECT_THROW(callbacks::CSVLogger(""), ValueError);
  EXPECT_THROW(callbacks::CSVLogger("log.csv", {.separator = ", "}), ValueError);
  EXPECT_THROW(callbacks::CSVLogger("log.csv", {.filename = "log.csv"}), ValueError);
  EXPECT_THAT([] { callbacks::CSVLogger("missing/log.csv")->on_train_begin({}); },
              ThrowsMessage<IOError>(HasSubstr("missing/log.csv")));
  const Callback full = callbacks::CSVLogger("/dev/full");
  full->on_train_begin({});
  EXPECT_THAT([&] { full->on_epoch_end(0, {{"loss", 1}}); }, ThrowsMessage<IOError>(HasSubstr("/dev/full")));
}

TEST(ModelCheckpoint, LeavesTheFileThatIsThereWhereItCannotSave) {
  const testing::Folder folder;
  Sequential model = averaging();
  const Array x = random::normal({4, 2}), y = random::normal({4, 1});
  std::filesystem::create_directory("taken.keras");
  EXPECT_THAT([&] { model.fit(x, y, {.verbose = 0, .callbacks = {callbacks::ModelCheckpoint("taken.keras")}}); },
              ThrowsMessage<IOError>(HasSubstr("taken.keras")));
  std::ofstream("file") << "no folder";
  EXPECT_THAT([&] { model.fit(x, y, {.verbose = 0, .callbacks = {callbacks::ModelCheckpoint("file/m.keras")}}); },
              ThrowsMessage<IOError>(HasSubstr("file")));
  EXPECT_THROW(callbacks::ModelCheckpoint("m.keras", {.filepath = "m.keras"}), ValueError);
  EXPECT_THROW(callbacks::ModelCheckpoint(""), ValueError);
}

TEST(LearningRateScheduler, NeedsAFunction) {
  EXPECT_THROW(callbacks::LearningRateScheduler(LearningRateFunction()), ValueError);
  // epsilon, ReduceLROnPlateau's old name of min_delta.
  const testing::Warnings warnings;
  EXPECT_EQ(args_of<ReduceLROnPlateauArgs>(Config::map({{"epsilon", 0.5}}), "ReduceLROnPlateau").min_delta, 0.5);
}

}  // namespace
}  // namespace keras
