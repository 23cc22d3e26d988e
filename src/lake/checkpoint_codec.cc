#include "base/text.h"
#include "duck/nested_column.h"
#include "duck/row_source.h"
#include "lake/checkpoint_columns.h"
#include "lake/checkpoint_row.h"
#include "lake/checkpoint_sql.h"
#include "lake/file_path.h"
#include "lake/lake_table.h"

namespace penstock::lake {
namespace {

// Files that come in the order they were written in need not be sorted. Nobody sees the progress.
constexpr char kReadingSql[] =
    "SET SESSION preserve_insertion_order = true; SET SESSION enable_progress_bar = false";

// A reader takes groups of rows in parallel, and a writer keeps one in memory.
constexpr char kCopyOptions[] = "COMPRESSION snappy, ROW_GROUP_SIZE 61440";

class EngineCheckpointCodec : public delta::CheckpointCodec {
 public:
  EngineCheckpointCodec(duck::Engine* engine, io::Storage* storage)
      : engine_(engine), storage_(storage) {}

  Status ReadCheckpoint(const std::string& path, delta::CheckpointSink& sink) override {
    ASSIGN_OR_RETURN(duck::Connection connection, engine_->Connect());
    RETURN_IF_ERROR(connection.Execute(kReadingSql));
    const std::string relation =
        "read_parquet(" + duck::QuoteLiteral(EscapeGlob(path)) + ", hive_partitioning = false)";
    ASSIGN_OR_RETURN(const Schema columns, connection.Describe("FROM " + relation));
    ASSIGN_OR_RETURN(duck::ResultSet rows,
                     duck::StreamRows(connection, CheckpointRowsSql(relation, columns)));
    CheckpointRow reader(path, sink);
    while (true) {
      ASSIGN_OR_RETURN(const bool more, rows.NextChunk());
      if (!more) return OkStatus();
      RETURN_IF_ERROR(reader.Take(rows));
    }
  }

  // The engine writes under a name that no reader takes for a checkpoint; the file appears under
  // its own name only as a whole.
  Status WriteCheckpoint(const std::string& path, const delta::CheckpointShape& shape,
                         const delta::CheckpointContent& content) override {
    const std::string folder = io::ParentPath(path);
    const std::string draft = io::JoinPath(folder, "_penstock-" + NewUuid() + ".tmp");
    RETURN_IF_ERROR(storage_->BeforeEngineWrite(folder));
    Status written = WriteThrough(draft, path, shape, content);
    RETURN_IF_ERROR(storage_->Delete(draft));
    return written;
  }

 private:
  Status WriteThrough(const std::string& draft, const std::string& path,
                      const delta::CheckpointShape& shape,
                      const delta::CheckpointContent& content) {
    delta::CheckpointItem item;
    const duck::RowSource rows(CheckpointItemColumns(), [&](duck::RowValues& row) -> Result<bool> {
      const bool more = content(item);
      if (more) SetCheckpointItem(item, row);
      return more;
    });
    ASSIGN_OR_RETURN(const std::string query, CheckpointFileSql(rows.RelationSql(), shape));
    ASSIGN_OR_RETURN(duck::Connection connection, engine_->Connect());
    ASSIGN_OR_RETURN(const auto files, connection.CopyToParquet(query, draft, kCopyOptions));
    ASSIGN_OR_RETURN(const std::string bytes, storage_->Read(draft));
    return storage_->Write(path, bytes);
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
