#include <algorithm>
#include <utility>

#include "base/sql_text.h"
#include "base/text.h"
#include "sql/query/generator.h"
#include "sql/query/query_parser.h"

namespace penstock::sql {
namespace {

// Functions of the engine that read files behind Penstock's back.
bool ReadsFilesItself(std::string_view name) {
  static constexpr std::string_view kNames[] = {"read_csv",
                                                "read_csv_auto",
                                                "read_json",
                                                "read_json_auto",
                                                "read_ndjson",
                                                "read_ndjson_auto",
                                                "read_json_objects",
                                                "read_ndjson_objects",
                                                "read_parquet",
                                                "parquet_scan",
                                                "parquet_metadata",
                                                "parquet_schema",
                                                "read_text",
                                                "read_blob",
                                                "glob",
                                                "delta_scan",
                                                "iceberg_scan",
                                                "sniff_csv",
                                                "read_json_objects_auto",
                                                "parquet_file_metadata",
                                                "sqlite_scan",
                                                "postgres_scan",
                                                "mysql_scan",
                                                "read_xlsx",
                                                "st_read"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

// Table functions of Databricks that are not there.
bool IsForeignReader(std::string_view name) {
  static constexpr std::string_view kNames[] = {
      "read_kafka",          "read_kinesis", "read_pubsub",   "read_pulsar", "read_statestore",
      "read_state_metadata", "event_log",    "vector_search", "http_request"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

}  // namespace

std::vector<std::string> QueryParser::ParseGeneratorAliases() {
  std::vector<std::string> aliases;
  const bool as = TakeWord("AS");
  if (as && TakeOperator("(")) {
    while (!AtEnd() && !AtOperator(")")) {
      if (IsName(Peek())) aliases.push_back(NameOf(Peek()));
      ++at_;
    }
    ExpectClose();
  } else if (IsName(Peek()) && (as || !AtClause())) {
    aliases.push_back(NameOf(Peek()));
    ++at_;
  }
  return aliases;
}

GeneratorCall QueryParser::Generator(size_t node) const {
  GeneratorCall call;
  call.name = nodes_[node].text;
  call.outer = nodes_[node].outer;
  call.original = tokens_[nodes_[node].first].offset;
  for (const size_t argument : nodes_[node].children) {
    call.arguments.push_back(rewrite_.Render(nodes_[argument].first, nodes_[argument].last));
  }
  return call;
}

// LATERAL VIEW [OUTER] explode(x) t AS a, b
void QueryParser::ParseLateralView() {
  const size_t first = at_;
  at_ += 2;
  const bool outer = TakeWord("OUTER");
  const size_t node = ParseExpression();
  if (error_) return;
  if (nodes_[node].kind != NodeKind::kGenerator) {
    return Fail(first, "UNSUPPORTED_SYNTAX", "LATERAL VIEW needs a function that gives rows",
                "Use explode, posexplode, inline, stack or json_tuple.");
  }
  nodes_[node].outer = nodes_[node].outer || outer;
  std::string table;
  if (!AtWord("AS") && IsName(Peek()) && !AtClause() && !AtWord("LATERAL")) {
    table = NameOf(Peek());
    ++at_;
  }
  std::vector<std::string> aliases;
  if (AtWord("AS") || (IsName(Peek()) && !AtClause() && !AtAnyWord({"LATERAL", "JOIN"}))) {
    TakeWord("AS");
    do {
      if (!IsName(Peek())) break;
      aliases.push_back(NameOf(Peek()));
      ++at_;
    } while (TakeOperator(","));
  }
  AddGeneratorRelation(first, node, table, aliases, ", LATERAL ");
}

// Replaces the tokens from `first` by (SELECT generator's columns) AS table.
void QueryParser::AddGeneratorRelation(size_t first, size_t node, const std::string& table,
                                       const std::vector<std::string>& aliases,
                                       std::string_view before) {
  const GeneratorCall call = Generator(node);
  pending_generators_.pop_back();
  const std::string name = table.empty() ? "generated" + std::to_string(first) : table;
  Fragment relation;
  relation.Append(std::string(before) + "(SELECT ", call.original);
  relation.Append(GeneratorColumns(call, aliases));
  std::string columns;
  // The engine names the fields of inline by itself.
  if (call.name.starts_with("inline") && !aliases.empty()) {
    for (const std::string& alias : aliases) {
      columns += (columns.empty() ? "(" : ", ") + QuoteIdentifier(alias);
    }
    columns += ")";
  }
  relation.Append(") AS " + QuoteIdentifier(name) + columns, call.original);
  rewrite_.ReplaceRange(first, at_, std::move(relation));
  block_->plain = false;
  block_->relations.push_back({name, {}, false, std::nullopt, first});
}

// A function in FROM: files, a generator, or one of the engine's.
void QueryParser::ParseTableFunction(bool streaming, size_t first, bool closes) {
  const std::string name = AsciiLower(NameOf(Peek()));
  if (name == "read_files" || name == "cloud_files") {
    return ParseFilesFunction(streaming || name == "cloud_files", first, closes);
  }
  if (ReadsFilesItself(name)) {
    return Fail(at_, "UNSUPPORTED_FUNCTION",
                "\"" + name + "\" reads files where Penstock could not keep track of them",
                "Use read_files('/path', format => '…') instead.");
  }
  if (IsForeignReader(name)) {
    return Fail(at_, "UNSUPPORTED_FUNCTION", "the source \"" + name + "\" is not supported",
                "Files are read by read_files('/path', format => '…'), tables by their names.");
  }
  if (!streaming && (name == "table_changes" || name == "table_changes_by_path")) {
    return ParseChangeFeed(first);
  }
  if (streaming) {
    return Fail(at_, "UNSUPPORTED_STREAM", "\"" + name + "\" cannot be read as a stream",
                "STREAM reads tables, views and read_files(…).");
  }
  if (spark_ && IsGenerator(name)) {
    return ParseGeneratorRelation(first);
  }
  ParseExpression();
  if (spark_ && name == "range") rewrite_.Wrap(first, at_, "(SELECT range AS id FROM ", ")");
  TakeWord("WITH");
  TakeWord("ORDINALITY");
  AddDerived(first, name, false);
}

// explode(x) AS t(a, b)
void QueryParser::ParseGeneratorRelation(size_t first) {
  const size_t node = ParseExpression();
  if (error_) return;
  std::string table;
  std::vector<std::string> aliases;
  const bool as = TakeWord("AS");
  if (IsName(Peek()) && (as || (!AtClause() && !AtWord("JOIN")))) {
    table = NameOf(tokens_[at_++]);
    if (AtOperator("(")) aliases = ParseColumnAliases();
  }
  AddGeneratorRelation(first, node, table, aliases, "");
}

// (a, b)
std::vector<std::string> QueryParser::ParseColumnAliases() {
  std::vector<std::string> aliases;
  ++at_;
  while (!AtEnd() && !AtOperator(")")) {
    if (IsName(Peek())) aliases.push_back(NameOf(Peek()));
    ++at_;
  }
  ExpectClose();
  return aliases;
}

}  // namespace penstock::sql
