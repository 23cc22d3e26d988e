#include "duck/scan/file_scan.h"

#include <fcntl.h>
#include <simdjson.h>
#include <unistd.h>

#include <unordered_map>

#include "duck/scan/byte_source.h"
#include "duck/scan/scan_registry.h"
#include "duck/scan/scan_state.h"

namespace penstock::duck {
namespace {

constexpr int64_t kUnitSize = int64_t{8} << 20;

struct Registry {
  std::mutex mutex;
  std::unordered_map<int64_t, std::shared_ptr<FileScan::State>> scans;
  int64_t next = 1;
};

Registry& TheRegistry() {
  static Registry* const registry = new Registry;
  return *registry;
}

Field Named(std::string name, DataType type) {
  return {std::move(name), std::move(type), true, ""};
}

Field MetadataColumn() {
  const DataType text = DataType::Of(TypeId::kString);
  const DataType number = DataType::Of(TypeId::kLong);
  return Named("_metadata",
               DataType::Struct(
                   {Named("file_path", text), Named("file_name", text), Named("file_size", number),
                    Named("file_block_start", number), Named("file_block_length", number),
                    Named("file_modification_time", DataType::Of(TypeId::kTimestamp))}));
}

Schema ColumnsOf(const ScanSpec& spec) {
  Schema columns = spec.data_columns;
  columns.insert(columns.end(), spec.partition_columns.begin(), spec.partition_columns.end());
  const DataType text = DataType::Of(TypeId::kString);
  if (spec.corrupt_column) columns.push_back(Named(*spec.corrupt_column, text));
  if (spec.rescue_column) columns.push_back(Named(*spec.rescue_column, text));
  if (spec.with_metadata) columns.push_back(MetadataColumn());
  if (spec.with_position) {
    columns.push_back(Named(
        "__penstock_position",
        DataType::Struct({Named("file", text), Named("record", DataType::Of(TypeId::kLong))})));
  }
  return columns;
}

// Whether several threads may read parts of one file.
bool IsDivisible(const ScanSpec& spec, const ScanFile& file) {
  const bool lines = spec.format == FileFormat::kJson || spec.format == FileFormat::kCsv ||
                     (spec.format == FileFormat::kText && !spec.whole_text);
  return lines && !spec.multi_line && spec.line_separator.empty() &&
         IsSeekable(file.path, spec.encoding);
}

std::vector<ScanUnit> UnitsOf(const ScanSpec& spec) {
  std::vector<ScanUnit> units;
  for (size_t i = 0; i < spec.files.size(); ++i) {
    const ScanFile& file = spec.files[i];
    if (!IsDivisible(spec, file)) {
      units.push_back({i, 0, INT64_MAX});
      continue;
    }
    int64_t begin = 0;
    while (file.size - begin > kUnitSize + kUnitSize / 2) {
      units.push_back({i, begin, begin + kUnitSize});
      begin += kUnitSize;
    }
    units.push_back({i, begin, file.size});
  }
  return units;
}

}  // namespace

Result<TimeFormats> CompileFormats(const ScanSpec& spec) {
  TimeFormats formats;
  if (!spec.date_format.empty()) {
    ASSIGN_OR_RETURN(formats.date, TimePattern::Compile(spec.date_format));
  }
  if (!spec.timestamp_format.empty()) {
    ASSIGN_OR_RETURN(formats.timestamp, TimePattern::Compile(spec.timestamp_format));
  }
  if (!spec.timestamp_ntz_format.empty()) {
    ASSIGN_OR_RETURN(formats.timestamp_ntz, TimePattern::Compile(spec.timestamp_ntz_format));
  }
  return formats;
}

std::string ValidUtf8(std::string_view text) {
  if (simdjson::validate_utf8(text.data(), text.size())) return std::string(text);
  std::string valid;
  for (size_t i = 0; i < text.size();) {
    size_t length = 1;
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead >= 0xC2 && lead < 0xE0) length = 2;
    if (lead >= 0xE0 && lead < 0xF0) length = 3;
    if (lead >= 0xF0 && lead < 0xF5) length = 4;
    if (i + length <= text.size() && simdjson::validate_utf8(text.data() + i, length)) {
      valid.append(text, i, length);
      i += length;
    } else {
      valid += "\xEF\xBF\xBD";
      ++i;
    }
  }
  return valid;
}

FileScan::State::State(ScanSpec given) : spec(std::move(given)) {
  auto compiled = CompileFormats(spec);
  if (compiled.ok()) {
    formats = std::move(compiled).value();
  } else {
    unusable = compiled.error();
  }
  if (spec.csv.separator.empty()) {
    unusable = UserError("BAD_OPTION", "the option sep cannot be empty", "Give a character.");
  }
  columns = ColumnsOf(spec);
  units = UnitsOf(spec);
}

std::shared_ptr<FileScan::State> FindScan(int64_t id) {
  const std::lock_guard lock(TheRegistry().mutex);
  const auto found = TheRegistry().scans.find(id);
  return found == TheRegistry().scans.end() ? nullptr : found->second;
}

FileScan::FileScan(ScanSpec spec) : state_(std::make_shared<State>(std::move(spec))) {
  const std::lock_guard lock(TheRegistry().mutex);
  id_ = TheRegistry().next++;
  TheRegistry().scans.emplace(id_, state_);
}

FileScan::~FileScan() {
  const std::lock_guard lock(TheRegistry().mutex);
  TheRegistry().scans.erase(id_);
}

std::string FileScan::RelationSql() const { return "penstock_scan(" + std::to_string(id_) + ")"; }

Schema FileScan::Columns() const { return state_->columns; }

ScanCounts FileScan::counts() const {
  return {state_->records, state_->corrupt, state_->dropped, state_->lost, state_->bytes};
}

std::vector<BadRecord> FileScan::TakeBadRecords() {
  const std::lock_guard lock(state_->mutex);
  state_->bad_bytes = 0;
  return std::exchange(state_->bad_records, {});
}

Result<int64_t> LineNumber(const ScanFile& file, int64_t offset, const RangeReader& ranges) {
  ASSIGN_OR_RETURN(const auto source, OpenBytes(file, ranges, "", 0));
  std::vector<char> buffer(256 * 1024);
  int64_t line = 1;
  char last = 0;
  for (int64_t left = offset;;) {
    const size_t wanted = static_cast<size_t>(std::min<int64_t>(left, buffer.size()));
    ASSIGN_OR_RETURN(const size_t count, source->Read(buffer.data(), wanted));
    if (count == 0) return line;
    left -= static_cast<int64_t>(count);
    for (size_t i = 0; i < count; ++i) {
      if (buffer[i] == '\r' || (buffer[i] == '\n' && last != '\r')) ++line;
      last = buffer[i];
    }
  }
}

}  // namespace penstock::duck
