#include "duck/set_aside_store.h"

#include <cerrno>
#include <cstring>

namespace penstock::duck {
namespace {

Error SpillFailed() {
  return SystemError(
      "SPILL_FAILED",
      std::string("Rows set aside could not be kept in a temporary file: ") + std::strerror(errno),
      "Free space in the temporary folder, or point TMPDIR at a larger disk.");
}

bool WriteText(std::FILE* file, const std::string& text) {
  uint64_t size = text.size();
  return std::fwrite(&size, sizeof size, 1, file) == 1 &&
         std::fwrite(text.data(), 1, size, file) == size;
}

bool ReadText(std::FILE* file, std::string& text) {
  uint64_t size = 0;
  if (std::fread(&size, sizeof size, 1, file) != 1) return false;
  text.resize(size);
  return std::fread(text.data(), 1, size, file) == size;
}

bool WriteRow(std::FILE* file, const SetAsideRow& row) {
  return std::fwrite(&row.failed_rules, sizeof row.failed_rules, 1, file) == 1 &&
         std::fwrite(&row.record, sizeof row.record, 1, file) == 1 &&
         WriteText(file, row.row_json) && WriteText(file, row.file);
}

bool ReadRow(std::FILE* file, SetAsideRow& row) {
  return std::fread(&row.failed_rules, sizeof row.failed_rules, 1, file) == 1 &&
         std::fread(&row.record, sizeof row.record, 1, file) == 1 && ReadText(file, row.row_json) &&
         ReadText(file, row.file);
}

}  // namespace

SetAsideStore::~SetAsideStore() {
  if (file_ != nullptr) std::fclose(file_);
}

Status SetAsideStore::Add(SetAsideRow row) {
  std::lock_guard lock(mutex_);
  bytes_ += row.row_json.size() + row.file.size() + sizeof row;
  rows_.push_back(std::move(row));
  return bytes_ > memory_limit_ ? Spill() : OkStatus();
}

Status SetAsideStore::Spill() {
  if (file_ == nullptr) file_ = std::tmpfile();
  if (file_ == nullptr) return SpillFailed();
  for (const SetAsideRow& row : rows_) {
    if (!WriteRow(file_, row)) return SpillFailed();
  }
  rows_.clear();
  bytes_ = 0;
  return OkStatus();
}

Status SetAsideStore::TakeSpilled(const std::function<Status(const SetAsideRow&)>& visit) {
  if (std::fflush(file_) != 0) return SpillFailed();
  std::rewind(file_);
  SetAsideRow row;
  while (ReadRow(file_, row)) RETURN_IF_ERROR(visit(row));
  if (std::ferror(file_) != 0) return SpillFailed();
  std::fclose(file_);
  file_ = nullptr;
  return OkStatus();
}

Status SetAsideStore::Take(const std::function<Status(const SetAsideRow&)>& visit) {
  std::lock_guard lock(mutex_);
  if (file_ != nullptr) RETURN_IF_ERROR(TakeSpilled(visit));
  for (const SetAsideRow& row : rows_) RETURN_IF_ERROR(visit(row));
  rows_.clear();
  bytes_ = 0;
  return OkStatus();
}

}  // namespace penstock::duck
