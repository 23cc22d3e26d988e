#include "run/view_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "lake/change_target.h"
#include "lake/row_change.h"
#include "lake/table_commit.h"
#include "run/refresh_decision.h"
#include "run/relation_sql.h"
#include "run/stored_expression.h"

namespace penstock::run {
namespace {

using duck::QuoteIdentifier;

// Changes when the columns of a state come to mean something else.
constexpr int kStateFormat = 1;

constexpr char kViewKey[] = "penstock.state.view";
constexpr char kSecondsKey[] = "penstock.state.buildSeconds";
constexpr char kColumnsKey[] = "penstock.state.columns";
constexpr char kKeepKey[] = "penstock.keepState";
constexpr char kMaxBytesKey[] = "penstock.keepState.maxBytes";

// A state is written anew when it has so many files, or more rows deleted than left.
constexpr int64_t kManyFiles = 32;
// From so many rows in the sources on reading them again costs more than keeping a state.
constexpr int64_t kManySourceRows = 1'000'000;
// A state with nearly as many groups as there are rows spares nothing.
constexpr int64_t kLeastRowsPerGroup = 2;

std::string ColumnsText(const ivm::KeptState& state) {
  std::string text = std::to_string(kStateFormat) + ":" + std::to_string(state.keys);
  for (const algebra::Column& column : state.columns) text += "," + column.type;
  return text;
}

// The columns of the steps' table `from` as the view's state has them, in the engine's types.
std::string EngineColumns(const ivm::KeptState& state, const std::string& alias) {
  std::string columns;
  for (const algebra::Column& column : state.columns) {
    columns += (columns.empty() ? "CAST(" : ", CAST(") + alias + "." + column.name + " AS " +
               column.type + ") AS " + column.name;
  }
  return columns;
}

// The highest number among the folders of a state; 0: there is none.
Result<int64_t> NewestNumber(io::Storage& storage, const std::string& folder) {
  ASSIGN_OR_RETURN(const auto names, storage.ListFolders(folder));
  int64_t newest = 0;
  for (const std::string& name : names) {
    int64_t number = 0;
    std::from_chars(name.data(), name.data() + name.size(), number);
    newest = std::max(newest, number);
  }
  return newest;
}

double SecondsOf(const delta::Snapshot& snapshot) {
  const std::string text = ValueOf(snapshot.metadata().configuration, kSecondsKey);
  double seconds = 0;
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return seconds;
}

int64_t DeletedRows(const delta::Snapshot& snapshot) {
  int64_t rows = 0;
  for (const delta::AddFile& file : snapshot.files()) {
    if (file.deletion_vector) rows += file.deletion_vector->cardinality;
  }
  return rows;
}

int64_t LiveRows(const delta::Snapshot& snapshot) {
  return snapshot.NumRecords().value_or(0) - DeletedRows(snapshot);
}

delta::Configuration PropertiesOf(const ivm::KeptState& state, const StateOrigin& origin) {
  return {{kKindKey, "view_state"},
          {kViewKey, origin.table},
          {kDefinitionKey, origin.definition},
          {kSourcesKey, origin.sources},
          {kColumnsKey, ColumnsText(state)},
          {kVectorsKey, "true"}};
}

Error Conflict(const std::string& path) {
  return ExternalError("VIEW_STATE_CONFLICT",
                       "another program wrote into " + path + ", which is Penstock's own",
                       "Nothing was lost: the state is made anew.");
}

}  // namespace

StateOrigin RecordedOrigin(const Target& target) {
  return {target.snapshot->metadata().id, RecordedValue(target, kDefinitionKey),
          RecordedValue(target, kSourcesKey)};
}

std::string ViewState::PathOf(int64_t number) const {
  return io::JoinPath(folder_, std::to_string(number));
}

ViewState ViewState::Open(Workspace& workspace, const model::TableName& view,
                          const ivm::KeptState& kept, const StateOrigin& origin) {
  ViewState state(workspace, workspace.catalog->layout().ViewStatePath(view), view, kept);
  Status read = state.Read(origin);
  if (!read.ok()) {
    state.snapshot_ = nullptr;
    state.unfit_ = "it cannot be read: " + read.error().message;
  }
  return state;
}

Status ViewState::Read(const StateOrigin& origin) {
  ASSIGN_OR_RETURN(number_, NewestNumber(*workspace_->storage, folder_));
  if (number_ == 0) return OkStatus();
  table_ = workspace_->catalog->OpenPath(PathOf(number_));
  ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot, table_->Latest());
  const auto value = [&](const char* key) {
    return ValueOf(snapshot->metadata().configuration, key);
  };
  const StateOrigin made{value(kViewKey), value(kDefinitionKey), value(kSourcesKey)};
  if (value(kColumnsKey) != ColumnsText(state_) || made.definition != origin.definition ||
      made.table != origin.table) {
    unfit_ = "it is of another definition";
    return OkStatus();
  }
  if (made.sources != origin.sources) {
    unfit_ = "it is of other versions of the sources";
    return OkStatus();
  }
  lake::RelationOptions options;
  options.with_row_position = true;
  ASSIGN_OR_RETURN(relation_, lake::SnapshotRelation(table_->path(), *snapshot, options));
  rows_ = LiveRows(*snapshot);
  bytes_ = snapshot->TotalBytes();
  build_seconds_ = SecondsOf(*snapshot);
  snapshot_ = snapshot;
  return OkStatus();
}

