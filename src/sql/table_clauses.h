#pragma once

#include "base/result.h"
#include "model/project.h"
#include "sql/pipeline_file.h"
#include "sql/token_cursor.h"

// The parts of CREATE … TABLE and VIEW between the name and AS.
namespace penstock::sql {

// ( columns and constraints ); the cursor stands at the parenthesis.
Status ParseColumnList(TokenCursor& cursor, const FileContext& context, model::Dataset* dataset,
                       std::vector<model::Warning>* warnings);

// CONSTRAINT name EXPECT … | PRIMARY KEY … | FOREIGN KEY …, and the last two without a name.
bool LooksAtConstraint(const TokenCursor& cursor);
Status ParseConstraint(TokenCursor& cursor, const FileContext& context, model::Dataset* dataset,
                       std::vector<model::Warning>* warnings);
// PRIMARY KEY … or FOREIGN KEY … or REFERENCES …, which declare but check nothing.
Status ParseInformationalKey(TokenCursor& cursor, std::vector<model::Warning>* warnings);

// Every clause up to AS, a query or the end, in any order.
Status ParseTableClauses(TokenCursor& cursor, const FileContext& context, model::Dataset* dataset,
                         std::vector<model::Warning>* warnings);

}  // namespace penstock::sql
