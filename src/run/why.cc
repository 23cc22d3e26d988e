#include <algorithm>
#include <set>

#include "algebra/render.h"
#include "algebra/unique_key.h"
#include "base/text.h"
#include "duck/plan/bound_plan.h"
#include "duck/row_text.h"
#include "ivm/lineage.h"
#include "ivm/restrict.h"
#include "lake/change_target.h"
#include "run/cdc_batch.h"
#include "run/leaf_relation.h"
#include "run/relation_sql.h"
#include "run/row_origin.h"

namespace penstock::run {
namespace {

using duck::QuoteIdentifier;
using duck::QuoteLiteral;

// Rows of a table, stored, that the next hop explains.
struct Explained {
  size_t node = 0;
  Target target;  // as it was when the rows were read
  std::string rows;
  int64_t depth = 0;
};

class Explaining {
 public:
  Explaining(Workspace& workspace, const Pipeline& pipeline, const WhyRequest& request,
             duck::Connection connection)
      : workspace_(workspace),
        pipeline_(pipeline),
        request_(request),
        connection_(std::move(connection)) {}

  Result<std::vector<SourceRow>> Run(size_t node) {
    Explained asked;
    asked.node = node;
    ASSIGN_OR_RETURN(asked.target, OpenTarget(workspace_, Dataset(node)));
    if (asked.target.snapshot == nullptr) {
      return UserError("TABLE_NOT_FOUND", NameOf(node) + " was never computed",
                       "Run an update first: penstock run");
    }
    ASSIGN_OR_RETURN(const PlacedTable placed,
                     PlacedRows(asked.target.path, *asked.target.snapshot));
    ASSIGN_OR_RETURN(const std::string condition, Condition(asked));
    asked.rows = NewTable();
    ASSIGN_OR_RETURN(const int64_t found,
                     Keep(asked.rows, "SELECT * FROM (" + placed.query + ") WHERE " + condition));
    if (found == 0) {
      return UserError("ROW_NOT_FOUND", NameOf(node) + " has no row with " + condition,
                       "Look at its rows: penstock table read " + Dataset(node).name.table);
    }
    SourceRow place;
    place.table = place.source = NameOf(node);
    place.version = asked.target.snapshot->version();
    RETURN_IF_ERROR(Show(asked.rows, placed.files, place, found));
    RETURN_IF_ERROR(Follow(asked));
    return std::move(shown_);
  }

 private:
  const model::Dataset& Dataset(size_t node) const { return pipeline_.graph.nodes[node].dataset; }
  std::string NameOf(size_t node) const { return model::ToString(Dataset(node).name); }
  std::string NewTable() { return "why_" + std::to_string(tables_++); }

  Result<std::string> Condition(const Explained& asked) const {
    const Schema& columns = asked.target.snapshot->metadata().schema;
    std::string condition;
    for (const auto& [name, value] : request_.key) {
      const Field* field = FindField(columns, name);
      if (field == nullptr) {
        std::vector<std::string> names;
        for (const Field& column : columns) names.push_back(column.name);
        const auto near = NearestName(name, names);
        return UserError("COLUMN_NOT_FOUND", NameOf(asked.node) + " has no column " + name,
                         near ? "Did you mean " + *near + "?"
                              : "Its columns are " + penstock::ToString(columns) + ".");
      }
      condition += (condition.empty() ? "" : " AND ") + QuoteIdentifier(field->name) +
                   (value == "NULL" ? " IS NULL"
                                    : " = CAST(" + QuoteLiteral(value) + " AS " +
                                          duck::EngineType(field->type) + ")");
    }
    return condition;
  }

  // Stores at most as many rows as are shown; how many there are.
  Result<int64_t> Keep(const std::string& table, const std::string& query) {
    const std::string all = QuoteIdentifier(table + "_all");
    RETURN_IF_ERROR(connection_.Execute("CREATE OR REPLACE TEMP TABLE " + all + " AS " + query));
    ASSIGN_OR_RETURN(const int64_t rows,
                     lake::QueryNumber(connection_, "SELECT count(*) FROM " + all));
    RETURN_IF_ERROR(connection_.Execute("CREATE TEMP TABLE " + table + " AS SELECT * FROM " + all +
                                        " ORDER BY " + ivm::kPlaceColumn + " LIMIT " +
                                        std::to_string(request_.limit)));
    RETURN_IF_ERROR(connection_.Execute("DROP TABLE " + all));
    return rows;
  }

  Status Show(const std::string& table, const std::vector<std::string>& files,
              const SourceRow& place, int64_t found) {
    const std::string at = ivm::kPlaceColumn;
    ASSIGN_OR_RETURN(duck::ResultSet rows,
                     connection_.Query("SELECT " + at + ".file, " + at + ".record, * EXCLUDE (" +
                                       at + ") FROM " + table + " ORDER BY " + at));
    const duck::RowText text(rows);
    int64_t shown = 0;
    while (true) {
      ASSIGN_OR_RETURN(const bool more, rows.NextChunk());
      if (!more) break;
      for (size_t row = 0; row < rows.RowCount(); ++row, ++shown) {
        shown_.push_back(RowAt(rows, text, row, files, place));
      }
    }
    if (shown < found) Note(place, Grouped(found - shown) + " more rows");
    return OkStatus();
  }

