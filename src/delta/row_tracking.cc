#include "delta/row_tracking.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "delta/file_set.h"

namespace penstock::delta {

namespace {

constexpr char kHighWaterMark[] = "rowIdHighWaterMark";
// No table has so many rows; above it, sums of ids could overflow.
constexpr int64_t kMostRowId = int64_t{1} << 61;

bool IsSet(const Metadata& metadata, const char* key) {
  const auto found = metadata.configuration.find(key);
  return found != metadata.configuration.end() && EqualsIgnoreCase(Trim(found->second), "true");
}

bool IsSuspended(const Metadata& metadata) { return IsSet(metadata, "delta.rowTrackingSuspended"); }

bool NamesFeature(const Protocol& protocol) {
  const auto& names = protocol.writer_features;
  return std::find(names.begin(), names.end(), "rowTracking") != names.end();
}

// Whether a commit that leaves `metadata` is the first of which every row has an id.
bool BeginsTracking(const TableState& current, const Metadata& metadata) {
  return TracksRows(metadata) && current.version >= 0 && !TracksRows(*current.metadata);
}

int64_t HighWaterMark(const DomainMetadata& domain) {
  if (domain.removed) return -1;
  const auto json = ParseJson(domain.configuration, kRowTrackingDomain);
  if (!json.ok() || !json->is_object() || !json->contains(kHighWaterMark)) return -1;
  const Json& mark = (*json)[kHighWaterMark];
  return mark.is_number_integer() ? mark.get<int64_t>() : -1;
}

// The highest row id given away; -1: none.
int64_t HighWaterMark(const TableState& state) {
  if (state.domains == nullptr) return -1;
  const auto found = state.domains->find(kRowTrackingDomain);
  return found == state.domains->end() ? -1 : HighWaterMark(found->second);
}

int64_t Sum(int64_t a, int64_t b) {
  int64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

// The highest fresh id of its rows; -1: they have none.
int64_t LastRowId(const AddFile& file) {
  return file.base_row_id ? Sum(*file.base_row_id, NumRecords(file).value_or(1) - 1) : -1;
}

std::optional<AddFile> ActiveFile(const TableState& state, const std::string& log_path) {
  const std::optional<PackedFile> file = state.files.FindActive(PercentDecode(log_path));
  return file ? std::optional(file->Add()) : std::nullopt;
}

// The active files that `change` (its adds and removes) leaves as they are.
template <typename Change>
void ForEachUntouched(const TableState& state, const Change& change,
                      const std::function<void(const AddFile&)>& visit) {
  std::set<std::string, std::less<>> touched;
  for (const AddFile& add : change.adds) touched.insert(PercentDecode(add.path));
  for (const RemoveFile& remove : change.removes) touched.insert(PercentDecode(remove.path));
  AddFile add;
  state.files.ForEach([&](PackedFile file) {
    if (!file.active() || touched.contains(file.key())) return;
    file.Read(&add);
    visit(add);
  });
}

// Files that are named again were written by someone who may have known less of them.
void KeepKnownIds(const TableState& current, CommitParts* parts) {
  const auto keep = [&](auto& file) {
    if (file.base_row_id && file.default_row_commit_version) return;
    const std::optional<AddFile> known = ActiveFile(current, file.path);
    if (!known) return;
    if (!file.base_row_id) file.base_row_id = known->base_row_id;
    if (!file.default_row_commit_version) {
      file.default_row_commit_version = known->default_row_commit_version;
    }
  };
  for (AddFile& add : parts->adds) keep(add);
  for (RemoveFile& remove : parts->removes) keep(remove);
}

void Restate(AddFile file, std::vector<AddFile>* adds) {
  file.data_change = false;
  adds->push_back(std::move(file));
}

void TakeIdsAway(const TableState& current, CommitParts* parts) {
  ForEachUntouched(current, *parts, [&](const AddFile& file) {
    if (file.base_row_id || file.default_row_commit_version) Restate(file, &parts->adds);
  });
  for (AddFile& add : parts->adds) {
    add.base_row_id.reset();
    add.default_row_commit_version.reset();
  }
}

void GiveFreshIds(const TableState& current, Version version, CommitParts* parts) {
  const int64_t before = HighWaterMark(current);
  int64_t mark = before;
  for (const DomainMetadata& domain : parts->domains) {
    if (domain.domain == kRowTrackingDomain) mark = std::max(mark, HighWaterMark(domain));
  }
  std::erase_if(parts->domains,
                [](const DomainMetadata& domain) { return domain.domain == kRowTrackingDomain; });
  for (const AddFile& add : parts->adds) mark = std::max(mark, LastRowId(add));
  bool fresh = false;
  for (AddFile& add : parts->adds) {
    if (!add.default_row_commit_version) add.default_row_commit_version = version;
    if (add.base_row_id) continue;
    add.base_row_id = mark + 1;
    mark = Sum(mark, NumRecords(add).value_or(0));
    fresh = true;
  }
  if (!fresh && mark == before) return;
  parts->domains.push_back({kRowTrackingDomain, DumpJson({{kHighWaterMark, mark}}), false});
}

Error RowCountUnknown(const AddFile& file) {
  return DataError("ROW_COUNT_UNKNOWN",
                   "the file '" + file.path +
                       "' has no numRecords, without which its rows get no ids (table feature "
                       "rowTracking)",
                   "Write the file with statistics, or write its rows anew first.");
}

}  // namespace

bool TracksRows(const Metadata& metadata) { return IsSet(metadata, "delta.enableRowTracking"); }

void NameRowColumns(const Metadata* before, Metadata* metadata) {
  if (!TracksRows(*metadata)) return;
  const std::pair<const char*, const char*> columns[] = {
      {kRowIdColumnProperty, "_row-id-col-"},
      {kRowVersionColumnProperty, "_row-commit-version-col-"}};
  for (const auto& [property, prefix] : columns) {
    if (metadata->configuration.contains(property)) continue;
    const auto known =
        before == nullptr ? Configuration::const_iterator() : before->configuration.find(property);
    const bool kept = before != nullptr && known != before->configuration.end();
    metadata->configuration[property] = kept ? known->second : prefix + NewUuid();
  }
}

Status CheckRowIds(const TableState& base, const Change& change) {
  const Protocol& protocol = change.protocol ? *change.protocol : *base.protocol;
  const Metadata& metadata = change.metadata ? *change.metadata : *base.metadata;
  if (TracksRows(metadata) && IsSuspended(metadata)) {
    return UserError("BAD_PROPERTY",
                     "delta.enableRowTracking and delta.rowTrackingSuspended are both true: rows "
                     "cannot keep ids that they do not get",
                     "Set one of them to false.");
  }
  if (!NamesFeature(protocol) || IsSuspended(metadata)) return OkStatus();
  int64_t ids = HighWaterMark(base);
  for (const AddFile& add : change.adds) {
    if (!add.base_row_id && !NumRecords(add)) return RowCountUnknown(add);
    ids = std::max({ids, LastRowId(add), NumRecords(add).value_or(0)});
  }
  if (ids > kMostRowId) {
    return DataError("CORRUPT_LOG",
                     "the row id " + std::to_string(ids) + " is beyond what any table has given",
                     "Drop the feature rowTracking and set it anew: it takes all ids away.");
  }
  Status status;
  if (!BeginsTracking(base, metadata)) return status;
  ForEachUntouched(base, change, [&](const AddFile& file) {
    if (status.ok() && !file.base_row_id && !NumRecords(file)) status = RowCountUnknown(file);
  });
  return status;
}

void TrackRows(const TableState& current, const Protocol& protocol, const Metadata& metadata,
               Version version, CommitParts* parts) {
  if (!NamesFeature(protocol)) {
    const bool had = current.version >= 0 && NamesFeature(*current.protocol);
    if (had) TakeIdsAway(current, parts);
    return;
  }
  if (current.version >= 0) KeepKnownIds(current, parts);
  if (IsSuspended(metadata)) return;
  if (BeginsTracking(current, metadata)) {
    ForEachUntouched(current, *parts, [&](const AddFile& file) {
      const bool complete = file.base_row_id && file.default_row_commit_version;
      if (!complete) Restate(file, &parts->adds);
    });
  }
  GiveFreshIds(current, version, parts);
}

std::optional<bool> PreservesRowIds(const TableState& current, const Protocol& protocol,
                                    const Metadata& metadata, const Change& change) {
  if (!NamesFeature(protocol)) return std::nullopt;
  const bool tracked = current.version < 0 || TracksRows(*current.metadata);
  const bool named = metadata.configuration.contains(kRowIdColumnProperty) &&
                     metadata.configuration.contains(kRowVersionColumnProperty);
  return change.removes.empty() || (TracksRows(metadata) && tracked && named);
}

}  // namespace penstock::delta
