#include "tests/refresh_case.h"

#include <functional>

#include "algebra/render.h"
#include "base/sql_text.h"
#include "duck/plan/bound_plan.h"
#include "ivm/program.h"
#include "run/program_run.h"

namespace penstock::tests {
namespace {

constexpr int kFirstDay = 18;

std::string DayText(int day) { return "2024-01-" + std::to_string(day); }

std::string At(std::string query, int day) {
  const std::string token = "{today}";
  for (size_t at = query.find(token); at != query.npos; at = query.find(token)) {
    query.replace(at, token.size(), "DATE '" + DayText(day) + "'");
  }
  return query;
}

std::string WithCurrentDate(std::string query) {
  const std::string token = "{today}";
  for (size_t at = query.find(token); at != query.npos; at = query.find(token)) {
    query.replace(at, token.size(), "current_date");
  }
  return query;
}

std::string ViewName(size_t view) { return "v" + std::to_string(view); }

struct Failure {
  std::string what;
};

class Trial {
 public:
  Trial(duck::Connection connection, const RefreshCase& trial, RefreshCounts* counts)
      : connection_(std::move(connection)), trial_(trial), counts_(counts) {}

  // Throws Failure.
  void Run() {
    for (const RandomTable& table : trial_.tables) {
      Execute("CREATE TEMP TABLE " + table.name + " " + ColumnDefinitions(table));
    }
    for (const std::string& statement : trial_.rows) Execute(statement);
    for (size_t i = 0; i < trial_.views.size(); ++i) MakeView(i);
    int day = kFirstDay;
    for (size_t i = 0; i < trial_.batches.size(); ++i) {
      const int today = day + static_cast<int>((trial_.seed + i) % 3);
      RunBatch(trial_.batches[i], day, today);
      day = today;
    }
  }

 private:
  struct View {
    algebra::NodePtr plan;  // null: it is recomputed
    std::vector<std::string> columns;
    bool floating = false;
  };

  void Execute(const std::string& sql) {
    const Status status = connection_.Execute(sql);
    if (!status.ok()) throw Failure{penstock::ToString(status.error()) + "\n" + sql};
  }

  int64_t Number(const std::string& query) {
    auto rows = connection_.Query(query);
    if (!rows.ok()) throw Failure{penstock::ToString(rows.error()) + "\n" + query};
    const auto more = rows->NextChunk();
    if (!more.ok() || !*more) throw Failure{"no answer to " + query};
    return rows->IsNull(0, 0) ? 0 : rows->Int64(0, 0);
  }

  void MakeView(size_t i) {
    const RandomQuery& query = trial_.views[i];
    Execute("CREATE TEMP TABLE " + ViewName(i) + " AS " + At(query.text, kFirstDay));
    View view;
    for (const RandomColumn& column : query.columns) {
      view.columns.push_back(column.name);
      view.floating |= column.kind == Kind::kDouble;
    }
    ++counts_->views;
    const auto plan = duck::PlanOf(connection_, WithCurrentDate(query.text));
    if (!plan.ok()) {
      ++counts_->not_because[plan.error().message];
    } else if (const auto program = ivm::Derive(*plan, {}); !program.ok()) {
      ++counts_->not_because[program.error().message];
    } else {
      ++counts_->incremental;
      view.plan = *plan;
    }
    views_.push_back(std::move(view));
  }

  void RunBatch(const std::vector<std::string>& batch, int then, int today) {
    ivm::DeriveOptions options;
    options.then = DayText(then) + " 12:00:00+00";
    options.now = DayText(today) + " 12:00:00+00";
    for (const RandomTable& table : trial_.tables) KeepOld(table.name);
    for (const std::string& statement : batch) Execute(statement);
    for (const RandomTable& table : trial_.tables) {
      if (KeepChange(table.name) > 0) options.changed.insert(table.name);
    }
    for (size_t i = 0; i < views_.size(); ++i) {
      const bool is_read = i + 1 < views_.size();
      if (is_read) KeepOld(ViewName(i));
      Refresh(i, options, today);
      if (is_read && KeepChange(ViewName(i)) > 0) options.changed.insert(ViewName(i));
    }
  }

