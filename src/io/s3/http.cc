#include "io/s3/http.h"

#include <curl/curl.h>

#include <array>
#include <mutex>
#include <vector>

#include "base/text.h"

namespace penstock::io::s3 {

struct HttpClient::Idle {
  std::mutex mutex;
  std::vector<CURL*> handles;  // each keeps its connections
};

namespace {

constexpr size_t kMostIdle = 16;

struct Answer {
  HttpResponse response;
  int64_t max_body = 0;
  bool too_long = false;
};

size_t TakeBody(char* data, size_t one, size_t count, void* target) {
  auto& answer = *static_cast<Answer*>(target);
  const size_t size = one * count;
  answer.too_long =
      size > static_cast<size_t>(answer.max_body) - answer.response.body.size() || answer.too_long;
  if (answer.too_long) return 0;
  answer.response.body.append(data, size);
  return size;
}

size_t TakeHeader(char* data, size_t one, size_t count, void* target) {
  auto& answer = *static_cast<Answer*>(target);
  const std::string_view line(data, one * count);
  if (line.starts_with("HTTP/")) answer.response.headers.clear();  // after a 100 Continue
  const size_t colon = line.find(':');
  if (colon != line.npos) {
    answer.response.headers[AsciiLower(line.substr(0, colon))] = Trim(line.substr(colon + 1));
  }
  return line.size();
}

// Failures that come again however often one tries.
bool IsPassing(CURLcode code) {
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_FAILED_INIT:
    case CURLE_OUT_OF_MEMORY:
      return false;
    default:
      return true;
  }
}

bool WasSent(CURLcode code) {
  return code != CURLE_COULDNT_CONNECT && code != CURLE_COULDNT_RESOLVE_HOST &&
         code != CURLE_COULDNT_RESOLVE_PROXY && code != CURLE_SSL_CONNECT_ERROR &&
         code != CURLE_PEER_FAILED_VERIFICATION;
}

void SetMethod(CURL* handle, const HttpRequest& request) {
  if (request.method == "HEAD") {
    curl_easy_setopt(handle, CURLOPT_NOBODY, 1L);
  } else if (request.method == "PUT" || request.method == "POST") {
    curl_easy_setopt(handle, CURLOPT_POST, 1L);
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request.body.empty() ? "" : request.body.data());
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  } else {
    curl_easy_setopt(handle, CURLOPT_HTTPGET, 1L);
    curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
}

void SetLimits(CURL* handle, const HttpRequest& request) {
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(handle, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, static_cast<long>(request.connect_seconds));
  curl_easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(handle, CURLOPT_LOW_SPEED_TIME, static_cast<long>(request.stall_seconds));
  curl_easy_setopt(handle, CURLOPT_TIMEOUT, static_cast<long>(request.total_seconds));
}

using HeaderList = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

HeaderList Headers(const HttpRequest& request) {
  // curl would add these by itself, unsigned or waiting for a "100 Continue".
  curl_slist* list = nullptr;
  for (const char* none : {"Expect:", "Accept:"}) list = curl_slist_append(list, none);
  if (!request.headers.contains("content-type")) list = curl_slist_append(list, "Content-Type:");
  for (const auto& [name, value] : request.headers) {
    list = curl_slist_append(list, (name + ": " + value).c_str());
  }
  return {list, curl_slist_free_all};
}

// An answer over HTTP/1 that neither says its length nor comes in chunks ends where the connection
// does, which may be anywhere.
bool MayBeCut(CURL* handle, const HttpRequest& request, const HttpResponse& response) {
  long version = 0;
  curl_easy_getinfo(handle, CURLINFO_HTTP_VERSION, &version);
  return version < CURL_HTTP_VERSION_2_0 && request.method != "HEAD" && response.status != 204 &&
         !response.headers.contains("content-length") &&
         !response.headers.contains("transfer-encoding");
}

HttpOutcome Perform(CURL* handle, const HttpRequest& request) {
  Answer answer;
  answer.max_body = request.max_body;
  std::array<char, CURL_ERROR_SIZE> text{};
  const HeaderList headers = Headers(request);
  curl_easy_reset(handle);
  SetMethod(handle, request);
  SetLimits(handle, request);
  curl_easy_setopt(handle, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, TakeBody);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &answer);
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, TakeHeader);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, &answer);
  curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, text.data());
  const CURLcode code = curl_easy_perform(handle);
  curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, nullptr);
  if (answer.too_long) {
    return HttpFailure{"the answer is longer than " + Grouped(request.max_body) + " bytes", true,
                       false};
  }
  if (code != CURLE_OK) {
    const char* what = text[0] != '\0' ? text.data() : curl_easy_strerror(code);
    return HttpFailure{what, WasSent(code), IsPassing(code)};
  }
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  answer.response.status = static_cast<int>(status);
  if (MayBeCut(handle, request, answer.response)) {
    return HttpFailure{"the answer ends without saying how long it is", true, true};
  }
  return std::move(answer.response);
}

}  // namespace

HttpClient::HttpClient() : idle_(std::make_unique<Idle>()) {
  static const CURLcode kStarted = curl_global_init(CURL_GLOBAL_DEFAULT);
  (void)kStarted;
}

HttpClient::~HttpClient() {
  for (CURL* handle : idle_->handles) curl_easy_cleanup(handle);
}

HttpOutcome HttpClient::Send(const HttpRequest& request) {
  CURL* handle = nullptr;
  {
    const std::lock_guard<std::mutex> lock(idle_->mutex);
    if (!idle_->handles.empty()) {
      handle = idle_->handles.back();
      idle_->handles.pop_back();
    }
  }
  if (handle == nullptr) handle = curl_easy_init();
  if (handle == nullptr) return HttpFailure{"curl cannot start", false, false};
  HttpOutcome outcome = Perform(handle, request);
  const std::lock_guard<std::mutex> lock(idle_->mutex);
  if (idle_->handles.size() < kMostIdle) {
    idle_->handles.push_back(handle);
  } else {
    curl_easy_cleanup(handle);
  }
  return outcome;
}

}  // namespace penstock::io::s3
