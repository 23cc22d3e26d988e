#include <chrono>
#include <cstdio>
#include <set>

#include "base/clock.h"
#include "base/text.h"
#include "lake/file_path.h"
#include "lake/lake_table.h"
#include "lake/physical_columns.h"
#include "lake/statistics.h"
#include "lake/stored_variants.h"

namespace penstock::lake {
namespace {

constexpr int64_t kRowGroupRows = 122880;
// Begins the engine's message about a NULL in a nested column that must not have one.
constexpr std::string_view kNullMark = "penstock-null:";
// Begins the one about bytes that cannot be a partition value.
constexpr std::string_view kBytesMark = "penstock-bytes:";
// Distinct values of a column in a row group up to which it gets a dictionary. The engine's own
// limit is a fifth of the row group; building dictionaries of that size takes a fifth of the time
// of writing text, for files a twentieth smaller.
constexpr int64_t kDictionaryValues = 4096;

bool Contains(const std::vector<std::string>& names, const std::string& name) {
  for (const std::string& other : names) {
    if (EqualsIgnoreCase(other, name)) return true;
  }
  return false;
}

Schema StoredColumns(const Schema& schema, const std::vector<std::string>& partition_columns) {
  Schema stored;
  for (const Field& field : schema) {
    if (!Contains(partition_columns, field.name)) stored.push_back(field);
  }
  return stored;
}

// The names that the files and the log have for the partition columns.
std::vector<std::string> PartitionNames(const WriteOptions& options) {
  std::vector<std::string> names = options.partition_columns;
  for (std::string& name : names) {
    const auto* column = delta::FindColumn(options.mapped_columns, name);
    if (column != nullptr) name = delta::PhysicalName(*column);
  }
  return names;
}

std::string StoredFieldIds(const WriteOptions& options) {
  std::vector<delta::TableColumn> stored;
  for (const delta::TableColumn& column : options.mapped_columns) {
    if (!Contains(options.partition_columns, column.name)) stored.push_back(column);
  }
  return FieldIds(stored);
}

// `pattern` is the name of the files, without the extension.
std::string CopyOptions(const WriteOptions& options, const std::string& pattern) {
  std::string text = "COMPRESSION " + options.compression;
  // The first level is as fast as snappy and gives files three fifths the size.
  if (options.compression == "zstd") text += ", COMPRESSION_LEVEL 1";
  text += ", ROW_GROUP_SIZE " + std::to_string(kRowGroupRows) +
          ", OVERWRITE_OR_IGNORE, FILENAME_PATTERN " + duck::QuoteLiteral(pattern) +
          ", DICTIONARY_SIZE_LIMIT " + std::to_string(kDictionaryValues);
  if (const std::string ids = StoredFieldIds(options); !ids.empty()) text += ", FIELD_IDS " + ids;
  if (options.partition_columns.empty()) {
    return text + ", FILE_SIZE_BYTES " + std::to_string(options.target_file_bytes);
  }
  std::string columns;
  for (const std::string& name : PartitionNames(options)) {
    columns += (columns.empty() ? "" : ", ") + duck::QuoteIdentifier(name);
  }
  return text + ", PARTITION_BY (" + columns + ")";
}

// Bytes of a partition column as the text that the log has for them.
std::string BytesAsText(const std::string& value, const std::string& column) {
  return "CASE WHEN " + value + " IS NOT NULL AND TRY(decode(" + value + ")) IS NULL THEN error(" +
         duck::QuoteLiteral(std::string(kBytesMark) + column) + ") ELSE TRY(decode(" + value +
         ")) END";
}

// The rows of `query` with exactly the names and types of `schema`. A NULL in a nested column that
// must not have one is found here; for others the statistics of the files tell.
std::string CastToSchema(const std::string& query, const Schema& schema,
                         const WriteOptions& options) {
  const std::vector<delta::TableColumn>& mapped = options.mapped_columns;
  std::string names, values;
  for (size_t i = 0; i < schema.size(); ++i) {
    const Field& field = schema[i];
    const std::string given = duck::QuoteIdentifier("c" + std::to_string(i));
    std::string value = "CAST(" + given + " AS " + duck::EngineType(field.type) + ")";
    if (!field.nullable && !field.type.fields.empty()) {
      value = "CASE WHEN " + given + " IS NULL THEN error(" +
              duck::QuoteLiteral(std::string(kNullMark) + field.name) + ") ELSE " + value + " END";
    }
    if (!mapped.empty()) value = PhysicalValue(value, mapped[i]);
    value =
        StoredVariants(value, mapped.empty() ? field.type : PhysicalSchema({mapped[i]})[0].type);
    if (field.type.id == TypeId::kBinary && Contains(options.partition_columns, field.name)) {
      value = BytesAsText(value, field.name);
    }
    const std::string name = mapped.empty() ? field.name : delta::PhysicalName(mapped[i]);
    names += (i > 0 ? ", " : "") + given;
    values += (i > 0 ? ", " : "") + value + " AS " + duck::QuoteIdentifier(name);
  }
  for (const std::string& name : options.hidden_columns) {
    names += ", " + duck::QuoteIdentifier(name);
    values += ", " + duck::QuoteIdentifier(name);
  }
  return "SELECT " + values + " FROM (\n" + query + "\n) AS given(" + names + ")";
}

// "2024-03-31 03:30:00.5+02" → "2024-03-31T01:30:00.500000Z", the one form of the protocol that
// says its zone; nothing for what is no such text.
std::optional<std::string> InstantText(const std::string& text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, end = 0;
  if (std::sscanf(text.c_str(), "%4d-%2d-%2d %2d:%2d:%2d%n", &year, &month, &day, &hour, &minute,
                  &second, &end) != 6) {
    return std::nullopt;
  }
  const size_t zone = text.find_first_of("+-", end);
  if (zone == std::string::npos) return std::nullopt;
  std::string fraction = text.substr(end, zone - end);
  fraction = fraction.empty() ? "0" : fraction.substr(1);
  fraction.resize(6, '0');
  int zone_hour = 0, zone_minute = 0, zone_second = 0;
  if (std::sscanf(text.c_str() + zone + 1, "%2d:%2d:%2d", &zone_hour, &zone_minute, &zone_second) <
      1) {
    return std::nullopt;
  }
  using std::chrono::days;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                         std::chrono::day(day)};
  const int64_t local = std::chrono::sys_days(date).time_since_epoch() / days(1) * 86400 +
                        hour * 3600 + minute * 60 + second;
  const int64_t offset = zone_hour * 3600 + zone_minute * 60 + zone_second;
  const int64_t seconds = text[zone] == '-' ? local + offset : local - offset;
  return FormatTimestamp(seconds * 1'000'000 + std::stoi(fraction));
}

// The log's text of a value that the engine gave for a partition folder.
std::optional<std::string> PartitionValue(const Field* field, std::optional<std::string> value) {
  if (!value || value->empty()) return std::nullopt;
  if (field == nullptr || field->type.id != TypeId::kTimestamp) return value;
  auto instant = InstantText(*value);
  return instant ? instant : value;
}

const Field* NullInRequired(const Schema& schema, const duck::WrittenFile& file) {
  for (const Field& field : schema) {
    if (field.nullable) continue;
    for (const duck::WrittenColumn& column : file.columns) {
      const auto path = LeafPath(column.name);
      if (path.size() == 1 && path[0] == field.name && column.null_count.value_or(0) > 0) {
        return &field;
      }
    }
    for (const auto& [column, value] : file.partition) {
      // An empty text is null in the log.
      if (EqualsIgnoreCase(column, field.name) && (!value || value->empty())) return &field;
    }
  }
  return nullptr;
}

Error NotNullViolated(const Field& field, const std::string& table_path) {
  return DataError(
      "NOT_NULL_VIOLATED",
      "the column " + field.name + " of " + table_path + " is NOT NULL, and a row has NULL in it",
      "Filter such rows (an expectation " + field.name +
          " IS NOT NULL with ON VIOLATION DROP ROW or QUARANTINE), or drop NOT NULL.");
}

class DataFileWriter {
 public:
  DataFileWriter(duck::Connection& connection, io::Storage& storage, const std::string& table_path,
                 const Schema& schema, const WriteOptions& options)
      : connection_(connection),
        storage_(storage),
        table_path_(table_path),
        folder_(options.folder.empty() ? table_path : table_path + "/" + options.folder),
        schema_(schema),
        physical_(options.mapped_columns.empty() ? schema : PhysicalSchema(options.mapped_columns)),
        options_(options) {}

