#pragma once

#include "base/error.h"

namespace penstock::cli {

// What the program returns; scripts rely on it.
enum ExitStatus : int {
  kDone = 0,
  kFailed = 1,  // the update or operation failed
  kUsage = 2,   // wrong usage or definition
  kInterrupted = 130,
};

// The status for a command that ended with `error`.
ExitStatus StatusOf(const Error& error);

}  // namespace penstock::cli
