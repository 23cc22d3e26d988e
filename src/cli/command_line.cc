#include "cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <utility>

#include "base/text.h"

namespace penstock::cli {
namespace {

constexpr char kDescription[] =
    "Penstock keeps declared tables up to date, checks their rows and writes them as Delta Lake "
    "tables.";

// A parser under construction: each leaf command has the value it fills.
class Grammar {
 public:
  Grammar() : app_(kDescription, "penstock") {
    app_.set_version_flag("--version", VersionText());
    app_.set_help_flag("-h,--help", "Show this help");
    app_.add_option("--project", options_.project,
                    "Folder of the project (default: the nearest upwards with penstock.yml or "
                    "spark-pipeline.yml)");
    app_.add_option("--spec", options_.spec, "The project file itself");
    app_.add_option("--set", options_.settings,
                    "KEY=VALUE of the pipeline's configuration; repeatable")
        ->allow_extra_args(false);
    app_.add_option("--format", options_.format,
                    "table, csv, json or jsonl (default: table on a terminal, otherwise jsonl)");
    app_.allow_extras();
    AddProjectCommands();
    AddTableCommands();
    AddOtherCommands();
  }

  CLI::App& app() { return app_; }
  GlobalOptions& options() { return options_; }
  // The command that was typed, or nothing.
  std::optional<Command> Typed() const {
    for (const auto& [app, make] : leaves_) {
      if (app->parsed()) return make();
    }
    return std::nullopt;
  }

 private:
  CLI::App* AddGroup(CLI::App& parent, const char* name, const char* description) {
    CLI::App* app = parent.add_subcommand(name, description);
    app->fallthrough();
    app->allow_extras();
    return app;
  }

  // A command whose options write into the value handed back.
  template <typename T>
  std::pair<CLI::App*, T*> Add(CLI::App& parent, const char* name, const char* description) {
    CLI::App* app = AddGroup(parent, name, description);
    auto value = std::make_shared<T>();
    leaves_.emplace_back(app, [value] { return Command(*value); });
    return {app, value.get()};
  }

  static void AddSelection(CLI::App* app, SelectionOptions* selection) {
    const auto list = [&](const char* name, std::vector<std::string>* names,
                          const char* description) {
      app->add_option(name, *names, description)->delimiter(',')->allow_extra_args(false);
    };
    list("--refresh", &selection->refresh, "Only these tables: T,…");
    list("--full-refresh", &selection->full_refresh,
         "Empty these tables and read everything again: T,…");
    app->add_flag("--full-refresh-all", selection->full_refresh_all, "The same for all tables");
    list("--select", &selection->select,
         "Tables by name or glob; +t with what it reads, t+ with what reads it");
  }

  void AddProjectCommands() {
    auto [init, init_value] =
        Add<InitCommand>(app_, "init", "Make a small working project in a new folder");
    init->add_option("NAME", init_value->name, "The folder")->required();
    Add<DryRunCommand>(app_, "dry-run", "Read and resolve all definitions; write nothing");
    auto [plan, plan_value] =
        Add<PlanCommand>(app_, "plan", "Show what an update would do to each table, and why");
    AddSelection(plan, &plan_value->selection);
    auto [verify, verify_value] = Add<VerifyCommand>(
        app_, "verify", "Compare tables with what they are made of, computed anew");
    verify->add_option("T", verify_value->tables, "Tables of the pipeline; none: all");
    AddExplanations();
    auto [run, run_value] = Add<RunCommand>(app_, "run", "Bring the tables up to date once");
    AddSelection(run, &run_value->selection);
    auto [sql, sql_value] =
        Add<SqlCommand>(app_, "sql", "Run a query over tables, files and Delta tables by path");
    sql->add_option("QUERY", sql_value->query, "SQL text; - reads it from standard input")
        ->required();
    sql->add_flag("--dry-run", sql_value->dry_run,
                  "Change nothing; show what an ALTER TABLE would break in the project");
  }