  Result<WriteResult> Write(const std::string& query, int64_t now_ms) {
    RETURN_IF_ERROR(storage_.BeforeEngineWrite(folder_));
    auto files = connection_.CopyToParquet(CastToSchema(query, schema_, options_), folder_,
                                           CopyOptions(options_, name_ + "-{i}"));
    auto result = files.ok() ? Describe(*files, now_ms) : Translate(std::move(files).error());
    if (!result.ok()) RemoveFiles();
    return result;
  }

 private:
  Result<WriteResult> Translate(Error error) const {
    if (const size_t mark = error.message.find(kNullMark); mark != std::string::npos) {
      const std::string name = error.message.substr(mark + kNullMark.size());
      if (const Field* field = FindField(schema_, name)) {
        return NotNullViolated(*field, table_path_);
      }
    }
    if (const size_t mark = error.message.find(kBytesMark); mark != std::string::npos) {
      const std::string name = error.message.substr(mark + kBytesMark.size());
      return DataError("BINARY_PARTITION_VALUE",
                       "the partition column " + name + " of " + table_path_ +
                           " has bytes that are no UTF-8: the log has partition values as text, "
                           "and other readers take the bytes of that text",
                       "Partition by another column, for example by hex(" + name + ").");
    }
    return error;
  }

  // What a failure left behind is found by its name: the engine does not tell.
  void RemoveFiles() {
    auto files = options_.partition_columns.empty() ? storage_.List(folder_)
                                                    : storage_.ListRecursive(folder_);
    if (!files.ok()) return;
    for (const io::FileInfo& file : *files) {
      // An interrupted COPY may have put a prefix of its own before the name.
      if (io::BaseName(file.path).find(name_) != std::string::npos) {
        (void)storage_.Delete(file.path);
      }
    }
  }

