#include <simdjson.h>

#include "base/text.h"
#include "duck/scan/csv_line.h"
#include "duck/scan/record_blocks.h"
#include "duck/scan/record_reader.h"

namespace penstock::duck {
namespace {

class CsvReader : public RecordReader {
 public:
  CsvReader(FileScan::State& state, RowSink& sink)
      : state_(state), sink_(sink), line_(state.spec.csv, state.spec.multi_line) {}

  Status Begin(const ScanUnit& unit) override {
    const ScanSpec& spec = state_.spec;
    const ScanFile& file = spec.files[unit.file];
    blocks_ = std::make_unique<RecordBlocks>(spec, file, spec.line_separator, unit.begin, unit.end,
                                             spec.multi_line);
    sink_.BeginFile(unit.file);
    file_ = unit.file;
    text_ = {};
    p_ = nullptr;
    skip_header_ = spec.csv.header && unit.begin == 0;
    UsePositions();
    header_.clear();
    const bool by_name = spec.csv.header && (!spec.csv.enforce_schema || spec.rescue_column);
    if (!by_name || unit.begin == 0) return OkStatus();
    return ReadHeaderOf(file);
  }

  Result<bool> Read() override {
    while (!sink_.Full()) {
      if (p_ == nullptr || p_ >= text_.end) {
        text_ = {};
        ASSIGN_OR_RETURN(const bool more, blocks_->Next(&text_));
        p_ = text_.begin;
        if (!more) return false;
        state_.bytes += text_.end - text_.begin;
        continue;
      }
      if (IsSkipped()) continue;
      RETURN_IF_ERROR(ReadRecord());
    }
    return true;
  }

 private:
  void UsePositions() {
    order_.clear();
    for (size_t i = 0; i < state_.spec.data_columns.size(); ++i) order_.push_back(i);
  }

  // Passes an empty line or a comment.
  bool IsSkipped() {
    const char* const begin = p_;
    if (!IsBlankOrComment(p_, text_.end, state_.spec.csv)) return false;
    while (p_ < text_.end && *p_ != '\n' && *p_ != '\r') ++p_;
    if (p_ < text_.end) ++p_;
    return p_ > begin;
  }

  // The header of a file whose middle is read here.
  Status ReadHeaderOf(const ScanFile& file) {
    RecordBlocks blocks(state_.spec, file, "", 0, 1, false);
    TextBlock text;
    ASSIGN_OR_RETURN(const bool any, blocks.Next(&text));
    if (!any) return OkStatus();
    line_.Read(text.begin, text.end);
    return TakeHeader();
  }

  // With enforceSchema=false, and to tell what is rescued, columns go by their names in the header.
  Status TakeHeader() {
    const ScanSpec& spec = state_.spec;
    header_ = HeaderNames(line_.values());
    if (spec.csv.enforce_schema && !spec.rescue_column) return OkStatus();
    order_.assign(header_.size(), kNoColumn);
    for (size_t i = 0; i < header_.size(); ++i) {
      for (size_t column = 0; column < spec.data_columns.size(); ++column) {
        const std::string& name = spec.data_columns[column].name;
        const bool same = spec.case_sensitive && spec.rescue_column
                              ? name == header_[i]
                              : EqualsIgnoreCase(name, header_[i]);
        if (same) order_[i] = column;
      }
    }
    return OkStatus();
  }

  Status ReadRecord() {
    const char* const begin = p_;
    p_ = line_.Read(begin, text_.end);
    const std::string_view raw(begin, line_.record_end() - begin);
    if (skip_header_) {
      skip_header_ = false;
      return TakeHeader();
    }
    const int64_t offset = text_.offset + (begin - text_.begin);
    if (!text_.valid_utf8 && !simdjson::validate_utf8(raw.data(), raw.size())) {
      sink_.ClearRow();
      return sink_.Finish(offset, raw, {true, "it is no valid UTF-8"}, {});
    }
    rescued_.clear();
    reason_.clear();
    WriteValues();
    return sink_.Finish(offset, raw, {!reason_.empty(), reason_}, rescued_);
  }

  void WriteValues() {
    const auto& values = line_.values();
    ObjectTarget& target = sink_.target();
    for (ColumnWriter* column : target.columns) {
      if (column != nullptr) column->SetNull(sink_.row());
    }
    for (size_t i = 0; i < values.size(); ++i) {
      if (i < order_.size() && order_[i] != kNoColumn) {
        ColumnWriter* const column = target.columns[order_[i]];
        if (column != nullptr) WriteValue(values[i], order_[i], *column);
      } else {
        WriteUnknown(values[i], i);
      }
    }
    if (values.size() != order_.size() && reason_.empty() &&
        (values.size() < order_.size() || !state_.spec.rescue_column)) {
      reason_ = "it has " + std::to_string(values.size()) + " values, " +
                std::to_string(order_.size()) + " columns are expected";
    }
  }

  void WriteUnknown(const CsvValue& value, size_t position) {
    std::string_view text;
    if (!state_.spec.rescue_column || line_.IsNull(value, &text)) return;
    const std::string name =
        position < header_.size() ? header_[position] : "_c" + std::to_string(position);
    rescued_.push_back({name, QuoteJson(text)});
  }

  void WriteValue(const CsvValue& value, size_t index, ColumnWriter& column) {
    std::string_view text;
    if (line_.IsNull(value, &text)) return;
    if (column.SetText(sink_.row(), text, state_.formats)) return;
    column.SetNull(sink_.row());
    const std::string& name = state_.spec.data_columns[index].name;
    if (state_.spec.rescue_column) {
      rescued_.push_back({name, QuoteJson(text)});
    } else {
      reason_ = "the value " + std::string(text.substr(0, 100)) + " of \"" + name + "\" is no " +
                ToString(column.type());
    }
  }

  static constexpr size_t kNoColumn = SIZE_MAX;
  FileScan::State& state_;
  RowSink& sink_;
  CsvLine line_;
  std::unique_ptr<RecordBlocks> blocks_;
  TextBlock text_;
  const char* p_ = nullptr;
  size_t file_ = 0;
  bool skip_header_ = false;
  std::vector<size_t> order_;  // the data column of each value
  std::vector<std::string> header_;
  std::vector<RescuedValue> rescued_;
  std::string reason_;
};

}  // namespace

std::unique_ptr<RecordReader> NewCsvReader(FileScan::State& state, RowSink& sink) {
  return std::make_unique<CsvReader>(state, sink);
}

}  // namespace penstock::duck
