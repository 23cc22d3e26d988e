#include "delta/table_features.h"

#include <algorithm>
#include <string_view>

#include "base/text.h"

namespace penstock::delta {

namespace {

constexpr int kNewestReader = 3;
constexpr int kNewestWriter = 7;
constexpr int kNever = 99;
constexpr std::string_view kTimestampNtz = "timestampNtz";

// How far this program follows a feature that a table names.
enum class Support {
  kFull,
  kUnlessUsed,  // the feature may be named, but the table must not make use of it
  kNone,
};

using InUse = bool (*)(const Metadata&);

bool HasSetting(const Metadata& metadata, const char* key, std::string_view wanted) {
  const auto found = metadata.configuration.find(key);
  return found != metadata.configuration.end() && EqualsIgnoreCase(found->second, wanted);
}

bool HasRowTracking(const Metadata& m) { return HasSetting(m, "delta.enableRowTracking", "true"); }

struct Feature {
  std::string_view name;
  // The versions that imply the feature without naming it (before reader 3 and writer 7).
  int reader_version;
  int writer_version;
  Support reading;
  Support writing;
  InUse in_use;  // for kUnlessUsed
};

// Rules of rows (invariants, constraints, generated columns) are enforced where rows are written;
// an identity column is refused there when a value of it would have to be made up.
constexpr Feature kFeatures[] = {
    {"appendOnly", kNever, 2, Support::kFull, Support::kFull, nullptr},
    {"invariants", kNever, 2, Support::kFull, Support::kFull, nullptr},
    {"checkConstraints", kNever, 3, Support::kFull, Support::kFull, nullptr},
    {"changeDataFeed", kNever, 4, Support::kFull, Support::kFull, nullptr},
    {"generatedColumns", kNever, 4, Support::kFull, Support::kFull, nullptr},
    {"columnMapping", 2, 5, Support::kFull, Support::kFull, nullptr},
    {"identityColumns", kNever, 6, Support::kFull, Support::kFull, nullptr},
    {"deletionVectors", kNever, kNever, Support::kFull, Support::kFull, nullptr},
    {kTimestampNtz, kNever, kNever, Support::kFull, Support::kFull, nullptr},
    {"v2Checkpoint", kNever, kNever, Support::kFull, Support::kFull, nullptr},
    {"vacuumProtocolCheck", kNever, kNever, Support::kFull, Support::kFull, nullptr},
    {"typeWidening", kNever, kNever, Support::kFull, Support::kFull, nullptr},
    {"typeWidening-preview", kNever, kNever, Support::kFull, Support::kFull, nullptr},
    {"allowColumnDefaults", kNever, kNever, Support::kFull, Support::kFull, nullptr},
    {"rowTracking", kNever, kNever, Support::kFull, Support::kUnlessUsed, HasRowTracking},
};

Error Unsupported(std::string_view verb, const std::string& what) {
  return UserError("UNSUPPORTED_TABLE_FEATURE",
                   "cannot " + std::string(verb) + " the Delta table: it uses " + what +
                       ", which this version of Penstock does not follow",
                   "Drop the feature with the tool that wrote the table, or use a newer Penstock.");
}

const Feature* FindFeature(std::string_view name) {
  const auto found = std::find_if(std::begin(kFeatures), std::end(kFeatures),
                                  [&](const Feature& feature) { return feature.name == name; });
  return found == std::end(kFeatures) ? nullptr : &*found;
}

bool Allowed(Support support, const Feature& feature, const Metadata& metadata) {
  if (support == Support::kUnlessUsed) return !feature.in_use(metadata);
  return support == Support::kFull;
}

Status CheckNamed(std::string_view verb, const std::vector<std::string>& names,
                  Support Feature::* support, const Metadata& metadata) {
  for (const std::string& name : names) {
    const Feature* feature = FindFeature(name);
    if (feature == nullptr || !Allowed(feature->*support, *feature, metadata)) {
      return Unsupported(verb, "the feature '" + name + "'");
    }
  }
  return OkStatus();
}

Status CheckImplied(std::string_view verb, int version, int Feature::* since,
                    Support Feature::* support, const Metadata& metadata) {
  for (const Feature& feature : kFeatures) {
    if (feature.*since <= version && !Allowed(feature.*support, feature, metadata)) {
      return Unsupported(verb, "the feature '" + std::string(feature.name) + "'");
    }
  }
  return OkStatus();
}

}  // namespace

Status CheckReadable(const Protocol& protocol, const Metadata& metadata) {
  if (protocol.min_reader_version > kNewestReader) {
    return Unsupported("read", "reader version " + std::to_string(protocol.min_reader_version));
  }
  if (metadata.format_provider != "parquet") {
    return Unsupported("read", "data files of the format '" + metadata.format_provider + "'");
  }
  if (protocol.min_reader_version == kNewestReader) {
    return CheckNamed("read", protocol.reader_features, &Feature::reading, metadata);
  }
  return CheckImplied("read", protocol.min_reader_version, &Feature::reader_version,
                      &Feature::reading, metadata);
}

Status CheckWritable(const Protocol& protocol, const Metadata& metadata) {
  RETURN_IF_ERROR(CheckReadable(protocol, metadata));
  if (protocol.min_writer_version > kNewestWriter) {
    return Unsupported("write", "writer version " + std::to_string(protocol.min_writer_version));
  }
  if (protocol.min_writer_version == kNewestWriter) {
    return CheckNamed("write", protocol.writer_features, &Feature::writing, metadata);
  }
  return CheckImplied("write", protocol.min_writer_version, &Feature::writer_version,
                      &Feature::writing, metadata);
}

bool KnowsTimestampNtz(const Protocol& protocol) {
  const auto& names = protocol.reader_features;
  return protocol.min_reader_version == kNewestReader &&
         std::find(names.begin(), names.end(), kTimestampNtz) != names.end();
}

Protocol WithTimestampNtz(const Protocol& protocol) {
  if (KnowsTimestampNtz(protocol)) return protocol;
  Protocol raised{kNewestReader, kNewestWriter, {}, {}};
  // Versions that name their features imply none.
  if (protocol.min_reader_version == kNewestReader)
    raised.reader_features = protocol.reader_features;
  if (protocol.min_writer_version == kNewestWriter)
    raised.writer_features = protocol.writer_features;
  for (const Feature& feature : kFeatures) {
    const bool read = protocol.min_reader_version < kNewestReader &&
                      feature.reader_version <= protocol.min_reader_version;
    const bool write = protocol.min_writer_version < kNewestWriter &&
                       feature.writer_version <= protocol.min_writer_version;
    if (read) raised.reader_features.emplace_back(feature.name);
    if (write) raised.writer_features.emplace_back(feature.name);
  }
  raised.reader_features.emplace_back(kTimestampNtz);
  raised.writer_features.emplace_back(kTimestampNtz);
  return raised;
}

}  // namespace penstock::delta
