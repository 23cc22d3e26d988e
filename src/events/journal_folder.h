#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "catalog/catalog.h"
#include "events/journal.h"
#include "io/storage.h"

namespace penstock::events {

// <journal folder>/<update id, percent-encoded>.jsonl
std::string JournalPath(const catalog::Layout& layout, const std::string& update_id);

struct JournalFile {
  std::string update_id;
  std::string path;
};
// Journals of updates that run or died, by name.
Result<std::vector<JournalFile>> ListJournals(io::Storage& storage, const catalog::Layout& layout);

// Whether the table carries the transaction: what decides about a prepared event after a crash.
Result<bool> CarriesTransaction(catalog::Catalog& catalog, const PreparedCommit& commit);

}  // namespace penstock::events
