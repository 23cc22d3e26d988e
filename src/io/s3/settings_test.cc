#include "io/s3/settings.h"

#include <gtest/gtest.h>

#include <fstream>

#include "io/s3/profile.h"
#include "io/temp_folder.h"

namespace penstock::io::s3 {
namespace {

using Map = std::map<std::string, std::string>;

const Map kKeys = {{"AWS_ACCESS_KEY_ID", "id"}, {"AWS_SECRET_ACCESS_KEY", "secret"}};

Map With(Map map, const Map& more) {
  for (const auto& [key, value] : more) map[key] = value;
  return map;
}

Environment Of(Map variables) {
  if (!variables.contains("HOME")) variables["HOME"] = "/nonexistent";
  return [variables](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
}

std::string CodeOf(const Map& configuration, const Map& variables) {
  const auto settings = ResolveSettings(configuration, Of(variables));
  return settings.ok() ? "" : settings.error().code;
}

TEST(SettingsTest, EnvironmentIsEnough) {
  const auto settings = ResolveSettings(
      {}, Of(With(kKeys, {{"AWS_REGION", "eu-west-1"}, {"AWS_SESSION_TOKEN", "token"}})));
  ASSERT_TRUE(settings.ok()) << ToString(settings.error());
  EXPECT_EQ(settings->credentials.key_id, "id");
  EXPECT_EQ(settings->credentials.secret, "secret");
  EXPECT_EQ(settings->credentials.session_token, "token");
  EXPECT_EQ(settings->Authority(), "s3.eu-west-1.amazonaws.com");
  EXPECT_FALSE(settings->path_style);
}

TEST(SettingsTest, ProjectGoesBeforeTheEnvironment) {
  const auto settings = ResolveSettings(
      {{"penstock.s3.endpoint", "https://here:9000/"},
       {"penstock.s3.region", "local"},
       {"penstock.s3.path_style", "false"}},
      Of(With(kKeys, {{"AWS_ENDPOINT_URL", "https://there"}, {"AWS_REGION", "x"}})));
  ASSERT_TRUE(settings.ok()) << ToString(settings.error());
  EXPECT_EQ(settings->endpoint, "https://here:9000");
  EXPECT_EQ(settings->region, "local");
  EXPECT_FALSE(settings->path_style);
}

TEST(SettingsTest, NamesOfHadoopAreUnderstood) {
  const auto settings = ResolveSettings({{"spark.hadoop.fs.s3a.endpoint", "127.0.0.1:9000"},
                                         {"spark.hadoop.fs.s3a.connection.ssl.enabled", "false"},
                                         {"fs.s3a.endpoint.region", "r1"},
                                         {"spark.hadoop.fs.s3a.path.style.access", "true"}},
                                        Of(kKeys));
  ASSERT_TRUE(settings.ok()) << ToString(settings.error());
  EXPECT_EQ(settings->endpoint, "http://127.0.0.1:9000");
  EXPECT_EQ(settings->region, "r1");
  EXPECT_TRUE(settings->path_style);
}

TEST(SettingsTest, OtherEndpointsHaveTheBucketInThePath) {
  const auto settings =
      ResolveSettings({}, Of(With(kKeys, {{"AWS_ENDPOINT_URL", "https://there"},
                                          {"AWS_ENDPOINT_URL_S3", "https://for-s3"}})));
  ASSERT_TRUE(settings.ok());
  EXPECT_EQ(settings->endpoint, "https://for-s3");
  EXPECT_TRUE(settings->path_style);
}

TEST(SettingsTest, CredentialsInTheProjectAreRefusedWithoutShowingThem) {
  for (const char* key :
       {"penstock.s3.secret_access_key", "spark.hadoop.fs.s3a.secret.key", "fs.s3a.access.key"}) {
    const auto settings = ResolveSettings({{key, "very-private"}}, Of(kKeys));
    ASSERT_FALSE(settings.ok());
    EXPECT_EQ(settings.error().code, "SECRET_IN_PROJECT");
    EXPECT_EQ(ToString(settings.error()).find("very-private"), std::string::npos);
  }
}

TEST(SettingsTest, PlainHttpIsForThisMachineUnlessAllowed) {
  const Map there = With(kKeys, {{"AWS_ENDPOINT_URL", "http://there:9000"}});
  EXPECT_EQ(CodeOf({}, there), "INSECURE_ENDPOINT");
  EXPECT_EQ(CodeOf({{"penstock.s3.allow_http", "true"}}, there), "");
  EXPECT_EQ(CodeOf({}, With(there, {{"AWS_ALLOW_HTTP", "1"}})), "");
  EXPECT_EQ(CodeOf({}, With(kKeys, {{"AWS_ENDPOINT_URL", "http://127.0.0.1:9000"}})), "");
  EXPECT_EQ(CodeOf({}, With(kKeys, {{"AWS_ENDPOINT_URL", "http://localhost"}})), "");
}

TEST(SettingsTest, WrongValuesAreNamed) {
  EXPECT_EQ(CodeOf({{"penstock.s3.path_style", "maybe"}}, kKeys), "BAD_SETTING");
  EXPECT_EQ(CodeOf({{"penstock.s3.endpoint", "https://user:password@host"}}, kKeys), "BAD_SETTING");
  EXPECT_EQ(CodeOf({{"penstock.s3.endpoint", "ftp://host"}}, kKeys), "BAD_SETTING");
  EXPECT_EQ(CodeOf({{"penstock.s3.region", "evil/host"}}, kKeys), "BAD_SETTING");
  EXPECT_EQ(CodeOf({{"penstock.s3.profile", "none"}}, kKeys), "PROFILE_NOT_FOUND");
  EXPECT_EQ(CodeOf({}, {}), "NO_CREDENTIALS");
}

TEST(SettingsTest, ProfilesFillWhatTheEnvironmentLeavesOpen) {
  const TempFolder home;
  const std::string credentials = home / "credentials";
  const std::string config = home / "config";
  std::ofstream(credentials) << "[default]\naws_access_key_id = d\naws_secret_access_key = ds\n"
                                "[work]\naws_access_key_id=w\naws_secret_access_key=ws=+/\n";
  std::ofstream(config) << "# comment\n[profile work]\nregion = eu-north-1 # cold\n"
                           "s3 =\n  addressing_style = path\nendpoint_url = https://store\n";
  const Map files = {{"AWS_SHARED_CREDENTIALS_FILE", credentials}, {"AWS_CONFIG_FILE", config}};

  auto settings = ResolveSettings({}, Of(files));
  ASSERT_TRUE(settings.ok()) << ToString(settings.error());
  EXPECT_EQ(settings->credentials.key_id, "d");

  settings = ResolveSettings({}, Of(With(files, {{"AWS_PROFILE", "work"}})));
  ASSERT_TRUE(settings.ok());
  EXPECT_EQ(settings->credentials.secret, "ws=+/");
  EXPECT_EQ(settings->region, "eu-north-1");
  EXPECT_EQ(settings->endpoint, "https://store");

  settings = ResolveSettings({}, Of(With(files, kKeys)));
  ASSERT_TRUE(settings.ok());
  EXPECT_EQ(settings->credentials.key_id, "id");

  settings = ResolveSettings({{"penstock.s3.profile", "work"}}, Of(With(files, kKeys)));
  ASSERT_TRUE(settings.ok());
  EXPECT_EQ(settings->credentials.key_id, "w");
}

TEST(ProfileTest, WhatIsNoSettingIsPassedOver) {
  const auto profiles =
      ParseProfiles("a = 1\n[x\n[y]\nno equals\nB = 2 ; two\n\n[profile  z ]\r\nc=3");
  EXPECT_EQ(profiles.at("y"), (Profile{{"b", "2"}}));
  EXPECT_EQ(profiles.at("z"), (Profile{{"c", "3"}}));
  EXPECT_EQ(profiles.size(), 2U);
}

}  // namespace
}  // namespace penstock::io::s3
