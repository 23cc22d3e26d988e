#include <gtest/gtest.h>

#include "io/s3/scripted_server.h"
#include "io/s3/storage.h"

namespace penstock::io::s3 {
namespace {

constexpr char kFile[] = "s3://bucket/a/b.json";
const std::string kOk = ScriptedServer::Answer(200, "content");
const std::string kSlowDown = ScriptedServer::Answer(503, ScriptedServer::ErrorXml("SlowDown"));
const std::string kHalf = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 7\r\n\r\ncon";
const std::string kTaken =
    ScriptedServer::Answer(412, ScriptedServer::ErrorXml("PreconditionFailed"));

Settings SettingsFor(const ScriptedServer& server) {
  Settings settings;
  settings.endpoint = server.endpoint();
  settings.path_style = true;
  settings.credentials = {"the-key-id", "the-secret", "the-session-token"};
  settings.retry = {.attempts = 4,
                    .first_delay_ms = 1,
                    .longest_delay_ms = 2,
                    .give_up_after_ms = 20'000,
                    .connect_seconds = 2,
                    .stall_seconds = 1};
  return settings;
}

Result<std::string> ReadFrom(ScriptedServer& server) {
  return NewStorage(SettingsFor(server))->Read(kFile);
}

class PassingTroubleTest : public testing::TestWithParam<std::string> {};

TEST_P(PassingTroubleTest, IsTriedAgainUntilTheAnswerIsWhole) {
  ScriptedServer server({GetParam(), GetParam(), kOk});
  const Result<std::string> read = ReadFrom(server);
  ASSERT_TRUE(read.ok()) << ToString(read.error());
  EXPECT_EQ(*read, "content");
  EXPECT_EQ(server.requests().size(), 3U);
}

TEST_P(PassingTroubleTest, IsAnExternalErrorWhenItDoesNotPass) {
  ScriptedServer server({GetParam()});
  const Result<std::string> read = ReadFrom(server);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().kind, ErrorKind::kExternal);
  EXPECT_EQ(read.error().code, "STORE_UNAVAILABLE");
  EXPECT_NE(read.error().message.find(kFile), std::string::npos) << read.error().message;
  EXPECT_EQ(server.requests().size(), 4U);
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, PassingTroubleTest,
    testing::Values(kSlowDown,
                    ScriptedServer::Answer(500, ScriptedServer::ErrorXml("InternalError")),
                    ScriptedServer::Answer(502, "<html>bad gateway</html>"),
                    ScriptedServer::Answer(429, ""),
                    ScriptedServer::Answer(400, ScriptedServer::ErrorXml("RequestTimeout")), kHalf,
                    std::string(), std::string("HTTP/1.1 200 OK\r\nContent-Le")));

TEST(SilentStoreTest, IsTriedAgain) {
  ScriptedServer server({ScriptedServer::kSilence, kOk});
  const Result<std::string> read = ReadFrom(server);
  ASSERT_TRUE(read.ok()) << ToString(read.error());
  EXPECT_EQ(server.requests().size(), 2U);
}

TEST(ListedFileTest, IsReadThroughTroubleAndOnlyAsItWasListed) {
  const std::string head = "Content-Range: bytes 2-4/10\r\nLast-Modified: ";
  const std::string same = head + "Thu, 01 Jan 2026 00:00:00 GMT\r\n";
  const FileInfo listed{kFile, 10, int64_t{1767225600} * 1'000'000 + 400'000};
  ScriptedServer passing({kSlowDown, kHalf, ScriptedServer::Answer(206, "234", same)});
  const auto read = NewStorage(SettingsFor(passing))->ReadListed(listed, 2, 3);
  ASSERT_TRUE(read.ok()) << ToString(read.error());
  EXPECT_EQ(*read, "234");
  EXPECT_NE(passing.requests().back().find("bytes=2-4"), std::string::npos);

  const std::string later = head + "Thu, 01 Jan 2026 00:00:05 GMT\r\n";
  const std::string longer =
      "Content-Range: bytes 2-4/11\r\nLast-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r\n";
  const std::string gone = ScriptedServer::Answer(416, ScriptedServer::ErrorXml("InvalidRange"),
                                                  "Content-Range: bytes */1\r\n");
  for (const std::string& answer : {ScriptedServer::Answer(206, "234", later),
                                    ScriptedServer::Answer(206, "234", longer), gone}) {
    ScriptedServer server({answer});
    const auto changed = NewStorage(SettingsFor(server))->ReadListed(listed, 2, 3);
    ASSERT_FALSE(changed.ok());
    EXPECT_EQ(changed.error().code, "FILE_CHANGED");
    EXPECT_NE(changed.error().message.find(kFile), std::string::npos);
  }
}

TEST(RefusalTest, IsNotTriedAgainAndNamesWhatTheStoreSaid) {
  ScriptedServer server(
      {ScriptedServer::Answer(403, ScriptedServer::ErrorXml("AccessDenied", "no &lt;right&gt;"),
                              "x-amz-request-id: R1\r\n")});
  const Result<std::string> read = ReadFrom(server);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().code, "PERMISSION_DENIED");
  EXPECT_EQ(read.error().message, "cannot read '" + std::string(kFile) + "' at " +
                                      server.endpoint().substr(7) +
                                      ": HTTP 403 AccessDenied: no <right> (request R1)");
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST(RefusalTest, NeverShowsCredentialsOrSignatures) {
  for (const std::string& answer :
       {kSlowDown, kHalf,
        ScriptedServer::Answer(403, ScriptedServer::ErrorXml("SignatureDoesNotMatch"))}) {
    ScriptedServer server({answer});
    const Result<std::string> read = ReadFrom(server);
    ASSERT_FALSE(read.ok());
    for (const char* secret : {"the-key-id", "the-secret", "the-session-token", "Signature="}) {
      EXPECT_EQ(ToString(read.error()).find(secret), std::string::npos) << ToString(read.error());
    }
    EXPECT_EQ(server.requests()[0].find("the-secret"), std::string::npos);
  }
}

TEST(RefusalTest, ClockSkewIsSaidPlainly) {
  ScriptedServer server(
      {ScriptedServer::Answer(403, ScriptedServer::ErrorXml("RequestTimeTooSkewed"),
                              "Date: Fri, 24 May 2013 00:00:00 GMT\r\n")});
  const Result<std::string> read = ReadFrom(server);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().code, "CLOCK_SKEW");
  EXPECT_NE(read.error().message.find("s ahead of the store's"), std::string::npos)
      << read.error().message;
}

TEST(RefusalTest, OfALookAtAFileIsExplained) {
  ScriptedServer server(
      {"HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 99\r\n\r\n",
       ScriptedServer::Answer(403, ScriptedServer::ErrorXml("SignatureDoesNotMatch"))});
  const auto info = NewStorage(SettingsFor(server))->Stat(kFile);
  ASSERT_FALSE(info.ok());
  EXPECT_EQ(info.error().code, "BAD_CREDENTIALS");
}

TEST(RefusalTest, AnotherRegionIsNamed) {
  ScriptedServer server({ScriptedServer::Answer(301, ScriptedServer::ErrorXml("PermanentRedirect"),
                                                "x-amz-bucket-region: eu-west-3\r\n")});
  const Result<std::string> read = ReadFrom(server);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().code, "WRONG_REGION");
  EXPECT_NE(read.error().remedy.find("eu-west-3"), std::string::npos);
}

