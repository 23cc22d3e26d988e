#include "quality/metrics.h"

namespace penstock::quality {

namespace {

void AddChanges(const ChangeCounts& changes, Json* metrics) {
  const std::pair<const char*, int64_t> numbers[] = {
      {"num_upserted_rows", changes.inserted + changes.updated},
      {"num_deleted_rows", changes.deleted},
      {"num_inserted_rows", changes.inserted},
      {"num_updated_rows", changes.updated},
      {"num_late_rows", changes.late},
      {"num_superseded_rows", changes.superseded},
      {"num_conflicting_keys", changes.conflicting},
      {"num_rows_blocked_by_deletes", changes.blocked},
      {"state_rows", changes.state_rows},
      {"state_bytes", changes.state_bytes}};
  for (const auto& [name, number] : numbers) (*metrics)[name] = number;
}

}  // namespace

bool Reconciles(const RowCounts& counts) {
  return counts.rows_in == counts.rows_out + counts.dropped + counts.quarantined;
}

Json ToEventDetails(const RowCounts& counts) {
  Json expectations = Json::array();
  for (const RuleCount& rule : counts.rules) {
    expectations.push_back({{"name", rule.name},
                            {"dataset", rule.dataset},
                            {"passed_records", rule.passed},
                            {"failed_records", rule.failed}});
  }
  Json metrics = {{"num_input_rows", counts.rows_in}, {"num_malformed_records", counts.malformed}};
  if (counts.changes) {
    AddChanges(*counts.changes, &metrics);
  } else {
    metrics["num_output_rows"] = counts.rows_out;
  }
  return {{"metrics", std::move(metrics)},
          {"data_quality",
           {{"dropped_records", counts.dropped},
            {"quarantined_records", counts.quarantined},
            {"expectations", expectations}}}};
}

}  // namespace penstock::quality
