#include "lake/change_feed_file.h"

#include <utility>

#include "lake/file_path.h"
#include "lake/lake_table.h"

namespace penstock::lake {

Result<std::vector<delta::AddCdcFile>> WriteChangeFiles(const Lake& lake,
                                                        const ChangeTarget& target,
                                                        const std::string& query, int64_t now_ms,
                                                        std::vector<std::string>* written) {
  Schema schema = target.schema;
  schema.push_back({kChangeTypeColumn, DataType::Of(TypeId::kString)});
  WriteOptions options = target.options;
  options.folder = "_change_data";
  options.indexed_leaves = 0;
  options.indexed_columns.reset();
  if (!options.mapped_columns.empty()) {
    delta::TableColumn kind;
    kind.name = kChangeTypeColumn;
    kind.type = DataType::Of(TypeId::kString);
    options.mapped_columns.push_back(std::move(kind));
  }
  ASSIGN_OR_RETURN(WriteResult result, WriteDataFiles(*lake.connection, *lake.storage, target.path,
                                                      query, schema, options, now_ms));
  std::vector<delta::AddCdcFile> files;
  for (delta::AddFile& file : result.files) {
    written->push_back(DataFilePath(target.path, file.path));
    files.push_back({file.path, std::move(file.partition_values), file.size, {}});
  }
  return files;
}

}  // namespace penstock::lake
