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
  if (code == "FILE_DAMAGED")
    return "The file is no whole Parquet file: write it again, or take it away.";
  if (code == "CAST_FAILED")
    return "Use try_cast where values may not convert, or drop such rows before.";
  return "";
}

// The name of a function of the pack as users know it.
std::string WithoutPack(std::string_view name) {
  for (const std::string_view prefix : {"main.", "spark_"}) {
    if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
  }
  return std::string(name);
}

void ExplainFunction(const Json& details, Error* error) {
  if (error->code == "FUNCTION_NOT_FOUND") {
    const std::string name = WithoutPack(Member(details, "name"));
    const auto nearest = NearestName(name, {WithoutPack(Member(details, "candidates"))});
    error->message = fmt::format("there is no function \"{}\"", name);
    error->remedy = nearest ? fmt::format("Did you mean {}?", *nearest)
                            : "docs/sql.md lists the functions; functions and models defined "
                              "elsewhere are not known here.";
    return;
  }
  constexpr std::string_view kMacro = "Macro ";
  const size_t open = error->message.find("() does not support the supplied arguments");
  if (error->message.starts_with(kMacro) && open != std::string::npos) {
    error->message =
        fmt::format("the function {} does not take these arguments",
                    WithoutPack(error->message.substr(kMacro.size(), open - kMacro.size())));
    error->remedy = "Check how many there are, and their types.";
  } else if (Member(details, "error_subtype") == "NO_MATCHING_FUNCTION") {
    error->message = fmt::format("the function call {} does not fit any form of the function",
                                 WithoutPack(Member(details, "call")));
    error->remedy = fmt::format("Cast the arguments; it takes: {}", Member(details, "candidates"));
  } else if (error->message.starts_with("UNNEST() can only be applied to") &&
             error->message.find("not MAP") != std::string::npos) {
    error->message = "a map is exploded into one column";
    error->remedy = "It gives two: explode(m) AS (key, value).";
  }
}

void Explain(const Json& details, Error* error) {
  ExplainFunction(details, error);
  const std::string candidates = Member(details, "candidates");
  if (error->code == "COLUMN_NOT_FOUND" && !candidates.empty()) {
    error->message = fmt::format("there is no column \"{}\"", Member(details, "name"));
    const bool several = candidates.find(',') != std::string::npos;
    error->remedy = several
                        ? fmt::format("Its inputs have columns of similar names: {}.", candidates)
                        : fmt::format("Did you mean {}?", candidates);
  }
  constexpr std::string_view kValues = "Values list \"";
  if (error->message.starts_with(kValues)) {
    error->message = "Table \"" + error->message.substr(kValues.size());
  }
  for (const std::string_view regex :
       {"bad repetition operator", "invalid perl operator", "invalid escape sequence",
        "missing argument to repetition", "missing )", "missing ]", "invalid character class"}) {
    if (!error->message.starts_with(regex)) continue;
    error->message = "the regular expression cannot be read: " + error->message;
    error->remedy =
        "Expressions are RE2's: no look-around, back-references or possessive "
        "quantifiers.";
  }
}

bool IsDamagedParquet(const std::string& text) {
  for (const char* sign : {"No magic bytes found", "too small to be a Parquet file",
                           "decompression failure", "TProtocolException", "Invalid page header"}) {
    if (text.find(sign) != text.npos) return true;
  }
  return false;
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
  if (IsDamagedParquet(text)) translated.error.code = "FILE_DAMAGED";
  if (translated.error.code == "INTERRUPTED")
    translated.error.message = "The query was interrupted.";
  translated.error.remedy = RemedyFor(translated.error.code);
  Explain(details, &translated.error);
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
