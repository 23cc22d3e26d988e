#include "base/error.h"

#include <utility>

namespace penstock {

std::string_view ToString(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kUser:
      return "user";
    case ErrorKind::kData:
      return "data";
    case ErrorKind::kSystem:
      return "system";
    case ErrorKind::kExternal:
      return "external";
    case ErrorKind::kInternal:
      return "internal";
  }
  return "internal";
}

std::string ToString(const SourceLocation& location) {
  std::string text = location.file;
  if (location.line > 0) {
    text += (text.empty() ? "line " : ":") + std::to_string(location.line);
    if (location.column > 0) text += ":" + std::to_string(location.column);
  }
  return text;
}

Error Error::At(SourceLocation location) && {
  if (where == SourceLocation{}) where = std::move(location);
  return std::move(*this);
}

Error Error::Because(std::string_view context) && {
  message = std::string(context) + ": " + message;
  return std::move(*this);
}

std::string ToString(const Error& error) {
  std::string text = ToString(error.where);
  if (!text.empty()) text += ": ";
  text += error.message;
  if (!error.remedy.empty()) text += "\n  " + error.remedy;
  return text;
}

namespace {
Error Make(ErrorKind kind, std::string code, std::string message, std::string remedy) {
  return {kind, std::move(code), std::move(message), std::move(remedy), {}};
}
}  // namespace

Error UserError(std::string code, std::string message, std::string remedy) {
  return Make(ErrorKind::kUser, std::move(code), std::move(message), std::move(remedy));
}
Error DataError(std::string code, std::string message, std::string remedy) {
  return Make(ErrorKind::kData, std::move(code), std::move(message), std::move(remedy));
}
Error SystemError(std::string code, std::string message, std::string remedy) {
  return Make(ErrorKind::kSystem, std::move(code), std::move(message), std::move(remedy));
}
Error ExternalError(std::string code, std::string message, std::string remedy) {
  return Make(ErrorKind::kExternal, std::move(code), std::move(message), std::move(remedy));
}
Error InternalError(std::string message) {
  return Make(ErrorKind::kInternal, "INTERNAL", std::move(message),
              "This is a defect of Penstock; please report it with the files that show it.");
}

}  // namespace penstock
