#pragma once

#include <memory>
#include <string>

#include "run/project_run.h"

namespace penstock::run {

// The table behind a source id such as "table:main.default.silver" or "delta:/path".
Result<std::shared_ptr<delta::Table>> SourceTable(Workspace& workspace, const std::string& source);

// Whether the commits after `from` up to `to` changed rows, schema or properties, or cannot be
// known any more. Compaction does none of it.
bool ChangedBetween(delta::Table& table, delta::Version from, delta::Version to);

// `now`, what the sources of a view are, with the versions of `before` where nothing but the layout
// of a table changed since.
Json WithoutRewrites(Workspace& workspace, const Json& before, Json now);

}  // namespace penstock::run
