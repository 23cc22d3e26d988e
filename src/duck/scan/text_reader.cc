#include <simdjson.h>

#include "base/text.h"
#include "duck/scan/byte_source.h"
#include "duck/scan/record_blocks.h"
#include "duck/scan/record_reader.h"

namespace penstock::duck {
namespace {

// One row a line (or a file); the first column is `value`.
class TextReader : public RecordReader {
 public:
  TextReader(FileScan::State& state, RowSink& sink) : state_(state), sink_(sink) {}

  Status Begin(const ScanUnit& unit) override {
    blocks_ = std::make_unique<RecordBlocks>(state_.spec, state_.spec.files[unit.file],
                                             state_.spec.line_separator, unit.begin, unit.end,
                                             state_.spec.whole_text);
    sink_.BeginFile(unit.file);
    text_ = {};
    p_ = nullptr;
    return OkStatus();
  }

  Result<bool> Read() override {
    while (!sink_.Full()) {
      if (p_ == nullptr || p_ >= text_.end) {
        if (text_.block != nullptr) sink_.EndBlock(text_.block);
        text_ = {};
        ASSIGN_OR_RETURN(const bool more, blocks_->Next(&text_));
        p_ = text_.begin;
        if (!more) return false;
        state_.bytes += text_.end - text_.begin;
        continue;
      }
      RETURN_IF_ERROR(ReadLine());
    }
    sink_.EndBlock(text_.block);
    return true;
  }

 private:
  Status ReadLine() {
    const char* const begin = p_;
    const char* end = text_.end;
    const char* next = text_.end;
    if (!state_.spec.whole_text) FindEnd(begin, &end, &next);
    p_ = next;
    const std::string_view line(begin, end - begin);
    ColumnWriter* const value =
        sink_.target().columns.empty() ? nullptr : sink_.target().columns.front();
    if (value != nullptr && (text_.valid_utf8 || value->id() == TypeId::kBinary)) {
      value->ReferString(sink_.row(), line.data(), line.size());
    } else if (value != nullptr) {
      value->CopyString(sink_.row(), ValidUtf8(line));
    }
    return sink_.Finish(text_.offset + (begin - text_.begin), line, {}, {});
  }

  void FindEnd(const char* begin, const char** end, const char** next) const {
    const std::string& separator = state_.spec.line_separator;
    if (!separator.empty()) {
      const size_t found = std::string_view(begin, text_.end - begin).find(separator);
      if (found == std::string_view::npos) return;
      *end = begin + found;
      *next = *end + separator.size();
      return;
    }
    const char* p = begin;
    while (p < text_.end && *p != '\n' && *p != '\r') ++p;
    *end = p;
    *next = p + (p < text_.end ? 1 : 0);
    if (*p == '\r' && *next < text_.end && **next == '\n') ++*next;
  }

  FileScan::State& state_;
  RowSink& sink_;
  std::unique_ptr<RecordBlocks> blocks_;
  TextBlock text_;
  const char* p_ = nullptr;
};

// One row a file: path, modificationTime, length, content, by name.
class BinaryReader : public RecordReader {
 public:
  BinaryReader(FileScan::State& state, RowSink& sink) : state_(state), sink_(sink) {}

  Status Begin(const ScanUnit& unit) override {
    file_ = unit.file;
    done_ = false;
    sink_.BeginFile(unit.file);
    return OkStatus();
  }

  Result<bool> Read() override {
    if (done_) return false;
    done_ = true;
    const ScanFile& file = state_.spec.files[file_];
    const idx_t row = sink_.row();
    for (size_t i = 0; i < sink_.target().columns.size(); ++i) {
      ColumnWriter* const column = sink_.target().columns[i];
      if (column == nullptr) continue;
      const std::string& name = state_.spec.data_columns[i].name;
      if (name == "path") {
        column->CopyString(row, FileUri(file.path));
      } else if (name == "modificationTime") {
        column->Set(row, file.modified);
      } else if (name == "length") {
        column->Set(row, file.size);
      } else if (name == "content") {
        RETURN_IF_ERROR(WriteContent(file, *column, row));
      } else {
        column->SetNull(row);
      }
    }
    RETURN_IF_ERROR(sink_.Finish(0, {}, {}, {}));
    return sink_.Full();
  }

 private:
  // As it lies on the disk: an archive is not unpacked.
  Status WriteContent(const ScanFile& file, ColumnWriter& column, idx_t row) {
    ASSIGN_OR_RETURN(const auto source, OpenRawBytes(file, state_.spec.ranges));
    std::string bytes(static_cast<size_t>(file.size), '\0');
    for (size_t filled = 0; filled < bytes.size();) {
      ASSIGN_OR_RETURN(const size_t count,
                       source->Read(bytes.data() + filled, bytes.size() - filled));
      filled += count;
    }
    state_.bytes += file.size;
    column.CopyString(row, bytes);
    return OkStatus();
  }

  FileScan::State& state_;
  RowSink& sink_;
  size_t file_ = 0;
  bool done_ = true;
};

}  // namespace

std::unique_ptr<RecordReader> NewTextReader(FileScan::State& state, RowSink& sink) {
  return std::make_unique<TextReader>(state, sink);
}

std::unique_ptr<RecordReader> NewBinaryReader(FileScan::State& state, RowSink& sink) {
  return std::make_unique<BinaryReader>(state, sink);
}

}  // namespace penstock::duck
