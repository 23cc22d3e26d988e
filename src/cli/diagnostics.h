#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "cli/exit_status.h"

// What goes to standard error: errors, warnings, notes. Thread-safe.
namespace penstock::cli {

// "error: where: what, value" and the remedy below; colour only where the terminal shows it.
void PrintError(const Error& error);
void PrintWarning(std::string_view text);
void PrintNote(std::string_view text);

// Prints and gives the exit status.
ExitStatus Fail(const Error& error);

}  // namespace penstock::cli
