#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "io/s3/http.h"
#include "io/s3/location.h"
#include "io/s3/settings.h"

namespace penstock::io::s3 {

// One operation of the S3 API.
struct Call {
  std::string action;  // for messages: "read", "list" …
  std::string method;
  Location location;
  std::map<std::string, std::string> query = {};    // not encoded
  std::map<std::string, std::string> headers = {};  // names in lower case
  std::string_view body = {};                       // borrowed
  int64_t max_body = int64_t{16} << 20;
};

struct Reply {
  HttpResponse response;
  // An earlier try ended without an answer that can be trusted, so the store may have done
  // already what it now refuses to do again.
  bool doubtful = false;
};

// Signed calls, tried again while the store is overloaded, fails or cannot be reached, and never
// when it refuses. Thread-safe.
class Client {
 public:
  explicit Client(Settings settings) : settings_(std::move(settings)) {}

  const Settings& settings() const { return settings_; }
  // A reply with a status below 300 or one of `expected`. Errors name the action, the object, the
  // HTTP status, the store's code and the request id; never credentials, a signature or a query.
  Result<Reply> Send(const Call& call, std::initializer_list<int> expected = {});

 private:
  HttpRequest Prepare(const Call& call) const;

  Settings settings_;
  HttpClient http_;
};

}  // namespace penstock::io::s3
