#include "support/http.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/error.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "support/checksum.h"
#include "support/files.h"

namespace keras::support {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

// Answers one request on a port of this machine with the given bytes.
class Server {
 public:
  explicit Server(std::string answer) : answer_(std::move(answer)), socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(socket_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(socket_, 1) != 0 ||
        ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      throw std::runtime_error("no port to listen on");
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] {
      const int connection = ::accept(socket_, nullptr, nullptr);
      char request[4096];
      if (connection < 0 || ::read(connection, request, sizeof request) <= 0) return;
      static_cast<void>(::send(connection, answer_.data(), answer_.size(), MSG_NOSIGNAL));
      ::close(connection);
    });
  }
  ~Server() {
    ::shutdown(socket_, SHUT_RDWR);
    thread_.join();
    ::close(socket_);
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/file"; }

 private:
  std::string answer_;
  int socket_, port_ = 0;
  std::thread thread_;
};

class Http : public ::testing::Test {
 protected:
  void SetUp() override { ::setenv("no_proxy", "127.0.0.1", 1); }
  void TearDown() override { std::filesystem::remove(path_); }
  std::string path_ = ::testing::TempDir() + "keras_http_" + std::to_string(::getpid());
};

std::string answer_of(const std::string& body, std::size_t length) {
  return "HTTP/1.0 200 OK\r\nContent-Length: " + std::to_string(length) + "\r\n\r\n" + body;
}

TEST_F(Http, FetchesAndChecks) {
  Sha256 sha;
  sha.add("hello");
  const Server server(answer_of("hello", 5));
  download({server.url(), path_, sha.hex()});
  EXPECT_EQ(read_file(path_), "hello");
}

TEST_F(Http, TakesMd5) {
  const Server server(answer_of("hello", 5));
  download({server.url(), path_, "5D41402ABC4B2A76B9719D911017C592"});
  EXPECT_EQ(read_file(path_), "hello");
  EXPECT_TRUE(has_checksum(path_, "5d41402abc4b2a76b9719d911017c592"));
  EXPECT_FALSE(has_checksum(path_, "5d41402abc4b2a76b9719d911017c593"));
  EXPECT_THAT([&] { has_checksum(path_, "00"); }, ThrowsMessage<ValueError>(HasSubstr("received 2")));
}

TEST_F(Http, AWrongChecksumKeepsNothing) {
  const Server server(answer_of("hello", 5));
  EXPECT_THAT(
      [&] {
        download({server.url(), path_, std::string(64, '0')});
      },
      ThrowsMessage<IOError>(HasSubstr("SHA-256")));
  EXPECT_FALSE(file_exists(path_));
}

TEST_F(Http, ErrorsNameTheUrlAndTheReason) {
  {
    const Server server("HTTP/1.0 404 Not Found\r\n\r\n");
    EXPECT_THAT([&] { download({server.url(), path_, ""}); }, ThrowsMessage<IOError>(HasSubstr("404")));
  }
  {
    const Server server(answer_of("hel", 5));
    EXPECT_THAT([&] { download({server.url(), path_, ""}); }, ThrowsMessage<IOError>(HasSubstr(server.url())));
  }
  {
    const Server server(answer_of("hello", 5));
    EXPECT_THAT([&] { download({server.url(), path_, "", 3}); }, ThrowsMessage<IOError>(HasSubstr("larger than 3")));
  }
  EXPECT_THROW(download({"file:///etc/hostname", path_, ""}), IOError);
  EXPECT_THROW(download({"http://127.0.0.1:1/", path_, ""}), IOError);
  EXPECT_FALSE(file_exists(path_));
}

}  // namespace
}  // namespace keras::support