  void KeepOld(const std::string& table) {
    Execute("CREATE OR REPLACE TEMP TABLE " + QuoteIdentifier(ivm::OldRelation(table)) +
            " AS FROM " + table);
  }

  int64_t KeepChange(const std::string& table) {
    const std::string change = QuoteIdentifier(ivm::ChangeRelation(table));
    Execute("CREATE OR REPLACE TEMP TABLE " + change + " AS SELECT * EXCLUDE (w), " +
            "CAST(sum(w) AS BIGINT) AS " + ivm::kWeightColumn + " FROM (SELECT *, 1 AS w FROM " +
            table + " UNION ALL SELECT *, -1 FROM " + QuoteIdentifier(ivm::OldRelation(table)) +
            ") GROUP BY ALL HAVING sum(w) <> 0");
    return Number("SELECT count(*) FROM " + change);
  }

  void Refresh(size_t i, const ivm::DeriveOptions& options, int today) {
    const View& view = views_[i];
    const std::string query = At(trial_.views[i].text, today);
    const std::string name = ViewName(i);
    if (!view.plan) return Execute("CREATE OR REPLACE TEMP TABLE " + name + " AS " + query);
    ++counts_->refreshes;
    const auto program = ivm::Derive(view.plan, options);
    if (!program.ok()) throw Failure{penstock::ToString(program.error())};
    for (const ivm::Step& step : program->steps) {
      ivm::Program single;
      single.steps = {step};
      const Status ran = run::RunProgram(connection_, single);
      if (!ran.ok()) throw Failure{penstock::ToString(ran.error()) + "\n" + Text(step)};
    }
    counts_->changes += program->steps.empty() ? 0 : 1;
    if (program->replacement) {
      Replace(name, view, *program->replacement);
    } else if (!program->change.empty()) {
      Apply(name, view, *program);
    }
    Execute("CREATE OR REPLACE TEMP TABLE computed AS " + query);
    const int64_t differing = Differences(name, view);
    if (differing > 0) {
      throw Failure{name + " differs in " + std::to_string(differing) +
                    " rows from its query\nkept " + Rows(name) + "\ncomputed " + Rows("computed") +
                    "\n" + Text(view, *program)};
    }
    run::DropSteps(connection_, *program);
  }

  static std::string Text(const View& view, const ivm::Program& program) {
    std::string text = algebra::Outline(view.plan);
    for (const ivm::Step& step : program.steps) text += Text(step);
    return text;
  }

  static std::string Text(const ivm::Step& step) {
    return step.table + " (" + step.purpose + "):\n" + algebra::Outline(step.plan) +
           algebra::RenderSql(step.plan).substr(0, 4000) + "\n";
  }

  // The rows with the keys give way to those that they have now.
  void Replace(const std::string& name, const View& view, const ivm::Replacement& replacement) {
    std::string columns;
    for (size_t i = 0; i < view.columns.size(); ++i) {
      columns += (i == 0 ? "c" : ", c") + std::to_string(i) + " AS " + view.columns[i];
    }
    if (replacement.keys.empty()) {
      Execute("DELETE FROM " + name);
    } else {
      std::string same;
      for (size_t i = 0; i < replacement.columns.size(); ++i) {
        same += (i == 0 ? "" : " AND ") + name + "." + view.columns[replacement.columns[i]] +
                " IS NOT DISTINCT FROM k.c" + std::to_string(i);
      }
      Execute("DELETE FROM " + name + " WHERE EXISTS (SELECT 1 FROM " +
              QuoteIdentifier(replacement.keys) + " AS k WHERE " + same + ")");
    }
    Execute("INSERT INTO " + name + " SELECT " + columns + " FROM " +
            QuoteIdentifier(replacement.rows));
  }