  void AddExplanations() {
    auto [explain, explain_value] =
        Add<ExplainCommand>(app_, "explain", "Show how views are computed and follow changes");
    explain->add_option("T", explain_value->tables, "Materialized views; none: all");
    auto [why, why_value] =
        Add<WhyCommand>(app_, "why", "Show the source rows that rows of a table come from");
    why->add_option("TABLE", why_value->table, "A table of the pipeline")->required();
    why->add_option("--key", why_value->keys, "COLUMN=VALUE of the rows; repeatable")
        ->required()
        ->allow_extra_args(false);
    why->add_option("--depth", why_value->depth, "At most so many tables back; 0: all")
        ->check(CLI::NonNegativeNumber);
    why->add_option("--limit", why_value->limit, "At most so many rows of each source (20)")
        ->check(CLI::PositiveNumber);
  }

  void AddTableCommands() {
    CLI::App* table =
        AddGroup(app_, "table", "Look at tables: by name, or any Delta table by its path");
    Add<TableListCommand>(*table, "list", "All tables of the project's storage");
    auto [show, show_value] =
        Add<TableShowCommand>(*table, "show", "What a table is, and whether it is up to date");
    AddTable(show, &show_value->table);
    auto [history, history_value] =
        Add<TableHistoryCommand>(*table, "history", "The commits of a table");
    AddTable(history, &history_value->table);
    auto [read, read_value] = Add<TableReadCommand>(*table, "read", "The rows of a table");
    AddTable(read, &read_value->table);
    AddTimeTravel(read, &read_value->version, &read_value->timestamp);
    read->add_option("--limit", read_value->limit, "At most so many rows")
        ->check(CLI::NonNegativeNumber);
    auto [detail, detail_value] =
        Add<TableDetailCommand>(*table, "detail", "Files, size, protocol and properties");
    AddTable(detail, &detail_value->table);
    auto [drop, drop_value] =
        Add<TableDropCommand>(*table, "drop", "Delete a table with its quarantine");
    AddTable(drop, &drop_value->table);
    drop->add_flag("--dry-run", drop_value->dry_run, "Only show what would be deleted");
    AddMaintenanceCommands(*table);
    AddCopyCommands(*table);
  }

  void AddMaintenanceCommands(CLI::App& table) {
    auto [optimize, optimize_value] = Add<TableOptimizeCommand>(
        table, "optimize", "Write small files together, and rows in an order that helps queries");
    AddTable(optimize, &optimize_value->table);
    optimize->add_option("--where", optimize_value->where,
                         "Only partitions that satisfy this condition");
    optimize->add_option("--zorder", optimize_value->zorder, "Order by these columns: a,b")
        ->delimiter(',')
        ->allow_extra_args(false);
    optimize->add_flag("--full", optimize_value->full,
                       "Of a clustered table also what is clustered already");
    optimize->add_flag("--purge", optimize_value->purge,
                       "Only files with deleted rows or dropped columns, without those");
    auto [vacuum, vacuum_value] = Add<TableVacuumCommand>(
        table, "vacuum", "Delete files that no version within the retention needs");
    AddTable(vacuum, &vacuum_value->table);
    CLI::Option* hours = vacuum->add_option("--retain-hours", vacuum_value->retain_hours,
                                            "Keep what versions of so many hours need");
    vacuum->add_option("--retain", vacuum_value->retain, "The same as text, e.g. \"7 days\"")
        ->excludes(hours);
    vacuum->add_flag("--dry-run", vacuum_value->dry_run, "Only list what would be deleted");
    vacuum->add_flag("--no-retention-check", vacuum_value->no_retention_check,
                     "Allow less than the table's retention: nobody else may use the table then");
    auto [checkpoint, checkpoint_value] = Add<TableCheckpointCommand>(
        table, "checkpoint", "Write the newest state into one file, for faster opening");
    AddTable(checkpoint, &checkpoint_value->table);
  }

