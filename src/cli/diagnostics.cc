#include "cli/diagnostics.h"

#include <cstdio>

#include "cli/terminal.h"

namespace penstock::cli {
namespace {

constexpr char kRed[] = "\x1b[31;1m";
constexpr char kYellow[] = "\x1b[33;1m";

void PrintLabelled(const char* colour, const char* label, const std::string& text) {
  std::string line;
  if (AllowsAnsi(stderr)) {
    line = std::string(colour) + label + "\x1b[0m " + text + "\n";
  } else {
    line = std::string(label) + " " + text + "\n";
  }
  std::fputs(line.c_str(), stderr);
}

}  // namespace

ExitStatus StatusOf(const Error& error) {
  if (error.code == "INTERRUPTED") return kInterrupted;
  return error.kind == ErrorKind::kUser ? kUsage : kFailed;
}

void PrintError(const Error& error) { PrintLabelled(kRed, "error:", ToString(error)); }

void PrintWarning(std::string_view text) { PrintLabelled(kYellow, "warning:", std::string(text)); }

void PrintNote(std::string_view text) { std::fputs((std::string(text) + "\n").c_str(), stderr); }

ExitStatus Fail(const Error& error) {
  PrintError(error);
  return StatusOf(error);
}

}  // namespace penstock::cli
