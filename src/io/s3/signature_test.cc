#include "io/s3/signature.h"

#include <gtest/gtest.h>

namespace penstock::io::s3 {
namespace {

constexpr TimestampMicros kExampleTime = 1369353600'000'000;  // 2013-05-24T00:00:00Z
const Credentials kExample{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", ""};

std::string SignatureOf(const std::map<std::string, std::string>& headers) {
  const std::string& text = headers.at("authorization");
  return text.substr(text.rfind('=') + 1);
}

// The examples of "Signature Calculations for the Authorization Header" in the Amazon S3 API
// reference.
TEST(SignatureTest, GetWithRangeIsSignedAsInTheReference) {
  const SignedParts parts{"GET",
                          "/test.txt",
                          {},
                          {{"host", "examplebucket.s3.amazonaws.com"}, {"range", "bytes=0-9"}},
                          Sha256Hex("")};
  EXPECT_EQ(SignatureOf(Sign(parts, kExample, "us-east-1", kExampleTime)),
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST(SignatureTest, ListWithQueryIsSignedAsInTheReference) {
  const SignedParts parts{"GET",
                          "/",
                          {{"max-keys", "2"}, {"prefix", "J"}},
                          {{"host", "examplebucket.s3.amazonaws.com"}},
                          Sha256Hex("")};
  EXPECT_EQ(SignatureOf(Sign(parts, kExample, "us-east-1", kExampleTime)),
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST(SignatureTest, PutWithEscapedKeyIsSignedAsInTheReference) {
  const SignedParts parts{"PUT",
                          "/test%24file.text",
                          {},
                          {{"date", "Fri, 24 May 2013 00:00:00 GMT"},
                           {"host", "examplebucket.s3.amazonaws.com"},
                           {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
                          Sha256Hex("Welcome to Amazon S3.")};
  EXPECT_EQ(SignatureOf(Sign(parts, kExample, "us-east-1", kExampleTime)),
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
}

TEST(SignatureTest, SessionTokenIsSentAndSigned) {
  Credentials credentials = kExample;
  credentials.session_token = "token/with+signs==";
  const SignedParts parts{"GET", "/", {}, {{"host", "h"}}, Sha256Hex("")};
  const auto headers = Sign(parts, credentials, "eu-west-1", kExampleTime);
  EXPECT_EQ(headers.at("x-amz-security-token"), "token/with+signs==");
  EXPECT_NE(headers.at("authorization").find("x-amz-security-token,"), std::string::npos);
}

TEST(SignatureTest, QueryIsSortedAndEncodedByTheRulesOfTheService) {
  EXPECT_EQ(EncodeQuery({{"prefix", "a b/ü+%"}, {"delimiter", "/"}, {"delete", ""}}),
            "delete=&delimiter=%2F&prefix=a%20b%2F%C3%BC%2B%25");
}

TEST(SignatureTest, Md5IsBase64) { EXPECT_EQ(Md5Base64(""), "1B2M2Y8AsgTpgAmY7PhCfg=="); }

}  // namespace
}  // namespace penstock::io::s3