  void AddCopyCommands(CLI::App& table) {
    auto [restore, restore_value] =
        Add<TableRestoreCommand>(table, "restore", "Make a table what it was");
    AddTable(restore, &restore_value->table);
    AddTimeTravel(restore, &restore_value->version, &restore_value->timestamp);
    auto [clone, clone_value] = Add<TableCloneCommand>(
        table, "clone", "A new table over the files of another, without copying them");
    clone->add_option("SOURCE", clone_value->source, "Name, path or URI of the table")->required();
    clone->add_option("TARGET", clone_value->target, "Name or path of the new table")->required();
    AddTimeTravel(clone, &clone_value->version, &clone_value->timestamp);
    clone->add_flag("--replace", clone_value->replace, "An existing target becomes the clone");
    auto [convert, convert_value] = Add<TableConvertCommand>(
        table, "convert", "Make a folder of Parquet files a Delta table, without copying them");
    convert->add_option("PATH", convert_value->path, "The folder")->required();
    convert->add_option("--partitioned-by", convert_value->partitioned_by,
                        "Columns of its partition folders, e.g. \"dt DATE, country STRING\"");
    convert->add_flag("--no-statistics", convert_value->no_statistics,
                      "Do not read the files' footers for statistics");
  }

  static void AddTimeTravel(CLI::App* app, std::optional<int64_t>* version,
                            std::string* timestamp) {
    CLI::Option* option = app->add_option("--version", *version, "As of this version");
    app->add_option("--timestamp", *timestamp, "As of this time, e.g. 2026-01-31T12:00:00Z")
        ->excludes(option);
  }

  void AddOtherCommands() {
    CLI::App* quarantine = AddGroup(app_, "quarantine", "Look at rows that were set aside");
    Add<QuarantineListCommand>(*quarantine, "list", "Tables with rows in quarantine");
    auto [show, show_value] =
        Add<QuarantineShowCommand>(*quarantine, "show", "The rows, their rules and sources");
    AddTable(show, &show_value->table);

    auto [exported, export_value] = Add<ExportCommand>(
        app_, "export", "Write a table or a query to a file, whole or not at all");
    exported->add_option("TABLE", export_value->table, "Name, path or URI of the table");
    exported->add_option("--query", export_value->query, "A query instead of a table");
    exported->add_option("--to", export_value->to, "FILE.parquet or FILE.csv")->required();

    auto [events, events_value] = Add<EventsCommand>(app_, "events", "The event log");
    events->add_option("--type", events_value->type,
                       "Only events of this type, e.g. flow_progress");
    events->add_option("--update", events_value->update, "Only events of this update");
    events->add_flag("--follow", events_value->follow, "Go on with new events until interrupted");
    events->add_option("--limit", events_value->limit, "Only the newest N")
        ->check([](const std::string& text) {
          const bool number = !text.empty() && text.size() < 19 &&
                              text.find_first_not_of("0123456789") == std::string::npos;
          return number ? "" : "'" + text + "' is not a whole number";
        });

    // Only listed here: its arguments are names of commands, which the parser would take for
    // commands.
    AddGroup(app_, "help", "Show the help of a command, e.g. help table read");
  }

  static void AddTable(CLI::App* app, std::string* table) {
    app->add_option("TABLE", *table, "Name, path or URI of the table")->required();
  }

