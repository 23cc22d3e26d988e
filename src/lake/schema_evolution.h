#pragma once

#include <vector>

#include "base/data_type.h"
#include "base/result.h"
#include "delta/change.h"
#include "delta/snapshot.h"

// Writes that change the schema of their table (mergeSchema, overwriteSchema, MERGE WITH SCHEMA
// EVOLUTION).
namespace penstock::lake {

// Gives `change` the metadata (and protocol, where a type takes a newer one) of the table with the
// columns and fields of `given` that it lacks, nullable, behind its own; nothing when it lacks
// none. With column mapping they get ids and physical names.
Status AddColumns(const delta::Snapshot& base, const Schema& given, delta::Change* change);

// The same with the columns of `given` instead of the table's. PARTITION_COLUMN_MISSING.
Status ReplaceColumns(const delta::Snapshot& base, const Schema& given, delta::Change* change);

}  // namespace penstock::lake
