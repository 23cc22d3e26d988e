#include "lake/table_layout.h"

#include <algorithm>
#include <set>

#include "base/text.h"

namespace penstock::lake {
namespace {

constexpr int64_t kTinyBytes = int64_t{16} << 20;
constexpr int64_t kManyFiles = 50;
constexpr int64_t kManyPartitions = 100;
constexpr int64_t kSmallPartitionBytes = int64_t{64} << 20;

}  // namespace

TableLayout LayoutOf(const delta::Snapshot& snapshot) {
  TableLayout layout;
  std::vector<int64_t> sizes;
  std::set<delta::PartitionValues> partitions;
  snapshot.ForEachFile([&](const delta::AddFile& file) {
    sizes.push_back(file.size);
    partitions.insert(file.partition_values);
    if (!file.deletion_vector) return;
    ++layout.files_with_vectors;
    layout.deleted_rows += file.deletion_vector->cardinality;
  });
  layout.files = static_cast<int64_t>(sizes.size());
  layout.partitions = static_cast<int64_t>(partitions.size());
  if (sizes.empty()) return layout;
  std::sort(sizes.begin(), sizes.end());
  layout.least_bytes = sizes.front();
  layout.median_bytes = sizes[(sizes.size() - 1) / 2];
  layout.most_bytes = sizes.back();
  return layout;
}

std::vector<std::string> LayoutAdvice(const TableLayout& layout, int64_t total_bytes,
                                      const std::string& table) {
  std::vector<std::string> advice;
  const bool many_partitions = layout.partitions >= kManyPartitions &&
                               total_bytes / layout.partitions < kSmallPartitionBytes;
  if (many_partitions) {
    advice.push_back("it has " + Grouped(layout.partitions) + " partitions of " +
                     Grouped(total_bytes / layout.partitions) +
                     " bytes on average: partition by a column with fewer values, or not at all "
                     "and CLUSTER BY it");
  }
  const bool can_pack = layout.files >= 2 * layout.partitions;
  if (layout.files >= kManyFiles && layout.median_bytes < kTinyBytes && can_pack) {
    advice.push_back("half of its " + Grouped(layout.files) + " files are smaller than " +
                     Grouped(layout.median_bytes + 1) + " bytes: penstock table optimize " + table);
  }
  if (layout.files_with_vectors >= kManyFiles && layout.files_with_vectors * 2 > layout.files) {
    advice.push_back("deleted rows are still in " + Grouped(layout.files_with_vectors) +
                     " files: penstock table optimize " + table + " --purge");
  }
  return advice;
}

}  // namespace penstock::lake
