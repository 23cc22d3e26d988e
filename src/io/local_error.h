#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace penstock::io {

// The system's refusal `error_number` (errno) of `action` ("read", "write" …) on `path`, with a
// remedy. Codes: NOT_FOUND, PERMISSION_DENIED, READ_ONLY, DISK_FULL, IS_A_FOLDER, NOT_A_FOLDER,
// NAME_TOO_LONG, TOO_MANY_OPEN_FILES, FILE_TOO_LARGE, IO_ERROR.
Error FileError(int error_number, std::string_view action, const std::string& path);

}  // namespace penstock::io
