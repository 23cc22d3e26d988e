// A table of orders through the C++ interface of Penstock: made, filled exactly once, changed,
// read, and read as it was before.
//
// usage: cpp_delta FOLDER      (or s3://bucket/folder; the table `orders` must not be there yet)
#include <penstock/delta.h>

#include <cstdio>
#include <string>

namespace {

using penstock::DeltaLake;
using penstock::DeltaMerge;
using penstock::DeltaMergeClause;
using penstock::DeltaOutcome;
using penstock::DeltaRows;
using penstock::DeltaTable;
using penstock::Status;

void Say(const char* what, const DeltaOutcome& outcome) {
  if (!outcome.version) {
    std::printf("%s: nothing to do\n", what);
    return;
  }
  std::printf("%s: version %lld\n", what, static_cast<long long>(*outcome.version));
}

Status Print(DeltaRows rows) {
  while (true) {
    ASSIGN_OR_RETURN(const bool more, rows.Next());
    if (!more) return penstock::OkStatus();
    std::printf("  %lld %s %s\n", static_cast<long long>(rows.Int64(0)), rows.Text(1).c_str(),
                rows.IsNull(2) ? "-" : rows.Text(2).c_str());
  }
}

// The same batch may be written again and again: it arrives once.
Status Load(DeltaTable& table, int64_t batch) {
  ASSIGN_OR_RETURN(const DeltaOutcome written,
                   table.Write("SELECT * FROM VALUES (1, 'DE', 9.50), (2, 'FR', 20.00) "
                               "AS t(id, country, total)",
                               {.transaction = {{"loader", batch}}}));
  Say("write", written);
  return penstock::OkStatus();
}

Status Change(DeltaTable& table) {
  DeltaMerge merge;
  merge.source = "SELECT * FROM VALUES (2, 'FR', 25.00), (3, 'DE', NULL) AS t(id, country, total)";
  merge.on = "target.id = source.id";
  merge.clauses = {
      {.when = DeltaMergeClause::When::kMatched, .action = DeltaMergeClause::Action::kUpdateAll},
      {.when = DeltaMergeClause::When::kNotMatched, .action = DeltaMergeClause::Action::kInsertAll},
  };
  ASSIGN_OR_RETURN(const DeltaOutcome merged, table.Merge(merge));
  Say("merge", merged);
  ASSIGN_OR_RETURN(const DeltaOutcome updated,
                   table.Update({{"total", "total * 2"}}, "country = 'DE'"));
  Say("update", updated);
  return penstock::OkStatus();
}

Status Run(const std::string& folder) {
  ASSIGN_OR_RETURN(const auto lake, DeltaLake::Open());
  ASSIGN_OR_RETURN(
      penstock::Schema columns,
      penstock::ParseSchema("id BIGINT NOT NULL, country STRING, total DECIMAL(10,2)"));
  ASSIGN_OR_RETURN(DeltaTable table,
                   lake->CreateTable(folder + "/orders",
                                     {.columns = std::move(columns),
                                      .properties = {{"delta.enableChangeDataFeed", "true"}}}));
  RETURN_IF_ERROR(Load(table, 1));
  RETURN_IF_ERROR(Load(table, 1));
  RETURN_IF_ERROR(Change(table));

  std::printf("orders of Germany\n");
  ASSIGN_OR_RETURN(DeltaRows german, table.Read({.where = "country = 'DE'"}));
  RETURN_IF_ERROR(Print(std::move(german)));
  std::printf("all orders of version 1\n");
  ASSIGN_OR_RETURN(DeltaRows old, table.Read({.at = {.version = 1}}));
  return Print(std::move(old));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: cpp_delta FOLDER\n");
    return 2;
  }
  const Status done = Run(argv[1]);
  if (done.ok()) return 0;
  std::fprintf(stderr, "%s: %s\n", done.error().code.c_str(), ToString(done.error()).c_str());
  return 1;
}
