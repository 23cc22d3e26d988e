#pragma once

#include <string>
#include <string_view>

namespace penstock::lake {

// The absolute path of a data file, from the path in the log: percent-encoded, relative to the
// table or a file: URI.
std::string DataFilePath(const std::string& table_path, std::string_view log_path);

// The reverse, for a file below the table: percent-encoded but for '/' and the '=' of partition
// folders.
std::string LogPath(const std::string& table_path, std::string_view file_path);

// A path that the engine's readers take literally, although they expand *, ? and […].
std::string EscapeGlob(std::string_view path);

}  // namespace penstock::lake
