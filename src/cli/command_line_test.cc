#include "cli/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace penstock::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

template <typename T>
T Parsed(const std::vector<std::string>& arguments) {
  const Result<Invocation> invocation = ParseCommandLine(arguments);
  EXPECT_TRUE(invocation.ok()) << invocation.error().message;
  if (!invocation.ok() || !std::holds_alternative<T>(invocation->command)) {
    ADD_FAILURE() << "another command";
    return {};
  }
  return std::get<T>(invocation->command);
}

Error Refused(const std::vector<std::string>& arguments) {
  const Result<Invocation> invocation = ParseCommandLine(arguments);
  if (invocation.ok()) {
    ADD_FAILURE() << "was accepted";
    return {};
  }
  EXPECT_EQ(invocation.error().code, "USAGE");
  EXPECT_EQ(invocation.error().kind, ErrorKind::kUser);
  return invocation.error();
}

TEST(CommandLineTest, RunTakesListsAndRepeatedOptions) {
  const RunCommand run =
      Parsed<RunCommand>({"run", "--refresh", "a,b", "--refresh", "c", "--full-refresh=d",
                          "--select", "+gold", "--full-refresh-all"});
  EXPECT_THAT(run.selection.refresh, ElementsAre("a", "b", "c"));
  EXPECT_THAT(run.selection.full_refresh, ElementsAre("d"));
  EXPECT_THAT(run.selection.select, ElementsAre("+gold"));
  EXPECT_TRUE(run.selection.full_refresh_all);
}

TEST(CommandLineTest, GlobalOptionsStandBeforeOrBehindTheCommand) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"--project", "p", "--set", "a=1", "--set", "b=x=y", "table",
                                 "read", "t", "--format", "csv"},
        std::vector<std::string>{"table", "read", "t", "--set", "a=1", "--set", "b=x=y",
                                 "--project", "p", "--format", "csv"}}) {
    const Result<Invocation> invocation = ParseCommandLine(arguments);
    ASSERT_TRUE(invocation.ok()) << invocation.error().message;
    EXPECT_EQ(invocation->options.project, "p");
    EXPECT_EQ(invocation->options.format, "csv");
    EXPECT_THAT(invocation->options.settings, ElementsAre("a=1", "b=x=y"));
    EXPECT_EQ(std::get<TableReadCommand>(invocation->command).table, "t");
  }
}

TEST(CommandLineTest, TableReadTakesAVersionOrATime) {
  EXPECT_EQ(Parsed<TableReadCommand>({"table", "read", "t", "--version", "3"}).version, 3);
  EXPECT_EQ(Parsed<TableReadCommand>({"table", "read", "t", "--timestamp", "2026-01-01"}).timestamp,
            "2026-01-01");
  Refused({"table", "read", "t", "--version", "3", "--timestamp", "2026-01-01"});
  Refused({"table", "read", "t", "--version", "x"});
}

