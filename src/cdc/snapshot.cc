#include "cdc/snapshot.h"

#include "base/sql_text.h"
#include "cdc/sql_names.h"

namespace penstock::cdc {
namespace {

class Snapshot : private Planner {
 public:
  explicit Snapshot(const BatchInput& input)
      : Planner(input), two_(input.shape.type == model::ScdType::kTwo) {}

  BatchPlan Plan() {
    FindNewest();
    Compare();
    plan_.removed = "SELECT o.\"__penstock_file\", o.\"__penstock_row\" FROM " + Table("old") +
                    " AS o WHERE o.__penstock_action <> 'same'";
    plan_.new_rows = NewRows("");
    plan_.change_rows = ChangeRows();
    plan_.counts = CountsQuery();
    return std::move(plan_);
  }

 private:
  void FindNewest() {
    steps_.Create("newest", "SELECT * FROM " + input_.changes +
                                " AS c QUALIFY row_number() OVER (PARTITION BY " + Keys("c") +
                                " ORDER BY " + Rank(values_, "c") + " DESC) = 1");
    const std::string now = Timestamp(input_.now);
    std::string at = "SELECT " + now + " AS __penstock_s";
    if (two_) {
      at = "SELECT greatest(" + now + ", max(greatest(" + kStart + ", " + kEnd +
           ")) + INTERVAL 1 MICROSECOND) AS __penstock_s FROM (" + input_.target + ")";
    }
    steps_.Create("moment", at);
  }

  std::string Same(const std::vector<std::string>& names) const {
    return "(true" +
           Join(names, "",
                [](const std::string& name) {
                  return " AND " + Column("t", name) + " IS NOT DISTINCT FROM " + Column("n", name);
                }) +
           ")";
  }

  // What becomes of each row: same, update (values alone), split (a new row of type 2), end.
  void Compare() {
    const std::string differs =
        two_ ? "CASE WHEN " + Same(shape_.tracked) + " THEN 'update' ELSE 'split' END" : "'update'";
    steps_.Create("old", "SELECT t.*, CASE WHEN n.__penstock_found IS NULL THEN 'end' WHEN " +
                             Same(Names(values_)) + " THEN 'same' ELSE " + differs +
                             " END AS __penstock_action FROM " + From(input_.target, "t") +
                             " LEFT JOIN (SELECT *, true AS __penstock_found FROM " +
                             Table("newest") + ") AS n ON " + SameKeys(shape_, "t", "n") +
                             (two_ ? " WHERE t." + kEnd + " IS NULL" : ""));
  }

  // Rows of the table's columns, and `kind` behind them where it is given.
  std::string NewRows(const std::string& kind) const {
    const std::string moment = "(SELECT __penstock_s FROM " + Table("moment") + ")";
    const auto tail = [&](const std::string& start, const std::string& end, const char* what) {
      return (two_ ? ", " + start + " AS " + kStart + ", " + end + " AS " + kEnd : "") +
             (kind.empty() ? "" : ", '" + std::string(what) + "' AS " + kind);
    };
    const std::string columns = List("n", Names(shape_.columns));
    const std::string open = Null(shape_.sequence);
    const std::string came = "SELECT " + columns + tail(moment, open, "insert") + " FROM " +
                             Table("newest") + " AS n ANTI JOIN " + Table("old") + " AS o ON " +
                             SameKeys(shape_, "n", "o");
    const std::string changed =
        " UNION ALL SELECT " + columns + tail("o." + kStart, open, "update_postimage") + " FROM " +
        Table("newest") + " AS n JOIN " + Table("old") + " AS o ON " + SameKeys(shape_, "n", "o") +
        " WHERE o.__penstock_action = 'update'";
    if (!two_) return came + changed;
    return came + changed + " UNION ALL SELECT " + columns + tail(moment, open, "insert") +
           " FROM " + Table("newest") + " AS n JOIN " + Table("old") + " AS o ON " +
           SameKeys(shape_, "n", "o") + " WHERE o.__penstock_action = 'split' UNION ALL SELECT " +
           List("o", Names(shape_.columns)) + tail("o." + kStart, moment, "update_postimage") +
           " FROM " + Table("old") + " AS o WHERE o.__penstock_action IN ('split', 'end')";
  }

  std::string ChangeRows() const {
    const std::string gone = two_ ? "'update_preimage'"
                                  : "CASE o.__penstock_action WHEN 'end' THEN 'delete' ELSE "
                                    "'update_preimage' END";
    return "SELECT " + List("o", Names(TableColumns(shape_))) + ", " + gone +
           " AS _change_type FROM " + Table("old") +
           " AS o WHERE o.__penstock_action <> 'same' UNION ALL (" + NewRows("_change_type") + ")";
  }

  std::string CountsQuery() const {
    const std::string came = "(SELECT count(*) FROM " + Table("newest") + " AS n ANTI JOIN " +
                             Table("old") + " AS o ON " + SameKeys(shape_, "n", "o") + ")";
    const std::string extra = "(SELECT count(*) FROM " + input_.changes +
                              ") - (SELECT count(*) FROM " + Table("newest") + ")";
    const std::string conflicting = "(SELECT count(*) FROM (SELECT 1 FROM " + input_.changes +
                                    " AS c GROUP BY " + Keys("c") + " HAVING count(DISTINCT " +
                                    Rank(values_, "c") + ") > 1))";
    return "SELECT " + came +
           ", count(*) FILTER (__penstock_action IN ('update', 'split')), count(*) FILTER "
           "(__penstock_action = 'end'), count(*) FILTER (__penstock_action = 'same'), " +
           extra + ", " + conflicting + ", 0::BIGINT FROM " + Table("old");
  }

  const bool two_;
};

}  // namespace

BatchPlan PlanSnapshot(const BatchInput& input) { return Snapshot(input).Plan(); }

}  // namespace penstock::cdc
