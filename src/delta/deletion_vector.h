#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/row_set.h"
#include "delta/actions.h"
#include "io/storage.h"

// Deletion vectors: where they are and what they say (PROTOCOL.md, "Deletion Vectors").
namespace penstock::delta {

// Positions of rows of a data file that are deleted.
using DeletedRows = RowSet;

// "uab^-aqEH.-t@S}K{vb[*k^@4": tells the vectors of one file apart.
std::string UniqueId(const DeletionVector& vector);

// Bytes of a file that hold a vector, framed by its size before and its checksum behind.
struct VectorPlace {
  std::string path;  // absolute
  int64_t offset = 0;
  int64_t length = 0;
};
// Where the vector of the data file `file` (for messages) is stored; nothing when it is inline.
// Paths that are relative to the table stay inside it. BAD_DELETION_VECTOR.
Result<std::optional<VectorPlace>> PlaceOf(const std::string& table_path,
                                           const DeletionVector& vector, std::string_view file);

// The vector from the bytes of its place, or with empty `bytes` from the log when it is inline.
// Size, checksum and cardinality are checked: BAD_DELETION_VECTOR names the field and `file`.
Result<DeletedRows> DecodeVector(const DeletionVector& vector, std::string_view bytes,
                                 std::string_view file);

// Both in one.
Result<DeletedRows> ReadVector(io::Storage& storage, const std::string& table_path,
                               const DeletionVector& vector, std::string_view file);

// A vector within the log. For few rows.
DeletionVector InlineVector(const DeletedRows& rows);

// A file of several vectors, to be written below the table before a commit names them.
struct VectorFile {
  std::string path;  // relative to the table
  std::string bytes;
  std::vector<DeletionVector> vectors;  // in the order of the rows given
};
// `uuid` is a fresh one in its usual text (NewUuid()).
VectorFile NewVectorFile(const std::vector<DeletedRows>& rows, const std::string& uuid);

}  // namespace penstock::delta
