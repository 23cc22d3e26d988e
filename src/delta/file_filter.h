#pragma once

#include <memory>
#include <vector>

#include "base/predicate.h"
#include "delta/actions.h"
#include "delta/table_columns.h"

namespace penstock::delta {

// Decides from the log alone which data files can have rows for which a condition holds: by their
// partition values, then by their statistics, which are parsed only where the condition asks for
// them. Whatever is missing, cut off or cannot be read keeps the file. Immutable, any thread.
class FileFilter {
 public:
  // Column paths of the condition begin with names of `columns`, without regard to ASCII case.
  FileFilter(const Metadata& metadata, const std::vector<TableColumn>& columns,
             const Predicate& condition);
  ~FileFilter();

  bool MayMatch(const AddFile& file) const;

 private:
  struct Node;
  class Builder;
  std::unique_ptr<const Node> root_;
};

// The key of a partition column in the log's partition values.
std::string PartitionKey(const Metadata& metadata, const TableColumn& column);
// The value under that key without regard to ASCII case; the empty text is NULL.
std::optional<std::string> PartitionValueOf(const PartitionValues& values, const std::string& key);

}  // namespace penstock::delta
