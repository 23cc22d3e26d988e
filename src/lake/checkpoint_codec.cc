#include "base/text.h"
#include "delta/action_json.h"
#include "duck/nested_column.h"
#include "lake/checkpoint_columns.h"
#include "lake/checkpoint_row.h"
#include "lake/file_path.h"
#include "lake/lake_table.h"

namespace penstock::lake {
namespace {

// Action lines for the engine's JSON reader, in files of bounded size.
class LineFiles : public delta::CheckpointSink {
 public:
  LineFiles(io::Storage& storage, std::string draft, const delta::CheckpointShape& shape)
      : storage_(storage), draft_(std::move(draft)), shape_(shape) {}
  ~LineFiles() override {
    for (const std::string& path : paths_) (void)storage_.Delete(path);
  }

  Status OnAction(const delta::Action& action) override {
    const auto* add = std::get_if<delta::AddFile>(&action);
    text_ += add != nullptr && shape_.parsed_of ? WithParsed(*add) : delta::EncodeCommit({action});
    return text_.size() < kFileBytes ? OkStatus() : Flush();
  }
  Status OnSidecar(const delta::Sidecar& sidecar) override {
    text_ += delta::EncodeCheckpointLine(sidecar);
    return OkStatus();
  }
  Status OnMetadata(const delta::CheckpointMetadata& metadata) override {
    text_ += delta::EncodeCheckpointLine(metadata);
    return OkStatus();
  }

  Status Flush() {
    paths_.push_back(draft_ + "." + std::to_string(paths_.size()) + ".json");
    RETURN_IF_ERROR(storage_.Write(paths_.back(), text_));
    text_.clear();
    return OkStatus();
  }
  // After the last Flush: "['a.json', 'b.json']".
  std::string PathList() const {
    std::string list;
    for (const std::string& path : paths_) {
      list += (list.empty() ? "" : ", ") + duck::QuoteLiteral(EscapeGlob(path));
    }
    return "[" + list + "]";
  }

 private:
  static constexpr size_t kFileBytes = size_t{64} << 20;

  // Statistics and partition values once more, for columns of their own types.
  static std::string WithParsed(const delta::AddFile& add) {
    Result<Json> line = ParseJson(delta::EncodeCommit({add}), add.path);
    if (!line.ok()) return delta::EncodeCommit({add});
    Json& json = (*line)["add"];
    if (Result<Json> stats = ParseJson(add.stats, add.path); stats.ok() && stats->is_object()) {
      json["stats_parsed"] = std::move(*stats);
    }
    json["partitionValues_parsed"] = json["partitionValues"];
    return DumpJson(*line) + "\n";
  }

  io::Storage& storage_;
  const std::string draft_;
  const delta::CheckpointShape& shape_;
  std::string text_;
  std::vector<std::string> paths_;
};

class EngineCheckpointCodec : public delta::CheckpointCodec {
 public:
  EngineCheckpointCodec(duck::Engine* engine, io::Storage* storage)
      : engine_(engine), storage_(storage) {}

  Status ReadCheckpoint(const std::string& path, delta::CheckpointSink& sink) override {
    ASSIGN_OR_RETURN(duck::Connection connection, engine_->Connect());
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
    ASSIGN_OR_RETURN(const std::string columns, WrittenColumnsSql(shape));
    LineFiles lines(*storage_, draft, shape);
    RETURN_IF_ERROR(content(lines));
    RETURN_IF_ERROR(lines.Flush());
    ASSIGN_OR_RETURN(duck::Connection connection, engine_->Connect());
    const std::string query = "SELECT * FROM read_json(" + lines.PathList() +
                              ", format = 'newline_delimited', maximum_object_size = 1073741824, "
                              "hive_partitioning = false, columns = {" +
                              columns + "})";
    ASSIGN_OR_RETURN(const auto files,
                     connection.CopyToParquet(query, draft, "COMPRESSION snappy"));
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