  CLI::App app_;
  GlobalOptions options_;
  std::vector<std::pair<CLI::App*, std::function<Command()>>> leaves_;
};

Error UsageError(std::string message, std::string remedy) {
  return UserError("USAGE", std::move(message), std::move(remedy));
}

std::vector<std::string> CommandNames(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
  }
  return names;
}

// The innermost command that was typed.
CLI::App* Innermost(CLI::App& app) {
  const std::vector<CLI::App*> parsed = app.get_subcommands();
  return parsed.empty() ? &app : Innermost(*parsed.back());
}

std::string FullName(const CLI::App& app) {
  const CLI::App* parent = app.get_parent();
  return parent == nullptr ? app.get_name() : FullName(*parent) + " " + app.get_name();
}

std::vector<std::string> OptionNames(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* at = &app; at != nullptr; at = at->get_parent()) {
    for (const CLI::Option* option : at->get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
  }
  return names;
}

std::string Remedy(const std::optional<std::string>& nearest, const CLI::App& app) {
  const std::string help = "See: " + FullName(app) + " --help";
  return nearest ? "Did you mean " + *nearest + "? " + help : help;
}

Error UnknownWord(const std::string& word, CLI::App& root) {
  const CLI::App* at = Innermost(root);
  if (word.size() > 1 && word[0] == '-') {
    const std::string name = word.substr(0, word.find('='));
    return UsageError("unknown option " + name + " of " + FullName(*at),
                      Remedy(NearestName(name, OptionNames(*at)), *at));
  }
  const std::vector<std::string> commands = CommandNames(*at);
  if (!commands.empty()) {
    return UsageError("unknown command " + word + " of " + FullName(*at),
                      Remedy(NearestName(word, commands), *at));
  }
  return UsageError("unexpected argument '" + word + "' of " + FullName(*at),
                    Remedy(std::nullopt, *at));
}

Result<std::string> HelpOf(CLI::App& root, const std::vector<std::string>& words) {
  CLI::App* app = &root;
  for (const std::string& word : words) {
    const std::vector<CLI::App*> found =
        app->get_subcommands([&](const CLI::App* command) { return command->get_name() == word; });
    if (found.empty()) {
      return UsageError("unknown command " + word + " of " + FullName(*app),
                        Remedy(NearestName(word, CommandNames(*app)), *app));
    }
    app = found.front();
  }
  std::string text = app->help(FullName(*app).substr(0, FullName(*app).rfind(app->get_name())));
  if (app != &root)
    text +=
        "\nOptions of every command: --project, --spec, --set, --format (see: penstock --help)\n";
  return text;
}

Status CheckExport(const ExportCommand& command) {
  if (command.table.empty() == command.query.empty()) {
    return UsageError("penstock export needs either a table or --query",
                      "See: penstock export --help");
  }
  return OkStatus();
}

Status CheckRestore(const TableRestoreCommand& command) {
  if (command.version || !command.timestamp.empty()) return OkStatus();
  return UsageError("penstock table restore needs --version or --timestamp",
                    "See the versions there are: penstock table history " + command.table);
}

}  // namespace

std::string VersionText() { return "penstock " PENSTOCK_VERSION; }

Result<Invocation> ParseCommandLine(const std::vector<std::string>& arguments) {
  Grammar grammar;
  CLI::App& app = grammar.app();
  if (!arguments.empty() && arguments[0] == "help") {
    ASSIGN_OR_RETURN(std::string text, HelpOf(app, {arguments.begin() + 1, arguments.end()}));
    return Invocation{grammar.options(), ShowText{std::move(text)}};
  }
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::CallForVersion&) {
    return Invocation{grammar.options(), ShowText{VersionText() + "\n"}};
  } catch (const CLI::CallForHelp&) {
    std::vector<std::string> words;
    for (const CLI::App* at = Innermost(app); at->get_parent() != nullptr; at = at->get_parent()) {
      words.insert(words.begin(), at->get_name());
    }
    ASSIGN_OR_RETURN(std::string text, HelpOf(app, words));
    return Invocation{grammar.options(), ShowText{std::move(text)}};
  } catch (const CLI::ParseError& failure) {
    const std::vector<std::string> unknown = app.remaining(/*recurse=*/true);
    if (!unknown.empty()) return UnknownWord(unknown.front(), app);
    return UsageError(failure.what(), Remedy(std::nullopt, *Innermost(app)));
  }
  const std::vector<std::string> unknown = app.remaining(/*recurse=*/true);
  if (!unknown.empty()) return UnknownWord(unknown.front(), app);

  std::optional<Command> command = grammar.Typed();
  if (!command) {
    const CLI::App* at = Innermost(app);
    return UsageError("no command given to " + FullName(*at), Remedy(std::nullopt, *at));
  }
  if (const auto* exported = std::get_if<ExportCommand>(&*command))
    RETURN_IF_ERROR(CheckExport(*exported));
  if (const auto* restore = std::get_if<TableRestoreCommand>(&*command))
    RETURN_IF_ERROR(CheckRestore(*restore));
  return Invocation{grammar.options(), std::move(*command)};
}

}  // namespace penstock::cli