Status ViewState::LookUp(duck::Connection& connection, const ivm::StateSteps& steps) {
  const std::string keys = QuoteIdentifier(steps.keys);
  std::string matches;
  for (size_t i = 0; i < steps.state.keys; ++i) {
    const std::string column = "c" + std::to_string(i);
    ASSIGN_OR_RETURN(const std::string match,
                     EqualityWith(connection, "s." + column, "k." + column, keys, column));
    matches += (matches.empty() ? "" : " AND ") + match;
  }
  const std::string from = matches.empty() ? "" : " SEMI JOIN " + keys + " AS k ON " + matches;
  return connection.Execute(
      "CREATE OR REPLACE TEMP TABLE " + QuoteIdentifier(steps.lookup) + " AS SELECT " +
      EngineColumns(state_, "s") + ", " + QuoteIdentifier(lake::kFileNumberColumn) + ", " +
      QuoteIdentifier(lake::kRowPositionColumn) + " FROM (" + relation_.sql + ") AS s" + from);
}

// Sums are wider than any type of a table; what else has none cannot be kept.
Result<Schema> ViewState::StoredColumns(duck::Connection& connection) const {
  std::string columns;
  for (const algebra::Column& column : state_.columns) {
    const std::string type = column.type == "HUGEINT" ? "DECIMAL(38,0)" : column.type;
    columns +=
        (columns.empty() ? "CAST(NULL AS " : ", CAST(NULL AS ") + type + ") AS " + column.name;
  }
  return connection.Describe("SELECT " + columns);
}

Status ViewState::CheckTypes(duck::Connection& connection) const {
  ASSIGN_OR_RETURN(const Schema columns, StoredColumns(connection));
  (void)columns;
  return OkStatus();
}

std::string ViewState::Stored(const std::string& rows, const Schema& columns) const {
  std::string text;
  for (const Field& field : columns) {
    text += (text.empty() ? "CAST(" : ", CAST(") + field.name + " AS " +
            duck::EngineType(field.type) + ") AS " + field.name;
  }
  return "SELECT " + text + " FROM " + rows;
}

Status ViewState::WriteWhole(duck::Connection& connection, const std::string& rows,
                             const StateOrigin& origin) {
  const int64_t now_ms = workspace_->clock->Now() / 1000;
  ASSIGN_OR_RETURN(const Schema columns, StoredColumns(connection));
  const int64_t number = number_ + 1;
  const auto table = workspace_->catalog->OpenPath(PathOf(number));
  delta::Change change;
  change.info.operation = "CREATE TABLE AS SELECT";
  delta::Configuration properties = PropertiesOf(state_, origin);
  properties[kSecondsKey] = fmt::format("{:.3f}", build_seconds_);
  change.metadata = delta::NewMetadata(columns, {}, properties,
                                       "Kept by Penstock for " + model::ToString(view_), now_ms);
  change.protocol = delta::RequiredProtocol(*change.metadata);
  ASSIGN_OR_RETURN(const lake::WriteResult written,
                   lake::WriteDataFiles(connection, *workspace_->storage, table->path(),
                                        Stored(rows, columns), columns, {}, now_ms));
  change.adds = written.files;
  ASSIGN_OR_RETURN(const delta::CommitOutcome outcome, table->Commit(nullptr, change));
  if (!std::holds_alternative<delta::Committed>(outcome)) return Conflict(table->path());
  for (int64_t old = number_; old > 0; --old) {
    if (!workspace_->storage->DeleteTree(PathOf(old)).ok() || old < number_ - 2) break;
  }
  number_ = number;
  rows_ = written.rows;
  bytes_ = written.bytes;
  return OkStatus();
}