  // Rows come and go by their weights; none may go that is not there.
  void Apply(const std::string& name, const View& view, const ivm::Program& program) {
    std::string columns;
    for (const std::string& column : view.columns) columns += column + ", ";
    Execute("CREATE OR REPLACE TEMP TABLE summed AS SELECT " + columns +
            "CAST(sum(w) AS BIGINT) AS w FROM (SELECT *, 1 AS w FROM " + name +
            " UNION ALL SELECT * FROM " + QuoteIdentifier(program.change) + ") GROUP BY ALL");
    if (Number("SELECT count(*) FROM summed WHERE w < 0") > 0) {
      throw Failure{name + ": rows are to go that it does not have\nkept " + Rows(name) +
                    "\nchange " + Rows(QuoteIdentifier(program.change)) + "\n" +
                    Text(view, program)};
    }
    Execute("DELETE FROM " + name);
    Execute("INSERT INTO " + name +
            " SELECT * EXCLUDE (w, i) FROM (SELECT *, unnest(range(w)) AS i FROM summed)");
  }

  // Rows of either side that the other does not have; the last digits of floating-point numbers
  // apart, where both have as many.
  int64_t Differences(const std::string& name, const View& view) {
    Execute("CREATE OR REPLACE TEMP TABLE missing AS FROM computed EXCEPT ALL FROM " + name);
    Execute("CREATE OR REPLACE TEMP TABLE extra AS FROM " + name + " EXCEPT ALL FROM computed");
    const int64_t missing = Number("SELECT count(*) FROM missing");
    const int64_t extra = Number("SELECT count(*) FROM extra");
    if (missing != extra || missing == 0 || !view.floating) return missing + extra;
    return missing - NearPairs(view);
  }

  int64_t NearPairs(const View& view) {
    std::string exact;
    std::string floating;
    std::string near = "m.i = e.i";
    const size_t i = static_cast<size_t>(&view - views_.data());
    for (const RandomColumn& column : trial_.views[i].columns) {
      const std::string& name = column.name;
      std::string same = "m." + name + " IS NOT DISTINCT FROM e." + name;
      if (column.kind == Kind::kDouble) {
        floating += ", " + name;
        same = "(" + same + " OR abs(m." + name + " - e." + name + ") <= 1e-9 * greatest(abs(m." +
               name + "), abs(e." + name + "), 1e-3))";
      } else {
        exact += (exact.empty() ? "" : ", ") + name;
      }
      near += " AND " + same;
    }
    const std::string numbered = "SELECT *, row_number() OVER (" +
                                 (exact.empty() ? "" : "PARTITION BY " + exact + " ") +
                                 "ORDER BY " + floating.substr(2) + ") AS i FROM ";
    return Number("SELECT count(*) FROM (" + numbered + "missing) AS m JOIN (" + numbered +
                  "extra) AS e ON " + near);
  }

  std::string Rows(const std::string& table) {
    auto rows = connection_.Query("SELECT CAST(t AS VARCHAR) FROM (FROM " + table +
                                  " ORDER BY ALL LIMIT 40) AS t");
    std::string text;
    while (rows.ok()) {
      const auto more = rows->NextChunk();
      if (!more.ok() || !*more) break;
      for (size_t row = 0; row < rows->RowCount(); ++row) text += rows->Text(row, 0) + "\n  ";
    }
    return table + ":\n  " + text;
  }

