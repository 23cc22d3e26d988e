#include "run/view_rows.h"

#include <algorithm>
#include <memory>
#include <set>
#include <vector>

#include "base/text.h"
#include "lake/lake_table.h"
#include "lake/row_change.h"
#include "run/relation_sql.h"

namespace penstock::run {
namespace {

using duck::QuoteIdentifier;

class Finding {
 public:
  Finding(duck::Connection& connection, const algebra::NodePtr& query, const Target& target)
      : connection_(connection), query_(query), target_(target) {}

  Result<std::optional<std::string>> Run(const ivm::Program& program,
                                         const lake::ChangeTarget& table, lake::TempTable* removed,
                                         lake::TempTable* added) {
    const auto places = PlacesOf(*query_, table.schema);
    if (!places) return std::optional<std::string>("its columns are not those of the query");
    places_ = *places;
    if (program.replacement)
      return Replaced(*program.replacement, program.key.has_value(), table, removed, added);
    return Differing(program, table, removed, added);
  }

 private:
  Result<int64_t> RowsOf(const std::string& relation, const std::string& where = "true") {
    return lake::QueryNumber(connection_, "SELECT count(*) FROM " + relation + " WHERE " + where);
  }

  // The table's rows with their places, behind the alias t.
  Result<std::string> KeptRows() {
    lake::RelationOptions options;
    options.with_row_position = true;
    ASSIGN_OR_RETURN(lake::Relation relation,
                     lake::SnapshotRelation(target_.path, *target_.snapshot, options));
    scans_.push_back(std::move(relation.scan));
    return "(" + relation.sql + ") AS t";
  }

  // Rows with the keys that are not the same any more, and those that they have now.
  Result<std::optional<std::string>> Replaced(const ivm::Replacement& replacement, bool is_unique,
                                              const lake::ChangeTarget& table,
                                              lake::TempTable* removed, lake::TempTable* added) {
    ASSIGN_OR_RETURN(std::string kept, KeptRows());
    const std::string names = lake::ColumnList(table.columns);
    std::string from = "SELECT * FROM " + kept;
    if (!replacement.keys.empty()) {
      const std::string keys = QuoteIdentifier(replacement.keys);
      std::string matches;
      for (size_t i = 0; i < replacement.columns.size(); ++i) {
        const Field& field = FieldOf(table.schema, replacement.columns[i]);
        const std::string& type = query_->columns[replacement.columns[i]].type;
        if (!KeepsValues(type, duck::EngineType(field.type))) {
          return std::optional<std::string>("its key " + field.name + " is stored as " +
                                            duck::EngineType(field.type) + ", not as " + type);
        }
        const std::string column = "c" + std::to_string(i);
        ASSIGN_OR_RETURN(const std::string match,
                         EqualityWith(connection_, "t." + QuoteIdentifier(field.name),
                                      "k." + column, keys, column));
        matches += (matches.empty() ? "" : " AND ") + match;
      }
      from += " SEMI JOIN " + keys + " AS k ON " + matches;
    }
    lake::TempTable old_rows(&connection_);
    lake::TempTable new_rows(&connection_);
    // Rows that no key tells apart are paired by number.
    const std::string numbered =
        (is_unique ? "1" : "row_number() OVER (PARTITION BY " + names + ")") +
        std::string(" AS __penstock_n");
    RETURN_IF_ERROR(old_rows.Fill("SELECT *, " + numbered + " FROM (" + from + ")"));
    RETURN_IF_ERROR(new_rows.Fill("SELECT *, " + numbered + " FROM (SELECT " +
                                  StepColumns(places_, table.schema) + " FROM " +
                                  QuoteIdentifier(replacement.rows) + ")"));
    std::string same = "a.__penstock_n = b.__penstock_n";
    for (const Field& field : table.schema) {
      const std::string name = QuoteIdentifier(field.name);
      same += " AND a." + name + " IS NOT DISTINCT FROM b." + name;
    }
    const auto without = [&](const lake::TempTable& a, const lake::TempTable& b) {
      return "SELECT * EXCLUDE (__penstock_n) FROM (SELECT a.* FROM " + a.name() +
             " AS a ANTI JOIN " + b.name() + " AS b ON " + same + ")";
    };
    RETURN_IF_ERROR(removed->Fill(without(old_rows, new_rows)));
    RETURN_IF_ERROR(added->Fill(without(new_rows, old_rows)));
    return std::optional<std::string>();
  }

  // The table's column that a column of the query is.
  const Field& FieldOf(const Schema& schema, size_t place) const {
    return schema[std::find(places_.begin(), places_.end(), place) - places_.begin()];
  }

  // Whether different values of the one type are different in the other, or refused.
  static bool KeepsValues(const std::string& from, const std::string& to) {
    static const std::set<std::string> kWhole = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT",
                                                 "HUGEINT"};
    return from == to || (kWhole.contains(from) && kWhole.contains(to));
  }

