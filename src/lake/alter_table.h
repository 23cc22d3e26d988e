#pragma once

#include "base/result.h"
#include "delta/alter.h"
#include "delta/table.h"
#include "lake/table_operation.h"

// Tables are made and what they are is changed (delta/alter.h), looking at their rows where a new
// rule must hold for them already.
namespace penstock::lake {

// Errors of delta::PlanAlteration; ROWS_BREAK_RULE shows a row that the new constraint or NOT NULL
// would refuse; UNCLEAN_FEATURE says what to run first. No version in the result: nothing to do.
Result<OperationResult> AlterTable(const Lake& lake, delta::Table& table,
                                   const delta::AlterRequest& request);

struct CreateTableRequest {
  delta::TableDefinition definition;
  bool if_not_exists = false;
  bool replace = false;     // an existing table loses its rows and gets this definition
  bool must_exist = false;  // REPLACE TABLE
  std::string query;        // AS: the table's rows, in the definition's columns; empty: none
};
// Definition and rows come in one commit. TABLE_EXISTS, TABLE_NOT_FOUND, and the errors of
// delta::NewTable and of the query.
Result<OperationResult> CreateTable(const Lake& lake, delta::Table& table,
                                    const CreateTableRequest& request);

}  // namespace penstock::lake
