#include "delta/deletion_vector.h"

#include <zlib.h>

#include "base/text.h"
#include "base/z85.h"
#include "delta/row_set_codec.h"

namespace penstock::delta {
namespace {

constexpr char kRelative[] = "u";
constexpr char kInline[] = "i";
constexpr char kAbsolute[] = "p";
constexpr char kFileVersion = 1;
constexpr size_t kEncodedUuid = 20;
constexpr int64_t kSizeBytes = 4;
constexpr int64_t kChecksumBytes = 4;
// Sizes are 32-bit numbers that other readers take as signed.
constexpr int64_t kMaxBytes = INT32_MAX;

std::string NameOf(std::string_view file) { return "the deletion vector of " + std::string(file); }

Error Bad(std::string_view file, const std::string& what) {
  return DataError("BAD_DELETION_VECTOR", NameOf(file) + " cannot be read: " + what,
                   "Restore the table to a version before it, or repair it with the tool that "
                   "wrote it.");
}

std::optional<std::string> UuidText(std::string_view encoded) {
  const auto bytes = DecodeZ85(encoded);
  if (!bytes || encoded.size() != kEncodedUuid) return std::nullopt;
  constexpr char kHex[] = "0123456789abcdef";
  std::string text;
  for (size_t i = 0; i < bytes->size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    const auto byte = static_cast<unsigned char>((*bytes)[i]);
    text += kHex[byte >> 4];
    text += kHex[byte & 15];
  }
  return text;
}

std::string EncodeUuid(std::string_view uuid) {
  std::string bytes;
  int high = -1;
  for (const char c : uuid) {
    const int digit = HexDigit(c);
    if (digit < 0) continue;
    if (high < 0) {
      high = digit;
    } else {
      bytes += static_cast<char>(high * 16 + digit);
      high = -1;
    }
  }
  return EncodeZ85(bytes);
}

void AppendBigEndian(uint32_t number, std::string* out) {
  for (int shift = 24; shift >= 0; shift -= 8) *out += static_cast<char>((number >> shift) & 0xFF);
}

uint32_t BigEndian(std::string_view bytes) {
  uint32_t number = 0;
  for (size_t i = 0; i < 4; ++i) number = number << 8 | static_cast<unsigned char>(bytes[i]);
  return number;
}

uint32_t Checksum(std::string_view bytes) {
  return static_cast<uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

std::string FileName(std::string_view uuid) {
  return "deletion_vector_" + std::string(uuid) + ".bin";
}

Result<std::string> RelativePath(const std::string& table_path, const DeletionVector& vector,
                                 std::string_view file) {
  const std::string& text = vector.path_or_inline;
  std::optional<std::string> uuid;
  if (text.size() >= kEncodedUuid) uuid = UuidText(text.substr(text.size() - kEncodedUuid));
  if (!uuid) return Bad(file, "its pathOrInlineDv '" + text + "' does not end with a UUID");
  const std::string prefix = text.substr(0, text.size() - kEncodedUuid);
  if (prefix.find_first_of("/\\") != std::string::npos || prefix == "..") {
    return Bad(file, "its pathOrInlineDv '" + text + "' leads out of the table");
  }
  return table_path + "/" + (prefix.empty() ? "" : prefix + "/") + FileName(*uuid);
}

std::string AbsolutePath(const std::string& table_path, const DeletionVector& vector) {
  std::string path = PercentDecode(vector.path_or_inline);
  constexpr std::string_view kScheme = "file:";
  if (path.starts_with(kScheme)) {
    path = path.substr(kScheme.size());
    if (path.starts_with("//")) path = path.substr(2);
  }
  // Of an object store ("s3://…") it is complete; joining would shorten its slashes.
  return path.find("://") != std::string::npos ? path : io::JoinPath(table_path, path);
}

Result<std::string> InlineBytes(const DeletionVector& vector, std::string_view file) {
  auto bytes = DecodeZ85(vector.path_or_inline);
  const auto size = static_cast<size_t>(vector.size_in_bytes);
  if (!bytes) return Bad(file, "its pathOrInlineDv is no base-85 text");
  if (bytes->size() < size || bytes->size() - size >= 4) {
    return Bad(file, "its sizeInBytes is " + std::to_string(size) + " and it has " +
                         std::to_string(bytes->size()) + " bytes");
  }
  bytes->resize(size);
  return *std::move(bytes);
}

Result<std::string_view> FramedBytes(const DeletionVector& vector, std::string_view bytes,
                                     std::string_view file) {
  const auto size = static_cast<size_t>(vector.size_in_bytes);
  if (bytes.size() != size + kSizeBytes + kChecksumBytes) {
    return Bad(file, "its file ends before it does");
  }
  const uint32_t stored_size = BigEndian(bytes);
  if (stored_size != size) {
    return Bad(file, "its sizeInBytes is " + std::to_string(size) + " and its file says " +
                         std::to_string(stored_size));
  }
  const std::string_view data = bytes.substr(kSizeBytes, size);
  if (Checksum(data) != BigEndian(bytes.substr(kSizeBytes + size))) {
    return Bad(file, "its checksum is not that of its bytes");
  }
  return data;
}

Status CheckNumbers(const DeletionVector& vector, std::string_view file) {
  const int64_t offset = vector.offset.value_or(0);
  if (vector.size_in_bytes < 0 || vector.size_in_bytes > kMaxBytes) {
    return Bad(file, "its sizeInBytes is " + std::to_string(vector.size_in_bytes));
  }
  if (offset < 0 || offset > INT64_MAX - 2 * kMaxBytes) {
    return Bad(file, "its offset is " + std::to_string(offset));
  }
  return OkStatus();
}

}  // namespace

std::string UniqueId(const DeletionVector& vector) {
  std::string id = vector.storage_type + vector.path_or_inline;
  if (vector.offset) id += "@" + std::to_string(*vector.offset);
  return id;
}

Result<std::optional<VectorPlace>> PlaceOf(const std::string& table_path,
                                           const DeletionVector& vector, std::string_view file) {
  RETURN_IF_ERROR(CheckNumbers(vector, file));
  VectorPlace place;
  if (vector.storage_type == kInline) return std::optional<VectorPlace>();
  if (vector.storage_type == kRelative) {
    ASSIGN_OR_RETURN(place.path, RelativePath(table_path, vector, file));
  } else if (vector.storage_type == kAbsolute) {
    place.path = AbsolutePath(table_path, vector);
  } else {
    return Bad(file, "its storageType is '" + vector.storage_type + "'");
  }
  place.offset = vector.offset.value_or(0);
  place.length = vector.size_in_bytes + kSizeBytes + kChecksumBytes;
  return std::optional(std::move(place));
}

Result<DeletedRows> DecodeVector(const DeletionVector& vector, std::string_view bytes,
                                 std::string_view file) {
  RETURN_IF_ERROR(CheckNumbers(vector, file));
  std::string own;
  if (vector.storage_type == kInline) {
    ASSIGN_OR_RETURN(own, InlineBytes(vector, file));
    bytes = own;
  } else {
    ASSIGN_OR_RETURN(bytes, FramedBytes(vector, bytes, file));
  }
  ASSIGN_OR_RETURN(DeletedRows rows, DecodeRowSet(bytes, NameOf(file)));
  if (rows.size() != vector.cardinality) {
    return Bad(file, "its cardinality is " + std::to_string(vector.cardinality) +
                         " and it deletes " + std::to_string(rows.size()) + " rows");
  }
  return rows;
}

Result<DeletedRows> ReadVector(io::Storage& storage, const std::string& table_path,
                               const DeletionVector& vector, std::string_view file) {
  ASSIGN_OR_RETURN(const auto place, PlaceOf(table_path, vector, file));
  if (!place) return DecodeVector(vector, "", file);
  ASSIGN_OR_RETURN(const std::string bytes,
                   storage.ReadRange(place->path, place->offset, place->length));
  return DecodeVector(vector, bytes, file);
}

DeletionVector InlineVector(const DeletedRows& rows) {
  const std::string bytes = EncodeRowSet(rows);
  return {kInline, EncodeZ85(bytes), std::nullopt, static_cast<int64_t>(bytes.size()), rows.size()};
}

VectorFile NewVectorFile(const std::vector<DeletedRows>& rows, const std::string& uuid) {
  VectorFile file{FileName(uuid), std::string(1, kFileVersion), {}};
  const std::string encoded_uuid = EncodeUuid(uuid);
  for (const DeletedRows& deleted : rows) {
    const std::string data = EncodeRowSet(deleted);
    file.vectors.push_back({kRelative, encoded_uuid, static_cast<int64_t>(file.bytes.size()),
                            static_cast<int64_t>(data.size()), deleted.size()});
    AppendBigEndian(static_cast<uint32_t>(data.size()), &file.bytes);
    file.bytes += data;
    AppendBigEndian(Checksum(data), &file.bytes);
  }
  return file;
}

}  // namespace penstock::delta
