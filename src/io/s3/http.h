#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace penstock::io::s3 {

struct HttpRequest {
  std::string method;  // GET, HEAD, PUT, POST, DELETE
  std::string url;     // percent-encoded; sent as it is
  std::map<std::string, std::string> headers;
  std::string_view body = {};    // borrowed
  int64_t max_body = 0;          // bytes of the answer; a longer one is a failure
  int64_t connect_seconds = 10;  // until there is a connection
  int64_t stall_seconds = 30;    // without a byte in either direction
  int64_t total_seconds = 10 * 60;
};

struct HttpResponse {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;                            // complete: as long as the server announced
};

// There was no whole answer. Whether the server did what it was asked is not known, unless
// `sent` is false: then it never got the request.
struct HttpFailure {
  std::string what;  // for people; has neither query nor header
  bool sent = true;
  bool passing = true;  // may go away by itself; a wrong certificate does not
};

using HttpOutcome = std::variant<HttpResponse, HttpFailure>;

// Requests over kept-alive connections; certificates are verified, redirects are not followed.
// Thread-safe.
class HttpClient {
 public:
  HttpClient();
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpOutcome Send(const HttpRequest& request);

 private:
  struct Idle;
  std::unique_ptr<Idle> idle_;
};

}  // namespace penstock::io::s3
