#include "io/s3/client.h"

#include <algorithm>
#include <chrono>
#include <random>

#include "base/text.h"
#include "io/s3/refusal.h"

namespace penstock::io::s3 {
namespace {

// Between half and the whole of a delay that doubles with each try, so that many clients that
// failed together do not come back together.
int64_t DelayMillis(const RetryPolicy& policy, int tries) {
  const int doublings = std::min(tries - 1, 20);
  const int64_t most = std::min(policy.longest_delay_ms, policy.first_delay_ms << doublings);
  thread_local std::minstd_rand random{std::random_device{}()};
  return std::uniform_int_distribution<int64_t>(most / 2, std::max<int64_t>(most, 1))(random);
}

int64_t MillisSince(std::chrono::steady_clock::time_point began) {
  const auto passed = std::chrono::steady_clock::now() - began;
  return std::chrono::duration_cast<std::chrono::milliseconds>(passed).count();
}

}  // namespace

HttpRequest Client::Prepare(const Call& call) const {
  // The certificate of *.s3.REGION… is not that of a bucket with dots in its name.
  const bool in_path = settings_.path_style ||
                       (settings_.secure() && call.location.bucket.find('.') != std::string::npos);
  SignedParts parts;
  parts.method = call.method;
  parts.path = in_path ? "/" + call.location.bucket : "";
  if (!in_path || !call.location.key.empty()) {
    parts.path += "/" + PercentEncode(call.location.key, "/");
  }
  parts.query = call.query;
  parts.headers = call.headers;
  parts.headers["host"] = (in_path ? "" : call.location.bucket + ".") + settings_.Authority();
  parts.body_sha256 = Sha256Hex(call.body);
  HttpRequest request;
  request.method = call.method;
  request.headers = Sign(parts, settings_.credentials, settings_.region, SystemClock().Now());
  request.url = (settings_.secure() ? "https://" : "http://") + parts.headers["host"] + parts.path;
  if (!call.query.empty()) request.url += "?" + EncodeQuery(call.query);
  request.body = call.body;
  request.max_body = call.max_body;
  request.connect_seconds = settings_.retry.connect_seconds;
  request.stall_seconds = settings_.retry.stall_seconds;
  return request;
}

Result<Reply> Client::Send(const Call& call, std::initializer_list<int> expected) {
  const RetryPolicy& policy = settings_.retry;
  const auto began = std::chrono::steady_clock::now();
  bool doubtful = false;
  for (int tries = 1;; ++tries) {
    HttpOutcome outcome = http_.Send(Prepare(call));
    const int64_t delay = DelayMillis(policy, tries);
    const bool last =
        tries >= policy.attempts || MillisSince(began) + delay > policy.give_up_after_ms;
    if (auto* failure = std::get_if<HttpFailure>(&outcome)) {
      if (last || !failure->passing) {
        return NoAnswerError(*failure, call.action, call.location, settings_, tries);
      }
      doubtful = doubtful || failure->sent;
    } else {
      auto& response = std::get<HttpResponse>(outcome);
      const bool passing = MayPass(response);
      const bool fine = response.status < 300 ||
                        (!passing && std::find(expected.begin(), expected.end(), response.status) !=
                                         expected.end());
      if (fine) return Reply{std::move(response), doubtful};
      if (last || !passing) {
        return RefusalError(response, call.action, call.location, settings_, SystemClock().Now());
      }
      doubtful = doubtful || response.status >= 500;
    }
    SystemClock().SleepFor(delay * 1000);
  }
}

}  // namespace penstock::io::s3
