#include "events/event_query.h"

#include <utility>
#include <vector>

#include "duck/engine.h"
#include "events/event_row.h"
#include "events/journal_folder.h"
#include "lake/lake_table.h"

namespace penstock::events {
namespace {

Result<std::vector<Json>> JournaledEvents(catalog::Catalog& catalog, io::Storage& storage) {
  ASSIGN_OR_RETURN(const std::vector<JournalFile> files, ListJournals(storage, catalog.layout()));
  std::vector<Json> all;
  for (const JournalFile& file : files) {
    const Result<std::string> text = ReadJournalFile(storage, file);
    if (!text.ok() && text.error().code == "NOT_FOUND") continue;  // folded meanwhile
    RETURN_IF_ERROR(text);
    ASSIGN_OR_RETURN(
        std::vector<Json> events,
        ReadJournal(text.value(), file.paths.front(), [&](const PreparedCommit& commit) {
          return CarriesTransaction(catalog, commit);
        }));
    for (Json& event : events) all.push_back(std::move(event));
  }
  return all;
}

std::string Conditions(const EventFilter& filter) {
  std::string text = " WHERE true";
  if (!filter.type.empty()) text += " AND event_type = " + duck::QuoteLiteral(filter.type);
  if (!filter.update_id.empty())
    text += " AND origin.update_id = " + duck::QuoteLiteral(filter.update_id);
  if (filter.after_sequence) {
    text += " AND \"sequence\".control_plane_seq_no > " + std::to_string(*filter.after_sequence);
  }
  return text;
}

}  // namespace

Result<lake::Relation> EventsRelation(catalog::Catalog& catalog, io::Storage& storage,
                                      const EventFilter& filter) {
  // The journals first: what is folded between the two readings is then seen twice, not missed.
  ASSIGN_OR_RETURN(std::vector<Json> journaled, JournaledEvents(catalog, storage));
  std::string events = EventRowsSql(std::move(journaled));
  lake::Relation relation;
  const auto table = catalog.OpenPath(catalog.layout().EventLogPath());
  ASSIGN_OR_RETURN(const bool exists, table->Exists());
  if (exists) {
    ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot, table->Latest());
    ASSIGN_OR_RETURN(relation, lake::SnapshotRelation(table->path(), *snapshot));
    events = "SELECT DISTINCT ON (id) * FROM (" + events + " UNION ALL BY NAME SELECT * FROM (" +
             relation.sql + ") AS t)";
  }
  const std::string order = " ORDER BY \"sequence\".control_plane_seq_no";
  std::string query = "SELECT * FROM (" + events + ") AS e" + Conditions(filter);
  if (filter.limit)
    query = "SELECT * FROM (" + query + order + " DESC LIMIT " + std::to_string(*filter.limit) +
            ") AS n";
  relation.sql = query + order;
  return relation;
}

}  // namespace penstock::events
