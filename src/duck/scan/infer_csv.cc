#include "base/text.h"
#include "duck/scan/csv_line.h"
#include "duck/scan/inferred_type.h"
#include "duck/scan/record_blocks.h"
#include "duck/scan/scan_state.h"

namespace penstock::duck {
namespace {

// Spark's ladder; a higher number holds the lower numbers' values.
enum class Step { kNone, kInteger, kLong, kDecimal, kDouble, kDate, kTimestamp, kBoolean, kText };

bool IsNumber(Step step) { return step >= Step::kInteger && step <= Step::kDouble; }

struct CsvColumn {
  std::string name;
  Step step = Step::kNone;
  int digits = 0;
};

bool LooksLikeDate(std::string_view text) {
  return text.size() >= 8 && text.find('-', 1) != text.npos && text.find(':') == text.npos;
}

Step StepOf(std::string_view text, const TimeFormats& formats) {
  int64_t integer = 0;
  if (ParseInteger(text, &integer)) {
    return integer == static_cast<int32_t>(integer) ? Step::kInteger : Step::kLong;
  }
  double number = 0;
  if (ParseDouble(text, &number)) {
    const bool whole = text.find_first_not_of("0123456789", text[0] == '-') == text.npos;
    return whole && text.size() <= 38 ? Step::kDecimal : Step::kDouble;
  }
  int32_t days = 0;
  const bool date = formats.date.empty() ? LooksLikeDate(text) && ParseDate(text, &days)
                                         : formats.date.ParseDate(text, &days);
  if (date) return Step::kDate;
  int64_t micros = 0;
  const bool time = formats.timestamp.empty()
                        ? text.size() >= 8 && ParseTimestamp(text, true, &micros)
                        : formats.timestamp.ParseTimestamp(text, &micros);
  if (time) return Step::kTimestamp;
  bool boolean = false;
  return ParseBoolean(text, &boolean) ? Step::kBoolean : Step::kText;
}

Step Widen(Step a, Step b) {
  if (a == Step::kNone || a == b) return b;
  if (b == Step::kNone) return a;
  if (IsNumber(a) && IsNumber(b)) return std::max(a, b);
  const bool times =
      (a == Step::kDate || a == Step::kTimestamp) && (b == Step::kDate || b == Step::kTimestamp);
  return times ? Step::kTimestamp : Step::kText;
}

DataType TypeOf(const CsvColumn& column) {
  switch (column.step) {
    case Step::kInteger:
      return DataType::Of(TypeId::kInteger);
    case Step::kLong:
      return DataType::Of(TypeId::kLong);
    case Step::kDecimal:
      return DataType::Decimal(std::max(column.digits, 1), 0);
    case Step::kDouble:
      return DataType::Of(TypeId::kDouble);
    case Step::kDate:
      return DataType::Of(TypeId::kDate);
    case Step::kTimestamp:
      return DataType::Of(TypeId::kTimestamp);
    case Step::kBoolean:
      return DataType::Of(TypeId::kBoolean);
    default:
      return DataType::Of(TypeId::kString);
  }
}

using Columns = std::vector<CsvColumn>;

Error HeaderNotUtf8(const std::string& file, std::string_view name) {
  return DataError("HEADER_NOT_UTF8",
                   "the header of " + file + " is no valid UTF-8: " + ValidUtf8(name),
                   "Give the encoding of the files: encoding => 'ISO-8859-1'.");
}

class CsvLook {
 public:
  CsvLook(FileScan::State& state, const InferenceOptions& options)
      : state_(state), options_(options), line_(state.spec.csv, state.spec.multi_line) {}

  Status Read(size_t file) {
    const ScanSpec& spec = state_.spec;
    RecordBlocks blocks(spec, spec.files[file], spec.line_separator, 0, INT64_MAX, spec.multi_line);
    bool header = spec.csv.header;
    while (true) {
      TextBlock text;
      ASSIGN_OR_RETURN(const bool more, blocks.Next(&text));
      if (!more) return OkStatus();
      for (const char* p = text.begin; p < text.end;) {
        if (IsSkipped(&p, text.end)) continue;
        p = line_.Read(p, text.end);
        ++records_;
        if (header) {
          for (const CsvValue& value : line_.values()) {
            if (!IsUtf8(value.text)) return HeaderNotUtf8(spec.files[file].path, value.text);
          }
          for (std::string& name : HeaderNames(line_.values()))
            columns_.push_back({std::move(name)});
          header = false;
          // With text alone the names say everything.
          if (!options_.infer_column_types) return OkStatus();
        } else {
          LookAtValues();
        }
      }
    }
  }

  Columns& columns() { return columns_; }
  int64_t records() const { return records_; }
  bool corrupt() const { return corrupt_; }

 private:
  bool IsSkipped(const char** p, const char* end) const {
    if (!IsBlankOrComment(*p, end, state_.spec.csv)) return false;
    while (*p < end && **p != '\n' && **p != '\r') ++*p;
    ++*p;
    return true;
  }

  void LookAtValues() {
    const auto& values = line_.values();
    if (!state_.spec.csv.header) {
      while (columns_.size() < values.size()) {
        columns_.push_back({"_c" + std::to_string(columns_.size())});
      }
    }
    if (values.size() != columns_.size()) corrupt_ = true;
    if (!options_.infer_column_types) return;
    for (size_t i = 0; i < std::min(values.size(), columns_.size()); ++i) {
      std::string_view text;
      CsvColumn& column = columns_[i];
      if (column.step == Step::kText || line_.IsNull(values[i], &text)) continue;
      column.step = Widen(column.step, StepOf(text, state_.formats));
      column.digits = std::max(column.digits, static_cast<int>(std::min<size_t>(text.size(), 38)));
    }
  }

  FileScan::State& state_;
  const InferenceOptions& options_;
  CsvLine line_;
  Columns columns_;
  int64_t records_ = 0;
  bool corrupt_ = false;
};

// Columns of a later file go to those of the same name.
void MergeColumns(const Columns& more, Columns* columns) {
  for (const CsvColumn& column : more) {
    const auto same = std::find_if(columns->begin(), columns->end(), [&](const CsvColumn& other) {
      return EqualsIgnoreCase(other.name, column.name);
    });
    if (same == columns->end()) {
      columns->push_back(column);
    } else {
      same->step = Widen(same->step, column.step);
      same->digits = std::max(same->digits, column.digits);
    }
  }
}

}  // namespace

Result<InferredSchema> InferCsv(const ScanSpec& spec, const InferenceOptions& options) {
  FileScan::State state(spec);
  if (state.unusable) return *state.unusable;
  std::vector<size_t> files;
  for (size_t i = 0; i < spec.files.size(); ++i) files.push_back(i);
  std::vector<Columns> by_file(files.size());
  std::atomic<int64_t> records{0};
  std::atomic<bool> corrupt{false};
  Status looked = ForEachUnit(files, [&](size_t file) -> Status {
    if (options.max_records > 0 && records >= options.max_records) return OkStatus();
    CsvLook look(state, options);
    RETURN_IF_ERROR(look.Read(file));
    by_file[file] = std::move(look.columns());
    records += look.records();
    if (look.corrupt()) corrupt = true;
    return OkStatus();
  });
  if (!looked.ok()) return std::move(looked).error();
  if (records == 0) return NothingToInfer();
  Columns columns;
  for (const Columns& more : by_file) MergeColumns(more, &columns);
  InferredSchema schema;
  schema.corrupt = corrupt;
  for (const CsvColumn& column : columns) {
    schema.columns.push_back({column.name, TypeOf(column), true, ""});
  }
  return schema;
}

}  // namespace penstock::duck
