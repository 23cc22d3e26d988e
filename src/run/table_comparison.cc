#include "run/table_comparison.h"

#include <algorithm>

#include "lake/change_target.h"

namespace penstock::run {
namespace {

using duck::QuoteIdentifier;

constexpr int kExamples = 5;

bool IsFloating(const Field& field) {
  return field.type.id == TypeId::kDouble || field.type.id == TypeId::kFloat;
}

class Comparison {
 public:
  Comparison(duck::Connection& connection, const Schema& columns, TableVerification* outcome)
      : connection_(connection), columns_(columns), outcome_(outcome) {}

  Status Compare() {
    ASSIGN_OR_RETURN(outcome_->rows, lake::QueryNumber(connection_, "SELECT count(*) FROM kept"));
    RETURN_IF_ERROR(connection_.Execute(
        "CREATE TEMP TABLE missing AS SELECT * FROM computed EXCEPT ALL SELECT * FROM kept; "
        "CREATE TEMP TABLE extra AS SELECT * FROM kept EXCEPT ALL SELECT * FROM computed"));
    ASSIGN_OR_RETURN(outcome_->missing,
                     lake::QueryNumber(connection_, "SELECT count(*) FROM missing"));
    ASSIGN_OR_RETURN(outcome_->extra, lake::QueryNumber(connection_, "SELECT count(*) FROM extra"));
    if (outcome_->missing == outcome_->extra && outcome_->missing > 0 &&
        std::any_of(columns_.begin(), columns_.end(), IsFloating)) {
      ASSIGN_OR_RETURN(const int64_t near, NearPairs());
      if (near == outcome_->missing) outcome_->missing = outcome_->extra = 0;
    }
    outcome_->result = outcome_->missing + outcome_->extra == 0 ? "equal" : "different";
    if (outcome_->result == "equal") return OkStatus();
    RETURN_IF_ERROR(AddExamples("missing"));
    return AddExamples("extra");
  }

 private:
  // How many rows of both sides differ only in the last digits of floating-point numbers: they are
  // paired in the order of these within the other columns.
  Result<int64_t> NearPairs() {
    std::string exact;
    std::string floating;
    std::string same = "m.__penstock_n = e.__penstock_n";
    std::string near = "true";
    for (const Field& field : columns_) {
      const std::string name = QuoteIdentifier(field.name);
      if (IsFloating(field)) {
        floating += (floating.empty() ? "" : ", ") + name;
        near += " AND (m." + name + " IS NOT DISTINCT FROM e." + name + " OR abs(m." + name +
                " - e." + name + ") <= 1e-9 * greatest(abs(m." + name + "), abs(e." + name + ")))";
      } else {
        exact += (exact.empty() ? "" : ", ") + name;
        same += " AND m." + name + " IS NOT DISTINCT FROM e." + name;
      }
    }
    const std::string numbered = "SELECT *, row_number() OVER (" +
                                 (exact.empty() ? "" : "PARTITION BY " + exact + " ") +
                                 "ORDER BY " + floating + ") AS __penstock_n FROM ";
    return lake::QueryNumber(connection_, "SELECT count(*) FROM (" + numbered +
                                              "missing) AS m JOIN (" + numbered +
                                              "extra) AS e ON " + same + " WHERE " + near);
  }

  Status AddExamples(const std::string& side) {
    ASSIGN_OR_RETURN(
        duck::ResultSet rows,
        connection_.Query("SELECT CAST(to_json(s) AS VARCHAR) FROM (SELECT * FROM " + side +
                          " ORDER BY ALL LIMIT " + std::to_string(kExamples) + ") AS s"));
    while (true) {
      ASSIGN_OR_RETURN(const bool more, rows.NextChunk());
      if (!more) return OkStatus();
      for (size_t row = 0; row < rows.RowCount(); ++row) {
        outcome_->examples.push_back(side + ": " + rows.Text(row, 0));
      }
    }
  }

  duck::Connection& connection_;
  const Schema& columns_;
  TableVerification* outcome_;
};

}  // namespace

Status CompareTables(duck::Connection& connection, const Schema& columns,
                     TableVerification* outcome) {
  return Comparison(connection, columns, outcome).Compare();
}

}  // namespace penstock::run
