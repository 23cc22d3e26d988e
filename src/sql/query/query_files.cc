#include <utility>

#include "base/text.h"
#include "sql/query/query_parser.h"

namespace penstock::sql {

// read_files('/path', format => 'json', …) and cloud_files("/path", "json"[, map("key", "value",
// …)])
void QueryParser::ParseFilesFunction(bool streaming, size_t first, bool closes) {
  const std::string function = AsciiLower(NameOf(Peek()));
  at_ += 2;
  FilesInput files;
  for (size_t position = 0; !AtOperator(")") && !error_; ++position) {
    const size_t token = at_;
    std::string value;
    if (IsName(Peek()) && AtOperator("=>", 1)) {
      std::string name = NameOf(Peek());
      at_ += 2;
      if (!ConstantText(&value)) return;
      SetOption(&files, std::move(name), std::move(value));
    } else if (AtWord("MAP") && AtOperator("(", 1)) {
      ParseMapOptions(&files);
    } else if (position > 1 || (position == 1 && function == "read_files")) {
      return Fail(token, "BAD_SOURCE_OPTION", "an option of " + function + " needs its name",
                  function == "read_files" ? "Write name => value, for example format => 'json'."
                                           : "Write the options as map('name', 'value').");
    } else {
      if (!ConstantText(&value)) return;
      (position == 0 ? files.path : files.format) = value;
    }
    if (!TakeOperator(",")) break;
  }
  ExpectClose();
  if (closes) ExpectClose();
  if (error_) return;
  if (files.path.empty()) {
    return Fail(first, "BAD_SOURCE_OPTION", function + " names no path",
                "Write " + function + "('/path/to/folder', …).");
  }
  files.format = AsciiLower(files.format);
  AddInput(streaming, first, "", {}, std::move(files));
}

// A value that is known before the query runs: 'text', 1, -1, 1.5, true, null.
bool QueryParser::ConstantText(std::string* value) {
  const size_t first = at_;
  if (IsString(Peek())) {
    while (IsString(Peek())) *value += StringValue(tokens_[at_++], context_.dialect);
    if (AtOperator(",") || AtOperator(")")) return true;
  } else {
    const bool negative = TakeOperator("-");
    if (Peek().kind == TokenKind::kNumber || (!negative && AtAnyWord({"TRUE", "FALSE", "NULL"}))) {
      *value = (negative ? "-" : "") + std::string(Peek().text);
      ++at_;
      if (AtOperator(",") || AtOperator(")")) return true;
    }
  }
  Fail(first, "BAD_SOURCE_OPTION", "a source's path and options must be constants",
       "Write a text, a number, true or false; use ${key} for what changes.");
  return false;
}

void QueryParser::ParseMapOptions(FilesInput* files) {
  at_ += 2;
  while (!AtOperator(")") && !error_) {
    std::string name;
    std::string value;
    if (!ConstantText(&name)) return;
    if (!TakeOperator(",")) {
      return Fail(at_, "BAD_SOURCE_OPTION", "the option \"" + name + "\" has no value",
                  "Write map('name', 'value', …).");
    }
    if (!ConstantText(&value)) return;
    SetOption(files, std::move(name), std::move(value));
    if (!TakeOperator(",")) break;
  }
  ExpectClose();
}

void QueryParser::SetOption(FilesInput* files, std::string name, std::string value) {
  static constexpr std::string_view kPrefix = "cloudfiles.";
  if (AsciiLower(name).starts_with(kPrefix)) name.erase(0, kPrefix.size());
  if (EqualsIgnoreCase(name, "format")) {
    files->format = std::move(value);
  } else if (EqualsIgnoreCase(name, "path")) {
    files->path = std::move(value);
  } else {
    files->options[std::move(name)] = std::move(value);
  }
}

}  // namespace penstock::sql
