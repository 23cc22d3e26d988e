#pragma once

#include <string>

#include "base/data_type.h"
#include "base/result.h"
#include "delta/checkpoint.h"
#include "duck/row_source.h"

// How what a checkpoint holds becomes rows of its Parquet files (PROTOCOL.md, "Checkpoint Schema").
namespace penstock::lake {

// Flat columns of what one row holds: of a file what add and remove have, of everything else the
// action's line of JSON.
Schema CheckpointItemColumns();

// Sets those columns; the item is neither kept nor changed.
void SetCheckpointItem(const delta::CheckpointItem& item, duck::RowValues& row);

// The query that makes the columns of a checkpoint file of those of `relation`. Statistics and
// partition values become columns of their own types where the shape asks for it; what is not of
// its type is NULL then.
Result<std::string> CheckpointFileSql(const std::string& relation,
                                      const delta::CheckpointShape& shape);

}  // namespace penstock::lake
