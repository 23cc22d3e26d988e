#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace penstock {

// Who has to act on an error.
enum class ErrorKind {
  kUser,      // the definition, option or command is wrong: fix it and run again
  kData,      // the rows or files read do not meet what was declared
  kSystem,    // the machine refused: disk full, permission, out of memory
  kExternal,  // something outside failed and may pass by itself; retried
  kInternal,  // a defect of Penstock
};

std::string_view ToString(ErrorKind kind);

// A position in a file the user wrote. Lines and columns count from 1 (columns in bytes); 0 is
// unknown.
struct SourceLocation {
  std::string file;
  int line = 0;
  int column = 0;

  bool operator==(const SourceLocation&) const = default;
};

// "file:line:column", without the parts that are unknown; empty when nothing is known.
std::string ToString(const SourceLocation& location);

// Why an operation failed: `message` says what and with which value, `remedy` what to do.
// `code` is a stable upper-case word that scripts and tests may rely on, e.g. "TABLE_NOT_FOUND".
struct Error {
  ErrorKind kind = ErrorKind::kInternal;
  std::string code;
  std::string message;
  std::string remedy;
  SourceLocation where;

  bool operator==(const Error&) const = default;

  // The same error at `location`, unless it already has one.
  Error At(SourceLocation location) &&;
  // The same error with "context: " before its message.
  Error Because(std::string_view context) &&;
};

// One or two lines for people: "file:3:7: message\n  remedy".
std::string ToString(const Error& error);

Error UserError(std::string code, std::string message, std::string remedy = "");
Error DataError(std::string code, std::string message, std::string remedy = "");
Error SystemError(std::string code, std::string message, std::string remedy = "");
Error ExternalError(std::string code, std::string message, std::string remedy = "");
Error InternalError(std::string message);

}  // namespace penstock
