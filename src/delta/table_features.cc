#include "delta/table_features.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/text.h"
#include "base/variant_type.h"
#include "delta/properties.h"

namespace penstock::delta {

namespace {

constexpr int kNewestReader = 3;
constexpr int kNewestWriter = 7;

bool IsSet(const Metadata& metadata, const char* key) {
  const auto found = metadata.configuration.find(key);
  return found != metadata.configuration.end() && EqualsIgnoreCase(found->second, "true");
}

bool SchemaMentions(const Metadata& metadata, std::string_view field_metadata) {
  return metadata.schema_string.find(field_metadata) != std::string::npos;
}

bool HasType(const std::vector<Field>& fields, TypeId id) {
  return std::any_of(fields.begin(), fields.end(), [id](const Field& field) {
    return field.type.id == id || HasType(field.type.fields, id);
  });
}

bool MapsColumns(const Metadata& m) {
  const auto mode = m.configuration.find("delta.columnMapping.mode");
  return mode != m.configuration.end() && !EqualsIgnoreCase(mode->second, "none");
}

bool HasCheckConstraints(const Metadata& m) {
  constexpr std::string_view kPrefix = "delta.constraints.";
  const auto found = m.configuration.lower_bound(std::string(kPrefix));
  return found != m.configuration.end() && found->first.starts_with(kPrefix);
}

bool HasV2Checkpoints(const Metadata& m) {
  const auto policy = m.configuration.find("delta.checkpointPolicy");
  return policy != m.configuration.end() && EqualsIgnoreCase(policy->second, "v2");
}

bool Never(const Metadata&) { return false; }
bool Always(const Metadata&) { return true; }
bool IsAppendOnlyTable(const Metadata& m) { return IsSet(m, "delta.appendOnly"); }
bool HasChangeFeed(const Metadata& m) { return IsSet(m, "delta.enableChangeDataFeed"); }
bool HasVectors(const Metadata& m) { return IsSet(m, "delta.enableDeletionVectors"); }
bool HasInvariants(const Metadata& m) { return SchemaMentions(m, "\"delta.invariants\""); }
bool HasGenerated(const Metadata& m) { return SchemaMentions(m, "\"delta.generationExpression\""); }
bool HasIdentity(const Metadata& m) { return SchemaMentions(m, "\"delta.identity."); }
bool HasDefaults(const Metadata& m) { return SchemaMentions(m, "\"CURRENT_DEFAULT\""); }
bool HasRowTracking(const Metadata& m) { return IsSet(m, "delta.enableRowTracking"); }
bool HasCommitTimes(const Metadata& m) { return IsSet(m, "delta.enableInCommitTimestamps"); }
bool HasIcebergV1(const Metadata& m) { return IsSet(m, "delta.enableIcebergCompatV1"); }
bool HasIcebergV2(const Metadata& m) { return IsSet(m, "delta.enableIcebergCompatV2"); }
bool HasNtz(const Metadata& m) { return HasType(m.schema, TypeId::kTimestampNtz); }
bool HasWidening(const Metadata& m) {
  return IsSet(m, "delta.enableTypeWidening") || SchemaMentions(m, "\"delta.typeChanges\"");
}
bool IsProtected(const Metadata& m) { return m.configuration.contains(kProtectionProperty); }
bool HasVariant(const Metadata& m) { return HasType(m.schema, kVariantType); }
bool HasShredding(const Metadata& m) { return IsSet(m, "delta.enableVariantShredding"); }
bool HasCollations(const Metadata& m) { return SchemaMentions(m, "\"__COLLATIONS\""); }

constexpr Support kFull = Support::kFull;
constexpr Support kUnlessUsed = Support::kUnlessUsed;
constexpr Support kNone = Support::kNone;

// Rules of rows (invariants, constraints, generated columns) are enforced where rows are written;
// an identity column is refused there when a value of it would have to be made up.
constexpr TableFeature kFeatures[] = {
    {"appendOnly", false, kNever, 2, kFull, kFull, IsAppendOnlyTable, ""},
    {"invariants", false, kNever, 2, kFull, kFull, HasInvariants, ""},
    {"checkConstraints", false, kNever, 3, kFull, kFull, HasCheckConstraints, ""},
    {"changeDataFeed", false, kNever, 4, kFull, kFull, HasChangeFeed, ""},
    {"generatedColumns", false, kNever, 4, kFull, kFull, HasGenerated, ""},
    {"columnMapping", true, 2, 5, kFull, kFull, MapsColumns, ""},
    {"identityColumns", false, kNever, 6, kFull, kFull, HasIdentity, ""},
    {"deletionVectors", true, kNever, kNever, kFull, kFull, HasVectors, ""},
    {"timestampNtz", true, kNever, kNever, kFull, kFull, HasNtz, ""},
    {"domainMetadata", false, kNever, kNever, kFull, kFull, Never, ""},
    {"rowTracking", false, kNever, kNever, kFull, kFull, HasRowTracking, "domainMetadata"},
    {"v2Checkpoint", true, kNever, kNever, kFull, kFull, HasV2Checkpoints, ""},
    {"icebergCompatV1", false, kNever, kNever, kFull, kUnlessUsed, HasIcebergV1, "columnMapping"},
    {"icebergCompatV2", false, kNever, kNever, kFull, kUnlessUsed, HasIcebergV2, "columnMapping"},
    {"clustering", false, kNever, kNever, kFull, kFull, Never, "domainMetadata"},
    {"vacuumProtocolCheck", true, kNever, kNever, kFull, kFull, Never, ""},
    {"allowColumnDefaults", false, kNever, kNever, kFull, kFull, HasDefaults, ""},
    {"inCommitTimestamp", false, kNever, kNever, kFull, kFull, HasCommitTimes, ""},
    {"inCommitTimestamp-preview", false, kNever, kNever, kFull, kFull, HasCommitTimes, ""},
    {"typeWidening", true, kNever, kNever, kFull, kFull, HasWidening, ""},
    {"typeWidening-preview", true, kNever, kNever, kFull, kFull, HasWidening, ""},
    {"variantType", true, kNever, kNever, kFull, kFull, HasVariant, ""},
    {"variantType-preview", true, kNever, kNever, kFull, kFull, Never, ""},
    {"variantShredding", true, kNever, kNever, kFull, kFull, HasShredding, "variantType"},
    {"variantShredding-preview", true, kNever, kNever, kFull, kFull, Never, ""},
    {"checkpointProtection", false, kNever, kNever, kFull, kFull, IsProtected, ""},
    {"collations", false, kNever, kNever, kFull, kUnlessUsed, HasCollations, ""},
    {"collations-preview", false, kNever, kNever, kFull, kUnlessUsed, HasCollations, ""},
    {"catalogManaged", true, kNever, kNever, kNone, kNone, Always, "inCommitTimestamp"},
    {"catalogOwned-preview", true, kNever, kNever, kNone, kNone, Always, "inCommitTimestamp"},
};

Error Unsupported(std::string_view verb, const std::string& what) {
  return UserError("UNSUPPORTED_TABLE_FEATURE",
                   "cannot " + std::string(verb) + " the Delta table: it uses " + what +
                       ", which this version of Penstock does not follow",
                   "Drop the feature with the tool that wrote the table, or use a newer Penstock.");
}

bool Contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool Allowed(Support support, const TableFeature& feature, const Metadata& metadata) {
  if (support == Support::kUnlessUsed) return !feature.in_use(metadata);
  return support == Support::kFull;
}

Status CheckNamed(std::string_view verb, const std::vector<std::string>& names,
                  Support TableFeature::* support, const Metadata& metadata) {
  for (const std::string& name : names) {
    const TableFeature* feature = FindTableFeature(name);
    if (feature == nullptr || !Allowed(feature->*support, *feature, metadata)) {
      return Unsupported(verb, "the feature '" + name + "'");
    }
  }
  return OkStatus();
}

Status CheckImplied(std::string_view verb, int version, int TableFeature::* since,
                    Support TableFeature::* support, const Metadata& metadata) {
  for (const TableFeature& feature : kFeatures) {
    if (feature.*since <= version && !Allowed(feature.*support, feature, metadata)) {
      return Unsupported(verb, "the feature '" + std::string(feature.name) + "'");
    }
  }
  return OkStatus();
}

bool ReadersKnow(const Protocol& protocol, const TableFeature& feature) {
  if (!feature.for_readers) return true;
  if (protocol.min_reader_version < kNewestReader) {
    return feature.reader_version <= protocol.min_reader_version;
  }
  return Contains(protocol.reader_features, feature.name);
}

bool WritersKnow(const Protocol& protocol, const TableFeature& feature) {
  if (protocol.min_writer_version < kNewestWriter) {
    return feature.writer_version <= protocol.min_writer_version;
  }
  return Contains(protocol.writer_features, feature.name);
}

void Name(std::string_view feature, std::vector<std::string>* names) {
  if (!Contains(*names, feature)) names->emplace_back(feature);
}

// Versions that name their features, with those that the protocol implied.
Protocol WithNames(const Protocol& protocol, bool for_readers) {
  Protocol named = protocol;
  if (protocol.min_writer_version < kNewestWriter) {
    named.min_writer_version = kNewestWriter;
    named.writer_features.clear();
    for (const TableFeature& feature : kFeatures) {
      if (WritersKnow(protocol, feature)) Name(feature.name, &named.writer_features);
    }
  }
  if (for_readers && protocol.min_reader_version < kNewestReader) {
    named.min_reader_version = kNewestReader;
    named.reader_features.clear();
    for (const TableFeature& feature : kFeatures) {
      const bool implied = feature.for_readers && ReadersKnow(protocol, feature);
      if (implied && WritersKnow(named, feature)) Name(feature.name, &named.reader_features);
    }
  }
  return named;
}

Protocol With(const Protocol& protocol, const TableFeature& feature) {
  if (ReadersKnow(protocol, feature) && WritersKnow(protocol, feature)) return protocol;
  const bool by_version =
      feature.writer_version != kNever && protocol.min_writer_version < kNewestWriter;
  if (by_version) {
    Protocol raised = protocol;
    raised.min_writer_version = std::max(protocol.min_writer_version, feature.writer_version);
    if (feature.for_readers) {
      raised.min_reader_version = std::max(protocol.min_reader_version, feature.reader_version);
    }
    return raised;
  }
  Protocol raised = WithNames(protocol, feature.for_readers);
  Name(feature.name, &raised.writer_features);
  if (feature.for_readers) Name(feature.name, &raised.reader_features);
  return raised;
}

}  // namespace

std::span<const TableFeature> TableFeatures() { return kFeatures; }

const TableFeature* FindTableFeature(std::string_view name) {
  const auto found =
      std::find_if(std::begin(kFeatures), std::end(kFeatures),
                   [&](const TableFeature& feature) { return feature.name == name; });
  return found == std::end(kFeatures) ? nullptr : &*found;
}

Status CheckReadable(const Protocol& protocol, const Metadata& metadata) {
  if (protocol.min_reader_version > kNewestReader) {
    return Unsupported("read", "reader version " + std::to_string(protocol.min_reader_version));
  }
  if (metadata.format_provider != "parquet") {
    return Unsupported("read", "data files of the format '" + metadata.format_provider + "'");
  }
  if (protocol.min_reader_version == kNewestReader) {
    return CheckNamed("read", protocol.reader_features, &TableFeature::reading, metadata);
  }
  return CheckImplied("read", protocol.min_reader_version, &TableFeature::reader_version,
                      &TableFeature::reading, metadata);
}

Status CheckWritable(const Protocol& protocol, const Metadata& metadata) {
  RETURN_IF_ERROR(CheckReadable(protocol, metadata));
  if (protocol.min_writer_version > kNewestWriter) {
    return Unsupported("write", "writer version " + std::to_string(protocol.min_writer_version));
  }
  if (protocol.min_writer_version == kNewestWriter) {
    return CheckNamed("write", protocol.writer_features, &TableFeature::writing, metadata);
  }
  return CheckImplied("write", protocol.min_writer_version, &TableFeature::writer_version,
                      &TableFeature::writing, metadata);
}

bool HasFeature(const Protocol& protocol, std::string_view name) {
  const TableFeature* feature = FindTableFeature(name);
  return feature != nullptr && ReadersKnow(protocol, *feature) && WritersKnow(protocol, *feature);
}

Protocol WithFeature(const Protocol& protocol, std::string_view name) {
  const TableFeature* feature = FindTableFeature(name);
  if (feature == nullptr) return protocol;
  Protocol raised = With(protocol, *feature);
  return feature->requires_feature.empty() ? raised
                                           : WithFeature(raised, feature->requires_feature);
}

Protocol RaisedProtocol(const Protocol& protocol, const Metadata& metadata) {
  Protocol raised = protocol;
  // Preview features are another name of the ones that are asked for first.
  for (std::string_view missing = MissingFeature(raised, metadata); !missing.empty();
       missing = MissingFeature(raised, metadata)) {
    raised = WithFeature(raised, missing);
  }
  return raised;
}

std::string_view MissingFeature(const Protocol& protocol, const Metadata& metadata) {
  for (const TableFeature& feature : kFeatures) {
    if (feature.in_use == Always || feature.name.ends_with("-preview")) continue;
    if (!feature.in_use(metadata) || HasFeature(protocol, feature.name)) continue;
    const std::string preview = std::string(feature.name) + "-preview";
    if (!HasFeature(protocol, preview)) return feature.name;
  }
  return {};
}

}  // namespace penstock::delta
