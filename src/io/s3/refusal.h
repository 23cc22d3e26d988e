#pragma once

#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "io/s3/http.h"
#include "io/s3/location.h"
#include "io/s3/settings.h"

namespace penstock::io::s3 {

// The store's answer that an operation cannot be done, as an error. Codes: NOT_FOUND,
// BUCKET_NOT_FOUND, PERMISSION_DENIED, BAD_CREDENTIALS, CLOCK_SKEW, WRONG_REGION,
// STORE_UNAVAILABLE (kExternal), NOT_SUPPORTED_BY_STORE, DISK_FULL, IO_ERROR.
Error RefusalError(const HttpResponse& response, const std::string& action,
                   const Location& location, const Settings& settings, TimestampMicros now);

// There was no answer, after `tries`: STORE_UNAVAILABLE.
Error NoAnswerError(const HttpFailure& failure, const std::string& action, const Location& location,
                    const Settings& settings, int tries);

// Whether the same request may succeed a little later: overload, failures of the store, and a
// conflict with another request that is under way.
bool MayPass(const HttpResponse& response);

}  // namespace penstock::io::s3
