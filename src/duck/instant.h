#pragma once

#include <string>

#include "base/clock.h"
#include "duck/engine.h"

namespace penstock::duck {

// Begins a transaction on the connection in which now(), current_date and their like give this
// instant, whatever the clock says. It ends with COMMIT or the connection. `query` is what will be
// run in it: functions of the Spark pack that others need are not seen before its end.
Status BeginAt(Connection& connection, TimestampMicros instant, const std::string& query);

}  // namespace penstock::duck
