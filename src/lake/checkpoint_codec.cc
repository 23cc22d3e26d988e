#include "base/json.h"
#include "base/text.h"
#include "delta/action_json.h"
#include "lake/lake_table.h"

namespace penstock::lake {
namespace {

// The checkpoint's columns: one struct for each kind of action (PROTOCOL.md, "Checkpoint Schema").
constexpr std::string_view kColumns =
    "{txn: 'STRUCT(appId VARCHAR, \"version\" BIGINT, lastUpdated BIGINT)', "
    "add: 'STRUCT(path VARCHAR, partitionValues MAP(VARCHAR, VARCHAR), size BIGINT, "
    "modificationTime BIGINT, dataChange BOOLEAN, stats VARCHAR)', "
    "remove: 'STRUCT(path VARCHAR, deletionTimestamp BIGINT, dataChange BOOLEAN, "
    "extendedFileMetadata BOOLEAN, partitionValues MAP(VARCHAR, VARCHAR), size BIGINT)', "
    "metaData: 'STRUCT(id VARCHAR, \"name\" VARCHAR, description VARCHAR, "
    "format STRUCT(provider VARCHAR, options MAP(VARCHAR, VARCHAR)), schemaString VARCHAR, "
    "partitionColumns VARCHAR[], createdTime BIGINT, configuration MAP(VARCHAR, VARCHAR))', "
    "protocol: 'STRUCT(minReaderVersion INTEGER, minWriterVersion INTEGER, "
    "readerFeatures VARCHAR[], writerFeatures VARCHAR[])'}";

class EngineCheckpointCodec : public delta::CheckpointCodec {
 public:
  EngineCheckpointCodec(duck::Engine* engine, io::Storage* storage)
      : engine_(engine), storage_(storage) {}

  Result<std::vector<delta::Action>> ReadCheckpoint(const std::string& path) override {
    ASSIGN_OR_RETURN(duck::Connection connection, engine_->Connect());
    ASSIGN_OR_RETURN(
        duck::ResultSet rows,
        connection.Query("SELECT CAST(to_json(actions) AS VARCHAR) FROM read_parquet(" +
                         duck::QuoteLiteral(path) + ") AS actions"));
    std::string lines;
    while (true) {
      ASSIGN_OR_RETURN(const bool more, rows.NextChunk());
      if (!more) break;
      for (size_t row = 0; row < rows.RowCount(); ++row) {
        ASSIGN_OR_RETURN(const std::string line, WithoutNulls(rows.Text(row, 0), path));
        lines += line + "\n";
      }
    }
    return delta::DecodeCommit(lines, path);
  }

  Status WriteCheckpoint(const std::string& path,
                         const std::vector<delta::Action>& actions) override {
    const std::string lines_path = path + ".json";
    RETURN_IF_ERROR(storage_->BeforeEngineWrite(io::ParentPath(path)));
    RETURN_IF_ERROR(storage_->Write(lines_path, delta::EncodeCommit(actions)));
    Status written = Copy(lines_path, path);
    RETURN_IF_ERROR(storage_->Delete(lines_path));
    RETURN_IF_ERROR(written);
    return storage_->Sync(path);
  }

 private:
  Status Copy(const std::string& lines_path, const std::string& path) {
    ASSIGN_OR_RETURN(duck::Connection connection, engine_->Connect());
    const std::string query =
        "SELECT * FROM read_json(" + duck::QuoteLiteral(lines_path) +
        ", format = 'newline_delimited', maximum_object_size = 1073741824, columns = " +
        std::string(kColumns) + ")";
    auto files = connection.CopyToParquet(query, path, "COMPRESSION snappy");
    return files.ok() ? OkStatus() : Status(std::move(files).error());
  }

  // A row has one action; the columns of the others are null, and so are fields that an action
  // lacks.
  static Result<std::string> WithoutNulls(const std::string& row, const std::string& path) {
    ASSIGN_OR_RETURN(Json json, ParseJson(row, path));
    for (auto action = json.begin(); action != json.end();) {
      if (action->is_null()) {
        action = json.erase(action);
        continue;
      }
      for (auto field = action->begin(); field != action->end();) {
        field = field->is_null() ? action->erase(field) : std::next(field);
      }
      ++action;
    }
    return DumpJson(json);
  }

  duck::Engine* engine_;
  io::Storage* storage_;
};

}  // namespace

std::unique_ptr<delta::CheckpointCodec> NewCheckpointCodec(duck::Engine* engine,
                                                           io::Storage* storage) {
  return std::make_unique<EngineCheckpointCodec>(engine, storage);
}

}  // namespace penstock::lake