Status ViewState::WriteChange(duck::Connection& connection, const ivm::StateSteps& steps,
                              const StateOrigin& origin) {
  lake::Lake lake{workspace_->engine.get(), &connection,     workspace_->storage,
                  workspace_->clock,        TranslateStored, {}};
  ASSIGN_OR_RETURN(const lake::ChangeTarget target,
                   lake::OpenTarget(lake, *table_, snapshot_, lake::TargetUse::kTakesRows));
  lake::RowChange rows;
  rows.removed = lake::PositionsOf(QuoteIdentifier(steps.lookup));
  rows.new_rows = Stored(QuoteIdentifier(steps.rows), target.schema);
  delta::Change change;
  change.info.operation = "MERGE";
  std::vector<std::string> written;
  ASSIGN_OR_RETURN(const lake::RowChangeCounts counts,
                   lake::ApplyRowChange(lake, target, rows, &written, &change));
  change.metadata = snapshot_->metadata();
  for (const auto& [key, value] : PropertiesOf(state_, origin)) {
    change.metadata->configuration[key] = value;
  }
  change.read.whole_table = true;
  ASSIGN_OR_RETURN(const delta::CommitOutcome outcome,
                   lake::CommitFiles(*workspace_->storage, *table_, snapshot_, change, written));
  if (!std::holds_alternative<delta::Committed>(outcome)) return Conflict(table_->path());
  rows_ += counts.new_rows - counts.removed_rows;
  bytes_ += counts.added_bytes - counts.removed_bytes;
  return OkStatus();
}

Status ViewState::Write(duck::Connection& connection, const ivm::StateSteps& steps,
                        const StateOrigin& origin, double build_seconds) {
  if (steps.lookup.empty()) {
    build_seconds_ = build_seconds;
    return WriteWhole(connection, QuoteIdentifier(steps.rows), origin);
  }
  if (snapshot_->NumFiles() < kManyFiles && DeletedRows(*snapshot_) <= rows_) {
    return WriteChange(connection, steps, origin);
  }
  const std::string file = QuoteIdentifier(lake::kFileNumberColumn);
  const std::string row = QuoteIdentifier(lake::kRowPositionColumn);
  return WriteWhole(connection,
                    "(SELECT " + EngineColumns(state_, "s") + " FROM (" + relation_.sql +
                        ") AS s ANTI JOIN " + QuoteIdentifier(steps.lookup) + " AS l ON s." + file +
                        " = l." + file + " AND s." + row + " = l." + row +
                        " UNION ALL SELECT * FROM " + QuoteIdentifier(steps.rows) + ")",
                    origin);
}

void ViewState::Drop() {
  // What cannot be removed now is not used either.
  (void)workspace_->storage->DeleteTree(folder_);
  snapshot_ = nullptr;
}

std::optional<KeptGroups> FindKeptGroups(Workspace& workspace, const model::TableName& view) {
  const std::string folder = workspace.catalog->layout().ViewStatePath(view);
  const auto number = NewestNumber(*workspace.storage, folder);
  if (!number.ok() || *number == 0) return std::nullopt;
  const auto table = workspace.catalog->OpenPath(io::JoinPath(folder, std::to_string(*number)));
  const auto snapshot = table->Latest();
  if (!snapshot.ok()) return std::nullopt;
  return KeptGroups{LiveRows(**snapshot), (*snapshot)->TotalBytes(), SecondsOf(**snapshot)};
}

Result<StateRule> StateRuleOf(const model::Dataset& view) {
  StateRule rule;
  const auto bad = [&](const char* key, const std::string& text, const char* remedy) {
    return UserError("BAD_PROPERTY", std::string(key) + " is \"" + text + "\"", remedy)
        .At(view.where);
  };
  if (const auto found = view.properties.find(kKeepKey); found != view.properties.end()) {
    const std::string text = AsciiLower(found->second);
    if (text == "on") {
      rule.when = StateRule::When::kAlways;
    } else if (text == "off") {
      rule.when = StateRule::When::kNever;
    } else if (text != "auto") {
      return bad(kKeepKey, found->second, "Say auto, on or off.");
    }
  }
  if (const auto found = view.properties.find(kMaxBytesKey); found != view.properties.end()) {
    const std::string& text = found->second;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), rule.max_bytes);
    if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size() || rule.max_bytes < 0) {
      return bad(kMaxBytesKey, text, "Give a number of bytes, e.g. 1000000000.");
    }
  }
  return rule;
}

bool IsWorthKeeping(const StateRule& rule, const ivm::KeptState& state, int64_t source_rows,
                    int64_t groups) {
  constexpr int64_t kBytesPerValue = 8;
  const auto width = static_cast<int64_t>(state.columns.size()) * kBytesPerValue;
  if (groups > rule.max_bytes / width) return false;
  return rule.when == StateRule::When::kAlways ||
         (source_rows >= kManySourceRows && groups <= source_rows / kLeastRowsPerGroup);
}

}  // namespace penstock::run
