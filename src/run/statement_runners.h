#pragma once

#include "lake/table_operation.h"
#include "run/statement_texts.h"
#include "run/table_statement.h"

// One function for each statement on tables; RunTableStatement chooses.
namespace penstock::run {

Result<StatementRows> Run(Workspace& workspace, const StatementContext& context,
                          const sql::InsertRows& statement);
Result<StatementRows> Run(Workspace& workspace, const StatementContext& context,
                          const sql::CopyFiles& statement);
Result<StatementRows> Run(Workspace& workspace, const StatementContext& context,
                          const sql::DeleteRows& statement);
Result<StatementRows> Run(Workspace& workspace, const StatementContext& context,
                          const sql::UpdateRows& statement);
Result<StatementRows> Run(Workspace& workspace, const StatementContext& context,
                          const sql::MergeRows& statement);
Result<StatementRows> Run(Workspace& workspace, const StatementContext& context,
                          const sql::CreateTable& statement);
Result<StatementRows> Run(Workspace& workspace, const StatementContext& context,
                          const sql::CloneTable& statement);
Result<StatementRows> Run(Workspace& workspace, const StatementContext& context,
                          const sql::DropTable& statement);
Result<StatementRows> Run(Workspace& workspace, const StatementContext& context,
                          const sql::RenameTable& statement);
Result<StatementRows> Run(Workspace& workspace, const StatementContext& context,
                          const sql::AlterTable& statement);
Result<StatementRows> Run(Workspace& workspace, const StatementContext& context,
                          const sql::OptimizeTable& statement);
Result<StatementRows> Run(Workspace& workspace, const StatementContext& context,
                          const sql::VacuumTable& statement);
Result<StatementRows> Run(Workspace& workspace, const StatementContext& context,
                          const sql::RestoreTable& statement);
Result<StatementRows> Run(Workspace& workspace, const StatementContext& context,
                          const sql::ConvertTable& statement);
Result<StatementRows> Run(Workspace& workspace, const StatementContext& context,
                          const sql::ShowProperties& statement);
Result<StatementRows> Run(Workspace& workspace, const StatementContext& context,
                          const sql::ShowColumns& statement);
Result<StatementRows> Run(Workspace& workspace, const StatementContext& context,
                          const sql::ShowPartitions& statement);
Result<StatementRows> Run(Workspace& workspace, const StatementContext& context,
                          const sql::ShowCreateTable& statement);
Result<StatementRows> Run(Workspace& workspace, const StatementContext& context,
                          const sql::DescribeHistory& statement);
Result<StatementRows> Run(Workspace& workspace, const StatementContext& context,
                          const sql::DescribeDetail& statement);

// What operations work with, over that connection.
lake::Lake LakeOf(Workspace& workspace, duck::Connection* connection);
// The number of that name in an operation's metrics, 0 when there is none.
int64_t MetricOf(const Json& metrics, const std::string& name);
// The version of a table that a statement names; the time is evaluated by the engine.
Result<delta::TimeTravel> TravelOf(Workspace& workspace, const sql::TableVersion& version);
// A text of the user's dialect that names no columns, for the engine.
Result<std::string> TranslateConstant(const Workspace& workspace, const model::QueryText& text);

}  // namespace penstock::run
