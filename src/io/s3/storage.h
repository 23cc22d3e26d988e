#pragma once

#include <memory>

#include "io/s3/settings.h"
#include "io/storage.h"

namespace penstock::io::s3 {

// Paths "s3://bucket/key". Folders are what keys have in common up to a slash: there is nothing
// to create, and one without files does not exist. A write that returned is durable and seen by
// every later read and list. Append is refused: no store has it. Files of up to 5 TB are written,
// above 16 MiB in parts; a failure leaves no part behind unless the store fails at that too.
//
// PutIfAbsent is a conditional PUT (If-None-Match: *). Each object carries an id of its own as
// metadata (x-amz-meta-penstock-put): when the answer to a PUT was lost and a later try is told
// that the name is taken, that id tells whether it was taken by us. A store that does not keep
// the condition is found out before the first PutIfAbsent in a bucket, with two writes of a probe
// beside the file: NO_PUT_IF_ABSENT.
std::unique_ptr<Storage> NewStorage(Settings settings);

}  // namespace penstock::io::s3
