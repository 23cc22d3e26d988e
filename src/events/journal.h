#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

// The lines of a journal, one JSON object each; docs/formats/journal.md.
namespace penstock::events {

// The commit that a prepared event waits for.
struct PreparedCommit {
  std::string table_path;
  std::string app_id;
  int64_t version = -1;
  bool operator==(const PreparedCommit&) const = default;
};

std::string HeaderLine(const std::string& update_id);
std::string EventLine(const Json& event);
std::string PreparedLine(const Json& event, const PreparedCommit& commit);
std::string SettledLine(const std::string& app_id, int64_t version, bool committed);

// Whether the commit took place: asked for prepared events that were never settled.
using TookPlace = std::function<Result<bool>(const PreparedCommit& commit)>;

// The events that are true, each once. A line that a crash or a failed write left torn is passed
// over: nothing that was reported durable is in it. Fails on a newer format (by its number) and
// when `took_place` does.
Result<std::vector<Json>> ReadJournal(std::string_view text, const std::string& file,
                                      const TookPlace& took_place);

}  // namespace penstock::events
