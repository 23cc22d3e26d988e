#include "delta/row_tracking.h"

#include <algorithm>
#include <string>

#include "base/json.h"
#include "delta/file_set.h"

namespace penstock::delta {

namespace {

constexpr char kDomain[] = "delta.rowTracking";
constexpr char kHighWaterMark[] = "rowIdHighWaterMark";

bool TracksRows(const TableState& state) {
  if (state.version < 0 || !state.protocol) return false;
  const auto& names = state.protocol->writer_features;
  return std::find(names.begin(), names.end(), "rowTracking") != names.end();
}

// The highest row id given away; -1: none.
int64_t HighWaterMark(const TableState& state) {
  if (state.domains == nullptr) return -1;
  const auto found = state.domains->find(kDomain);
  if (found == state.domains->end() || found->second.removed) return -1;
  const auto json = ParseJson(found->second.configuration, kDomain);
  if (!json.ok() || !json->is_object() || !json->contains(kHighWaterMark)) return -1;
  const Json& mark = (*json)[kHighWaterMark];
  return mark.is_number_integer() ? mark.get<int64_t>() : -1;
}

}  // namespace

Status CheckRowIds(const TableState& base, const Change& change) {
  if (!TracksRows(base)) return OkStatus();
  for (const AddFile& add : change.adds) {
    if (add.base_row_id || NumRecords(add)) continue;
    return DataError("ROW_COUNT_UNKNOWN",
                     "the file '" + add.path +
                         "' has no numRecords, without which its rows get no ids (table feature "
                         "rowTracking)",
                     "Write the file with statistics.");
  }
  return OkStatus();
}

void AssignRowIds(const TableState& current, Version version, std::vector<AddFile>* adds,
                  std::vector<DomainMetadata>* domains) {
  if (!TracksRows(current)) return;
  int64_t mark = HighWaterMark(current);
  bool grows = false;
  for (AddFile& add : *adds) {
    if (!add.default_row_commit_version) add.default_row_commit_version = version;
    if (add.base_row_id) continue;
    add.base_row_id = mark + 1;
    mark += NumRecords(add).value_or(0);
    grows = true;
  }
  if (!grows) return;
  domains->push_back({kDomain, DumpJson({{kHighWaterMark, mark}}), false});
}

}  // namespace penstock::delta
