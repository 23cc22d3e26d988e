#include "duck/scan/scanner.h"

namespace penstock::duck {
namespace {

std::unique_ptr<RecordReader> NewReader(FileScan::State& state, RowSink& sink) {
  switch (state.spec.format) {
    case FileFormat::kJson:
      return NewJsonReader(state, sink);
    case FileFormat::kCsv:
      return NewCsvReader(state, sink);
    case FileFormat::kText:
      return NewTextReader(state, sink);
    case FileFormat::kBinary:
      return NewBinaryReader(state, sink);
  }
  return nullptr;
}

}  // namespace

Scanner::Scanner(FileScan::State& state, const std::vector<size_t>& projected,
                 std::atomic<size_t>& next_unit)
    : state_(state),
      next_unit_(next_unit),
      sink_(state, projected),
      reader_(NewReader(state, sink_)) {}

Status Scanner::Fill(duckdb_data_chunk chunk) {
  sink_.BeginChunk(chunk);
  while (!sink_.Full()) {
    if (!in_unit_) {
      const size_t next = next_unit_.fetch_add(1);
      if (next >= state_.units.size()) break;
      RETURN_IF_ERROR(reader_->Begin(state_.units[next]));
      in_unit_ = true;
    }
    ASSIGN_OR_RETURN(in_unit_, reader_->Read());
  }
  sink_.EndChunk();
  return OkStatus();
}

}  // namespace penstock::duck
