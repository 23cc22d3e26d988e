#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "run/files_source.h"
#include "run/leaf_relation.h"
#include "run/statement_runners.h"

namespace penstock::run {
namespace {

constexpr int kAttempts = 5;
constexpr std::string_view kFormats[] = {"csv", "json", "parquet"};

// The files of one COPY INTO that are to be read, and what says in the table that they were.
struct FilesToCopy {
  std::vector<source::FileEntry> files;
  std::vector<delta::SetTransaction> transactions;
};

// The transaction identifier of a file that was copied; it is in the commit of its rows.
std::string CopiedId(const std::string& path) { return "penstock.copy:" + path; }

FilesToCopy ChosenFiles(const std::vector<source::FileEntry>& listed,
                        const delta::Snapshot& snapshot, bool force) {
  FilesToCopy chosen;
  for (const source::FileEntry& file : listed) {
    const std::string id = CopiedId(file.path);
    const bool copied = snapshot.TransactionVersion(id).has_value();
    if (!copied || force) chosen.files.push_back(file);
    if (!copied) chosen.transactions.push_back({id, 0, std::nullopt});
  }
  return chosen;
}

// FORMAT_OPTIONS as read_files knows them. What does not fit a type is an error unless the options
// say otherwise: no value is dropped silently.
std::map<std::string, std::string> ReaderOptions(const sql::CopyFiles& copy) {
  std::map<std::string, std::string> options = {{"mode", "FAILFAST"}};
  for (const auto& [name, value] : copy.format_options) {
    if (EqualsIgnoreCase(name, "mergeSchema")) continue;  // the columns of all files count anyway
    if (EqualsIgnoreCase(name, "mode")) options.erase("mode");
    options[EqualsIgnoreCase(name, "inferSchema") ? "inferColumnTypes" : name] = value;
  }
  if (!copy.pattern.empty()) options["pathGlobFilter"] = copy.pattern;
  return options;
}

bool HasNames(const sql::CopyFiles& copy) {
  if (copy.format != "csv") return true;
  return std::any_of(copy.format_options.begin(), copy.format_options.end(), [](const auto& entry) {
    return EqualsIgnoreCase(entry.first, "header") && EqualsIgnoreCase(entry.second, "true");
  });
}

class Copy {
 public:
  Copy(Workspace& workspace, const StatementContext& context, const sql::CopyFiles& copy)
      : workspace_(workspace), context_(context), copy_(copy) {}

  Result<int64_t> Run() {
    ASSIGN_OR_RETURN(table_, OpenTable(workspace_, context_, copy_.table));
    ASSIGN_OR_RETURN(const FilesSource source, Open());
    ASSIGN_OR_RETURN(const auto listed, AllFiles(workspace_, source));
    for (int attempt = 1;; ++attempt) {
      ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot, table_.table->Latest());
      RETURN_IF_ERROR(CheckChangeable(table_, *snapshot, copy_.table.text.where, "COPY INTO"));
      const FilesToCopy chosen = ChosenFiles(listed, *snapshot, copy_.force);
      if (chosen.files.empty()) return int64_t{0};
      auto rows = Write(source, chosen);
      // Another COPY INTO took some of the files meanwhile.
      const bool again =
          !rows.ok() && rows.error().code == lake::kTransactionsOverlap && attempt < kAttempts;
      if (!again) return rows;
    }
  }

 private:
  Result<FilesSource> Open() {
    model::Flow flow;
    flow.name = {context_.catalog, context_.schema, "__penstock_copy"};
    const sql::FilesInput input{copy_.path, copy_.format, false, ReaderOptions(copy_)};
    ASSIGN_OR_RETURN(FilesSource source, OpenFilesSource(workspace_, flow, input, "copy"));
    if (source.options.bad_records_path) {
      return UserError("UNSUPPORTED_OPTION", "badRecordsPath in COPY INTO",
                       "Leave it out: a record that cannot be read fails the statement.");
    }
    source.options.rescued_data_column.reset();
    return source;
  }

  Result<int64_t> Write(const FilesSource& source, const FilesToCopy& chosen) {
    ASSIGN_OR_RETURN(const FilesRelation relation,
                     RelationOf(workspace_, source, chosen.files, {}));
    std::string list;
    for (const Field& column : ColumnsOf(source)) {
      list += (list.empty() ? "" : ", ") + duck::QuoteIdentifier(column.name);
    }
    ASSIGN_OR_RETURN(duck::Connection connection, workspace_.engine->Connect());
    lake::WriteRequest request;
    request.query = "SELECT " + list + " FROM (" + relation.query + ")";
    request.by_name = HasNames(copy_);
    request.merge_schema = copy_.merge_schema;
    request.transactions = chosen.transactions;
    ASSIGN_OR_RETURN(const lake::OperationResult result,
                     lake::WriteRows(LakeOf(workspace_, &connection), *table_.table, request));
    return MetricOf(result.metrics, "numOutputRows");
  }

  Workspace& workspace_;
  const StatementContext& context_;
  const sql::CopyFiles& copy_;
  NamedTable table_;
};

}  // namespace

Result<StatementRows> Run(Workspace& workspace, const StatementContext& context,
                          const sql::CopyFiles& copy) {
  if (std::find(std::begin(kFormats), std::end(kFormats), copy.format) == std::end(kFormats)) {
    return UserError("UNSUPPORTED_STATEMENT",
                     fmt::format("COPY INTO from files of the format {}", copy.format),
                     fmt::format("FILEFORMAT is CSV, JSON or PARQUET; others are read by INSERT "
                                 "INTO {} SELECT … FROM read_files(…).",
                                 copy.table.text.text))
        .At(copy.where);
  }
  auto rows = Copy(workspace, context, copy).Run();
  if (!rows.ok()) return std::move(rows).error().At(copy.where);
  return StatementRows{{{"num_affected_rows", true}, {"num_inserted_rows", true}},
                       {{*rows, *rows}}};
}

}  // namespace penstock::run
