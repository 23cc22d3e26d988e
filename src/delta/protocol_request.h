#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "delta/actions.h"

// Protocols raised and lowered by hand.
namespace penstock::delta {

// What the properties delta.feature.X = supported, delta.minReaderVersion and
// delta.minWriterVersion ask for.
struct ProtocolRequest {
  std::vector<std::string> features;
  int reader_version = 0;
  int writer_version = 0;
};

// Takes them out of `properties`, where they are never stored. UNKNOWN_FEATURE, BAD_PROPERTY.
Result<ProtocolRequest> TakeProtocolRequest(Configuration* properties);
// `protocol` with what was asked for; it is never lowered.
Protocol Granted(const Protocol& protocol, const ProtocolRequest& request);

// `a` with the versions of `b` and the features that it names.
Protocol JoinedProtocol(const Protocol& a, const Protocol& b);

// Without the feature; versions imply what they can. All else that `protocol` has stays.
Protocol WithoutFeature(const Protocol& protocol, std::string_view feature);

}  // namespace penstock::delta