  static SourceRow RowAt(const duck::ResultSet& rows, const duck::RowText& text, size_t row,
                         const std::vector<std::string>& files, SourceRow place) {
    if (!rows.IsNull(row, 0)) {
      place.file = rows.Text(row, 0);
      const bool number = !files.empty() && place.file.size() < 10 &&
                          place.file.find_first_not_of("0123456789") == std::string::npos;
      if (number) {
        const auto index = static_cast<size_t>(std::stoul(place.file));
        if (index < files.size()) place.file = files[index];
      }
    }
    if (!rows.IsNull(row, 1)) place.row = rows.Int64(row, 1);
    place.values = "{";
    for (size_t column = 2; column < rows.ColumnCount(); ++column) {
      place.values += (column == 2 ? "" : ",") + QuoteJson(rows.ColumnName(column)) + ":";
      text.AppendJson(row, column, &place.values);
    }
    place.values += "}";
    return place;
  }

  void Note(SourceRow place, std::string note) {
    place.note = std::move(note);
    shown_.push_back(std::move(place));
  }

  // The sources of the rows; where they cannot be found a note says why.
  Status Follow(const Explained& asked) {
    if (request_.depth > 0 && asked.depth >= request_.depth) return OkStatus();
    for (size_t flow = 0; flow < pipeline_.bound[asked.node].flows.size(); ++flow) {
      SourceRow place;
      place.depth = asked.depth + 1;
      place.table = NameOf(asked.node);
      auto leaves = PlacedLeaves(workspace_, pipeline_, asked.node, flow, asked.target);
      if (!leaves.ok()) {
        Note(place, "goes no further: " + leaves.error().message);
        continue;
      }
      const Status found = FindPlaces(asked, flow, *leaves);
      if (!found.ok()) {
        Note(place, "goes no further: " + found.error().message);
        continue;
      }
      RETURN_IF_ERROR(FollowLeaves(asked, *leaves));
    }
    return OkStatus();
  }

  Status FollowLeaves(const Explained& asked, const std::vector<PlacedLeaf>& leaves) {
    std::vector<Explained> next;
    for (const PlacedLeaf& leaf : leaves) {
      if (!places_.contains(leaf.placeholder)) continue;
      SourceRow place;
      place.depth = asked.depth + 1;
      place.table = NameOf(asked.node);
      place.source = leaf.source;
      if (leaf.snapshot) place.version = leaf.snapshot->version();
      const std::string table = NewTable();
      const auto found = Keep(table, "SELECT s.* FROM " + QuoteIdentifier(leaf.placeholder) +
                                         " AS s SEMI JOIN (" + places_.at(leaf.placeholder) +
                                         ") AS p ON s." + ivm::kPlaceColumn + " = p.place");
      if (!found.ok()) {
        Note(place, "cannot be read any more: " + found.error().message);
        continue;
      }
      RETURN_IF_ERROR(Show(table, leaf.files, place, *found));
      if (!leaf.dataset || *found == 0) continue;
      ASSIGN_OR_RETURN(Target target, OpenTarget(workspace_, Dataset(*leaf.dataset)));
      target.snapshot = leaf.snapshot;
      next.push_back({*leaf.dataset, std::move(target), table, asked.depth + 1});
    }
    RETURN_IF_ERROR(DropPlaces(leaves));
    for (const Explained& rows : next) RETURN_IF_ERROR(Follow(rows));
    return OkStatus();
  }

  // Runs the flow's query with places for the rows; by placeholder, a query of the places.
  Status FindPlaces(const Explained& asked, size_t flow, const std::vector<PlacedLeaf>& leaves) {
    places_.clear();
    const BoundFlow& bound = pipeline_.bound[asked.node].flows[flow];
    ASSIGN_OR_RETURN(const algebra::NodePtr plan, PlanOfFlow(bound));
    const ivm::Lineage lineage = ivm::LineageOf(plan);
    for (const PlacedLeaf& leaf : leaves) {
      RETURN_IF_ERROR(CreateView(connection_, leaf.placeholder, leaf.query));
    }
    ASSIGN_OR_RETURN(const algebra::NodePtr rows, Restricted(asked, flow, *plan, plan, lineage));
    RETURN_IF_ERROR(connection_.Execute("CREATE OR REPLACE TEMP TABLE why_places AS " +
                                        algebra::RenderSql(rows)));
    for (size_t i = 0; i < lineage.relations.size(); ++i) {
      std::string& query = places_[lineage.relations[i]];
      query += (query.empty() ? "SELECT " : " UNION SELECT ") + PlaceColumn(*plan, i) +
               " AS place FROM why_places WHERE " + PlaceColumn(*plan, i) + " IS NOT NULL";
    }
    return OkStatus();
  }

  static std::string PlaceColumn(const algebra::Node& plan, size_t place) {
    return "c" + std::to_string(plan.columns.size() + place);
  }

