#include "catalog/external_table.h"

#include "base/json.h"

namespace penstock::catalog {
namespace {

constexpr int kFormatVersion = 1;

Error BadRegistration(const std::string& file, const std::string& what) {
  return DataError("BAD_TABLE_REGISTRATION", file + ": " + what,
                   "Delete the file; the next update registers the table again.");
}

}  // namespace

std::string EncodeExternalTable(const ExternalTable& table) {
  const Json json = {{"format_version", kFormatVersion},
                     {"catalog", table.name.catalog},
                     {"schema", table.name.schema},
                     {"table", table.name.table},
                     {"path", table.path}};
  return DumpJson(json) + "\n";
}

Result<ExternalTable> DecodeExternalTable(std::string_view text, const std::string& file) {
  ASSIGN_OR_RETURN(const Json json, ParseJson(text, file));
  if (!json.is_object() || !json.contains("format_version") ||
      !json["format_version"].is_number_integer()) {
    return BadRegistration(file, "there is no format_version");
  }
  const int64_t version = json["format_version"];
  if (version != kFormatVersion) {
    return UserError("UNSUPPORTED_FORMAT",
                     file + " has format version " + std::to_string(version) +
                         "; this program knows version " + std::to_string(kFormatVersion),
                     "Use a newer Penstock.");
  }
  ExternalTable table;
  for (const auto& [key, target] :
       {std::pair{"catalog", &table.name.catalog}, std::pair{"schema", &table.name.schema},
        std::pair{"table", &table.name.table}, std::pair{"path", &table.path}}) {
    if (!json.contains(key) || !json[key].is_string()) {
      return BadRegistration(file, std::string("there is no text \"") + key + "\"");
    }
    *target = json[key].get<std::string>();
  }
  return table;
}

}  // namespace penstock::catalog