  duck::Connection connection_;
  const RefreshCase& trial_;
  RefreshCounts* counts_;
  std::vector<View> views_;
};

// Removes each element in turn, from the last, as long as the case keeps going wrong.
template <typename T>
void Reduce(std::vector<T>* elements, const std::function<bool()>& fails) {
  for (size_t i = elements->size(); i-- > 0;) {
    T removed = std::move((*elements)[i]);
    elements->erase(elements->begin() + static_cast<int64_t>(i));
    if (!fails()) elements->insert(elements->begin() + static_cast<int64_t>(i), std::move(removed));
  }
}

// Errors of the pinned engine's own making, whoever wrote the query.
bool IsOfEngine(const std::string& failure) {
  for (const char* message :
       {"Failed to bind column reference", "Vector::Reference used on vector of different type",
        "ExpressionExecutor::Execute called with a result vector"}) {
    if (failure.find(message) != failure.npos) return true;
  }
  return false;
}

}  // namespace

std::string ToString(const RefreshCase& trial) {
  std::string text;
  for (const RandomTable& table : trial.tables) {
    text += "CREATE TABLE " + table.name + " " + ColumnDefinitions(table) + ";\n";
  }
  for (const std::string& statement : trial.rows) text += statement + ";\n";
  for (size_t i = 0; i < trial.views.size(); ++i) {
    text += "CREATE TABLE " + ViewName(i) + " AS " + At(trial.views[i].text, kFirstDay) + ";\n";
  }
  for (const auto& batch : trial.batches) {
    text += "-- batch\n";
    for (const std::string& statement : batch) text += statement + ";\n";
  }
  return text;
}

RefreshCase MakeRefreshCase(uint64_t seed) {
  Choice choice(seed);
  TableOptions options;
  options.odd_doubles = choice.Chance(50);
  RefreshCase trial;
  trial.seed = seed;
  std::vector<RandomTable> sources;
  for (size_t i = 0, count = 1 + choice.Below(3); i < count; ++i) {
    sources.push_back(MakeRandomTable(choice, "t" + std::to_string(i), options));
  }
  trial.tables = sources;
  for (const RandomTable& table : sources) {
    for (size_t i = choice.Below(6); i > 0; --i) {
      trial.rows.push_back(RandomInsert(choice, table, 5, options));
    }
  }
  for (size_t i = 0, count = choice.Chance(25) ? 3 : 1; i < count; ++i) {
    trial.views.push_back(MakeRandomQuery(choice, sources, static_cast<int>(choice.Below(3))));
    const RandomTable view{ViewName(i), trial.views.back().columns};
    sources.insert(sources.end(), 2, view);
  }
  for (size_t i = 0; i < 3; ++i) {
    auto& batch = trial.batches.emplace_back();
    for (const RandomTable& table : trial.tables) {
      for (std::string& statement : RandomBatch(choice, table, options)) {
        batch.push_back(std::move(statement));
      }
    }
  }
  return trial;
}

std::optional<std::string> RefreshRunner::Run(const RefreshCase& trial) {
  return Run(trial, &counts);
}

std::optional<std::string> RefreshRunner::Run(const RefreshCase& trial, RefreshCounts* counts) {
  if (!engine_) {
    auto engine = duck::Engine::Open({.threads = 1});
    if (!engine.ok()) return penstock::ToString(engine.error());
    engine_ = *std::move(engine);
  }
  std::optional<std::string> failure;
  try {
    auto connection = engine_->Connect();
    if (!connection.ok()) throw Failure{penstock::ToString(connection.error())};
    Trial(*std::move(connection), trial, counts).Run();
  } catch (const Failure& thrown) {
    failure = thrown.what;
  }
  if (failure) engine_ = nullptr;
  if (failure && IsOfEngine(*failure)) {
    ++counts->engine_failures;
    return std::nullopt;
  }
  return failure;
}

RefreshCase RefreshRunner::Shrunk(RefreshCase trial) {
  const auto fails = [&] {
    RefreshCounts ignored;
    return Run(trial, &ignored).has_value();
  };
  while (trial.views.size() > 1) {
    const RandomQuery last = trial.views.back();
    trial.views.pop_back();
    if (fails()) continue;
    trial.views.push_back(last);
    break;
  }
  Reduce(&trial.batches, fails);
  for (auto& batch : trial.batches) Reduce(&batch, fails);
  Reduce(&trial.rows, fails);
  return trial;
}

}  // namespace penstock::tests
