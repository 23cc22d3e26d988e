#include "io/s3/settings.h"

#include <cstdlib>
#include <vector>

#include "base/text.h"
#include "io/s3/profile.h"
#include "io/storage.h"

namespace penstock::io::s3 {
namespace {

using Configuration = std::map<std::string, std::string>;

// What decides one setting in the project's configuration, the first that is there.
const std::vector<std::string> kEndpointKeys = {"penstock.s3.endpoint", "fs.s3a.endpoint"};
const std::vector<std::string> kRegionKeys = {"penstock.s3.region", "fs.s3a.endpoint.region"};
const std::vector<std::string> kPathStyleKeys = {"penstock.s3.path_style",
                                                 "fs.s3a.path.style.access"};
// Refused: a project file is kept in version control, and --set shows in the list of processes.
constexpr std::string_view kSecretKeys[] = {
    "penstock.s3.access_key_id", "penstock.s3.secret_access_key", "penstock.s3.session_token",
    "penstock.s3.access_key",    "penstock.s3.secret_key",        "fs.s3a.access.key",
    "fs.s3a.secret.key",         "fs.s3a.session.token"};

std::optional<std::string> Lookup(const Configuration& configuration, const std::string& key) {
  for (const std::string& name : {key, "spark.hadoop." + key}) {
    const auto found = configuration.find(name);
    if (found != configuration.end() && !found->second.empty()) return found->second;
  }
  return std::nullopt;
}

std::optional<std::string> First(const Configuration& configuration,
                                 const std::vector<std::string>& keys) {
  for (const std::string& key : keys) {
    if (auto value = Lookup(configuration, key)) return value;
  }
  return std::nullopt;
}

std::optional<std::string> First(const Environment& environment,
                                 std::initializer_list<std::string> names) {
  for (const std::string& name : names) {
    if (auto value = environment(name)) return value;
  }
  return std::nullopt;
}

Status RefuseSecrets(const Configuration& configuration) {
  for (const std::string_view key : kSecretKeys) {
    if (!Lookup(configuration, std::string(key))) continue;
    return UserError("SECRET_IN_PROJECT",
                     "the configuration of the project has " + std::string(key),
                     "Project files are shared. Remove it and set AWS_ACCESS_KEY_ID and "
                     "AWS_SECRET_ACCESS_KEY, or name a profile of ~/.aws/credentials in "
                     "penstock.s3.profile.");
  }
  return OkStatus();
}

Result<bool> ParseBool(const std::string& name, const std::string& text) {
  for (const std::string_view yes : {"true", "1", "yes"}) {
    if (EqualsIgnoreCase(text, yes)) return true;
  }
  for (const std::string_view no : {"false", "0", "no"}) {
    if (EqualsIgnoreCase(text, no)) return false;
  }
  return UserError("BAD_SETTING", name + " is \"" + text + "\"", "Write true or false.");
}

// Sections of the credentials file go before those of the config file.
Profile ReadProfile(const Environment& environment, const std::string& name, bool* found) {
  const std::string home = environment("HOME").value_or("/");
  const std::unique_ptr<Storage> files = NewLocalStorage();
  Profile merged;
  *found = false;
  for (const auto& [variable, file] : {std::pair{"AWS_SHARED_CREDENTIALS_FILE", "credentials"},
                                       std::pair{"AWS_CONFIG_FILE", "config"}}) {
    const std::string path =
        environment(variable).value_or(JoinPath(home, std::string(".aws/") + file));
    const Result<std::string> text = files->Read(path);
    if (!text.ok()) continue;
    const auto profiles = ParseProfiles(*text);
    const auto section = profiles.find(name);
    if (section == profiles.end()) continue;
    *found = true;
    merged.insert(section->second.begin(), section->second.end());
  }
  return merged;
}

std::string Value(const Profile& profile, const std::string& key) {
  const auto found = profile.find(key);
  return found == profile.end() ? "" : found->second;
}

Error NoCredentials(const std::string& profile) {
  return UserError("NO_CREDENTIALS", "there are no credentials for S3",
                   "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or put them into "
                   "~/.aws/credentials under [" +
                       profile +
                       "]; a profile that assumes a role, signs in or runs a program needs "
                       "`aws configure export-credentials --format env` first.");
}

Result<Credentials> ResolveCredentials(const Environment& environment, const Profile& profile,
                                       const std::string& profile_name, bool profile_first) {
  const Credentials of_profile{Value(profile, "aws_access_key_id"),
                               Value(profile, "aws_secret_access_key"),
                               Value(profile, "aws_session_token")};
  const Credentials of_environment{environment("AWS_ACCESS_KEY_ID").value_or(""),
                                   environment("AWS_SECRET_ACCESS_KEY").value_or(""),
                                   environment("AWS_SESSION_TOKEN").value_or("")};
  const Credentials& first = profile_first ? of_profile : of_environment;
  if (!first.key_id.empty() && !first.secret.empty()) return first;
  if (profile_first || of_profile.key_id.empty() || of_profile.secret.empty()) {
    return NoCredentials(profile_name);
  }
  return of_profile;
}

bool IsLoopback(std::string_view authority) {
  const std::string_view host = authority.substr(0, authority.rfind(':'));
  return host == "localhost" || host.starts_with("127.") || host == "[::1]";
}

Result<std::string> CheckEndpoint(std::string endpoint, bool secure_by_default) {
  if (endpoint.find("://") == endpoint.npos) {
    endpoint = (secure_by_default ? "https://" : "http://") + endpoint;
  }
  while (endpoint.ends_with('/')) endpoint.pop_back();
  const size_t host = endpoint.find("://") + 3;
  const bool known = endpoint.starts_with("http://") || endpoint.starts_with("https://");
  if (!known || host >= endpoint.size() ||
      endpoint.find_first_of("/?#@ \\\r\n\t", host) != endpoint.npos) {
    return UserError("BAD_SETTING", "the S3 endpoint is not of the form https://host[:port]",
                     "Give it without a path, a user or a query, for example "
                     "https://storage.example.com:9000.");
  }
  return endpoint;
}

Status RefuseInsecure(const Settings& settings, const Configuration& configuration,
                      const Environment& environment) {
  if (settings.secure() || IsLoopback(settings.Authority())) return OkStatus();
  for (const auto& [name, text] :
       {std::pair{"penstock.s3.allow_http", Lookup(configuration, "penstock.s3.allow_http")},
        std::pair{"AWS_ALLOW_HTTP", environment("AWS_ALLOW_HTTP")}}) {
    if (!text) continue;
    ASSIGN_OR_RETURN(const bool allowed, ParseBool(name, *text));
    if (allowed) return OkStatus();
  }
  return UserError("INSECURE_ENDPOINT",
                   "the S3 endpoint " + settings.endpoint + " is not encrypted",
                   "Use https://, or set penstock.s3.allow_http to true on a network you trust.");
}

}  // namespace

std::string Settings::Authority() const {
  if (endpoint.empty()) {
    const bool china = region.starts_with("cn-");
    return "s3." + region + (china ? ".amazonaws.com.cn" : ".amazonaws.com");
  }
  return endpoint.substr(endpoint.find("://") + 3);
}

Environment ProcessEnvironment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr || *value == '\0') return std::nullopt;
    return std::string(value);
  };
}

