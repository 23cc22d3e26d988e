#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "io/s3/client.h"
#include "io/storage.h"

namespace penstock::io::s3 {

// Bytes from which on an object is sent in parts.
constexpr size_t kMultipartBytes = size_t{16} << 20;

// Writes an object in one request, replacing what is there.
Status PutObject(Client& client, const Location& location, std::string_view bytes);
// The same in parts of at least 8 MiB; the object appears when the last one is there. Parts of a
// failed upload are removed.
Status PutInParts(Client& client, const Location& location, std::string_view bytes);

// A conditional PUT; see storage.h.
Result<PutOutcome> PutObjectIfAbsent(Client& client, const Location& location,
                                     std::string_view bytes);

}  // namespace penstock::io::s3