  Result<WriteResult> Describe(const std::vector<duck::WrittenFile>& files, int64_t now_ms) {
    WriteResult result;
    const Schema stored = StoredColumns(physical_, PartitionNames(options_));
    std::set<std::string> folders;
    for (const duck::WrittenFile& file : files) {
      if (file.rows == 0) {
        RETURN_IF_ERROR(storage_.Delete(file.path));
        continue;
      }
      if (const Field* field = NullInRequired(physical_, file)) {
        return NotNullViolated(schema_[field - physical_.data()], table_path_);
      }
      RETURN_IF_ERROR(storage_.Sync(file.path));
      for (std::string folder = io::ParentPath(file.path);
           folder.size() > table_path_.size() && folders.insert(folder).second;
           folder = io::ParentPath(folder)) {
        RETURN_IF_ERROR(storage_.Sync(folder));
      }
      result.files.push_back(Add(stored, file, now_ms));
      result.rows += file.rows;
      result.bytes += file.bytes;
    }
    return result;
  }

  delta::AddFile Add(const Schema& stored, const duck::WrittenFile& file, int64_t now_ms) const {
    delta::AddFile add;
    add.path = LogPath(table_path_, file.path);
    for (const auto& [column, value] : file.partition) {
      const Field* field = FindField(physical_, column);
      add.partition_values[field != nullptr ? field->name : column] = PartitionValue(field, value);
    }
    add.size = file.bytes;
    add.modification_time_ms = now_ms;
    add.stats = FileStatistics(stored, file, {options_.indexed_leaves, options_.indexed_columns});
    return add;
  }

  duck::Connection& connection_;
  io::Storage& storage_;
  const std::string& table_path_;
  const std::string folder_;
  const Schema& schema_;
  const Schema physical_;  // as the files have it
  const WriteOptions& options_;
  const std::string name_ = "part-" + NewUuid();
};

}  // namespace

Result<WriteResult> WriteDataFiles(duck::Connection& connection, io::Storage& storage,
                                   const std::string& table_path, const std::string& query,
                                   const Schema& schema, const WriteOptions& options,
                                   int64_t now_ms) {
  return DataFileWriter(connection, storage, table_path, schema, options).Write(query, now_ms);
}

}  // namespace penstock::lake
