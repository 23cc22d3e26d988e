#include "duck/scan/row_sink.h"

#include "base/text.h"
#include "duck/scan/byte_source.h"

namespace penstock::duck {
namespace {

constexpr size_t kMaxBadRecord = size_t{1} << 20;
constexpr int64_t kMaxBadBytes = int64_t{256} << 20;

std::string BaseNameOf(const std::string& path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

RowSink::RowSink(FileScan::State& state, const std::vector<size_t>& projected)
    : state_(state), capacity_(duckdb_vector_size()) {
  target_.case_sensitive = state.spec.case_sensitive;
  for (const Field& field : state.spec.data_columns) target_.Add(field.name, nullptr);
  for (const size_t column : projected) AddColumn(column);
  const bool judged = state.spec.mode != ParseMode::kPermissive || state.spec.keep_bad_records ||
                      corrupt_ != nullptr || rescue_ != nullptr;
  if (judged) AddHidden();
}

RowSink::~RowSink() {
  if (scratch_ != nullptr) duckdb_destroy_data_chunk(&scratch_);
}

void RowSink::AddColumn(size_t column) {
  const ScanSpec& spec = state_.spec;
  const size_t data = spec.data_columns.size();
  Column added;
  if (column >= state_.columns.size()) {  // a row id, asked for by count(*)
    added.role = Role::kPartition;
    added.index = spec.partition_columns.size();
    columns_.push_back(std::move(added));
    return;
  }
  const Field& field = state_.columns[column];
  added.writer = std::make_unique<ColumnWriter>(field.type, spec.case_sensitive);
  if (column < data) {
    added.index = column;
    target_.columns[column] = added.writer.get();
  } else if (column < data + spec.partition_columns.size()) {
    added.role = Role::kPartition;
    added.index = column - data;
  } else if (field.name == spec.corrupt_column) {
    added.role = Role::kCorrupt;
    corrupt_ = added.writer.get();
  } else if (field.name == spec.rescue_column) {
    added.role = Role::kRescue;
    rescue_ = added.writer.get();
  } else if (field.name == "_metadata") {
    added.role = Role::kMetadata;
  } else {
    added.role = Role::kPosition;
    position_ = added.writer.get();
  }
  columns_.push_back(std::move(added));
}

void RowSink::AddHidden() {
  std::vector<NativeType> types;
  std::vector<duckdb_logical_type> raw;
  for (size_t i = 0; i < target_.columns.size(); ++i) {
    if (target_.columns[i] != nullptr) continue;
    const DataType& type = state_.spec.data_columns[i].type;
    Column column;
    column.index = i;
    column.writer = std::make_unique<ColumnWriter>(type, state_.spec.case_sensitive);
    target_.columns[i] = column.writer.get();
    hidden_.push_back(std::move(column));
    types.push_back(MakeNativeType(type));
    raw.push_back(types.back().get());
  }
  if (!raw.empty()) scratch_ = duckdb_create_data_chunk(raw.data(), raw.size());
}

void RowSink::BeginChunk(duckdb_data_chunk chunk) {
  chunk_ = chunk;
  row_ = 0;
  file_rows_ = 0;
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i].writer != nullptr) {
      columns_[i].writer->Bind(duckdb_data_chunk_get_vector(chunk, i));
    }
  }
  if (scratch_ == nullptr) return;
  duckdb_data_chunk_reset(scratch_);
  for (size_t i = 0; i < hidden_.size(); ++i) {
    hidden_[i].writer->Bind(duckdb_data_chunk_get_vector(scratch_, i));
  }
}

void RowSink::EndChunk() {
  EndFileRows();
  for (Column& column : columns_) {
    if (column.writer != nullptr) column.writer->Finish();
  }
  duckdb_data_chunk_set_size(chunk_, row_);
  state_.records += records_;
  state_.corrupt += bad_;
  state_.dropped += dropped_;
  state_.lost += lost_;
  records_ = 0;
  bad_ = 0;
  dropped_ = 0;
  lost_ = 0;
}

void RowSink::ClearRow() {
  for (ColumnWriter* column : target_.columns) {
    if (column != nullptr) column->SetNull(row_);
  }
}

void RowSink::BeginFile(size_t file) {
  EndFileRows();
  file_ = file;
}

void RowSink::EndBlock(const BlockPtr& block) {
  for (Column& column : columns_) {
    if (column.writer != nullptr) column.writer->KeepStrings(block);
  }
}

Error RowSink::Malformed(int64_t offset, std::string_view reason) const {
  const ScanFile& listed = state_.spec.files[file_];
  const std::string& file = listed.path;
  const auto line = LineNumber(listed, offset, state_.spec.ranges);
  const std::string place = line.ok() && IsSeekable(file, state_.spec.encoding)
                                ? ":" + std::to_string(*line)
                                : " at byte " + std::to_string(offset);
  return DataError("MALFORMED_RECORD",
                   file + place + ": the record does not parse: " + std::string(reason),
                   "Correct the file, or read it with mode PERMISSIVE or DROPMALFORMED.");
}

