// Checkpoints as a stranger may have written them, as Parquet (bytes that begin as such a file) or
// as rows of whatever columns (lines of JSON, whose types the engine infers): reading never
// crashes, and what was read is written as a checkpoint and read back as the same files.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "base/sql_text.h"
#include "delta/action_json.h"
#include "delta/checkpoint.h"
#include "delta/replay.h"
#include "delta/unknown_fields.h"
#include "duck/engine.h"
#include "duck/nested_column.h"
#include "io/storage.h"
#include "io/temp_folder.h"
#include "lake/checkpoint_columns.h"
#include "lake/checkpoint_row.h"
#include "lake/lake_table.h"

namespace {

using namespace penstock;  // NOLINT

void Require(bool holds) {
  if (!holds) std::abort();
}

// The engine must not be destroyed after main.
struct Tools {
  std::unique_ptr<io::Storage> storage = io::NewLocalStorage();
  std::unique_ptr<duck::Engine> engine;
  std::unique_ptr<delta::CheckpointCodec> codec;
  io::TempFolder folder;

  Tools() {
    duck::EngineOptions options;
    options.threads = 1;
    options.memory_limit = "1GB";
    options.spark_functions = false;
    auto opened = duck::Engine::Open(options);
    Require(opened.ok());
    engine = std::move(*opened);
    codec = lake::NewCheckpointCodec(engine.get(), storage.get());
  }
};

class State : public delta::CheckpointSink {
 public:
  Status OnAction(const delta::Action& action) override {
    replay_.Take(action);
    return OkStatus();
  }
  Status OnSidecar(const delta::Sidecar&) override { return OkStatus(); }
  Status OnMetadata(const delta::CheckpointMetadata&) override { return OkStatus(); }
  delta::TableState Done() { return std::move(replay_).Done(1, 1); }

 private:
  delta::Replay replay_{{}};
};

Status ReadRows(Tools& tools, const std::string& path, delta::CheckpointSink& sink) {
  const std::string relation = "read_json(" + QuoteLiteral(path) +
                               ", format = 'newline_delimited', ignore_errors = true, "
                               "hive_partitioning = false, maximum_depth = 6)";
  ASSIGN_OR_RETURN(duck::Connection connection, tools.engine->Connect());
  ASSIGN_OR_RETURN(const Schema columns, connection.Describe("FROM " + relation));
  ASSIGN_OR_RETURN(duck::ResultSet rows,
                   duck::StreamRows(connection, lake::CheckpointRowsSql(relation, columns)));
  lake::CheckpointRow reader(path, sink);
  while (true) {
    ASSIGN_OR_RETURN(const bool more, rows.NextChunk());
    if (!more) return OkStatus();
    RETURN_IF_ERROR(reader.Take(rows));
  }
}

// Files by path, as the log has them; unknown fields apart, whose types may be widened.
std::set<std::string> Lines(const delta::TableState& state) {
  std::set<std::string> lines;
  state.files.ForEach([&](delta::PackedFile file) {
    if (!file.active()) return;
    delta::AddFile add = file.Add();
    add.data_change = false;
    add.extra = Json();
    lines.insert(delta::EncodeCommit({add}));
  });
  return lines;
}

void WriteAndReadAgain(Tools& tools, const delta::TableState& state) {
  const std::string path = tools.folder / "again.checkpoint.parquet";
  delta::CheckpointShape shape;
  const delta::UnknownFields unknown = delta::UnknownFieldsOf(state.files);
  shape.unknown_of_adds = unknown.of_adds;
  shape.unknown_of_removes = unknown.of_removes;
  delta::FileSet::Cursor cursor(state.files);
  const auto content = [&](delta::CheckpointItem& item) {
    const auto file = cursor.Next();
    if (!file) return false;
    item = file->active() ? delta::Action(file->Add()) : delta::Action(file->Remove());
    return true;
  };
  // Numbers that the columns of a checkpoint do not have are refused.
  if (!tools.codec->WriteCheckpoint(path, shape, content).ok()) return;
  State again;
  Require(tools.codec->ReadCheckpoint(path, again).ok());
  Require(Lines(again.Done()) == Lines(state));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static Tools& tools = *new Tools;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const bool parquet = text.starts_with("PAR1");
  const std::string path = tools.folder / (parquet ? "input.parquet" : "input.json");
  Require(tools.storage->Write(path, text).ok());
  State state;
  const Status read =
      parquet ? tools.codec->ReadCheckpoint(path, state) : ReadRows(tools, path, state);
  if (read.ok()) WriteAndReadAgain(tools, state.Done());
  return 0;
}
