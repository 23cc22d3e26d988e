#include "events/journal_folder.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/text.h"

namespace penstock::events {
namespace {

constexpr std::string_view kSuffix = ".jsonl";
constexpr size_t kDigits = 8;

std::string WithoutSuffix(const std::string& path) {
  const std::string name = io::BaseName(path);
  return name.substr(0, name.size() - kSuffix.size());
}

// The journal to which a file belongs: a part has a number behind the name.
std::string JournalName(const std::string& name) {
  const size_t dot = name.size() > kDigits ? name.size() - kDigits - 1 : 0;
  const bool is_part = name.size() > kDigits && name[dot] == '.' &&
                       name.find_first_not_of("0123456789", dot + 1) == name.npos;
  return is_part ? name.substr(0, dot) : name;
}

}  // namespace

JournalWriter::JournalWriter(io::Storage* storage, const catalog::Layout& layout,
                             const std::string& update_id)
    : storage_(storage),
      folder_(layout.JournalFolder()),
      name_(PercentEncode(update_id)),
      in_parts_(io::IsRemote(folder_)) {}

std::string JournalWriter::PartPath(int64_t number) const {
  if (!in_parts_) return folder_ + "/" + name_ + std::string(kSuffix);
  std::string digits = std::to_string(number);
  digits.insert(0, kDigits - std::min(kDigits, digits.size()), '0');
  return folder_ + "/" + name_ + "." + digits + std::string(kSuffix);
}

Status JournalWriter::Add(const std::string& text) {
  if (parts_ == 0) RETURN_IF_ERROR(storage_->CreateFolders(folder_));
  if (!in_parts_) {
    parts_ = 1;
    return storage_->Append(PartPath(0), text);
  }
  return storage_->Write(PartPath(parts_++), text);
}

Result<std::string> JournalWriter::Read() {
  std::string text;
  const int64_t files = in_parts_ ? parts_ : std::min<int64_t>(parts_, 1);
  for (int64_t part = 0; part < files; ++part) {
    const auto lines = storage_->Read(PartPath(part));
    if (!lines.ok()) {
      if (in_parts_ && lines.error().code == "NOT_FOUND") continue;  // writing it had failed
      return lines.error();
    }
    text += *lines + "\n";
  }
  return text;
}

Status JournalWriter::Delete() {
  const int64_t files = in_parts_ ? parts_ : std::min<int64_t>(parts_, 1);
  for (int64_t part = 0; part < files; ++part) {
    RETURN_IF_ERROR(storage_->Delete(PartPath(part)));
  }
  return OkStatus();
}

Result<std::vector<JournalFile>> ListJournals(io::Storage& storage, const catalog::Layout& layout) {
  ASSIGN_OR_RETURN(const std::vector<io::FileInfo> files, storage.List(layout.JournalFolder()));
  std::vector<JournalFile> journals;
  for (const io::FileInfo& file : files) {
    if (!file.path.ends_with(kSuffix)) continue;
    const std::string update_id = PercentDecode(JournalName(WithoutSuffix(file.path)));
    if (journals.empty() || journals.back().update_id != update_id) {
      journals.push_back({update_id, {}});
    }
    journals.back().paths.push_back(file.path);
  }
  return journals;
}

Result<std::string> ReadJournalFile(io::Storage& storage, const JournalFile& file) {
  std::string text;
  for (const std::string& path : file.paths) {
    ASSIGN_OR_RETURN(const std::string lines, storage.Read(path));
    text += lines + "\n";
  }
  return text;
}

// The last part first: what is left is still the beginning of the journal.
Status DeleteJournal(io::Storage& storage, const JournalFile& file) {
  for (auto path = file.paths.rbegin(); path != file.paths.rend(); ++path) {
    RETURN_IF_ERROR(storage.Delete(*path));
  }
  return OkStatus();
}

Result<bool> CarriesTransaction(catalog::Catalog& catalog, const PreparedCommit& commit) {
  const std::shared_ptr<delta::Table> table = catalog.OpenPath(commit.table_path);
  ASSIGN_OR_RETURN(const bool exists, table->Exists());
  if (!exists) return false;
  ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot, table->Latest());
  return snapshot->TransactionVersion(commit.app_id).value_or(-1) >= commit.version;
}

}  // namespace penstock::events
