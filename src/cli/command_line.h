#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"

// What the user typed, as values.
namespace penstock::cli {

struct GlobalOptions {
  std::string project;                // --project DIR, empty: the nearest folder upwards
  std::string spec;                   // --spec FILE
  std::string format;                 // --format, empty: by where the output goes
  std::vector<std::string> settings;  // --set KEY=VALUE
  bool operator==(const GlobalOptions&) const = default;
};

struct ShowText {  // --version, help
  std::string text;
};
struct InitCommand {
  std::string name;
};
struct DryRunCommand {};
struct SelectionOptions {
  std::vector<std::string> refresh;
  std::vector<std::string> full_refresh;
  bool full_refresh_all = false;
  std::vector<std::string> select;
};
struct PlanCommand {
  SelectionOptions selection;
};
struct VerifyCommand {
  std::vector<std::string> tables;  // none: all
};
struct ExplainCommand {
  std::vector<std::string> tables;  // none: all materialized views
};
struct WhyCommand {
  std::string table;
  std::vector<std::string> keys;  // COLUMN=VALUE
  int64_t depth = 0;              // 0: as far as it goes
  int64_t limit = 20;
};
struct RunCommand {
  SelectionOptions selection;
};
struct SqlCommand {
  std::string query;  // "-": from standard input
  bool dry_run = false;
};
struct TableListCommand {};
struct TableShowCommand {
  std::string table;
};
struct TableHistoryCommand {
  std::string table;
};
struct TableReadCommand {
  std::string table;
  std::optional<int64_t> version;
  std::string timestamp;
  std::optional<int64_t> limit;
};
struct TableDetailCommand {
  std::string table;
};
struct TableDropCommand {
  std::string table;
  bool dry_run = false;
};
struct TableOptimizeCommand {
  std::string table;
  std::string where;
  std::vector<std::string> zorder;
  bool full = false;
  bool purge = false;
};
struct TableVacuumCommand {
  std::string table;
  std::optional<double> retain_hours;
  std::string retain;  // "7 days"
  bool dry_run = false;
  bool no_retention_check = false;
};
struct TableRestoreCommand {
  std::string table;
  std::optional<int64_t> version;
  std::string timestamp;
};
struct TableCloneCommand {
  std::string source;
  std::string target;
  std::optional<int64_t> version;
  std::string timestamp;
  bool replace = false;
};
struct TableCheckpointCommand {
  std::string table;
};
struct TableConvertCommand {
  std::string path;
  std::string partitioned_by;  // "dt DATE, …"
  bool no_statistics = false;
};
struct QuarantineListCommand {};
struct QuarantineShowCommand {
  std::string table;
};
struct ExportCommand {
  std::string table;  // or
  std::string query;
  std::string to;
};
struct EventsCommand {
  std::string type;
  std::string update;
  bool follow = false;
  std::optional<int64_t> limit;  // the newest
};

using Command =
    std::variant<ShowText, InitCommand, DryRunCommand, PlanCommand, VerifyCommand, ExplainCommand,
                 WhyCommand, RunCommand, SqlCommand, TableListCommand, TableShowCommand,
                 TableHistoryCommand, TableReadCommand, TableDetailCommand, TableDropCommand,
                 TableOptimizeCommand, TableVacuumCommand, TableRestoreCommand, TableCloneCommand,
                 TableCheckpointCommand, TableConvertCommand, QuarantineListCommand,
                 QuarantineShowCommand, ExportCommand, EventsCommand>;

struct Invocation {
  GlobalOptions options;
  Command command;
};

// Reads the arguments after the program's name. An error (USAGE) names what was not understood and
// the nearest command or option.
Result<Invocation> ParseCommandLine(const std::vector<std::string>& arguments);

// "penstock 0.1.0"
std::string VersionText();

}  // namespace penstock::cli