Result<Settings> ResolveSettings(const Configuration& configuration,
                                 const Environment& environment) {
  RETURN_IF_ERROR(RefuseSecrets(configuration));
  const std::optional<std::string> named = Lookup(configuration, "penstock.s3.profile");
  const std::string profile_name = named ? *named : environment("AWS_PROFILE").value_or("default");
  bool found = false;
  const Profile profile = ReadProfile(environment, profile_name, &found);
  if (!found && (named || environment("AWS_PROFILE"))) {
    return UserError("PROFILE_NOT_FOUND", "there is no AWS profile " + profile_name,
                     "It should stand in ~/.aws/credentials or ~/.aws/config.");
  }
  Settings settings;
  ASSIGN_OR_RETURN(settings.credentials,
                   ResolveCredentials(environment, profile, profile_name, named.has_value()));
  const auto region = First(configuration, kRegionKeys);
  const auto region_here = First(environment, {"AWS_REGION", "AWS_DEFAULT_REGION"});
  settings.region = region ? *region : region_here.value_or(Value(profile, "region"));
  if (settings.region.empty()) settings.region = "us-east-1";
  if (settings.region.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") !=
      std::string::npos) {
    return UserError("BAD_SETTING", "the S3 region is \"" + settings.region + "\"",
                     "Regions look like eu-central-1.");
  }
  const auto endpoint = First(configuration, kEndpointKeys);
  const auto endpoint_here = First(environment, {"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"});
  settings.endpoint = endpoint ? *endpoint : endpoint_here.value_or(Value(profile, "endpoint_url"));
  if (!settings.endpoint.empty()) {
    const auto encrypted = Lookup(configuration, "fs.s3a.connection.ssl.enabled");
    ASSIGN_OR_RETURN(const bool secure,
                     ParseBool("fs.s3a.connection.ssl.enabled", encrypted.value_or("true")));
    ASSIGN_OR_RETURN(settings.endpoint, CheckEndpoint(settings.endpoint, secure));
  }
  const auto style = First(configuration, kPathStyleKeys);
  // Other stores rarely have a name in the DNS for each bucket.
  settings.path_style = !settings.endpoint.empty();
  if (style) {
    ASSIGN_OR_RETURN(settings.path_style, ParseBool("the S3 path style", *style));
  }
  RETURN_IF_ERROR(RefuseInsecure(settings, configuration, environment));
  return settings;
}

}  // namespace penstock::io::s3
