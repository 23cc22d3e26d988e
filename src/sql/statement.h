#pragma once

#include <optional>
#include <vector>

#include "base/result.h"
#include "model/project.h"
#include "sql/pipeline_file.h"
#include "sql/token_cursor.h"

// The statements of a pipeline file, one function each. A cursor stands behind the statement's
// first word; what is declared goes to `out`, which the caller throws away on an error.
namespace penstock::sql {

// CREATE … TABLE | MATERIALIZED VIEW | VIEW | FLOW. `first` is the word CREATE.
Status ParseCreate(TokenCursor& cursor, const Token& first, const FileContext& context,
                   model::Definitions* out);
// INSERT INTO [ONCE] t [BY NAME] query, as a statement of its own.
Status ParseInsert(TokenCursor& cursor, const Token& first, const FileContext& context,
                   model::Definitions* out);
// FLOW f [COMMENT 'c'] AS INSERT INTO …; the cursor stands behind FLOW.
Status ParseCreateFlow(TokenCursor& cursor, const Token& first, const FileContext& context,
                       model::Definitions* out);
// SET key = value.
Status ParseSet(TokenCursor& cursor, FileContext* context);
// USE CATALOG c, USE SCHEMA s, USE c.s.
Status ParseUse(TokenCursor& cursor, FileContext* context);

// The full name for the parts as written: LIVE.t is t; what is missing comes from the context.
Result<model::TableName> ParseTableName(TokenCursor& cursor, const FileContext& context,
                                        std::string_view what);
// The query that the rest of the statement is; MISSING_QUERY if it does not begin like one.
Result<model::QueryText> ParseQuery(TokenCursor& cursor);
// Whether the cursor stands at AUTO CDC or APPLY CHANGES.
bool LooksAtCdc(const TokenCursor& cursor);
// AUTO CDC [ONCE] [INTO t] FROM … with its clauses in any order, up to the end of the statement.
// `target`: of a table's own flow, which needs no INTO. Fills the flow's cdc, query and target.
Status ParseCdc(TokenCursor& cursor, const FileContext& context,
                const std::optional<model::TableName>& target, model::Flow* flow);
// APPLY CHANGES INTO … as a statement of its own: a flow of the name of its table.
Status ParseApplyChanges(TokenCursor& cursor, const FileContext& context, model::Definitions* out);

}  // namespace penstock::sql
