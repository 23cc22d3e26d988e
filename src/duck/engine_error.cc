#include <fmt/format.h>

#include "base/json.h"
#include "base/text.h"
#include "duck/native.h"

namespace penstock::duck {
namespace {

// Marks the JSON of an Error inside a message of the engine.
constexpr std::string_view kOwnErrorMark = "penstock-error:";

struct Kind {
  ErrorKind kind;
  const char* code;
};

Kind KindOf(duckdb_error_type type) {
  switch (type) {
    case DUCKDB_ERROR_PARSER:
    case DUCKDB_ERROR_SYNTAX:
      return {ErrorKind::kUser, "SYNTAX_ERROR"};
    case DUCKDB_ERROR_BINDER:
    case DUCKDB_ERROR_PLANNER:
    case DUCKDB_ERROR_PARAMETER_NOT_RESOLVED:
    case DUCKDB_ERROR_PARAMETER_NOT_ALLOWED:
      return {ErrorKind::kUser, "INVALID_QUERY"};
    case DUCKDB_ERROR_CATALOG:
      return {ErrorKind::kUser, "NOT_FOUND"};
    case DUCKDB_ERROR_NOT_IMPLEMENTED:
    case DUCKDB_ERROR_MISSING_EXTENSION:
    case DUCKDB_ERROR_AUTOLOAD:
      return {ErrorKind::kUser, "NOT_SUPPORTED"};
    case DUCKDB_ERROR_SETTINGS:
    case DUCKDB_INVALID_CONFIGURATION:
    case DUCKDB_ERROR_PERMISSION:
      return {ErrorKind::kUser, "INVALID_SETTING"};
    case DUCKDB_ERROR_OUT_OF_RANGE:
      return {ErrorKind::kData, "OUT_OF_RANGE"};
    case DUCKDB_ERROR_DIVIDE_BY_ZERO:
      return {ErrorKind::kData, "DIVIDE_BY_ZERO"};
    case DUCKDB_ERROR_CONVERSION:
    case DUCKDB_ERROR_DECIMAL:
    case DUCKDB_ERROR_MISMATCH_TYPE:
      return {ErrorKind::kData, "CAST_FAILED"};
    case DUCKDB_ERROR_INVALID_INPUT:
    case DUCKDB_ERROR_INVALID_TYPE:
    case DUCKDB_ERROR_CONSTRAINT:
    case DUCKDB_ERROR_SEQUENCE:
      return {ErrorKind::kData, "INVALID_INPUT"};
    case DUCKDB_ERROR_IO:
      return {ErrorKind::kSystem, "IO_ERROR"};
    case DUCKDB_ERROR_OUT_OF_MEMORY:
      return {ErrorKind::kSystem, "OUT_OF_MEMORY"};
    case DUCKDB_ERROR_HTTP:
    case DUCKDB_ERROR_NETWORK:
    case DUCKDB_ERROR_CONNECTION:
      return {ErrorKind::kExternal, "NETWORK_ERROR"};
    case DUCKDB_ERROR_INTERRUPT:
      return {ErrorKind::kUser, "INTERRUPTED"};
    default:
      return {ErrorKind::kInternal, "ENGINE_ERROR"};
  }
}

std::string Member(const Json& json, const char* name) {
  auto it = json.find(name);
  return it != json.end() && it->is_string() ? it->get<std::string>() : std::string();
}

// A finer code than the exception's class where the engine says what was missing.
const char* CodeOf(const Kind& kind, const Json& details) {
  std::string subtype = Member(details, "error_subtype");
  if (subtype == "COLUMN_NOT_FOUND") return "COLUMN_NOT_FOUND";
  if (subtype == "MISSING_ENTRY") {
    std::string what = AsciiLower(Member(details, "type"));
    if (what.find("function") != std::string::npos) return "FUNCTION_NOT_FOUND";
    if (what == "table" || what == "view") return "TABLE_NOT_FOUND";
  }
  return kind.code;
}

std::string RemedyFor(const std::string& code) {
  if (code == "OUT_OF_MEMORY")
    return "Raise the memory limit, use fewer threads, or give the engine a folder to spill to.";
  if (code == "DISK_FULL") return "Free space on the disk and run again.";
  if (code == "CAST_FAILED")
    return "Use try_cast where values may not convert, or drop such rows before.";
  return "";
}

std::optional<Error> OwnError(std::string_view message) {
  size_t mark = message.find(kOwnErrorMark);
  if (mark == std::string_view::npos) return std::nullopt;
  auto parsed = Json::parse(message.substr(mark + kOwnErrorMark.size()), nullptr, false);
  if (parsed.is_discarded() || !parsed.is_object()) return std::nullopt;
  Error error;
  error.kind = static_cast<ErrorKind>(parsed.value("kind", 0));
  error.code = Member(parsed, "code");
  error.message = Member(parsed, "message");
  error.remedy = Member(parsed, "remedy");
  error.where.file = Member(parsed, "file");
  error.where.line = parsed.value("line", 0);
  error.where.column = parsed.value("column", 0);
  return error;
}

// {"exception_type": …, "exception_message": …, "position": …}, found after "Binder Error: ".
Json DetailsOf(std::string_view message) {
  size_t brace = message.find('{');
  if (brace == std::string_view::npos) return Json();
  Json details = Json::parse(message.substr(brace), nullptr, false);
  if (details.is_discarded() || !details.is_object() || !details.contains("exception_message"))
    return Json();
  return details;
}

std::string WithoutPrefix(std::string_view message) {
  size_t prefix = message.find(" Error: ");
  if (prefix < 30) message.remove_prefix(prefix + 8);
  return std::string(message);
}

}  // namespace

TranslatedError TranslateError(duckdb_error_type type, std::string_view message) {
  Kind kind = KindOf(type);
  Json details = DetailsOf(message);
  std::string text =
      details.is_object() ? Member(details, "exception_message") : WithoutPrefix(message);
  if (auto own = OwnError(text)) return {*own, std::nullopt};

  TranslatedError translated;
  translated.error.kind = kind.kind;
  translated.error.code = CodeOf(kind, details);
  translated.error.message = text;
  if (text.find("No space left") != std::string::npos) translated.error.code = "DISK_FULL";
  if (translated.error.code == "INTERRUPTED")
    translated.error.message = "The query was interrupted.";
  translated.error.remedy = RemedyFor(translated.error.code);
  std::string position = Member(details, "position");
  if (!position.empty() && position.find_first_not_of("0123456789") == std::string::npos) {
    translated.offset = std::stoull(position);
  }
  return translated;
}

std::string ErrorForEngine(const Error& error) {
  Json json = {{"kind", static_cast<int>(error.kind)},
               {"code", error.code},
               {"message", error.message},
               {"remedy", error.remedy},
               {"file", error.where.file},
               {"line", error.where.line},
               {"column", error.where.column}};
  return std::string(kOwnErrorMark) + DumpJson(json);
}

}  // namespace penstock::duck
