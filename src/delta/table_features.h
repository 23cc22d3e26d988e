#pragma once

#include <span>
#include <string_view>

#include "base/result.h"
#include "delta/actions.h"

// Which features of the protocol there are, and how far this program follows them; one table in the
// .cc says it for all (PROTOCOL.md, "Table Features", "Valid Feature Names in Table Features").
namespace penstock::delta {

// How far a feature is followed on tables that name it.
enum class Support {
  kFull,
  kUnlessUsed,  // the feature may be named, but the table must not make use of it
  kNone,
};

struct TableFeature {
  std::string_view name;
  bool for_readers;  // named among reader features too; else writers alone have to know it
  // The versions that imply the feature without naming it (before reader 3 and writer 7); kNever:
  // none does.
  int reader_version;
  int writer_version;
  Support reading;
  Support writing;
  bool (*in_use)(const Metadata&);    // whether the metadata makes use of it
  std::string_view requires_feature;  // another one that must be there too; empty: none
};
inline constexpr int kNever = 99;

// All features, in the order in which the protocol came to have them.
std::span<const TableFeature> TableFeatures();
// By name; null for one that this program does not know.
const TableFeature* FindTableFeature(std::string_view name);

// UNSUPPORTED_TABLE_FEATURE names the reader version or feature that prevents reading.
Status CheckReadable(const Protocol& protocol, const Metadata& metadata);
// UNSUPPORTED_TABLE_FEATURE names the writer version or feature that prevents writing.
Status CheckWritable(const Protocol& protocol, const Metadata& metadata);

// Whether the protocol has the feature, named or implied.
bool HasFeature(const Protocol& protocol, std::string_view feature);
// `protocol` with the feature and those that it requires: by the lowest versions that imply them if
// those of the protocol imply theirs too, else by name, with all that was implied before.
Protocol WithFeature(const Protocol& protocol, std::string_view feature);
// `protocol` with every feature that the metadata makes use of; itself when it has them all.
Protocol RaisedProtocol(const Protocol& protocol, const Metadata& metadata);
// The first feature in use that the protocol lacks; empty: none.
std::string_view MissingFeature(const Protocol& protocol, const Metadata& metadata);

}  // namespace penstock::delta