  Result<algebra::NodePtr> PlanOfFlow(const BoundFlow& bound) {
    ASSIGN_OR_RETURN(duck::Connection connection, workspace_.engine->Connect());
    RETURN_IF_ERROR(CreateEmptyInputs(connection, bound));
    return duck::PlanOf(connection, bound.query.text);
  }

  // The rows of the plan that are those asked for.
  Result<algebra::NodePtr> Restricted(const Explained& asked, size_t flow,
                                      const algebra::Node& plan, const algebra::NodePtr& root,
                                      const ivm::Lineage& lineage) {
    const Schema& columns = asked.target.snapshot->metadata().schema;
    std::vector<size_t> chosen = ChosenColumns(asked, flow, plan, root, columns);
    if (chosen.empty()) {
      return UserError("NO_ROW_ORIGIN", "no column tells its rows apart", "");
    }
    std::string list;
    std::vector<algebra::Column> names;
    std::vector<algebra::ExpressionPtr> expressions;
    for (const size_t place : chosen) {
      const algebra::Column& column = plan.columns[place];
      const std::string name = "k" + std::to_string(names.size());
      list += (list.empty() ? "TRY_CAST(" : ", TRY_CAST(") +
              QuoteIdentifier(FindField(columns, column.name)->name) + " AS " + column.type +
              ") AS " + name;
      names.push_back({name, column.type});
      expressions.push_back(algebra::ColumnOf(*lineage.rows, place));
    }
    const std::string keys = asked.rows + "_keys";
    RETURN_IF_ERROR(connection_.Execute("CREATE OR REPLACE TEMP TABLE " + keys +
                                        " AS SELECT DISTINCT " + list + " FROM " + asked.rows));
    return ivm::Restrict(lineage.rows, expressions, algebra::MakeScan(keys, std::move(names)));
  }

  // Columns of the query that tell which of its rows they are: its key where one is known, of
  // changes the keys of the table, else all but floating-point numbers, which may be summed in
  // another order.
  std::vector<size_t> ChosenColumns(const Explained& asked, size_t flow, const algebra::Node& plan,
                                    const algebra::NodePtr& root, const Schema& columns) const {
    const auto& cdc = pipeline_.graph.nodes[asked.node].flows[flow].flow.cdc;
    std::vector<size_t> all;
    for (size_t i = 0; i < plan.columns.size(); ++i) {
      const algebra::Column& column = plan.columns[i];
      if (FindField(columns, column.name) == nullptr || algebra::IsFloatingType(column.type))
        continue;
      const bool is_key =
          !cdc || std::any_of(cdc->keys.begin(), cdc->keys.end(), [&](const std::string& key) {
            return EqualsIgnoreCase(key, column.name);
          });
      if (is_key) all.push_back(i);
    }
    if (cdc) return all;
    const auto key = algebra::UniqueKey(root);
    const bool usable =
        key && !key->empty() && std::all_of(key->begin(), key->end(), [&](size_t place) {
          return std::find(all.begin(), all.end(), place) != all.end();
        });
    return usable ? *key : all;
  }

  Status DropPlaces(const std::vector<PlacedLeaf>& leaves) {
    for (const PlacedLeaf& leaf : leaves) {
      RETURN_IF_ERROR(
          connection_.Execute("DROP VIEW IF EXISTS " + QuoteIdentifier(leaf.placeholder)));
    }
    return connection_.Execute("DROP TABLE IF EXISTS why_places");
  }

  Workspace& workspace_;
  const Pipeline& pipeline_;
  const WhyRequest& request_;
  duck::Connection connection_;
  std::map<std::string, std::string> places_;
  std::vector<SourceRow> shown_;
  int tables_ = 0;
};

}  // namespace

WhyOutcome Why(Workspace& workspace, const WhyRequest& request) {
  WhyOutcome outcome;
  const PipelineOutcome loaded = LoadPipeline(workspace);
  outcome.errors = loaded.errors;
  if (!loaded.pipeline) return outcome;
  const auto& nodes = loaded.pipeline->graph.nodes;
  const auto node = std::find_if(nodes.begin(), nodes.end(), [&](const graph::Node& candidate) {
    return model::Key(candidate.dataset.name) == model::Key(request.table);
  });
  if (node == nodes.end() || node->dataset.kind == model::DatasetKind::kView) {
    std::vector<std::string> names;
    for (const graph::Node& candidate : nodes) names.push_back(candidate.dataset.name.table);
    const auto near = NearestName(request.table.table, names);
    outcome.errors.push_back(UserError(
        "TABLE_NOT_FOUND", model::ToString(request.table) + " is no table of the pipeline",
        near ? "Did you mean " + *near + "?" : "See them all: penstock dry-run"));
    return outcome;
  }
  auto connection = workspace.engine->Connect();
  if (!connection.ok()) {
    outcome.errors.push_back(std::move(connection).error());
    return outcome;
  }
  auto rows = Explaining(workspace, *loaded.pipeline, request, *std::move(connection))
                  .Run(static_cast<size_t>(node - nodes.begin()));
  if (rows.ok()) {
    outcome.rows = *std::move(rows);
  } else {
    outcome.errors.push_back(std::move(rows).error());
  }
  return outcome;
}

}  // namespace penstock::run
