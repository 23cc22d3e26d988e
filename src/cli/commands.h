#pragma once

#include "cli/command_line.h"
#include "cli/exit_status.h"
#include "cli/session.h"

// The commands; each prints what it has to say and gives the exit status.
namespace penstock::cli {

ExitStatus Execute(Session& session, const ShowText& command);
ExitStatus Execute(Session& session, const InitCommand& command);
ExitStatus Execute(Session& session, const DryRunCommand& command);
ExitStatus Execute(Session& session, const PlanCommand& command);
ExitStatus Execute(Session& session, const VerifyCommand& command);
ExitStatus Execute(Session& session, const ExplainCommand& command);
ExitStatus Execute(Session& session, const WhyCommand& command);
ExitStatus Execute(Session& session, const RunCommand& command);
ExitStatus Execute(Session& session, const SqlCommand& command);
ExitStatus Execute(Session& session, const TableListCommand& command);
ExitStatus Execute(Session& session, const TableShowCommand& command);
ExitStatus Execute(Session& session, const TableHistoryCommand& command);
ExitStatus Execute(Session& session, const TableReadCommand& command);
ExitStatus Execute(Session& session, const TableDetailCommand& command);
ExitStatus Execute(Session& session, const TableDropCommand& command);
ExitStatus Execute(Session& session, const TableOptimizeCommand& command);
ExitStatus Execute(Session& session, const TableVacuumCommand& command);
ExitStatus Execute(Session& session, const TableRestoreCommand& command);
ExitStatus Execute(Session& session, const TableCloneCommand& command);
ExitStatus Execute(Session& session, const TableCheckpointCommand& command);
ExitStatus Execute(Session& session, const TableConvertCommand& command);
ExitStatus Execute(Session& session, const QuarantineListCommand& command);
ExitStatus Execute(Session& session, const QuarantineShowCommand& command);
ExitStatus Execute(Session& session, const ExportCommand& command);
ExitStatus Execute(Session& session, const EventsCommand& command);

// The whole program.
ExitStatus RunProgram(const std::vector<std::string>& arguments);

}  // namespace penstock::cli