TEST(RefusalTest, HostileXmlIsNoError) {
  ScriptedServer server({ScriptedServer::Answer(
      403, "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><Error><Code>&b;</Code>")});
  const Result<std::string> read = ReadFrom(server);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().code, "PERMISSION_DENIED");
}

TEST(RefusalTest, MissingBucketIsNotAnEmptyFolder) {
  ScriptedServer server({ScriptedServer::Answer(404, ScriptedServer::ErrorXml("NoSuchBucket"))});
  const auto listed = NewStorage(SettingsFor(server))->List("s3://bucket/a");
  ASSERT_FALSE(listed.ok());
  EXPECT_EQ(listed.error().code, "BUCKET_NOT_FOUND");
}

TEST(RefusalTest, AnAnswerThatIsNoListingIsNotAnEmptyFolder) {
  for (const char* body :
       {"", "<html></html>", "<ListBucketResult><Contents>",
        "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>"}) {
    ScriptedServer server({ScriptedServer::Answer(200, body)});
    EXPECT_FALSE(NewStorage(SettingsFor(server))->List("s3://bucket/a").ok()) << body;
  }
}

TEST(RefusalTest, RangeThatIsIgnoredIsNotTakenForTheRange) {
  ScriptedServer server({kOk});
  EXPECT_FALSE(NewStorage(SettingsFor(server))->ReadRange(kFile, 2, 3).ok());
}