TEST(CommandLineTest, MaintenanceCommandsCarryTheirOptions) {
  const auto optimize = Parsed<TableOptimizeCommand>(
      {"table", "optimize", "t", "--where", "d > 1", "--zorder", "a,b", "--full"});
  EXPECT_EQ(optimize.where, "d > 1");
  EXPECT_EQ(optimize.zorder, (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(optimize.full);
  EXPECT_FALSE(optimize.purge);
  const auto vacuum = Parsed<TableVacuumCommand>(
      {"table", "vacuum", "t", "--retain-hours", "0", "--dry-run", "--no-retention-check"});
  EXPECT_EQ(vacuum.retain_hours, 0);
  EXPECT_TRUE(vacuum.dry_run);
  EXPECT_TRUE(vacuum.no_retention_check);
  EXPECT_EQ(Parsed<TableVacuumCommand>({"table", "vacuum", "t", "--retain", "7 days"}).retain,
            "7 days");
  Refused({"table", "vacuum", "t", "--retain", "7 days", "--retain-hours", "1"});
  EXPECT_EQ(Parsed<TableRestoreCommand>({"table", "restore", "t", "--version", "3"}).version, 3);
  Refused({"table", "restore", "t"});
  const auto clone =
      Parsed<TableCloneCommand>({"table", "clone", "a", "./b", "--version", "1", "--replace"});
  EXPECT_EQ(clone.source, "a");
  EXPECT_EQ(clone.target, "./b");
  EXPECT_EQ(clone.version, 1);
  EXPECT_TRUE(clone.replace);
  EXPECT_EQ(Parsed<TableCheckpointCommand>({"table", "checkpoint", "t"}).table, "t");
  EXPECT_EQ(Parsed<TableConvertCommand>({"table", "convert", "./p", "--partitioned-by", "d DATE"})
                .partitioned_by,
            "d DATE");
}

TEST(CommandLineTest, OtherCommandsCarryTheirOptions) {
  EXPECT_EQ(Parsed<SqlCommand>({"sql", "-"}).query, "-");
  EXPECT_EQ(Parsed<InitCommand>({"init", "shop"}).name, "shop");
  EXPECT_TRUE(Parsed<TableDropCommand>({"table", "drop", "t", "--dry-run"}).dry_run);
  const EventsCommand events =
      Parsed<EventsCommand>({"events", "--type", "flow_progress", "--limit", "5", "--follow"});
  EXPECT_EQ(events.type, "flow_progress");
  EXPECT_EQ(events.limit, 5);
  EXPECT_TRUE(events.follow);
  EXPECT_EQ(Parsed<ExportCommand>({"export", "t", "--to", "x.csv"}).to, "x.csv");
  EXPECT_EQ(Parsed<ExportCommand>({"export", "--query", "SELECT 1", "--to", "x.csv"}).query,
            "SELECT 1");
  Parsed<QuarantineListCommand>({"quarantine", "list"});
  Parsed<DryRunCommand>({"dry-run"});
}

TEST(CommandLineTest, MisspeltCommandGetsTheNearestName) {
  EXPECT_THAT(Refused({"rnu"}).remedy, HasSubstr("Did you mean run?"));
  EXPECT_THAT(Refused({"table", "hsitory", "t"}).remedy, HasSubstr("Did you mean history?"));
  EXPECT_THAT(Refused({"help", "tabel"}).remedy, HasSubstr("Did you mean table?"));
}

TEST(CommandLineTest, MisspeltOptionGetsTheNearestName) {
  const Error error = Refused({"run", "--ful-refresh", "t"});
  EXPECT_THAT(error.message, HasSubstr("unknown option --ful-refresh of penstock run"));
  EXPECT_THAT(error.remedy, HasSubstr("Did you mean --full-refresh?"));
  EXPECT_THAT(Refused({"table", "read", "t", "--formt=csv"}).remedy,
              HasSubstr("Did you mean --format?"));
  Refused({"run", "--continuous"});
}

TEST(CommandLineTest, MissingOrSurplusArgumentsAreRefused) {
  Refused({});
  Refused({"table"});
  Refused({"table", "read"});
  Refused({"sql"});
  Refused({"run", "extra"});
  Refused({"export", "--to", "x.csv"});
  Refused({"export", "t", "--query", "SELECT 1", "--to", "x.csv"});
}

TEST(CommandLineTest, HelpNamesCommandsAndOptions) {
  EXPECT_THAT(Parsed<ShowText>({"help"}).text, HasSubstr("dry-run"));
  EXPECT_THAT(Parsed<ShowText>({"help", "table", "read"}).text, HasSubstr("--timestamp"));
  EXPECT_THAT(Parsed<ShowText>({"run", "--help"}).text, HasSubstr("--full-refresh-all"));
  EXPECT_EQ(Parsed<ShowText>({"--version"}).text, VersionText() + "\n");
}

}  // namespace
}  // namespace penstock::cli
