#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "catalog/catalog.h"
#include "events/journal.h"
#include "io/storage.h"

namespace penstock::events {

// The lines of one update's journal, added by the update itself. On a disk they are appended to
// <journal folder>/<update id, percent-encoded>.jsonl; in an object store, where nothing can be
// appended, each addition is an object of its own, <update id>.<8 digits>.jsonl. Storage is
// borrowed.
class JournalWriter {
 public:
  JournalWriter(io::Storage* storage, const catalog::Layout& layout, const std::string& update_id);

  // Durable when it returns OK. After a failure some of the text may be there, also half a line: it
  // is to be added again behind a line end.
  Status Add(const std::string& text);
  // All that was added.
  Result<std::string> Read();
  Status Delete();

 private:
  std::string PartPath(int64_t number) const;

  io::Storage* storage_;
  const std::string folder_;
  const std::string name_;
  const bool in_parts_;
  int64_t parts_ = 0;  // written, or perhaps written
};

struct JournalFile {
  std::string update_id;
  std::vector<std::string> paths;  // of its parts, in their order
};
// Journals of updates that run or died, by name.
Result<std::vector<JournalFile>> ListJournals(io::Storage& storage, const catalog::Layout& layout);
// Its lines; NOT_FOUND when it was folded meanwhile.
Result<std::string> ReadJournalFile(io::Storage& storage, const JournalFile& file);
Status DeleteJournal(io::Storage& storage, const JournalFile& file);

// Whether the table carries the transaction: what decides about a prepared event after a crash.
Result<bool> CarriesTransaction(catalog::Catalog& catalog, const PreparedCommit& commit);

}  // namespace penstock::events
