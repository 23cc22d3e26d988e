#include "cli/row_writer.h"

#include <cerrno>
#include <cstring>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "cli/table_text.h"
#include "duck/row_text.h"

namespace penstock::cli {
namespace {

constexpr size_t kBufferBytes = size_t{256} << 10;

// Collects text and hands it to the stream in large pieces.
class Output {
 public:
  explicit Output(std::FILE* stream) : stream_(stream) {}

  std::string& text() { return text_; }
  bool closed() const { return closed_; }

  Status Spill() { return text_.size() < kBufferBytes ? OkStatus() : Flush(); }

  Status Flush() {
    const bool written = std::fwrite(text_.data(), 1, text_.size(), stream_) == text_.size() &&
                         std::fflush(stream_) == 0;
    text_.clear();
    if (written) return OkStatus();
    if (errno == EPIPE) {
      closed_ = true;
      return OkStatus();
    }
    return SystemError("IO_ERROR", std::string("cannot write the output: ") + std::strerror(errno));
  }

 private:
  std::FILE* stream_;
  std::string text_;
  bool closed_ = false;
};

// `"name":` for each column; repeated names get a number, or a reader would keep only the last.
std::vector<std::string> JsonKeys(const std::vector<OutputColumn>& columns) {
  std::vector<std::string> keys;
  std::set<std::string> taken;
  for (const OutputColumn& column : columns) {
    std::string name = column.name;
    for (int i = 1; !taken.insert(name).second; ++i) name = column.name + "_" + std::to_string(i);
    std::string key;
    AppendJsonString(name, &key);
    keys.push_back(key + ":");
  }
  return keys;
}

void AppendObject(const RowSource& rows, const std::vector<std::string>& keys, std::string* out) {
  *out += '{';
  for (size_t i = 0; i < keys.size(); ++i) {
    if (i > 0) *out += ',';
    *out += keys[i];
    rows.AppendJson(i, out);
  }
  *out += '}';
}

Status WriteJson(RowSource& rows, bool lines, Output& output) {
  const std::vector<std::string> keys = JsonKeys(rows.columns());
  bool first = true;
  if (!lines) output.text() += '[';
  while (!output.closed()) {
    ASSIGN_OR_RETURN(const bool more, rows.Next());
    if (!more) break;
    if (!lines) output.text() += first ? "\n" : ",\n";
    first = false;
    AppendObject(rows, keys, &output.text());
    if (lines) output.text() += '\n';
    RETURN_IF_ERROR(output.Spill());
  }
  if (!lines) output.text() += first ? "]\n" : "\n]\n";
  return output.Flush();
}

// Quotes where the text would otherwise end a field, and an empty text to tell it from null.
void AppendField(std::string_view text, bool is_null, std::string* out) {
  if (is_null) return;
  if (!text.empty() && text.find_first_of(",\"\r\n") == text.npos) {
    *out += text;
    return;
  }
  *out += '"';
  for (const char c : text) {
    if (c == '"') *out += '"';
    *out += c;
  }
  *out += '"';
}

Status WriteCsv(RowSource& rows, Output& output) {
  const size_t count = rows.columns().size();
  for (size_t i = 0; i < count; ++i) {
    if (i > 0) output.text() += ',';
    AppendField(rows.columns()[i].name, false, &output.text());
  }
  output.text() += '\n';
  std::string field;
  while (!output.closed()) {
    ASSIGN_OR_RETURN(const bool more, rows.Next());
    if (!more) break;
    for (size_t i = 0; i < count; ++i) {
      if (i > 0) output.text() += ',';
      field.clear();
      rows.AppendText(i, &field);
      AppendField(field, rows.IsNull(i), &output.text());
    }
    output.text() += '\n';
    RETURN_IF_ERROR(output.Spill());
  }
  return output.Flush();
}

Status WriteTable(RowSource& rows, Output& output, size_t width) {
  // Widths are chosen by the first rows; the rest streams by.
  constexpr int64_t kMeasuredRows = 1000;
  TableText table(rows.columns(), width);
  int64_t count = 0;
  std::vector<std::string> cells(rows.columns().size());
  while (!output.closed()) {
    ASSIGN_OR_RETURN(const bool more, rows.Next());
    if (!more) break;
    ++count;
    for (size_t i = 0; i < cells.size(); ++i) {
      cells[i].clear();
      rows.AppendText(i, &cells[i]);
      if (rows.IsNull(i)) cells[i] = "NULL";
    }
    table.Add(cells);
    if (count == kMeasuredRows) table.Settle(&output.text());
    if (count > kMeasuredRows) table.Drain(&output.text());
    RETURN_IF_ERROR(output.Spill());
  }
  table.Settle(&output.text());
  output.text() += "(" + std::to_string(count) + (count == 1 ? " row)\n" : " rows)\n");
  return output.Flush();
}

}  // namespace

std::optional<Format> ParseFormat(std::string_view name) {
  if (name == "table") return Format::kTable;
  if (name == "csv") return Format::kCsv;
  if (name == "json") return Format::kJson;
  if (name == "jsonl") return Format::kJsonl;
  return std::nullopt;
}

Status WriteRows(RowSource& rows, Format format, std::FILE* stream, size_t width) {
  Output output(stream);
  switch (format) {
    case Format::kTable:
      return WriteTable(rows, output, width);
    case Format::kCsv:
      return WriteCsv(rows, output);
    case Format::kJson:
      return WriteJson(rows, false, output);
    case Format::kJsonl:
      return WriteJson(rows, true, output);
  }
  return OkStatus();
}

}  // namespace penstock::cli