// The id under which the first request wrote.
std::string PutId(ScriptedServer& server, size_t request) {
  const std::string name = "x-amz-meta-penstock-put: ";
  const std::string text = server.requests()[request];
  return text.substr(text.find(name) + name.size(), 36);
}

// The probe's answers come first: written, taken, deleted.
std::vector<std::string> AfterProbe(std::vector<std::string> answers) {
  answers.insert(answers.begin(),
                 {ScriptedServer::Answer(200, ""), kTaken, ScriptedServer::Answer(204, "")});
  return answers;
}

TEST(PutIfAbsentTest, TakenAfterALostAnswerAndNotByUsIsTaken) {
  ScriptedServer server(AfterProbe({"", kTaken,
                                    "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n"
                                    "x-amz-meta-penstock-put: of-another-writer\r\n\r\n"}));
  const auto put = NewStorage(SettingsFor(server))->PutIfAbsent(kFile, "x");
  ASSERT_TRUE(put.ok()) << ToString(put.error());
  EXPECT_EQ(*put, PutOutcome::kExists);
  EXPECT_EQ(server.requests().size(), 6U);
}

TEST(PutIfAbsentTest, TriesOfOneCallCarryOneId) {
  ScriptedServer server(AfterProbe({kSlowDown, ScriptedServer::Answer(200, "")}));
  const auto put = NewStorage(SettingsFor(server))->PutIfAbsent(kFile, "x");
  ASSERT_TRUE(put.ok());
  EXPECT_EQ(*put, PutOutcome::kCreated);
  EXPECT_EQ(PutId(server, 3), PutId(server, 4));
  EXPECT_NE(server.requests()[3].find("if-none-match: *"), std::string::npos);
}

TEST(PutIfAbsentTest, ConflictWithARequestUnderWayIsTriedAgain) {
  ScriptedServer server(AfterProbe(
      {ScriptedServer::Answer(409, ScriptedServer::ErrorXml("ConditionalRequestConflict")),
       kTaken}));
  const auto put = NewStorage(SettingsFor(server))->PutIfAbsent(kFile, "x");
  ASSERT_TRUE(put.ok()) << ToString(put.error());
  EXPECT_EQ(*put, PutOutcome::kExists);
}

TEST(PutIfAbsentTest, StoreThatReplacesIsRefusedBeforeTheFileIsWritten) {
  ScriptedServer server({ScriptedServer::Answer(200, "")});
  const auto put = NewStorage(SettingsFor(server))->PutIfAbsent(kFile, "x");
  ASSERT_FALSE(put.ok());
  EXPECT_EQ(put.error().code, "NO_PUT_IF_ABSENT");
  for (const std::string& request : server.requests()) {
    EXPECT_EQ(request.find("b.json"), std::string::npos) << request;
  }
}

TEST(UploadTest, FailedPartRemovesTheUpload) {
  ScriptedServer server({ScriptedServer::Answer(200,
                                                "<InitiateMultipartUploadResult><UploadId>up"
                                                "</UploadId></InitiateMultipartUploadResult>"),
                         ScriptedServer::Answer(403, ScriptedServer::ErrorXml("AccessDenied")),
                         ScriptedServer::Answer(204, "")});
  const Status written =
      NewStorage(SettingsFor(server))->Write(kFile, std::string(size_t{17} << 20, 'x'));
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.error().code, "PERMISSION_DENIED");
  ASSERT_EQ(server.requests().size(), 3U);
  EXPECT_TRUE(server.requests()[2].starts_with("DELETE /bucket/a/b.json?uploadId=up "));
}

}  // namespace
}  // namespace penstock::io::s3
