#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lake/table_operation.h"
#include "run/sql_query.h"
#include "run/table_reference.h"
#include "sql/table_statement.h"

// The expressions and queries of a statement that changes a table, as the engine's SQL. They are
// translated and bound together as parts of one query, a probe, so that names resolve as in any
// query (tables and views of the project, files, subqueries), and errors have the user's place.
namespace penstock::run {

// What expressions may name.
struct TextScope {
  bool target = true;
  bool source = false;
};

class StatementTexts {
 public:
  // `target` with its alias; the alias is how translated expressions name it.
  StatementTexts(model::Dialect dialect, model::QueryText target, std::string alias);

  // The query that stands for the source, and how it is named.
  void SetSource(model::QueryText query, std::string alias, std::vector<std::string> columns);
  // Adds an expression; its number is what Expression takes once bound.
  size_t Add(const model::QueryText& expression, TextScope scope = {});

  // Binds all of it. Its relations live on the connection, which with the scans has to outlive the
  // use of the texts.
  Status Bind(Workspace& workspace, const StatementContext& context);

  const std::string& Expression(size_t number) const { return expressions_[number].translated; }
  const std::string& source() const { return source_text_; }
  const std::string& alias() const { return alias_; }
  const std::string& source_alias() const { return source_alias_; }
  duck::Connection* connection() const { return prepared_.connection.get(); }
  // Which state of the table at `path`, the target, the bound texts read.
  std::optional<lake::TargetReading> ReadingOf(const std::string& path) const;

 private:
  struct Part {
    model::QueryText text;
    TextScope scope;
    std::string translated;
  };
  struct Composed {
    model::QueryText query;
    void Add(std::string_view text);
    void Add(const model::QueryText& text);
  };
  std::string Quoted(std::string_view name) const;
  std::string Marker(std::string_view what, size_t number) const;
  void ComposeSource(Composed* out) const;
  void ComposeScope(TextScope scope, Composed* out);
  model::QueryText Compose();
  Status Extract();

  model::Dialect dialect_;
  model::QueryText target_;
  std::string alias_;
  std::optional<model::QueryText> source_;
  std::string source_alias_;
  std::vector<std::string> source_columns_;
  std::string source_text_;
  std::vector<Part> expressions_;
  std::string mark_;  // of the markers; occurs in no text of the user
  PreparedSql prepared_;
  size_t target_scopes_ = 0;  // references to the target that the probe makes itself
};

}  // namespace penstock::run
