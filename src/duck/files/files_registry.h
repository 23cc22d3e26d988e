#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "duck/files/table_files.h"

// What the files of this folder share; not for other rooms.
namespace penstock::duck {

inline constexpr char kMetadataColumn[] = "_metadata";

// What penstock_files(id) reads; null when its scan is gone. Any thread.
std::shared_ptr<const TableFilesSpec> FindTableFiles(int64_t id);

// The name of a column of the relation within the engine's scan.
std::string ScanName(const std::string& name);

}  // namespace penstock::duck
