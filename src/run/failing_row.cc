#include "run/failing_row.h"

#include "run/files_source.h"
#include "run/leaf_relation.h"
#include "run/relation_sql.h"

namespace penstock::run {
namespace {

constexpr int64_t kMaxRows = 2'000'000;
constexpr size_t kMaxShown = 400;
constexpr char kRows[] = "\"__penstock_rows\"";
constexpr char kSink[] = "\"__penstock_sink\"";

// Errors that the values of a row cause.
bool ComesFromAValue(const Error& error) {
  return error.kind == ErrorKind::kData && !error.code.starts_with("FILE_") &&
         error.code != "MALFORMED_RECORD" && error.code != "EXPECTATION_FAILED";
}

// Runs the query over fewer and fewer rows of one input, the other inputs whole.
class Search {
 public:
  Search(Workspace& workspace, duck::Connection& connection, const BoundFlow& flow,
         const LeafRelations& leaves)
      : workspace_(workspace), connection_(connection), flow_(flow), leaves_(leaves) {}

  // The row, as text for people; nothing when no single row of this input fails by itself.
  Result<std::optional<std::string>> Find(size_t leaf) {
    for (const auto& [name, query] : leaves_.queries) {
      RETURN_IF_ERROR(
          CreateView(connection_, name, "SELECT " + Columns() + " FROM (" + query + ")"));
    }
    RETURN_IF_ERROR(connection_.Execute(std::string("CREATE OR REPLACE TEMP TABLE ") + kRows +
                                        " AS SELECT * FROM (" + leaves_.queries[leaf].second +
                                        ") LIMIT " + std::to_string(kMaxRows + 1)));
    ASSIGN_OR_RETURN(int64_t count, Number(std::string("SELECT count(*)::BIGINT FROM ") + kRows));
    if (count == 0 || count > kMaxRows) return std::optional<std::string>{};
    int64_t first = 0;
    while (count > 1) {
      const int64_t half = count / 2;
      ASSIGN_OR_RETURN(const bool lower, Fails(leaf, first, half));
      if (!lower) {
        ASSIGN_OR_RETURN(const bool upper, Fails(leaf, first + half, count - half));
        if (!upper) return std::optional<std::string>{};
        first += half;
      }
      count = lower ? half : count - half;
    }
    ASSIGN_OR_RETURN(const bool fails, Fails(leaf, first, 1));
    if (!fails) return std::optional<std::string>{};
    return Shown(leaf, first);
  }

 private:
  Result<int64_t> Number(const std::string& query) {
    ASSIGN_OR_RETURN(duck::ResultSet rows, connection_.Query(query));
    ASSIGN_OR_RETURN(const bool any, rows.NextChunk());
    return any ? rows.Int64(0, 0) : 0;
  }

  Result<bool> Fails(size_t leaf, int64_t first, int64_t count) {
    RETURN_IF_ERROR(CreateView(connection_, leaves_.queries[leaf].first,
                               "SELECT " + Columns() + " FROM " + kRows + " WHERE rowid BETWEEN " +
                                   std::to_string(first) + " AND " +
                                   std::to_string(first + count - 1)));
    for (const graph::ViewInstance& view : flow_.query.views) {
      RETURN_IF_ERROR(CreateView(connection_, view.placeholder, view.text));
    }
    const Status ran = connection_.Execute(std::string("CREATE OR REPLACE TEMP TABLE ") + kSink +
                                           " AS " + flow_.query.text);
    if (!ran.ok() && !ComesFromAValue(ran.error())) return ran.error();
    return !ran.ok();
  }

  Result<std::optional<std::string>> Shown(size_t leaf, int64_t row) {
    const std::string from =
        std::string(" FROM ") + kRows + " WHERE rowid = " + std::to_string(row);
    ASSIGN_OR_RETURN(
        duck::ResultSet rows,
        connection_.Query("SELECT CAST(to_json(shown) AS VARCHAR), place.file, place.record "
                          "FROM (SELECT " +
                          Columns() + from + ") AS shown, (SELECT " + kPositionColumn +
                          " AS place" + from + ")"));
    ASSIGN_OR_RETURN(const bool any, rows.NextChunk());
    if (!any) return std::optional<std::string>{};
    std::string text = rows.Text(0, 0);
    if (text.size() > kMaxShown) {
      size_t end = kMaxShown;
      while (end > 0 && (text[end] & 0xc0) == 0x80) --end;  // not within a character
      text = text.substr(0, end) + "…";
    }
    return std::optional(text + " of " + Place(leaf, rows));
  }

  std::string Place(size_t leaf, const duck::ResultSet& rows) const {
    if (rows.IsNull(0, 1)) return flow_.leaves[leaf].table_name;
    const std::string file = rows.Text(0, 1);
    if (rows.IsNull(0, 2)) return file;
    const int64_t record = rows.Int64(0, 2);
    if (flow_.leaves[leaf].files->options.format == "parquet") {
      return file + ", row " + std::to_string(record + 1);
    }
    const auto line = LineNumber(workspace_, file, record);
    return line.ok() ? file + ":" + std::to_string(*line) : file;
  }

  // What the flow's query sees of an input.
  static std::string Columns() {
    return "* EXCLUDE (" + duck::QuoteIdentifier(kPositionColumn) + ")";
  }

  Workspace& workspace_;
  duck::Connection& connection_;
  const BoundFlow& flow_;
  const LeafRelations& leaves_;
};

}  // namespace

Error NameFailingRow(UpdateContext& context, const BoundFlow& flow, const source::Batch* batch,
                     Error error) {
  if (!ComesFromAValue(error)) return error;
  auto connection = context.workspace.engine->Connect();
  const auto leaves = RelationsOf(context.workspace, flow, {batch, /*with_position=*/true});
  if (!connection.ok() || !leaves.ok()) return error;
  const QueryScope scope(context.queries, {&*connection, "", nullptr});
  for (size_t leaf = 0; leaf < flow.leaves.size(); ++leaf) {
    if (context.Stopping()) return error;
    const auto row = Search(context.workspace, *connection, flow, *leaves).Find(leaf);
    if (!row.ok() || !*row) continue;
    error.message += ", in the row " + **row;
    return error;
  }
  return error;
}

}  // namespace penstock::run
