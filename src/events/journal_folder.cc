#include "events/journal_folder.h"

#include <memory>
#include <utility>

#include "base/text.h"

namespace penstock::events {
namespace {

constexpr std::string_view kSuffix = ".jsonl";

}  // namespace

std::string JournalPath(const catalog::Layout& layout, const std::string& update_id) {
  return layout.JournalFolder() + "/" + PercentEncode(update_id) + std::string(kSuffix);
}

Result<std::vector<JournalFile>> ListJournals(io::Storage& storage, const catalog::Layout& layout) {
  ASSIGN_OR_RETURN(const std::vector<io::FileInfo> files, storage.List(layout.JournalFolder()));
  std::vector<JournalFile> journals;
  for (const io::FileInfo& file : files) {
    if (!file.path.ends_with(kSuffix)) continue;
    std::string name = io::BaseName(file.path);
    name.resize(name.size() - kSuffix.size());
    journals.push_back({PercentDecode(name), file.path});
  }
  return journals;
}

Result<bool> CarriesTransaction(catalog::Catalog& catalog, const PreparedCommit& commit) {
  const std::shared_ptr<delta::Table> table = catalog.OpenPath(commit.table_path);
  ASSIGN_OR_RETURN(const bool exists, table->Exists());
  if (!exists) return false;
  ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot, table->Latest());
  return snapshot->TransactionVersion(commit.app_id).value_or(-1) >= commit.version;
}

}  // namespace penstock::events
