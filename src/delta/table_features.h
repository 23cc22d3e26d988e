#pragma once

#include "base/result.h"
#include "delta/actions.h"

// Which features of the protocol this program follows; one table in the .cc says it for all.
namespace penstock::delta {

// UNSUPPORTED_TABLE_FEATURE names the reader version or feature that prevents reading.
Status CheckReadable(const Protocol& protocol, const Metadata& metadata);
// UNSUPPORTED_TABLE_FEATURE names the writer version or feature that prevents writing.
Status CheckWritable(const Protocol& protocol, const Metadata& metadata);

// Whether readers of this protocol know TIMESTAMP_NTZ, and `protocol` raised so that they do, with
// all it implied before.
bool KnowsTimestampNtz(const Protocol& protocol);
Protocol WithTimestampNtz(const Protocol& protocol);

}  // namespace penstock::delta