  // Rows by the weights of the change: those that go are looked for by the view's key, else by all
  // their values, each as often as it goes.
  Result<std::optional<std::string>> Differing(const ivm::Program& program,
                                               const lake::ChangeTarget& table,
                                               lake::TempTable* removed, lake::TempTable* added) {
    lake::TempTable change(&connection_);
    const std::string weight = "c" + std::to_string(query_->columns.size());
    RETURN_IF_ERROR(change.Fill(
        "SELECT * EXCLUDE (__penstock_n), CAST(sum(__penstock_n) AS BIGINT) AS __penstock_w FROM "
        "(SELECT " +
        StepColumns(places_, table.schema) + ", " + weight + " AS __penstock_n FROM " +
        QuoteIdentifier(program.change) + ") GROUP BY ALL HAVING sum(__penstock_n) <> 0"));
    const std::string names = lake::ColumnList(table.columns);
    RETURN_IF_ERROR(added->Fill("SELECT " + names +
                                " FROM (SELECT *, unnest(range(__penstock_w)) FROM " +
                                change.name() + " WHERE __penstock_w > 0)"));
    ASSIGN_OR_RETURN(const int64_t expected,
                     lake::QueryNumber(connection_, "SELECT -sum(__penstock_w)::BIGINT FROM " +
                                                        change.name() + " WHERE __penstock_w < 0"));
    RETURN_IF_ERROR(FindRemoved(program, table, change.name(), removed));
    ASSIGN_OR_RETURN(const int64_t found, RowsOf(removed->name()));
    if (found == expected) return std::optional<std::string>();
    return std::optional<std::string>("of " + std::to_string(expected) + " rows to remove " +
                                      std::to_string(found) + " were found in the table");
  }

  Status FindRemoved(const ivm::Program& program, const lake::ChangeTarget& table,
                     const std::string& change, lake::TempTable* removed) {
    ASSIGN_OR_RETURN(const std::string kept, KeptRows());
    std::string matches;
    std::string partition;
    for (size_t i = 0; i < places_.size(); ++i) {
      if (program.key &&
          std::find(program.key->begin(), program.key->end(), places_[i]) == program.key->end()) {
        continue;
      }
      const std::string name = QuoteIdentifier(table.schema[i].name);
      ASSIGN_OR_RETURN(const std::string match, EqualityWith(connection_, "t." + name, "g." + name,
                                                             change, name, "__penstock_w < 0"));
      matches += (matches.empty() ? "" : " AND ") + match;
      partition += (partition.empty() ? "t." : ", t.") + name;
    }
    const std::string gone = "(SELECT * FROM " + change + " WHERE __penstock_w < 0) AS g ON ";
    if (program.key) {
      return removed->Fill("SELECT t.* FROM " + kept + " SEMI JOIN " + gone +
                           (matches.empty() ? "true" : matches));
    }
    return removed->Fill("SELECT t.* FROM " + kept + " JOIN " + gone + matches +
                         " QUALIFY row_number() OVER (PARTITION BY " + partition +
                         ") <= -g.__penstock_w");
  }

  duck::Connection& connection_;
  const algebra::NodePtr& query_;
  const Target& target_;
  std::vector<size_t> places_;  // by the table's columns
  std::vector<std::shared_ptr<const void>> scans_;
};

}  // namespace

std::optional<std::vector<size_t>> PlacesOf(const algebra::Node& query, const Schema& schema) {
  std::vector<size_t> places;
  for (const Field& field : schema) {
    const auto found =
        std::find_if(query.columns.begin(), query.columns.end(),
                     [&](const auto& column) { return EqualsIgnoreCase(column.name, field.name); });
    if (found == query.columns.end()) return std::nullopt;
    places.push_back(static_cast<size_t>(found - query.columns.begin()));
  }
  if (places.size() != query.columns.size()) return std::nullopt;
  return places;
}

std::string StepColumns(const std::vector<size_t>& places, const Schema& schema) {
  std::string columns;
  for (size_t i = 0; i < places.size(); ++i) {
    columns += (columns.empty() ? "CAST(c" : ", CAST(c") + std::to_string(places[i]) + " AS " +
               duck::EngineType(schema[i].type) + ") AS " + QuoteIdentifier(schema[i].name);
  }
  return columns;
}

Result<std::optional<std::string>> FindViewRows(duck::Connection& connection,
                                                const algebra::NodePtr& query,
                                                const ivm::Program& program, const Target& target,
                                                const lake::ChangeTarget& table,
                                                lake::TempTable* removed, lake::TempTable* added) {
  return Finding(connection, query, target).Run(program, table, removed, added);
}

}  // namespace penstock::run
