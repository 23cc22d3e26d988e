#include "base/json.h"
#include "base/text.h"
#include "delta/action_json.h"
#include "lake/file_path.h"
#include "lake/lake_table.h"

namespace penstock::lake {
namespace {

// The checkpoint's columns: one struct for each kind of action (PROTOCOL.md, "Checkpoint Schema").
constexpr std::pair<std::string_view, std::string_view> kColumns[] = {
    {"txn", "STRUCT(appId VARCHAR, \"version\" BIGINT, lastUpdated BIGINT)"},
    {"add",
     "STRUCT(path VARCHAR, partitionValues MAP(VARCHAR, VARCHAR), size BIGINT, modificationTime "
     "BIGINT, dataChange BOOLEAN, stats VARCHAR, deletionVector STRUCT(storageType VARCHAR, "
     "pathOrInlineDv VARCHAR, \"offset\" INTEGER, sizeInBytes INTEGER, cardinality BIGINT))"},
    {"remove",
     "STRUCT(path VARCHAR, deletionTimestamp BIGINT, dataChange BOOLEAN, extendedFileMetadata "
     "BOOLEAN, partitionValues MAP(VARCHAR, VARCHAR), size BIGINT)"},
    {"metaData",
     "STRUCT(id VARCHAR, \"name\" VARCHAR, description VARCHAR, format STRUCT(provider VARCHAR, "
     "options MAP(VARCHAR, VARCHAR)), schemaString VARCHAR, partitionColumns VARCHAR[], "
     "createdTime BIGINT, configuration MAP(VARCHAR, VARCHAR))"},
    {"protocol",
     "STRUCT(minReaderVersion INTEGER, minWriterVersion INTEGER, readerFeatures VARCHAR[], "
     "writerFeatures VARCHAR[])"},
};

// "a: 'STRUCT(…)', …" for read_json, or with more around each type for read_parquet.
std::string ColumnList(bool for_parquet) {
  std::string list;
  for (const auto& [name, type] : kColumns) {
    const std::string quoted = duck::QuoteLiteral(name);
    const std::string quoted_type = duck::QuoteLiteral(type);
    list += (list.empty() ? "" : ", ") + quoted + ": " +
            (for_parquet ? "{name: " + quoted + ", type: " + quoted_type + ", default_value: NULL}"
                         : quoted_type);
  }
  return list;
}

class EngineCheckpointCodec : public delta::CheckpointCodec {
 public:
  EngineCheckpointCodec(duck::Engine* engine, io::Storage* storage)
      : engine_(engine), storage_(storage) {}

  // Columns are read by name, whatever others the file has.
  Result<std::vector<delta::Action>> ReadCheckpoint(const std::string& path) override {
    ASSIGN_OR_RETURN(duck::Connection connection, engine_->Connect());
    ASSIGN_OR_RETURN(
        duck::ResultSet rows,
        connection.Query("SELECT CAST(to_json(actions) AS VARCHAR) FROM read_parquet(" +
                         duck::QuoteLiteral(EscapeGlob(path)) +
                         ", hive_partitioning = false, schema = MAP {" + ColumnList(true) +
                         "}) AS actions"));
    std::string lines;
    while (true) {
      ASSIGN_OR_RETURN(const bool more, rows.NextChunk());
      if (!more) break;
      for (size_t row = 0; row < rows.RowCount(); ++row) {
        ASSIGN_OR_RETURN(const std::string line, WithoutNulls(rows.Text(row, 0), path));
        if (!line.empty()) lines += line + "\n";
      }
    }
    return delta::DecodeCommit(lines, path);
  }

  // The engine writes under a name that no reader takes for a checkpoint; the file appears under
  // its own name only as a whole.
  Status WriteCheckpoint(const std::string& path,
                         const std::vector<delta::Action>& actions) override {
    const std::string folder = io::ParentPath(path);
    const std::string draft = io::JoinPath(folder, "_penstock-" + NewUuid() + ".tmp");
    RETURN_IF_ERROR(storage_->BeforeEngineWrite(folder));
    Status written = WriteThrough(draft, path, actions);
    RETURN_IF_ERROR(storage_->Delete(draft + ".json"));
    RETURN_IF_ERROR(storage_->Delete(draft));
    return written;
  }

 private:
  Status WriteThrough(const std::string& draft, const std::string& path,
                      const std::vector<delta::Action>& actions) {
    const std::string lines_path = draft + ".json";
    RETURN_IF_ERROR(storage_->Write(lines_path, delta::EncodeCommit(actions)));
    ASSIGN_OR_RETURN(duck::Connection connection, engine_->Connect());
    const std::string query = "SELECT * FROM read_json(" +
                              duck::QuoteLiteral(EscapeGlob(lines_path)) +
                              ", format = 'newline_delimited', maximum_object_size = 1073741824, "
                              "hive_partitioning = false, columns = {" +
                              ColumnList(false) + "})";
    ASSIGN_OR_RETURN(const auto files,
                     connection.CopyToParquet(query, draft, "COMPRESSION snappy"));
    ASSIGN_OR_RETURN(const std::string bytes, storage_->Read(draft));
    return storage_->Write(path, bytes);
  }

  // A row has one action; the columns of the others are null, and so are fields that an action
  // lacks. Empty for a row of a kind that is not read.
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
    return json.empty() ? std::string() : DumpJson(json);
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
