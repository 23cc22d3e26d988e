#pragma once

#include <string>

#include "base/data_type.h"
#include "base/result.h"
#include "delta/actions.h"
#include "duck/engine.h"

namespace penstock::run {

// A query with the columns of `schema` and no rows.
std::string EmptyRelation(const Schema& schema);

// The _metadata struct of files, and of a table.
Field MetadataField();
Field MetadataField(const delta::Metadata& metadata);
// The __penstock_position struct.
Field PositionField();
inline constexpr char kPositionColumn[] = "__penstock_position";

// A query that gives `query` (with columns `from`) the columns of `to`, by name: cast where the
// type differs, NULL where it has none. With `keep_position`, __penstock_position follows as the
// last column.
std::string AlignColumns(const std::string& query, const Schema& from, const Schema& to,
                         bool keep_position);

// Makes a temporary view of the connection that stands for a name of a flow's query.
Status CreateView(duck::Connection& connection, const std::string& name, const std::string& query);

// "left = right", where `right` is `column` of the relation behind an alias; null-safe only where
// that has NULLs (in rows for which `where` holds), since equality lets a scan pass over files.
Result<std::string> EqualityWith(duck::Connection& connection, const std::string& left,
                                 const std::string& right, const std::string& relation,
                                 const std::string& column, const std::string& where = "true");

}  // namespace penstock::run
