#pragma once

#include "run/context.h"
#include "source/offsets.h"

namespace penstock::run {

// The error of a query that failed while it ran, with the row of its input that made it fail where
// one row alone does: its values, and for files the file and line. Reads the inputs again; gives
// the error as it is when they are large, or when it takes several rows to fail.
Error NameFailingRow(UpdateContext& context, const BoundFlow& flow, const source::Batch* batch,
                     Error error);

}  // namespace penstock::run
