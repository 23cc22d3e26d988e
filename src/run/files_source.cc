#include "run/files_source.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "io/glob.h"
#include "run/flow_state.h"
#include "run/parquet_source.h"
#include "run/relation_sql.h"

namespace penstock::run {
namespace {

constexpr int kSchemasFormatVersion = 1;

Result<Json> ReadSchemas(Workspace& workspace, const std::string& path) {
  ASSIGN_OR_RETURN(const auto info, workspace.storage->Stat(path));
  if (!info) return Json::object();
  ASSIGN_OR_RETURN(const std::string bytes, workspace.storage->Read(path));
  ASSIGN_OR_RETURN(Json json, ParseJson(bytes, path));
  if (json.value("format_version", 0) > kSchemasFormatVersion) {
    return UserError("UNSUPPORTED_FORMAT_VERSION", path + " was written by a newer Penstock",
                     "Use that one.");
  }
  return json.value("schemas", Json::object());
}

Result<std::optional<Schema>> KeptSchema(Workspace& workspace, const FilesSource& source) {
  ASSIGN_OR_RETURN(const Json schemas, ReadSchemas(workspace, source.schemas_path));
  const auto kept = schemas.find(source.source_id);
  if (kept == schemas.end()) return std::optional<Schema>{};
  ASSIGN_OR_RETURN(Schema schema, ParseSchema(kept->get<std::string>()));
  return std::optional<Schema>{std::move(schema)};
}

std::vector<source::FileEntry> Entries(const source::FileListing& listing) {
  std::vector<source::FileEntry> entries;
  for (const io::FileInfo& file : listing.files) {
    entries.push_back({file.path, file.size, file.modified});
  }
  return entries;
}

// Hints decide the type of the columns they name, and add columns no file has yet.
Schema WithHints(Schema columns, const Schema& hints) {
  for (const Field& hint : hints) {
    const auto column = std::find_if(columns.begin(), columns.end(), [&](const Field& field) {
      return EqualsIgnoreCase(field.name, hint.name);
    });
    if (column != columns.end()) {
      column->type = hint.type;
    } else {
      columns.push_back(hint);
    }
  }
  return columns;
}

Schema Without(Schema columns, const Schema& others) {
  std::erase_if(columns, [&](const Field& field) { return FindField(others, field.name); });
  return columns;
}

Result<Schema> InferRecords(Workspace& workspace, const FilesSource& source,
                            const std::vector<source::FileEntry>& files) {
  duck::InferenceOptions options;
  options.infer_column_types = source.options.infer_column_types;
  options.prefers_decimal = source.options.prefers_decimal;
  options.infer_timestamp = source.options.infer_timestamp;
  ASSIGN_OR_RETURN(duck::InferredSchema inferred,
                   duck::InferSchema(ScanSpecOf(workspace, source, files), options));
  return std::move(inferred.columns);
}

Result<Schema> InferColumns(Workspace& workspace, const FilesSource& source,
                            const std::vector<source::FileEntry>& files) {
  auto columns = source.options.format == "parquet" ? InferParquet(workspace, files)
                                                    : InferRecords(workspace, source, files);
  if (!columns.ok()) return columns;
  return WithHints(Without(*std::move(columns), source.partition_columns),
                   source.options.schema_hints);
}

// Of formats whose columns are always the same.
std::optional<Schema> FixedColumns(const std::string& format) {
  if (format == "text") return Schema{{"value", DataType::Of(TypeId::kString)}};
  if (format != "binaryfile") return std::nullopt;
  return Schema{{"path", DataType::Of(TypeId::kString)},
                {"modificationTime", DataType::Of(TypeId::kTimestamp)},
                {"length", DataType::Of(TypeId::kLong)},
                {"content", DataType::Of(TypeId::kBinary)}};
}

std::string WithoutScheme(const std::string& path) {
  constexpr std::string_view kScheme = "file:";
  if (path.compare(0, kScheme.size(), kScheme) != 0) return path;
  const size_t slash = path.find_first_not_of('/', kScheme.size());
  return slash == path.npos ? "/" : "/" + path.substr(slash);
}

Result<std::string> DetectFormat(const FilesSource& source, const source::FileListing& listing) {
  const std::vector<std::pair<std::string, std::string>> kEndings = {
      {".json", "json"}, {".jsonl", "json"},      {".ndjson", "json"}, {".csv", "csv"},
      {".tsv", "csv"},   {".parquet", "parquet"}, {".txt", "text"}};
  for (const io::FileInfo& file : listing.files) {
    std::string name = AsciiLower(io::BaseName(file.path));
    for (const char* packed : {".gz", ".zst"}) {
      if (name.ends_with(packed)) name.resize(name.size() - std::string_view(packed).size());
    }
    for (const auto& [ending, format] : kEndings) {
      if (name.ends_with(ending)) return format;
    }
  }
  return UserError("FORMAT_UNKNOWN", "the format of the files at " + source.path + " is not given",
                   "Add it: read_files(…, format => 'json'); csv, json, parquet, text and "
                   "binaryFile are known.");
}

Error NothingToInfer(const FilesSource& source, const source::FileListing& listing) {
  return DataError("EMPTY_INPUT",
                   "empty input: there is no file to infer a schema from at " + source.path +
                       (listing.seen > 0 ? " (" + std::to_string(listing.seen) +
                                               " files are there, all filtered out)"
                                         : ""),
                   "Put a file there, or give the columns: read_files(…, schema => 'id BIGINT, "
                   "name STRING').");
}

}  // namespace

Result<FilesSource> OpenFilesSource(Workspace& workspace, const model::Flow& flow,
                                    const sql::FilesInput& input, const std::string& source_id) {
  FilesSource source;
  source.path = WithoutScheme(input.path);
  const bool is_glob = io::IsGlob(source.path);
  source.path = io::JoinPath(
      is_glob ? io::EscapeGlob(workspace.project.folder) : workspace.project.folder, source.path);
  source.source_id = source_id;
  source.schemas_path =
      io::JoinPath(workspace.catalog->layout().FlowPath(flow.name), "schemas.json");
  ASSIGN_OR_RETURN(source.options,
                   source::ParseFileOptions(input.format, input.options, !input.cloud_files));
  ASSIGN_OR_RETURN(const source::FileListing listing,
                   source::ListFiles(*workspace.storage, source.path, source.options));
  if (source.options.format.empty()) {
    ASSIGN_OR_RETURN(source.options.format, DetectFormat(source, listing));
  }
  source.partition_columns = listing.partition_columns;
  if (source.options.schema) {
    for (Field& column : source.partition_columns) {
      const Field* declared = FindField(*source.options.schema, column.name);
      if (declared != nullptr) column.type = declared->type;
    }
    source.data_columns = Without(*source.options.schema, source.partition_columns);
    return source;
  }
  if (auto fixed = FixedColumns(source.options.format)) {
    source.data_columns = *std::move(fixed);
    return source;
  }
  source.inferred = true;
  ASSIGN_OR_RETURN(const auto kept, KeptSchema(workspace, source));
  if (kept) {
    source.data_columns = Without(*kept, source.partition_columns);
    return source;
  }
  if (listing.files.empty()) return NothingToInfer(source, listing);
  auto inferred = InferColumns(workspace, source, Entries(listing));
  if (!inferred.ok()) {
    const bool empty = inferred.error().code == "EMPTY_INPUT";
    return empty ? std::move(inferred).error().Because("empty input at " + source.path)
                 : std::move(inferred).error();
  }
  source.data_columns = *std::move(inferred);
  return source;
}

Schema ColumnsOf(const FilesSource& source) {
  Schema columns = source.data_columns;
  columns.insert(columns.end(), source.partition_columns.begin(), source.partition_columns.end());
  const auto add = [&](const std::string& name) {
    if (FindField(columns, name) == nullptr) {
      columns.push_back({name, DataType::Of(TypeId::kString)});
    }
  };
  if (source.options.rescued_data_column && !FixedColumns(source.options.format)) {
    add(*source.options.rescued_data_column);
  }
  return columns;
}

Result<std::optional<SchemaChange>> EvolveSchema(Workspace& workspace, const FilesSource& source,
                                                 const std::vector<source::FileEntry>& files) {
  using source::SchemaEvolutionMode;
  const SchemaEvolutionMode mode = source.options.evolution;
  const bool looks =
      mode == SchemaEvolutionMode::kAddNewColumns || mode == SchemaEvolutionMode::kFailOnNewColumns;
  if (!source.inferred || !looks || files.empty()) return std::optional<SchemaChange>{};
  auto found = InferColumns(workspace, source, files);
  if (!found.ok()) {
    if (found.error().code == "EMPTY_INPUT") return std::optional<SchemaChange>{};
    return std::move(found).error();
  }
  SchemaChange change{Without(*found, source.data_columns), source.data_columns};
  if (change.added.empty()) return std::optional<SchemaChange>{};
  if (mode == SchemaEvolutionMode::kFailOnNewColumns) {
    return DataError("NEW_COLUMNS",
                     "the files at " + source.path +
                         " have columns the schema lacks: " + penstock::ToString(change.added),
                     "Add them to the schema or its hints, or choose schemaEvolutionMode "
                     "addNewColumns or rescue.");
  }
  for (Field& field : change.added) field.nullable = true;
  change.columns.insert(change.columns.end(), change.added.begin(), change.added.end());
  return std::optional<SchemaChange>{std::move(change)};
}

Status KeepSchema(Workspace& workspace, const FilesSource& source) {
  if (!source.inferred) return OkStatus();
  ASSIGN_OR_RETURN(Json schemas, ReadSchemas(workspace, source.schemas_path));
  const std::string text = penstock::ToString(source.data_columns);
  if (schemas.value(source.source_id, "") == text) return OkStatus();
  schemas[source.source_id] = text;
  RETURN_IF_ERROR(workspace.storage->CreateFolders(io::ParentPath(source.schemas_path)));
  const Json file = {{"format_version", kSchemasFormatVersion}, {"schemas", schemas}};
  return workspace.storage->Write(source.schemas_path, DumpJson(file));
}

}  // namespace penstock::run
