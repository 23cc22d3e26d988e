#include "base/text.h"
#include "run/files_source.h"
#include "run/parquet_source.h"
#include "run/relation_sql.h"

namespace penstock::run {
namespace {

// Options were checked when they were parsed; what is missing keeps the reader's default.
class Parsing {
 public:
  explicit Parsing(const std::map<std::string, std::string>& options) : options_(options) {}

  void Read(const char* name, std::string* value) const {
    const auto found = options_.find(name);
    if (found != options_.end()) *value = found->second;
  }
  void Read(const char* name, std::optional<std::string>* value) const {
    const auto found = options_.find(name);
    if (found != options_.end()) *value = found->second;
  }
  void Read(const char* name, bool* value) const {
    const auto found = options_.find(name);
    if (found != options_.end()) *value = EqualsIgnoreCase(found->second, "true");
  }
  void Read(const char* name, char* value) const {
    const auto found = options_.find(name);
    if (found != options_.end()) *value = found->second.empty() ? '\0' : found->second[0];
  }

 private:
  const std::map<std::string, std::string>& options_;
};

duck::FileFormat FormatOf(const std::string& format) {
  if (format == "csv") return duck::FileFormat::kCsv;
  if (format == "text") return duck::FileFormat::kText;
  if (format == "binaryfile") return duck::FileFormat::kBinary;
  return duck::FileFormat::kJson;
}

duck::ParseMode ModeOf(const std::string& mode) {
  if (EqualsIgnoreCase(mode, "DROPMALFORMED")) return duck::ParseMode::kDropMalformed;
  if (EqualsIgnoreCase(mode, "FAILFAST")) return duck::ParseMode::kFailFast;
  return duck::ParseMode::kPermissive;
}

void ReadCsv(const Parsing& parsing, bool inferred, duck::CsvFormat* csv) {
  csv->header = inferred;  // a header is assumed where the columns are looked up in the file
  parsing.Read("header", &csv->header);
  parsing.Read("delimiter", &csv->separator);
  parsing.Read("sep", &csv->separator);
  parsing.Read("quote", &csv->quote);
  parsing.Read("escape", &csv->escape);
  parsing.Read("comment", &csv->comment);
  parsing.Read("nullvalue", &csv->null_value);
  parsing.Read("emptyvalue", &csv->empty_value);
  parsing.Read("ignoreleadingwhitespace", &csv->ignore_leading_space);
  parsing.Read("ignoretrailingwhitespace", &csv->ignore_trailing_space);
  parsing.Read("enforceschema", &csv->enforce_schema);
}

// The corrupt and rescue columns are made by the reader, so they are no data columns.
bool TakeOut(Schema* columns, const std::string& name) {
  return std::erase_if(*columns,
                       [&](const Field& field) { return EqualsIgnoreCase(field.name, name); }) > 0;
}

// Files of this machine are opened by the reader itself, which needs no requests.
duck::RangeReader RangesOf(Workspace& workspace, const std::string& path) {
  if (!io::IsRemote(path)) return {};
  return [storage = workspace.storage](const duck::ScanFile& file, int64_t offset,
                                       int64_t length) -> Result<std::string> {
    return storage->ReadListed({file.path, file.size, file.modified}, offset, length);
  };
}

}  // namespace

Result<int64_t> LineNumber(Workspace& workspace, const std::string& file, int64_t offset) {
  duck::ScanFile listed{file, INT64_MAX, 0, {}};
  if (io::IsRemote(file)) {
    ASSIGN_OR_RETURN(const auto info, workspace.storage->Stat(file));
    if (info) listed = {file, info->size, info->modified, {}};
  }
  return duck::LineNumber(listed, offset, RangesOf(workspace, file));
}

duck::ScanSpec ScanSpecOf(Workspace& workspace, const FilesSource& source,
                          const std::vector<source::FileEntry>& files) {
  duck::ScanSpec spec;
  const source::FileOptions& options = source.options;
  spec.format = FormatOf(options.format);
  spec.ranges = RangesOf(workspace, source.path);
  spec.mode = ModeOf(options.mode);
  spec.data_columns = source.data_columns;
  spec.partition_columns = source.partition_columns;
  if (TakeOut(&spec.data_columns, options.corrupt_column)) {
    spec.corrupt_column = options.corrupt_column;
  }
  if (options.rescued_data_column) {
    TakeOut(&spec.data_columns, *options.rescued_data_column);
    spec.rescue_column = options.rescued_data_column;
  }
  spec.keep_bad_records = options.bad_records_path.has_value();
  for (const source::FileEntry& file : files) {
    spec.files.push_back({file.path, file.size, file.modified,
                          source::PartitionValuesOf(file.path, source.partition_columns)});
  }
  const Parsing parsing(options.parsing);
  parsing.Read("multiline", &spec.multi_line);
  parsing.Read("charset", &spec.encoding);
  parsing.Read("encoding", &spec.encoding);
  parsing.Read("dateformat", &spec.date_format);
  parsing.Read("timestampformat", &spec.timestamp_format);
  parsing.Read("timestampntzformat", &spec.timestamp_ntz_format);
  parsing.Read("linesep", &spec.line_separator);
  parsing.Read("wholetext", &spec.whole_text);
  parsing.Read("readercasesensitive", &spec.case_sensitive);
  parsing.Read("allowsinglequotes", &spec.allow_single_quotes);
  parsing.Read("allowcomments", &spec.allow_comments);
  parsing.Read("allownonnumericnumbers", &spec.allow_non_numeric);
  ReadCsv(parsing, source.inferred, &spec.csv);
  return spec;
}

Result<FilesRelation> RelationOf(Workspace& workspace, const FilesSource& source,
                                 const std::vector<source::FileEntry>& files,
                                 const FilesRelationOptions& options) {
  Schema columns = ColumnsOf(source);
  if (options.with_metadata) columns.push_back(MetadataField());
  if (options.with_position) columns.push_back(PositionField());
  if (files.empty()) return FilesRelation{EmptyRelation(columns), nullptr};
  if (source.options.format == "parquet") {
    ASSIGN_OR_RETURN(std::string query, ParquetQuery(workspace, source, files, options));
    return FilesRelation{std::move(query), nullptr};
  }
  duck::ScanSpec spec = ScanSpecOf(workspace, source, files);
  spec.with_metadata = options.with_metadata;
  spec.with_position = options.with_position;
  FilesRelation relation;
  relation.scan = std::make_shared<duck::FileScan>(std::move(spec));
  std::string names;
  for (const Field& field : columns) {
    names += (names.empty() ? "" : ", ") + duck::QuoteIdentifier(field.name);
  }
  relation.query = "SELECT " + names + " FROM " + relation.scan->RelationSql();
  return relation;
}

}  // namespace penstock::run