Status RowSink::Drop(int64_t offset, std::string_view raw, std::string_view reason) {
  ++dropped_;
  if (!state_.spec.keep_bad_records) return OkStatus();
  BadRecord record{state_.spec.files[file_].path, offset, ValidUtf8(raw.substr(0, kMaxBadRecord)),
                   std::string(reason)};
  const std::lock_guard lock(state_.mutex);
  state_.bad_bytes += static_cast<int64_t>(record.record.size());
  if (state_.bad_bytes > kMaxBadBytes) {
    return DataError("TOO_MANY_BAD_RECORDS",
                     "more than 256 MB of bad records, the last in " + record.file,
                     "Check the format and the schema, or read with mode DROPMALFORMED.");
  }
  state_.bad_records.push_back(std::move(record));
  return OkStatus();
}

Status RowSink::Finish(int64_t offset, std::string_view raw, const RecordOutcome& outcome,
                       const std::vector<RescuedValue>& rescued) {
  ++records_;
  if (outcome.bad) {
    ++bad_;
    if (state_.spec.keep_bad_records) return Drop(offset, raw, outcome.reason);
    if (state_.spec.mode == ParseMode::kFailFast) return Malformed(offset, outcome.reason);
    if (state_.spec.mode == ParseMode::kDropMalformed) return Drop(offset, raw, outcome.reason);
  }
  if (corrupt_ != nullptr) {
    if (outcome.bad) {
      corrupt_->CopyString(row_, ValidUtf8(raw));
    } else {
      corrupt_->SetNull(row_);
    }
  }
  if (rescue_ != nullptr) WriteRescued(*rescue_, rescued, outcome.bad ? raw : std::string_view());
  if (outcome.bad && !state_.spec.corrupt_column && !state_.spec.rescue_column) ++lost_;
  if (position_ != nullptr) position_->object().columns[1]->Set(row_, offset);
  ++row_;
  return OkStatus();
}

// A record that is broken as a whole is kept as text where no column is there for it.
void RowSink::WriteRescued(ColumnWriter& writer, const std::vector<RescuedValue>& rescued,
                           std::string_view broken) {
  const bool keeps_record = !broken.empty() && !state_.spec.corrupt_column;
  if (rescued.empty() && !keeps_record) {
    writer.SetNull(row_);
    return;
  }
  std::string json = "{";
  for (const RescuedValue& value : rescued) {
    json += QuoteJson(value.path) + ":" + value.json + ",";
  }
  if (keeps_record) json += "\"_corrupt_record\":" + QuoteJson(ValidUtf8(broken)) + ",";
  json += "\"_file_path\":" + QuoteJson(FileUri(state_.spec.files[file_].path)) + "}";
  writer.CopyString(row_, json);
}

void RowSink::WritePartition(Column& column) {
  const auto& values = state_.spec.files[file_].partition_values;
  for (idx_t row = file_rows_; row < row_; ++row) {
    const bool text = column.writer->id() == TypeId::kString;
    if (column.index >= values.size() || !values[column.index] ||
        !column.writer->SetText(row, *values[column.index], TimeFormats{})) {
      column.writer->SetNull(row);
    } else if (text) {
      column.writer->RepeatString(row, row_);
      return;
    }
  }
}

void RowSink::WriteMetadata(ColumnWriter& writer) {
  const ScanFile& file = state_.spec.files[file_];
  auto& fields = writer.object().columns;
  fields[0]->CopyString(file_rows_, FileUri(file.path));
  fields[0]->RepeatString(file_rows_, row_);
  fields[1]->CopyString(file_rows_, BaseNameOf(file.path));
  fields[1]->RepeatString(file_rows_, row_);
  for (idx_t row = file_rows_; row < row_; ++row) {
    writer.SetValid(row);
    fields[2]->Set(row, file.size);
    fields[3]->Set(row, int64_t{0});
    fields[4]->Set(row, file.size);
    fields[5]->Set(row, file.modified);
  }
}

// Fills what is the same for all rows of a file.
void RowSink::EndFileRows() {
  if (file_rows_ < row_) {
    for (Column& column : columns_) {
      if (column.writer == nullptr) continue;
      if (column.role == Role::kPartition) WritePartition(column);
      if (column.role == Role::kMetadata) WriteMetadata(*column.writer);
      if (column.role == Role::kPosition) {
        ColumnWriter& file = *column.writer->object().columns[0];
        file.CopyString(file_rows_, state_.spec.files[file_].path);
        file.RepeatString(file_rows_, row_);
      }
    }
  }
  file_rows_ = row_;
}

}  // namespace penstock::duck
