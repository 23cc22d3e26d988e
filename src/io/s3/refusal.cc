#include "io/s3/refusal.h"

#include <curl/curl.h>

#include <cstdlib>

#include "io/s3/reply.h"

namespace penstock::io::s3 {
namespace {

struct Meaning {
  std::string_view store_code;
  std::string_view code;
  std::string_view remedy;
};

constexpr std::string_view kCheckCredentials =
    "Check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or the profile that is "
    "used.";

constexpr Meaning kMeanings[] = {
    {"NoSuchBucket", "BUCKET_NOT_FOUND",
     "Create the bucket or correct its name; check that the endpoint is the right one."},
    {"NoSuchKey", "NOT_FOUND", "Check the path; names distinguish upper and lower case."},
    {"AccessDenied", "PERMISSION_DENIED",
     "The credentials need s3:ListBucket on the bucket, and s3:GetObject, s3:PutObject and "
     "s3:DeleteObject on what is in it."},
    {"AllAccessDisabled", "PERMISSION_DENIED", "Ask the owner of the bucket."},
    {"AccountProblem", "PERMISSION_DENIED", "Ask the owner of the account."},
    {"InvalidAccessKeyId", "BAD_CREDENTIALS", kCheckCredentials},
    {"SignatureDoesNotMatch", "BAD_CREDENTIALS", kCheckCredentials},
    {"InvalidToken", "BAD_CREDENTIALS", kCheckCredentials},
    {"ExpiredToken", "BAD_CREDENTIALS", "Get new temporary credentials and run again."},
    {"NotImplemented", "NOT_SUPPORTED_BY_STORE", "This store lacks a part of S3 that is needed."},
    {"QuotaExceeded", "DISK_FULL", "Free space in the store or raise its quota."},
    {"XMinioStorageFull", "DISK_FULL", "Free space in the store or raise its quota."},
    {"InsufficientStorage", "DISK_FULL", "Free space in the store or raise its quota."},
};

// What HEAD says without a body, and proxies without XML.
std::string_view CodeOfStatus(int status) {
  switch (status) {
    case 403:
      return "AccessDenied";
    case 404:
      return "NoSuchKey";
    case 501:
      return "NotImplemented";
    case 507:
      return "InsufficientStorage";
    default:
      return "";
  }
}

std::string Header(const HttpResponse& response, const std::string& name) {
  const auto found = response.headers.find(name);
  return found == response.headers.end() ? "" : found->second;
}

std::string Where(const std::string& action, const Location& location, const Settings& settings) {
  return "cannot " + action + " '" + location.Uri() + "' at " + settings.Authority();
}

Error ClockSkew(std::string message, const HttpResponse& response, TimestampMicros now) {
  const int64_t theirs = ::curl_getdate(Header(response, "date").c_str(), nullptr);
  message += "; the clock of this machine";
  if (theirs > 0) {
    const int64_t apart = now / 1'000'000 - theirs;
    message += " is " + std::to_string(std::abs(apart)) + " s " +
               (apart < 0 ? "behind" : "ahead of") + " the store's";
  } else {
    message += " differs from the store's";
  }
  return SystemError("CLOCK_SKEW", std::move(message),
                     "Set the clock of this machine (the store allows 15 minutes).");
}

bool IsWrongRegion(const HttpResponse& response, const std::string& code) {
  return response.status == 301 || response.status == 307 ||
         code == "AuthorizationHeaderMalformed" || code == "IllegalLocationConstraintException";
}

Error WrongRegion(std::string message, const HttpResponse& response, const Settings& settings) {
  const std::string region = Header(response, "x-amz-bucket-region");
  message += "; the region " + settings.region + " is not the bucket's";
  return UserError("WRONG_REGION", std::move(message),
                   region.empty() ? "Set AWS_REGION or penstock.s3.region to the bucket's region."
                                  : "Set AWS_REGION or penstock.s3.region to " + region + ".");
}

}  // namespace

bool MayPass(const HttpResponse& response) {
  if (response.status == 429 || response.status == 408) return true;
  if (response.status >= 500) return response.status != 501 && response.status != 507;
  if (response.status != 400 && response.status != 409) return false;
  const auto error = ParseError(response.body);
  return error && (error->code == "RequestTimeout" || error->code == "OperationAborted" ||
                   error->code == "ConditionalRequestConflict");
}

Error RefusalError(const HttpResponse& response, const std::string& action,
                   const Location& location, const Settings& settings, TimestampMicros now) {
  const StoreError error = ParseError(response.body).value_or(StoreError());
  const std::string code =
      error.code.empty() ? std::string(CodeOfStatus(response.status)) : error.code;
  std::string message =
      Where(action, location, settings) + ": HTTP " + std::to_string(response.status);
  if (!code.empty()) message += " " + code;
  if (!error.message.empty()) message += ": " + error.message;
  const std::string id = Header(response, "x-amz-request-id");
  if (!id.empty()) message += " (request " + id.substr(0, 100) + ")";
  if (code == "RequestTimeTooSkewed") return ClockSkew(std::move(message), response, now);
  if (IsWrongRegion(response, code)) return WrongRegion(std::move(message), response, settings);
  for (const Meaning& meaning : kMeanings) {
    if (meaning.store_code != code) continue;
    return SystemError(std::string(meaning.code), std::move(message), std::string(meaning.remedy));
  }
  if (MayPass(response)) {
    return ExternalError("STORE_UNAVAILABLE", std::move(message),
                         "The store is overloaded or failing; run again later.");
  }
  return SystemError("IO_ERROR", std::move(message), "See the code that the store gave.");
}

Error NoAnswerError(const HttpFailure& failure, const std::string& action, const Location& location,
                    const Settings& settings, int tries) {
  return ExternalError(
      "STORE_UNAVAILABLE",
      Where(action, location, settings) + ": " + failure.what + " (tried " + std::to_string(tries) +
          (tries == 1 ? " time)" : " times)"),
      failure.passing
          ? "Check the endpoint and the network, then run again."
          : "Check the endpoint; its certificate has to be one that this machine trusts.");
}

}  // namespace penstock::io::s3
