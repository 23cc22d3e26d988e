#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace penstock::io::s3 {

// For tests: an HTTP server on loopback that answers each connection with the next of its answers,
// byte for byte, and closes it; the last answer is repeated. An empty answer resets the
// connection; kSilence reads the request and says nothing.
class ScriptedServer {
 public:
  static constexpr char kSilence[] = "silence";

  explicit ScriptedServer(std::vector<std::string> answers) : answers_(std::move(answers)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_, any, size) != 0 || ::listen(listener_, 16) != 0 ||
        ::getsockname(listener_, any, &size) != 0) {
      std::abort();
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { Serve(); });
  }
  ScriptedServer(const ScriptedServer&) = delete;
  ~ScriptedServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
    for (const int silent : silent_) ::close(silent);
  }

  std::string endpoint() const { return "http://127.0.0.1:" + std::to_string(port_); }
  // Head and body of each request so far.
  std::vector<std::string> requests() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return requests_;
  }

  static std::string Answer(int status, const std::string& body, const std::string& headers = "") {
    return "HTTP/1.1 " + std::to_string(status) +
           " X\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
           headers + "\r\n" + body;
  }
  static std::string ErrorXml(const std::string& code, const std::string& message = "why") {
    return "<Error><Code>" + code + "</Code><Message>" + message + "</Message></Error>";
  }

 private:
  void Serve() {
    for (size_t served = 0;; ++served) {
      const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (connection < 0) return;
      const std::string request = ReadRequest(connection);
      {
        const std::lock_guard<std::mutex> lock(mutex_);
        requests_.push_back(request);
      }
      const std::string& answer = answers_[std::min(served, answers_.size() - 1)];
      if (answer == kSilence) {
        silent_.push_back(connection);
        continue;
      }
      if (answer.empty()) {
        const linger now{1, 0};
        ::setsockopt(connection, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
      }
      (void)!::send(connection, answer.data(), answer.size(), MSG_NOSIGNAL);
      ::close(connection);
    }
  }

  static std::string ReadRequest(int connection) {
    std::string text;
    size_t wanted = std::string::npos;
    char buffer[65536];
    while (wanted == std::string::npos || text.size() < wanted) {
      const ssize_t got = ::recv(connection, buffer, sizeof(buffer), 0);
      if (got <= 0) break;
      text.append(buffer, static_cast<size_t>(got));
      const size_t head = text.find("\r\n\r\n");
      if (wanted != std::string::npos || head == std::string::npos) continue;
      const size_t length = text.find("Content-Length: ");
      wanted =
          head + 4 + (length < head ? std::strtoul(text.c_str() + length + 16, nullptr, 10) : 0);
    }
    return text;
  }

  std::vector<std::string> answers_;
  int listener_ = -1;
  int port_ = 0;
  std::thread thread_;
  std::mutex mutex_;
  std::vector<std::string> requests_;
  std::vector<int> silent_;
};

}  // namespace penstock::io::s3
