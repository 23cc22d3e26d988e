#include "source/file_listing.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <tuple>

#include "base/text.h"
#include "io/glob.h"

namespace penstock::source {
namespace {

constexpr std::string_view kNullPartition = "__HIVE_DEFAULT_PARTITION__";

// Whether a name below `root` begins with _ or . (k=v folders such as _d=1 are data).
bool IsHidden(std::string_view root, std::string_view path) {
  std::string_view rest = path.substr(std::min(root.size(), path.size()));
  while (!rest.empty()) {
    while (!rest.empty() && rest.front() == '/') rest.remove_prefix(1);
    const std::string_view name = rest.substr(0, rest.find('/'));
    if (name.starts_with('.')) return true;
    if (name.starts_with('_') && name.find('=') == name.npos) return true;
    rest.remove_prefix(name.size());
  }
  return false;
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

// The k=v folders of a path below `root`, values as they are written.
Pairs PartitionFolders(std::string_view root, std::string_view path) {
  Pairs pairs;
  std::string_view rest = path.substr(std::min(root.size(), path.size()));
  for (size_t slash = rest.find('/'); slash != rest.npos; slash = rest.find('/')) {
    const std::string_view name = rest.substr(0, slash);
    const size_t equals = name.find('=');
    if (equals != name.npos && equals > 0) {
      pairs.emplace_back(PercentDecode(name.substr(0, equals)), name.substr(equals + 1));
    }
    rest.remove_prefix(slash + 1);
  }
  return pairs;
}

bool IsDate(const std::string& text) {
  int year = 0;
  int month = 0;
  int day = 0;
  int used = 0;
  return text.size() == 10 &&
         std::sscanf(text.c_str(), "%4d-%2d-%2d%n", &year, &month, &day, &used) == 3 &&
         used == 10 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

// 01 is text: as a number it would lose its zero.
bool IsInteger(const std::string& text, int64_t* value) {
  const char* const end = text.data() + text.size();
  const auto [rest, failure] = std::from_chars(text.data(), end, *value);
  return failure == std::errc{} && rest == end && std::to_string(*value) == text;
}

bool IsDouble(const std::string& text) {
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, failure] = std::from_chars(text.data(), end, value);
  return failure == std::errc{} && rest == end && text.find('.') != text.npos &&
         text.find_first_not_of("-.0123456789eE+") == text.npos;
}

// The narrowest type that holds every value, in the order INT, BIGINT, DOUBLE, DATE, STRING.
DataType TypeOf(const std::vector<std::string>& values) {
  bool integer = true;
  bool small = true;
  bool number = true;
  bool date = true;
  bool any = false;
  for (const std::string& value : values) {
    if (value == kNullPartition) continue;
    any = true;
    int64_t whole = 0;
    const bool is_integer = IsInteger(value, &whole);
    integer = integer && is_integer;
    small = small && is_integer && whole == static_cast<int32_t>(whole);
    number = number && (is_integer || IsDouble(value));
    date = date && IsDate(value);
  }
  if (!any) return DataType::Of(TypeId::kString);
  if (small) return DataType::Of(TypeId::kInteger);
  if (integer) return DataType::Of(TypeId::kLong);
  if (number) return DataType::Of(TypeId::kDouble);
  return DataType::Of(date ? TypeId::kDate : TypeId::kString);
}

bool IsWanted(const std::optional<std::vector<std::string>>& wanted, const std::string& name) {
  if (!wanted) return true;
  return std::any_of(wanted->begin(), wanted->end(),
                     [&](const std::string& other) { return EqualsIgnoreCase(other, name); });
}

// Columns that every file has a folder for; where folders disagree, the ones they share.
Schema PartitionColumnsOf(const std::string& root, const FileListing& listing,
                          const FileOptions& options) {
  if (options.recursive_file_lookup || listing.files.empty()) return {};
  struct Column {
    std::string name;
    std::vector<std::string> values;
  };
  std::vector<Column> columns;
  for (const auto& [name, value] : PartitionFolders(root, listing.files.front().path)) {
    const bool repeated = std::any_of(columns.begin(), columns.end(), [&](const Column& column) {
      return EqualsIgnoreCase(column.name, name);
    });
    if (!repeated && IsWanted(options.partition_columns, name)) columns.push_back({name, {}});
  }
  for (const io::FileInfo& file : listing.files) {
    if (columns.empty()) return {};
    const Pairs pairs = PartitionFolders(root, file.path);
    std::erase_if(columns, [&](Column& column) {
      const auto pair = std::find_if(pairs.begin(), pairs.end(), [&](const auto& candidate) {
        return EqualsIgnoreCase(candidate.first, column.name);
      });
      if (pair == pairs.end()) return true;
      if (column.values.empty() || column.values.back() != pair->second) {
        column.values.push_back(PercentDecode(pair->second));
      }
      return false;
    });
  }
  Schema schema;
  for (const Column& column : columns)
    schema.push_back({column.name, TypeOf(column.values), true, ""});
  return schema;
}

Error NotFound(const std::string& path) {
  return UserError("SOURCE_NOT_FOUND", "there is no file or folder at " + path,
                   "Check the path; relative paths begin at the project's folder.");
}

// Such a name cannot be kept in the offset log, so that the file would be read again and again.
Error NameNotUtf8(const std::string& path) {
  std::string shown;
  for (const char c : path) {
    const bool plain = c >= ' ' && c < 0x7f;
    shown += plain ? std::string(1, c) : PercentEncode(std::string_view(&c, 1));
  }
  return UserError("FILE_NAME_NOT_UTF8",
                   "the name of the file " + shown + " (bytes above 7F as %XX) is no valid UTF-8",
                   "Rename it, or leave it out with pathGlobFilter.");
}

struct Candidates {
  std::string root;  // below it hidden names and partition folders are looked for
  std::vector<io::FileInfo> files;
};

// A glob may name folders: what lies below a folder that matches belongs to it.
bool MatchesOrLiesBelow(const io::Glob& glob, std::string_view root, std::string_view path) {
  if (glob.Matches(path)) return true;
  for (size_t slash = path.rfind('/'); slash != path.npos && slash > root.size();
       slash = path.rfind('/', slash - 1)) {
    if (glob.Matches(path.substr(0, slash))) return true;
  }
  return false;
}

Result<Candidates> Find(io::Storage& storage, std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  Candidates found;
  ASSIGN_OR_RETURN(const bool folder, storage.IsFolder(path));
  if (folder) {
    found.root = path;
    ASSIGN_OR_RETURN(found.files, storage.ListRecursive(path));
    return found;
  }
  ASSIGN_OR_RETURN(const auto file, storage.Stat(path));
  if (file) {
    found.root = path.substr(0, path.rfind('/'));
    found.files.push_back(*file);
    return found;
  }
  if (!io::IsGlob(path)) return NotFound(path);
  found.root = io::FixedFolder(path);
  ASSIGN_OR_RETURN(const bool exists, storage.IsFolder(found.root));
  if (!exists) return NotFound(found.root);
  ASSIGN_OR_RETURN(found.files, storage.ListRecursive(found.root));
  const io::Glob glob(path);
  std::erase_if(found.files, [&](const io::FileInfo& candidate) {
    return !MatchesOrLiesBelow(glob, found.root, candidate.path);
  });
  return found;
}

}  // namespace

Result<FileListing> ListFiles(io::Storage& storage, const std::string& path,
                              const FileOptions& options) {
  ASSIGN_OR_RETURN(Candidates found, Find(storage, path));
  const io::Glob name_filter(options.path_glob_filter);
  FileListing listing;
  for (io::FileInfo& file : found.files) {
    if (IsHidden(found.root, file.path)) continue;
    ++listing.seen;
    if (!IsUtf8(file.path)) return NameNotUtf8(file.path);
    if (!options.path_glob_filter.empty() && !name_filter.Matches(io::BaseName(file.path))) {
      continue;
    }
    if (options.modified_after && file.modified <= *options.modified_after) continue;
    if (options.modified_before && file.modified >= *options.modified_before) continue;
    listing.files.push_back(std::move(file));
  }
  std::sort(listing.files.begin(), listing.files.end(),
            [](const io::FileInfo& a, const io::FileInfo& b) {
              return std::tie(a.modified, a.path) < std::tie(b.modified, b.path);
            });
  listing.partition_columns = PartitionColumnsOf(found.root, listing, options);
  return listing;
}

std::vector<std::optional<std::string>> PartitionValuesOf(const std::string& file,
                                                          const Schema& partition_columns) {
  std::vector<std::optional<std::string>> values;
  if (partition_columns.empty()) return values;
  const Pairs pairs = PartitionFolders("", file);
  for (const Field& column : partition_columns) {
    std::optional<std::string> value;
    for (const auto& [name, text] : pairs) {
      if (EqualsIgnoreCase(name, column.name) && text != kNullPartition) {
        value = PercentDecode(text);
      }
    }
    values.push_back(std::move(value));
  }
  return values;
}

}  // namespace penstock::source
