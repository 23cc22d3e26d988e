#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <set>
#include <utility>

#include "cli/commands.h"
#include "cli/diagnostics.h"
#include "events/event_query.h"

namespace penstock::cli {
namespace {

constexpr int64_t kPollMicros = 500000;
constexpr int64_t kSignalMicros = 50000;
// Events that wait for a commit become visible after later ones; no commit takes longer.
constexpr int64_t kLateMicros = int64_t{3600} * 1000000;

std::atomic<bool> interrupted{false};
void OnSignal(int) { interrupted = true; }

// What people read; programs get all columns.
constexpr char kBrief[] =
    "SELECT \"timestamp\", level, event_type, origin.dataset_name AS dataset, message FROM (";
constexpr char kLine[] =
    "SELECT id, \"sequence\".control_plane_seq_no AS sequence_number, concat_ws('  ', "
    "strftime(\"timestamp\", "
    "'%Y-%m-%dT%H:%M:%SZ'), level, event_type, message) AS line FROM (";

events::EventFilter FilterOf(const EventsCommand& command) {
  events::EventFilter filter;
  filter.type = command.type;
  filter.update_id = command.update;
  filter.limit = command.limit;
  return filter;
}

Result<ExitStatus> ShowEvents(Session& session, const EventsCommand& command) {
  ASSIGN_OR_RETURN(const Format format, session.OutputFormat());
  ASSIGN_OR_RETURN(const std::unique_ptr<run::Workspace> workspace, session.Open());
  ASSIGN_OR_RETURN(duck::Connection connection, workspace->engine->Connect());
  ASSIGN_OR_RETURN(
      const lake::Relation relation,
      events::EventsRelation(*workspace->catalog, *workspace->storage, FilterOf(command)));
  std::string query = relation.sql;
  if (format == Format::kTable) query = kBrief + query + ") AS b";
  ASSIGN_OR_RETURN(duck::ResultSet result, connection.Query(query));
  EngineRows rows(std::move(result), {"details"});
  return session.Print(rows);
}

// The rows of one poll that were not printed before.
class NewRows : public RowSource {
 public:
  NewRows(EngineRows* rows, std::set<std::string>* seen) : rows_(rows), seen_(seen) {}

  const std::vector<OutputColumn>& columns() const override { return rows_->columns(); }
  Result<bool> Next() override {
    while (true) {
      ASSIGN_OR_RETURN(const bool more, rows_->Next());
      std::string id;
      if (more) rows_->AppendText(0, &id);
      if (!more || seen_->insert(id).second) return more;
    }
  }
  bool IsNull(size_t column) const override { return rows_->IsNull(column); }
  void AppendJson(size_t column, std::string* out) const override {
    rows_->AppendJson(column, out);
  }
  void AppendText(size_t column, std::string* out) const override {
    rows_->AppendText(column, out);
  }

 private:
  EngineRows* rows_;
  std::set<std::string>* seen_;
};

Status PrintLines(NewRows& rows) {
  while (true) {
    ASSIGN_OR_RETURN(const bool more, rows.Next());
    if (!more) break;
    std::string line;
    rows.AppendText(2, &line);
    std::puts(line.c_str());
  }
  std::fflush(stdout);
  return OkStatus();
}

// Prints what is new, again and again, until a signal.
Result<ExitStatus> FollowEvents(Session& session, const EventsCommand& command) {
  ASSIGN_OR_RETURN(const Format format, session.OutputFormat());
  ASSIGN_OR_RETURN(const std::unique_ptr<run::Workspace> workspace, session.Open());
  ASSIGN_OR_RETURN(duck::Connection connection, workspace->engine->Connect());
  std::signal(SIGINT, OnSignal);
  std::signal(SIGTERM, OnSignal);
  events::EventFilter filter = FilterOf(command);
  std::set<std::string> seen;
  // With a limit, what is older than the newest few is not wanted later either.
  const int64_t floor = filter.limit ? SystemClock().Now() : 0;
  while (!interrupted) {
    const int64_t polled = SystemClock().Now();
    ASSIGN_OR_RETURN(const lake::Relation relation,
                     events::EventsRelation(*workspace->catalog, *workspace->storage, filter));
    std::string query = relation.sql;
    if (format == Format::kTable) query = kLine + query + ") AS l ORDER BY 2";
    ASSIGN_OR_RETURN(duck::ResultSet result, connection.Query(query));
    EngineRows rows(std::move(result), {"details"});
    NewRows fresh(&rows, &seen);
    RETURN_IF_ERROR(format == Format::kTable ? PrintLines(fresh)
                                             : WriteRows(fresh, Format::kJsonl, stdout, 0));
    filter.limit.reset();
    filter.after_sequence = std::max(floor, polled - kLateMicros);
    for (int64_t waited = 0; waited < kPollMicros && !interrupted; waited += kSignalMicros) {
      SystemClock().SleepFor(kSignalMicros);
    }
  }
  return kInterrupted;
}

}  // namespace

ExitStatus Execute(Session& session, const EventsCommand& command) {
  const Result<ExitStatus> status =
      command.follow ? FollowEvents(session, command) : ShowEvents(session, command);
  return status.ok() ? status.value() : Fail(status.error());
}

}  // namespace penstock::cli
