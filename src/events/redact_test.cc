#include "events/redact.h"

#include <gtest/gtest.h>

namespace penstock::events {
namespace {

TEST(LooksLikeSecretTest, WordsOfTheKeyDecide) {
  for (const char* key :
       {"password", "DB_PASSWORD", "db.passwd", "clientSecret", "aws.session-token", "api.key",
        "apiKey", "fs.azure.account.key.store", "credentials", "spark.hadoop.fs.s3a.access.key"}) {
    EXPECT_TRUE(LooksLikeSecret(key)) << key;
  }
  for (const char* key :
       {"source", "tokenizer", "monkey", "keyboard", "secretary.name", "passenger", ""}) {
    EXPECT_FALSE(LooksLikeSecret(key)) << key;
  }
}

TEST(RedactTest, ConfigurationKeepsOrdinaryValuesAndHidesSecrets) {
  const std::map<std::string, std::string> shown =
      Redact({{"source", "/data"},
              {"db.password", "hunter22"},
              {"url", "postgresql://joe:hunter22@host/db"}});
  EXPECT_EQ(shown.at("source"), "/data");
  EXPECT_EQ(shown.at("db.password"), kRedacted);
  EXPECT_EQ(shown.at("url"), "postgresql://joe:[REDACTED]@host/db");
}

TEST(RedactorTest, SecretsQuotedInTextsAreRemovedEverywhere) {
  const Redactor redactor({{"password", "hunter22"},
                           {"longer.password", "hunter22-and-more"},
                           {"partition.key", "country"}});
  Json json = {{"message", "cannot log in with hunter22-and-more or 'hunter22'"},
               {"details", {{"list", {"xhunter22x"}}, {"country", "country"}}},
               {"configuration", {{"token", "t"}, {"n", 3}}}};
  redactor.Apply(json);
  EXPECT_EQ(json["message"], "cannot log in with [REDACTED] or '[REDACTED]'");
  EXPECT_EQ(json["details"]["list"][0], "x[REDACTED]x");
  EXPECT_EQ(json["details"]["country"], "country");
  EXPECT_EQ(json["configuration"]["token"], kRedacted);
  EXPECT_EQ(json["configuration"]["n"], 3);
}

TEST(RedactorTest, UrlWithoutPasswordStays) {
  const Redactor redactor({});
  EXPECT_EQ(redactor.Text("s3://bucket/a@b:c and https://host:80/x@y"),
            "s3://bucket/a@b:c and https://host:80/x@y");
}

}  // namespace
}  // namespace penstock::events
