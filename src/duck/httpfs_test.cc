#include <gtest/gtest.h>

#include "duck/engine.h"
#include "duck/object_store.h"

namespace penstock::duck {
namespace {

constexpr char kRead[] = "SELECT * FROM read_parquet('s3://bucket/file.parquet')";

TEST(HttpfsTest, PathWithoutAStoreIsRefused) {
  const auto engine = Engine::Open({});
  ASSERT_TRUE(engine.ok());
  auto connection = (*engine)->Connect();
  ASSERT_TRUE(connection.ok());
  EXPECT_EQ(connection->Execute(kRead).error().code, "UNSUPPORTED_STORAGE");
  EXPECT_EQ(connection->Describe(kRead).error().code, "UNSUPPORTED_STORAGE");
}

TEST(HttpfsTest, WhyTheStoreIsNotKnownIsTheErrorOfThePathAndOfNoOtherText) {
  const auto engine = Engine::Open({});
  ASSERT_TRUE(engine.ok());
  UseObjectStore(**engine, []() -> Result<ObjectStore> {
    return UserError("NO_CREDENTIALS", "there are none");
  });
  auto connection = (*engine)->Connect();
  ASSERT_TRUE(connection.ok());
  EXPECT_EQ(connection->Execute(kRead).error().code, "NO_CREDENTIALS");
  EXPECT_TRUE(connection->Execute("SELECT 's3://bucket' LIKE 's3://%'").ok());
  EXPECT_NE(connection->Execute("SELECT CAST('s3://x' AS INTEGER)").error().code, "NO_CREDENTIALS");
}

TEST(HttpfsTest, SecretIsInTheEngineAndShownToNobody) {
  const auto engine = Engine::Open({});
  ASSERT_TRUE(engine.ok());
  int asked = 0;
  UseObjectStore(**engine, [&asked]() -> Result<ObjectStore> {
    ++asked;
    return ObjectStore{.authority = "127.0.0.1:1",
                       .region = "r",
                       .key_id = "the-key",
                       .secret = "the-'secret",
                       .session_token = "the-token",
                       .path_style = true,
                       .secure = false};
  });
  auto connection = (*engine)->Connect();
  ASSERT_TRUE(connection.ok());
  ASSERT_TRUE(connection->Execute("SELECT 1").ok());
  EXPECT_EQ(asked, 0);
  ASSERT_TRUE(connection->Execute("SELECT 's3://bucket'").ok());
  ASSERT_TRUE(connection->Execute("SELECT 'S3://bucket'").ok());
  EXPECT_EQ(asked, 1);
  auto rows =
      connection->Query("SELECT name, CAST(duckdb_secrets AS VARCHAR) FROM duckdb_secrets()");
  ASSERT_TRUE(rows.ok()) << ToString(rows.error());
  ASSERT_TRUE(rows->NextChunk().value());
  EXPECT_EQ(rows->Text(0, 0), "penstock_s3");
  for (const char* hidden : {"the-'secret", "the-token"}) {
    EXPECT_EQ(rows->Text(0, 1).find(hidden), std::string::npos) << rows->Text(0, 1);
  }
  EXPECT_FALSE(connection->Execute("SELECT * FROM duckdb_secrets(redact = false)").ok());
}

}  // namespace
}  // namespace penstock::duck
