#include "duck/scan/record_blocks.h"

#include <simdjson.h>

#include <cstring>

namespace penstock::duck {
namespace {

constexpr size_t kNone = std::string::npos;
constexpr size_t kTail = 4096;  // read beyond the range at once to finish its last line

}  // namespace

RecordBlocks::RecordBlocks(const ScanSpec& spec, const ScanFile& file, std::string separator,
                           int64_t begin, int64_t end, bool whole)
    : spec_(spec),
      file_(file),
      separator_(std::move(separator)),
      begin_(begin),
      end_(end),
      whole_(whole) {}

size_t RecordBlocks::BreakAfter(size_t from) const {
  const char* const bytes = block_->bytes.get();
  if (!separator_.empty()) {
    const size_t found = std::string_view(bytes, held_).find(separator_, from);
    return found == kNone ? kNone : found + separator_.size();
  }
  for (size_t i = from; i < held_; ++i) {
    if (bytes[i] == '\n') return i + 1;
    if (bytes[i] == '\r') {
      if (i + 1 == held_) return at_end_ ? held_ : kNone;
      return bytes[i + 1] == '\n' ? i + 2 : i + 1;
    }
  }
  return kNone;
}

size_t RecordBlocks::LastBreak() const {
  const char* const bytes = block_->bytes.get();
  if (!separator_.empty()) {
    const size_t found = std::string_view(bytes, held_).rfind(separator_);
    return found == kNone ? kNone : found + separator_.size();
  }
  for (size_t i = held_; i > 0; --i) {
    if (bytes[i - 1] == '\n') return i;
    if (bytes[i - 1] == '\r' && i < held_) return i;
  }
  return kNone;
}

// Reads until block_ holds `wanted` bytes or the file ends.
Status RecordBlocks::Fill(size_t wanted) {
  if (block_->capacity < wanted) {
    BlockPtr larger = TakeBlock(wanted);
    std::memcpy(larger->bytes.get(), block_->bytes.get(), held_);
    block_ = std::move(larger);
  }
  while (held_ < wanted && !at_end_) {
    ASSIGN_OR_RETURN(const size_t count,
                     source_->Read(block_->bytes.get() + held_, wanted - held_));
    held_ += count;
    at_end_ = count == 0;
  }
  return OkStatus();
}

Status RecordBlocks::Open() {
  offset_ = begin_ > 0 ? begin_ - 1 : 0;
  ASSIGN_OR_RETURN(source_, OpenBytes(file_, spec_.ranges, spec_.encoding, offset_));
  block_ = TakeBlock(kBlockSize);
  RETURN_IF_ERROR(Fill(3));
  if (offset_ == 0 && begin_ == 0 && held_ >= 3 &&
      std::memcmp(block_->bytes.get(), "\xEF\xBB\xBF", 3) == 0) {
    held_ -= 3;
    std::memmove(block_->bytes.get(), block_->bytes.get() + 3, held_);
    offset_ = 3;
  }
  return OkStatus();
}

// Moves to the first line that begins in the range; false when none does.
Result<bool> RecordBlocks::SkipPartialLine() {
  while (true) {
    const size_t start = BreakAfter(0);
    if (start != kNone) {
      held_ -= start;
      offset_ += static_cast<int64_t>(start);
      std::memmove(block_->bytes.get(), block_->bytes.get() + start, held_);
      return offset_ < end_;
    }
    if (at_end_ || offset_ + static_cast<int64_t>(held_) > end_) return false;
    const size_t keep = held_ > 0 && block_->bytes[held_ - 1] == '\r' ? 1 : 0;
    offset_ += static_cast<int64_t>(held_ - keep);
    std::memmove(block_->bytes.get(), block_->bytes.get() + held_ - keep, keep);
    held_ = keep;
    RETURN_IF_ERROR(Fill(64 * 1024));
  }
}

Result<bool> RecordBlocks::Next(TextBlock* text) {
  if (source_ == nullptr) {
    RETURN_IF_ERROR(Open());
    if (begin_ > 0) {
      RETURN_IF_ERROR(Fill(kTail));
      ASSIGN_OR_RETURN(const bool found, SkipPartialLine());
      if (!found) offset_ = end_;
    }
  }
  if (offset_ >= end_ || (at_end_ && held_ == 0)) return false;
  size_t wanted = std::max(held_, kBlockSize);
  if (end_ - offset_ < static_cast<int64_t>(kBlockSize)) {
    wanted = std::max<size_t>(held_, end_ - offset_ + kTail);
  }
  size_t used = kNone;
  while (true) {
    RETURN_IF_ERROR(Fill(wanted));
    if (at_end_) {
      used = held_;
    } else if (!whole_) {
      used = LastBreak();
    }
    const int64_t limit = end_ - offset_;
    if (used != kNone && !whole_ && static_cast<int64_t>(used) > limit) {
      const size_t cut = BreakAfter(static_cast<size_t>(limit) - 1);
      used = cut == kNone && at_end_ ? held_ : cut;
    }
    if (used != kNone) break;
    wanted = wanted * 2;
  }
  if (used == 0) return false;
  BlockPtr next = TakeBlock(std::max(held_ - used, kBlockSize));
  std::memcpy(next->bytes.get(), block_->bytes.get() + used, held_ - used);
  text->block = std::move(block_);
  text->begin = text->block->bytes.get();
  text->end = text->begin + used;
  *text->end = whole_ || !separator_.empty() ? '\0' : '\n';
  text->offset = offset_;
  text->valid_utf8 = simdjson::validate_utf8(text->begin, used);
  block_ = std::move(next);
  held_ -= used;
  offset_ += static_cast<int64_t>(used);
  return true;
}

}  // namespace penstock::duck
