#include <simdjson.h>

#include <cstring>

#include "duck/scan/json_parser.h"
#include "duck/scan/record_blocks.h"
#include "duck/scan/record_reader.h"

namespace penstock::duck {
namespace {

class JsonReader : public RecordReader {
 public:
  JsonReader(FileScan::State& state, RowSink& sink)
      : state_(state),
        sink_(sink),
        whole_(state.spec.multi_line || !state.spec.line_separator.empty()),
        parser_(state.formats, whole_, state.spec.rescue_column.has_value()),
        tolerant_(state.formats, true, state.spec.rescue_column.has_value()) {}

  Status Begin(const ScanUnit& unit) override {
    blocks_ = std::make_unique<RecordBlocks>(state_.spec, state_.spec.files[unit.file],
                                             state_.spec.line_separator, unit.begin, unit.end,
                                             state_.spec.multi_line);
    sink_.BeginFile(unit.file);
    text_ = {};
    p_ = nullptr;
    in_array_ = false;
    return OkStatus();
  }

  Result<bool> Read() override {
    while (!sink_.Full()) {
      if (p_ == nullptr || p_ >= text_.end) {
        ASSIGN_OR_RETURN(const bool more, NextBlock());
        if (!more) return false;
        continue;
      }
      if (in_array_) {
        RETURN_IF_ERROR(ReadElement());
        continue;
      }
      const char c = *p_;
      if (c == '\n' || c == '\r' || c == ' ' || c == '\t') {
        ++p_;
      } else if (c == '{' && text_.valid_utf8) {
        RETURN_IF_ERROR(ReadObject());
      } else {
        RETURN_IF_ERROR(ReadOther());
      }
    }
    sink_.EndBlock(text_.block);
    return true;
  }

 private:
  Result<bool> NextBlock() {
    if (text_.block != nullptr) sink_.EndBlock(text_.block);
    text_ = {};
    ASSIGN_OR_RETURN(const bool more, blocks_->Next(&text_));
    p_ = text_.begin;
    if (more) state_.bytes += text_.end - text_.begin;
    return more;
  }

  int64_t OffsetOf(const char* p) const { return text_.offset + (p - text_.begin); }

  // The end of the record at p when it is taken as a piece of text.
  const char* EndOfRecord(const char* p) const {
    if (state_.spec.multi_line) return text_.end;
    const std::string& separator = state_.spec.line_separator;
    if (!separator.empty()) {
      const size_t found = std::string_view(p, text_.end - p).find(separator);
      return found == std::string_view::npos ? text_.end : p + found;
    }
    while (p < text_.end && *p != '\n' && *p != '\r') ++p;
    return p;
  }

  // A separator of the user's own ends a record even within a string.
  bool EndsInRecord(const char* begin, const char* end) const {
    return state_.spec.line_separator.empty() || end <= EndOfRecord(begin);
  }

  void PassRecord(const char* end) {
    p_ = end;
    const std::string& separator = state_.spec.line_separator;
    if (!separator.empty() && std::string_view(p_, text_.end - p_).starts_with(separator)) {
      p_ += separator.size();
    }
  }

  Status ReadObject() {
    const char* const begin = p_;
    const char* end = parser_.ReadRecord(begin, sink_.target(), sink_.row());
    if (end == nullptr || !EndsInRecord(begin, end)) return ReadBroken(begin, EndOfRecord(begin));
    // A value may only end here; the rest of the line is ignored.
    const char* const rest = parser_.SkipSpace(end);
    const bool at_end = rest >= text_.end || (!whole_ && (*rest == '\n' || *rest == '\r')) ||
                        (state_.spec.multi_line && *rest == '{');
    const char* const record_end = at_end ? end : EndOfRecord(end);
    PassRecord(at_end ? rest : record_end);
    return sink_.Finish(OffsetOf(begin), std::string_view(begin, record_end - begin),
                        {parser_.bad(), parser_.reason()}, parser_.rescued());
  }

  // A record that is no object at first sight.
  Status ReadOther() {
    const char* const begin = p_;
    const char* const end = EndOfRecord(begin);
    const std::string_view raw(begin, end - begin);
    if (!text_.valid_utf8 && !simdjson::validate_utf8(raw.data(), raw.size())) {
      PassRecord(end);
      return FinishBroken(OffsetOf(begin), raw, "it is no valid UTF-8");
    }
    if (*begin == '{') return ReadObject();
    if (*begin == '[' && IsArrayOfObjects(begin)) {
      in_array_ = true;
      p_ = parser_.SkipSpace(begin + 1);
      return OkStatus();
    }
    return ReadBroken(begin, end);
  }

  bool IsArrayOfObjects(const char* begin) {
    if (parser_.SkipValue(begin) == nullptr) return false;
    const char* p = parser_.SkipSpace(begin + 1);
    while (*p == '{') {
      p = parser_.SkipSpace(parser_.SkipValue(p));
      if (*p == ',') p = parser_.SkipSpace(p + 1);
    }
    return *p == ']' && EndsInRecord(begin, p);
  }

  Status ReadElement() {
    if (*p_ != '{') {
      in_array_ = false;
      PassRecord(state_.spec.multi_line ? p_ + 1 : EndOfRecord(p_));
      return OkStatus();
    }
    const char* const begin = p_;
    const bool readable = parser_.ReadRecord(begin, sink_.target(), sink_.row()) != nullptr;
    const std::string reason = parser_.reason();
    const char* const end = parser_.SkipValue(begin);
    p_ = parser_.SkipSpace(end);
    if (*p_ == ',') p_ = parser_.SkipSpace(p_ + 1);
    const std::string_view raw(begin, end - begin);
    if (!readable) return FinishBroken(OffsetOf(begin), raw, reason);
    return sink_.Finish(OffsetOf(begin), raw, {parser_.bad(), reason}, parser_.rescued());
  }

  Status FinishBroken(int64_t offset, std::string_view raw, std::string_view reason) {
    sink_.ClearRow();
    return sink_.Finish(offset, raw, {true, reason}, {});
  }

  // Broken as strict JSON: tries what Spark tolerates beyond it.
  Status ReadBroken(const char* begin, const char* end) {
    const std::string_view raw(begin, end - begin);
    PassRecord(end);
    reason_ = parser_.reason();
    const std::string strict = StrictJson(raw, state_.spec);
    if (strict != raw || !state_.spec.line_separator.empty()) {
      BlockPtr block = TakeBlock(strict.size());
      char* const copy = block->bytes.get();
      std::memcpy(copy, strict.data(), strict.size());
      copy[strict.size()] = 0;
      const char* const first = tolerant_.SkipSpace(copy);
      sink_.EndBlock(text_.block);
      if (*first == '{' && tolerant_.ReadRecord(first, sink_.target(), sink_.row()) != nullptr) {
        sink_.EndBlock(block);
        return sink_.Finish(OffsetOf(begin), raw, {tolerant_.bad(), tolerant_.reason()},
                            tolerant_.rescued());
      }
    }
    return FinishBroken(OffsetOf(begin), raw, reason_.empty() ? "an object is expected" : reason_);
  }

  FileScan::State& state_;
  RowSink& sink_;
  bool whole_;
  JsonParser parser_;
  JsonParser tolerant_;
  std::unique_ptr<RecordBlocks> blocks_;
  TextBlock text_;
  const char* p_ = nullptr;
  bool in_array_ = false;
  std::string reason_;
};

}  // namespace

std::unique_ptr<RecordReader> NewJsonReader(FileScan::State& state, RowSink& sink) {
  return std::make_unique<JsonReader>(state, sink);
}

}  // namespace penstock::duck
