#include "io/s3/signature.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <ctime>

#include "base/text.h"

namespace penstock::io::s3 {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

std::string Hex(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (const unsigned char c : bytes) {
    hex += kDigits[c >> 4];
    hex += kDigits[c & 15];
  }
  return hex;
}

std::string Digest(const EVP_MD* kind, std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, kind, nullptr);
  return {digest.begin(), digest.begin() + size};
}

std::string Hmac(std::string_view key, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
  return {digest.begin(), digest.begin() + size};
}

// "20260131T120000Z"
std::string BasicTime(TimestampMicros now) {
  const std::time_t seconds = now / 1'000'000;
  std::tm fields{};
  ::gmtime_r(&seconds, &fields);
  std::array<char, 32> text{};
  const size_t size = std::strftime(text.data(), text.size(), "%Y%m%dT%H%M%SZ", &fields);
  return {text.data(), size};
}

std::string CanonicalRequest(const SignedParts& parts,
                             const std::map<std::string, std::string>& headers,
                             const std::string& names) {
  std::string text = parts.method + "\n" + parts.path + "\n" + EncodeQuery(parts.query) + "\n";
  for (const auto& [name, value] : headers) text += name + ":" + std::string(Trim(value)) + "\n";
  return text + "\n" + names + "\n" + parts.body_sha256;
}

}  // namespace

std::string EncodeQuery(const std::map<std::string, std::string>& query) {
  std::string text;
  for (const auto& [name, value] : query) {
    text += (text.empty() ? "" : "&") + PercentEncode(name) + "=" + PercentEncode(value);
  }
  return text;
}

std::map<std::string, std::string> Sign(const SignedParts& parts, const Credentials& credentials,
                                        std::string_view region, TimestampMicros now) {
  const std::string time = BasicTime(now);
  const std::string date = time.substr(0, 8);
  std::map<std::string, std::string> headers = parts.headers;
  headers["x-amz-date"] = time;
  headers["x-amz-content-sha256"] = parts.body_sha256;
  if (!credentials.session_token.empty()) {
    headers["x-amz-security-token"] = credentials.session_token;
  }
  std::string names;
  for (const auto& header : headers) names += (names.empty() ? "" : ";") + header.first;
  const std::string scope = date + "/" + std::string(region) + "/s3/aws4_request";
  const std::string text = std::string(kAlgorithm) + "\n" + time + "\n" + scope + "\n" +
                           Sha256Hex(CanonicalRequest(parts, headers, names));
  const std::string key =
      Hmac(Hmac(Hmac(Hmac("AWS4" + credentials.secret, date), region), "s3"), "aws4_request");
  headers["authorization"] = std::string(kAlgorithm) + " Credential=" + credentials.key_id + "/" +
                             scope + ",SignedHeaders=" + names +
                             ",Signature=" + Hex(Hmac(key, text));
  return headers;
}

std::string Sha256Hex(std::string_view bytes) { return Hex(Digest(EVP_sha256(), bytes)); }

std::string Md5Base64(std::string_view bytes) {
  const std::string digest = Digest(EVP_md5(), bytes);
  std::array<unsigned char, 32> text{};
  const int size =
      EVP_EncodeBlock(text.data(), reinterpret_cast<const unsigned char*>(digest.data()),
                      static_cast<int>(digest.size()));
  return {text.begin(), text.begin() + size};
}

}  // namespace penstock::io::s3
