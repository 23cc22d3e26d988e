#include "delta/protocol_request.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/text.h"
#include "delta/table_features.h"

namespace penstock::delta {

namespace {

constexpr int kNamedReader = 3;
constexpr int kNamedWriter = 7;
constexpr int kOldestWriter = 2;
constexpr std::string_view kFeaturePrefix = "delta.feature.";

bool Has(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Versions that name their features imply none: what the old ones implied is named.
void NameWriterFeatures(Protocol* protocol) {
  if (protocol->min_writer_version >= kNamedWriter) return;
  protocol->writer_features.clear();
  for (const TableFeature& feature : TableFeatures()) {
    if (feature.writer_version <= protocol->min_writer_version) {
      protocol->writer_features.emplace_back(feature.name);
    }
  }
  protocol->min_writer_version = kNamedWriter;
}

void NameReaderFeatures(Protocol* protocol) {
  NameWriterFeatures(protocol);
  if (protocol->min_reader_version >= kNamedReader) return;
  protocol->reader_features.clear();
  for (const TableFeature& feature : TableFeatures()) {
    const bool implied = feature.for_readers &&
                         feature.reader_version <= protocol->min_reader_version &&
                         Has(protocol->writer_features, feature.name);
    if (implied) protocol->reader_features.emplace_back(feature.name);
  }
  protocol->min_reader_version = kNamedReader;
}

Result<int> VersionSetting(const std::string& key, const std::string& text, int newest) {
  int version = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), version);
  if (failure == std::errc() && end == text.data() + text.size() && version >= 1 &&
      version <= newest) {
    return version;
  }
  return UserError("BAD_PROPERTY", "the property " + key + " cannot be '" + text + "'",
                   "Give a version from 1 to " + std::to_string(newest) + ".");
}

Result<std::string> FeatureSetting(const std::string& key, const std::string& value) {
  std::vector<std::string> names;
  const std::string_view wanted = std::string_view(key).substr(kFeaturePrefix.size());
  for (const TableFeature& feature : TableFeatures()) {
    names.emplace_back(feature.name);
    if (!EqualsIgnoreCase(feature.name, wanted)) continue;
    if (EqualsIgnoreCase(value, "supported") || EqualsIgnoreCase(value, "enabled")) {
      return std::string(feature.name);
    }
    return UserError("BAD_PROPERTY", "the property " + key + " cannot be '" + value + "'",
                     "Say 'supported'; to take a feature away: ALTER TABLE … DROP FEATURE.");
  }
  const auto nearest = NearestName(wanted, names);
  return UserError("UNKNOWN_FEATURE", "there is no table feature '" + std::string(wanted) + "'",
                   nearest ? "Did you mean delta.feature." + *nearest + "?"
                           : "docs/delta.md lists the features.");
}

// The oldest version that implies exactly the features named, or nothing.
std::optional<int> VersionOf(const std::vector<std::string>& features) {
  for (int version = kOldestWriter; version < kNamedWriter; ++version) {
    size_t implied = 0;
    bool all = true;
    for (const TableFeature& feature : TableFeatures()) {
      if (feature.writer_version > version) continue;
      ++implied;
      all = all && Has(features, feature.name);
    }
    if (all && implied == features.size()) return version;
  }
  return std::nullopt;
}

}  // namespace

Result<ProtocolRequest> TakeProtocolRequest(Configuration* properties) {
  ProtocolRequest request;
  for (auto it = properties->begin(); it != properties->end();) {
    const auto& [key, value] = *it;
    if (EqualsIgnoreCase(key, "delta.minReaderVersion")) {
      ASSIGN_OR_RETURN(request.reader_version, VersionSetting(key, value, kNamedReader));
    } else if (EqualsIgnoreCase(key, "delta.minWriterVersion")) {
      ASSIGN_OR_RETURN(request.writer_version, VersionSetting(key, value, kNamedWriter));
    } else if (AsciiLower(key).starts_with(kFeaturePrefix)) {
      ASSIGN_OR_RETURN(std::string feature, FeatureSetting(key, value));
      request.features.push_back(std::move(feature));
    } else {
      ++it;
      continue;
    }
    it = properties->erase(it);
  }
  return request;
}

Protocol Granted(const Protocol& protocol, const ProtocolRequest& request) {
  Protocol granted = protocol;
  if (request.reader_version >= kNamedReader) {
    NameReaderFeatures(&granted);
  } else if (request.writer_version >= kNamedWriter) {
    NameWriterFeatures(&granted);
  }
  granted.min_reader_version = std::max(granted.min_reader_version, request.reader_version);
  granted.min_writer_version = std::max(granted.min_writer_version, request.writer_version);
  for (const std::string& feature : request.features) granted = WithFeature(granted, feature);
  return granted;
}

Protocol JoinedProtocol(const Protocol& a, const Protocol& b) {
  ProtocolRequest all{{}, b.min_reader_version, b.min_writer_version};
  for (const TableFeature& feature : TableFeatures()) {
    if (Has(b.writer_features, feature.name)) all.features.emplace_back(feature.name);
  }
  Protocol joined = Granted(a, all);
  // Names that this program does not know are refused by whoever writes the table.
  const auto add = [](const std::vector<std::string>& from, std::vector<std::string>* to) {
    for (const std::string& name : from) {
      if (!Has(*to, name)) to->push_back(name);
    }
  };
  add(b.reader_features, &joined.reader_features);
  add(b.writer_features, &joined.writer_features);
  return joined;
}

Protocol WithoutFeature(const Protocol& before, std::string_view feature) {
  Protocol protocol = before;
  NameWriterFeatures(&protocol);
  std::erase(protocol.writer_features, feature);
  std::erase(protocol.reader_features, feature);
  if (feature == "columnMapping" && protocol.min_reader_version < kNamedReader) {
    protocol.min_reader_version = 1;
  }
  const auto& readers = protocol.reader_features;
  const bool maps = Has(readers, "columnMapping");
  if (protocol.min_reader_version >= kNamedReader && readers.size() == (maps ? 1 : 0)) {
    protocol.min_reader_version = maps ? 2 : 1;
    protocol.reader_features.clear();
  }
  const std::optional<int> version = VersionOf(protocol.writer_features);
  if (version && protocol.min_reader_version < kNamedReader) {
    protocol.min_writer_version = *version;
    protocol.writer_features.clear();
  }
  return protocol;
}

}  // namespace penstock::delta
