#include "events/event_log.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>

#include "base/text.h"
#include "events/event_row.h"
#include "events/journal.h"
#include "events/journal_folder.h"
#include "events/log_table.h"
#include "events/redact.h"

namespace penstock::events {
namespace {

class JournaledLog : public EventLog {
 public:
  JournaledLog(catalog::Catalog* catalog, io::Storage* storage, Clock* clock, LogTable table,
               EventLogOptions options)
      : catalog_(catalog),
        storage_(storage),
        clock_(clock),
        table_(std::move(table)),
        redactor_(options.configuration),
        journal_(storage, catalog->layout(), options.update_id),
        pending_(HeaderLine(options.update_id)),
        options_(std::move(options)) {}

  Status FoldLeftovers() {
    ASSIGN_OR_RETURN(const std::vector<JournalFile> files,
                     ListJournals(*storage_, catalog_->layout()));
    for (const JournalFile& file : files) {
      if (file.update_id == options_.update_id) continue;
      ASSIGN_OR_RETURN(const std::string text, ReadJournalFile(*storage_, file));
      RETURN_IF_ERROR(Fold(file.update_id, text, file.paths.front()));
      RETURN_IF_ERROR(DeleteJournal(*storage_, file));
    }
    ASSIGN_OR_RETURN(last_sequence_, table_.LastSequence());
    return OkStatus();
  }

  void Add(Event event) override {
    std::lock_guard lock(mutex_);
    const Json json = Stamp(event);
    pending_ += EventLine(json);
    Observe(json);
  }

  Status Prepare(Event event, const std::string& table_path, const std::string& app_id,
                 int64_t version) override {
    std::lock_guard lock(mutex_);
    Json json = Stamp(event);
    pending_ += PreparedLine(json, {table_path, app_id, version});
    prepared_.insert_or_assign({app_id, version}, std::move(json));
    return Write();
  }

  void Settle(const std::string& app_id, int64_t version, bool committed) override {
    std::lock_guard lock(mutex_);
    const auto at = prepared_.find({app_id, version});
    if (at == prepared_.end()) return;
    pending_ += SettledLine(app_id, version, committed);
    const Json event = std::move(at->second);
    prepared_.erase(at);
    if (committed) Observe(event);
  }

  Status Flush() override {
    std::lock_guard lock(mutex_);
    return Write();
  }

  Status Finish() override {
    std::lock_guard lock(mutex_);
    ASSIGN_OR_RETURN(const std::string text, journal_.Read());
    const Status folded = Fold(options_.update_id, text + pending_, "the journal of this update");
    if (!folded.ok()) {
      // The next start folds what is in the journal; a failure to write it too adds nothing to say.
      const Status kept = Write();
      static_cast<void>(kept);
      return folded;
    }
    pending_.clear();
    RETURN_IF_ERROR(table_.Maintain(options_.retention_days));
    return journal_.Delete();
  }

 private:
  Json Stamp(const Event& event) {
    const TimestampMicros now = clock_->Now();
    // The clock may stand still or go back; the order of events must not.
    last_sequence_ = std::max(last_sequence_ + 1, now);
    Json json = ToJson(event, {NewUuid(), last_sequence_, now, options_.pipeline_id,
                               options_.pipeline_name, options_.update_id});
    redactor_.Apply(json);
    return json;
  }

  void Observe(const Json& event) const {
    if (observer) observer(event);
  }

  Status Write() {
    if (pending_.empty()) return OkStatus();
    Status status = journal_.Add(torn_ ? "\n" + pending_ : pending_);
    // After a failure half a line may be in the file: everything is written again behind a line
    // end.
    torn_ = !status.ok();
    if (status.ok()) pending_.clear();
    return status;
  }

  Status Fold(const std::string& update_id, const std::string& text, const std::string& file) {
    ASSIGN_OR_RETURN(std::vector<Json> events,
                     ReadJournal(text, file, [this](const PreparedCommit& commit) {
                       return CarriesTransaction(*catalog_, commit);
                     }));
    return table_.Append(update_id, std::move(events));
  }

  catalog::Catalog* catalog_;
  io::Storage* storage_;
  Clock* clock_;
  LogTable table_;
  const Redactor redactor_;
  JournalWriter journal_;
  std::mutex mutex_;
  std::string pending_;  // lines not yet in the journal
  const EventLogOptions options_;
  bool torn_ = false;  // the last addition failed
  int64_t last_sequence_ = 0;
  std::map<std::pair<std::string, int64_t>, Json> prepared_;
};

}  // namespace

Result<std::unique_ptr<EventLog>> EventLog::Start(catalog::Catalog* catalog, io::Storage* storage,
                                                  duck::Engine* engine, Clock* clock,
                                                  EventLogOptions options) {
  auto log = std::make_unique<JournaledLog>(
      catalog, storage, clock, LogTable(catalog, storage, engine, clock), std::move(options));
  RETURN_IF_ERROR(log->FoldLeftovers());
  return std::unique_ptr<EventLog>(std::move(log));
}

}  // namespace penstock::events
