#include "events/journal.h"

#include <map>
#include <set>
#include <utility>

namespace penstock::events {
namespace {

constexpr int kFormatVersion = 1;

using CommitKey = std::pair<std::string, int64_t>;  // app id and version

struct Prepared {
  Json event;
  PreparedCommit commit;
};

// Throws unless the event has what the rest of the room relies on.
const Json& Checked(const Json& event) {
  static_cast<void>(event.at("id").get_ref<const std::string&>());
  static_cast<void>(event.at("sequence").at("control_plane_seq_no").get_ref<const int64_t&>());
  return event;
}

std::string Line(const Json& json) { return DumpJson(json) + "\n"; }

// Collects lines in order. A second preparation for one transaction replaces the first: only one
// commit carries it.
class Reader {
 public:
  explicit Reader(std::string file) : file_(std::move(file)) {}

  Status Take(const Json& line) {
    if (line.contains("format_version")) return CheckVersion(line["format_version"]);
    if (line.contains("settled")) {
      Settle(line["settled"]);
    } else if (line.contains("prepared")) {
      const Json& prepared = line["prepared"];
      PreparedCommit commit{prepared.at("table"), prepared.at("app_id"), prepared.at("version")};
      CommitKey key{commit.app_id, commit.version};
      waiting_.insert_or_assign(std::move(key),
                                Prepared{Checked(line.at("event")), std::move(commit)});
    } else {
      Keep(Checked(line.at("event")));
    }
    return OkStatus();
  }

  Result<std::vector<Json>> End(const TookPlace& took_place) {
    for (auto& [key, prepared] : waiting_) {
      ASSIGN_OR_RETURN(const bool committed, took_place(prepared.commit));
      if (committed) Keep(std::move(prepared.event));
    }
    return std::move(events_);
  }

 private:
  Status CheckVersion(const Json& version) const {
    if (version == kFormatVersion) return OkStatus();
    return UserError("UNSUPPORTED_FORMAT",
                     file_ + " has format version " + DumpJson(version) +
                         "; this program knows version " + std::to_string(kFormatVersion),
                     "Run the update with the newer Penstock that wrote it.");
  }

  void Settle(const Json& settled) {
    const auto at = waiting_.find({settled.at("app_id"), settled.at("version")});
    if (at == waiting_.end()) return;
    if (settled.at("committed")) Keep(std::move(at->second.event));
    waiting_.erase(at);
  }

  // An append that failed half way is repeated with all its lines.
  void Keep(Json event) {
    if (ids_.insert(event.at("id")).second) events_.push_back(std::move(event));
  }

  std::string file_;
  std::vector<Json> events_;
  std::set<std::string> ids_;
  std::map<CommitKey, Prepared> waiting_;
};

}  // namespace

std::string HeaderLine(const std::string& update_id) {
  return Line({{"format_version", kFormatVersion}, {"update_id", update_id}});
}

std::string EventLine(const Json& event) { return Line({{"event", event}}); }

std::string PreparedLine(const Json& event, const PreparedCommit& commit) {
  return Line(
      {{"prepared",
        {{"table", commit.table_path}, {"app_id", commit.app_id}, {"version", commit.version}}},
       {"event", event}});
}

std::string SettledLine(const std::string& app_id, int64_t version, bool committed) {
  return Line({{"settled", {{"app_id", app_id}, {"version", version}, {"committed", committed}}}});
}

Result<std::vector<Json>> ReadJournal(std::string_view text, const std::string& file,
                                      const TookPlace& took_place) {
  Reader reader(file);
  while (!text.empty()) {
    const size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    const Json json = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!json.is_object()) continue;
    try {
      RETURN_IF_ERROR(reader.Take(json));
    } catch (const Json::exception& failure) {
      return DataError("BAD_JOURNAL", file + ": a line is not a journal entry: " + failure.what(),
                       "Move the file away; the events in it are then not part of the event log.");
    }
  }
  return reader.End(took_place);
}

}  // namespace penstock::events
