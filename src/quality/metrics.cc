#include "quality/metrics.h"

namespace penstock::quality {

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
  return {{"metrics",
           {{"num_input_rows", counts.rows_in},
            {"num_output_rows", counts.rows_out},
            {"num_malformed_records", counts.malformed}}},
          {"data_quality",
           {{"dropped_records", counts.dropped},
            {"quarantined_records", counts.quarantined},
            {"expectations", expectations}}}};
}

}  // namespace penstock::quality
