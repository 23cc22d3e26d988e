#include "run/binder.h"

#include "base/text.h"
#include "run/relation_sql.h"

namespace penstock::run {
namespace {

std::string LeafName(const graph::Graph& graph, const graph::LeafInput& input) {
  if (const auto* dataset = std::get_if<graph::DatasetInput>(&input.target)) {
    return model::ToString(graph.nodes[dataset->dataset].dataset.name);
  }
  if (const auto* table = std::get_if<graph::ExistingTable>(&input.target)) {
    return model::ToString(table->name);
  }
  if (const auto* path = std::get_if<sql::DeltaPathInput>(&input.target)) return path->path;
  return std::get<sql::FilesInput>(input.target).path;
}

Schema WithColumnComments(Schema columns, const model::Dataset& dataset) {
  for (Field& field : columns) {
    for (const auto& [name, comment] : dataset.column_comments) {
      if (FindField({field}, name) != nullptr) field.comment = comment;
    }
  }
  return columns;
}

// A misspelt column that is selected under its own name: the engine takes the name for the alias
// and explains itself in those terms.
std::optional<Error> MissingColumn(const Error& error, const BoundFlow& flow,
                                   const model::QueryText& text) {
  constexpr std::string_view kBefore = "Column \"";
  constexpr std::string_view kAfter = "\" referenced that exists in the SELECT clause";
  const size_t end = error.message.find(kAfter);
  const size_t begin = error.message.find(kBefore);
  if (end == std::string::npos || begin == std::string::npos || begin > end) return std::nullopt;
  const std::string name =
      error.message.substr(begin + kBefore.size(), end - begin - kBefore.size());
  std::vector<std::string> known;
  for (const BoundLeaf& leaf : flow.leaves) {
    for (const Field& field : leaf.columns) known.push_back(field.name);
  }
  const auto nearest = NearestName(name, known);
  const size_t offset = AsciiLower(text.text).find(AsciiLower(name));
  return UserError("COLUMN_NOT_FOUND", "there is no column " + name + " in what the query reads",
                   nearest ? "Did you mean " + *nearest + "?" : "Check the columns of its inputs.")
      .At(offset == std::string::npos ? text.where : model::LocationAt(text, offset));
}

bool SkipsChangeCommits(const graph::LeafInput& input, const model::Flow& flow) {
  auto option = input.options.find("skipchangecommits");
  if (option != input.options.end()) return !EqualsIgnoreCase(option->second, "false");
  option = flow.configuration.find("pipelines.skipChangeCommits");
  return option != flow.configuration.end() && EqualsIgnoreCase(option->second, "true");
}

Error DeclaredColumnMissing(const model::Dataset& dataset, const Field& field) {
  return UserError("DECLARED_COLUMN_MISSING",
                   model::ToString(dataset.name) + " declares the column " + field.name +
                       ", which its query does not give",
                   "Add it to the query, or take it out of the column list.")
      .At(dataset.where);
}

Error UndeclaredColumn(const model::Dataset& dataset, const Field& field) {
  return UserError("UNDECLARED_COLUMN",
                   "the query of " + model::ToString(dataset.name) + " gives the column " +
                       field.name + ", which its column list does not declare",
                   "Declare it (" + field.name + " " + penstock::ToString(field.type) +
                       "), or leave it out of the query.")
      .At(dataset.where);
}

// A column list without types names the query's columns, which keep their names.
Status CheckColumnNames(const model::Dataset& dataset, const Schema& given) {
  const std::vector<std::string>& names = dataset.column_names;
  for (size_t i = 0; i < std::max(names.size(), given.size()); ++i) {
    const std::string name = i < names.size() ? names[i] : "nothing";
    const std::string column = i < given.size() ? given[i].name : "nothing";
    if (EqualsIgnoreCase(name, column)) continue;
    return UserError("COLUMN_NAMES_DIFFER",
                     "column " + std::to_string(i + 1) + " of " + model::ToString(dataset.name) +
                         " is " + name + " in its column list and " + column + " in its query",
                     "Name it in the query: expression AS " + (i < names.size() ? name : column))
        .At(dataset.where);
  }
  return OkStatus();
}

}  // namespace

Binder::Binder(Workspace& workspace, duck::Connection connection)
    : workspace_(workspace), connection_(std::move(connection)) {}

Result<Binder> Binder::Open(Workspace& workspace) {
  ASSIGN_OR_RETURN(duck::Connection connection, workspace.engine->Connect());
  return Binder(workspace, std::move(connection));
}

std::vector<BoundNode> Binder::Bind(const graph::Graph& graph, Errors* errors) {
  std::vector<BoundNode> bound;
  std::vector<bool> failed(graph.nodes.size(), false);
  bound_ = &bound;
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    bool blocked = false;
    for (const size_t upstream : graph.nodes[i].upstream) blocked |= failed[upstream];
    auto node = blocked ? Result<BoundNode>(BoundNode{}) : BindNode(graph, i);
    failed[i] = blocked || !node.ok();
    if (node.ok()) {
      bound.push_back(*std::move(node));
    } else {
      errors->push_back(std::move(node).error().At(graph.nodes[i].dataset.where));
      bound.emplace_back();
    }
  }
  return bound;
}

Result<BoundNode> Binder::BindNode(const graph::Graph& graph, size_t index) {
  const graph::Node& node = graph.nodes[index];
  BoundNode bound;
  for (const graph::ResolvedFlow& flow : node.flows) {
    ASSIGN_OR_RETURN(BoundFlow bound_flow, BindFlow(graph, flow));
    RETURN_IF_ERROR(CheckColumns(bound_flow.output, flow.flow.query.where));
    bound.flows.push_back(std::move(bound_flow));
  }
  ASSIGN_OR_RETURN(bound.columns, DatasetColumns(node, bound));
  RETURN_IF_ERROR(BindRules(node, &bound));
  return bound;
}

Result<BoundFlow> Binder::BindFlow(const graph::Graph& graph, const graph::ResolvedFlow& flow) {
  BoundFlow bound;
  ASSIGN_OR_RETURN(bound.query, graph::ExpandFlow(graph, flow, workspace_.project));
  for (const graph::LeafInput& input : bound.query.leaves) {
    ASSIGN_OR_RETURN(BoundLeaf leaf, BindLeaf(graph, flow, input));
    Schema columns = leaf.columns;
    if (input.uses_metadata) columns.push_back(MetadataField());
    RETURN_IF_ERROR(CreateView(input.placeholder, EmptyRelation(columns)));
    bound.leaves.push_back(std::move(leaf));
  }
  for (const graph::ViewInstance& view : bound.query.views) {
    auto created = CreateView(view.placeholder, view.text);
    if (!created.ok()) {
      const auto& declared = graph.nodes[view.dataset].flows[0].query;
      return Located(std::move(created).error(), declared.query.map, declared.source);
    }
  }
  auto output = connection_.Describe(bound.query.text);
  if (!output.ok()) {
    if (auto missing = MissingColumn(output.error(), bound, flow.query.source)) {
      return std::move(*missing);
    }
    return Located(std::move(output).error(), flow.query.query.map, flow.query.source);
  }
  bound.output = *std::move(output);
  return bound;
}

Result<BoundLeaf> Binder::BindLeaf(const graph::Graph& graph, const graph::ResolvedFlow& flow,
                                   const graph::LeafInput& input) {
  BoundLeaf leaf;
  leaf.input = input;
  leaf.table_name = LeafName(graph, input);
  leaf.skip_change_commits = SkipsChangeCommits(input, flow.flow);
  if (const auto* files = std::get_if<sql::FilesInput>(&input.target)) {
    auto source = OpenFilesSource(workspace_, flow.flow, *files, input.source_id);
    if (!source.ok()) return std::move(source).error().At(input.where);
    leaf.columns = ColumnsOf(*source);
    leaf.files = *std::move(source);
    return leaf;
  }
  if (const auto* dataset = std::get_if<graph::DatasetInput>(&input.target)) {
    leaf.dataset = dataset->dataset;
    leaf.columns = (*bound_)[dataset->dataset].columns;
    ASSIGN_OR_RETURN(leaf.table_path,
                     workspace_.catalog->PathOf(graph.nodes[dataset->dataset].dataset.name));
    if (!input.version && !input.timestamp) return leaf;
  } else if (const auto* table = std::get_if<graph::ExistingTable>(&input.target)) {
    ASSIGN_OR_RETURN(leaf.table_path, workspace_.catalog->PathToRead(table->name));
  } else {
    leaf.table_path =
        io::JoinPath(workspace_.project.folder, std::get<sql::DeltaPathInput>(input.target).path);
  }
  auto snapshot = SnapshotOf(workspace_, leaf);
  if (!snapshot.ok()) return std::move(snapshot).error().At(input.where);
  leaf.columns = (*snapshot)->metadata().schema;
  return leaf;
}

Result<Schema> Binder::DatasetColumns(const graph::Node& node, const BoundNode& bound) {
  const model::Dataset& dataset = node.dataset;
  Schema given;
  for (size_t i = 0; i < bound.flows.size(); ++i) {
    ASSIGN_OR_RETURN(given,
                     MergeColumns(given, bound.flows[i].output, model::ToString(dataset.name),
                                  node.flows[i].flow.query.where));
  }
  if (dataset.columns) {
    for (const Field& field : *dataset.columns) {
      if (FindField(given, field.name) == nullptr) return DeclaredColumnMissing(dataset, field);
    }
    for (const Field& field : given) {
      if (FindField(*dataset.columns, field.name) == nullptr) {
        return UndeclaredColumn(dataset, field);
      }
    }
    return *dataset.columns;
  }
  if (!dataset.column_names.empty()) RETURN_IF_ERROR(CheckColumnNames(dataset, given));
  return WithColumnComments(std::move(given), dataset);
}

Status Binder::BindRules(const graph::Node& node, BoundNode* bound) {
  for (const graph::ResolvedExpectation& expectation : node.expectations) {
    quality::Rule rule{expectation.declared,
                       expectation.condition ? expectation.condition->text : ""};
    if (auto missing = quality::MissingColumn(rule, bound->columns)) return std::move(*missing);
    if (expectation.condition) {
      RETURN_IF_ERROR(CheckCondition(rule, *expectation.condition, bound->columns));
    }
    bound->rules.push_back(std::move(rule));
  }
  return OkStatus();
}

Status Binder::CheckCondition(const quality::Rule& rule, const sql::Expression& condition,
                              const Schema& columns) {
  constexpr std::string_view kPrefix = "SELECT ";
  const std::string query =
      std::string(kPrefix) + condition.text + " AS holds FROM (" + EmptyRelation(columns) + ")";
  model::QueryText text;
  text.where = rule.declared.rule_where;
  text.anchors = rule.declared.rule_anchors;
  if (const auto* row = std::get_if<model::RowRule>(&rule.declared.rule)) {
    text.text = row->condition;
  } else {
    text.text = std::get<model::AggregateRule>(rule.declared.rule).condition;
  }
  auto holds = connection_.Describe(query);
  if (!holds.ok()) {
    sql::SourceMap map = condition.map;
    for (auto& entry : map.entries) entry.translated += kPrefix.size();
    return Located(std::move(holds).error(), map, text)
        .Because("the expectation " + rule.declared.name);
  }
  if ((*holds)[0].type.id != TypeId::kBoolean) {
    return UserError("NOT_A_CONDITION",
                     "the expectation " + rule.declared.name + " gives " +
                         penstock::ToString((*holds)[0].type) + ", not true or false",
                     "Compare it with something: EXPECT (" + text.text + " > 0).")
        .At(text.where);
  }
  return OkStatus();
}

Result<Schema> DescribeFlow(duck::Connection& connection, const BoundFlow& flow) {
  const auto create = [&](const std::string& name, const std::string& query) {
    return connection.Execute("CREATE OR REPLACE TEMP VIEW " + duck::QuoteIdentifier(name) +
                              " AS " + query);
  };
  for (const BoundLeaf& leaf : flow.leaves) {
    Schema columns = leaf.files ? ColumnsOf(*leaf.files) : leaf.columns;
    if (leaf.input.uses_metadata) columns.push_back(MetadataField());
    RETURN_IF_ERROR(create(leaf.input.placeholder, EmptyRelation(columns)));
  }
  for (const graph::ViewInstance& view : flow.query.views) {
    RETURN_IF_ERROR(create(view.placeholder, view.text));
  }
  return connection.Describe(flow.query.text);
}

Status Binder::CreateView(const std::string& name, const std::string& query) {
  return connection_.Execute("CREATE OR REPLACE TEMP VIEW " + duck::QuoteIdentifier(name) + " AS " +
                             query);
}

Error Binder::Located(Error error, const sql::SourceMap& map, const model::QueryText& text) const {
  const auto offset = connection_.LastErrorOffset();
  if (!offset) return std::move(error).At(text.where);
  return std::move(error).At(sql::LocationAt(text, map.Original(*offset)));
}

}  // namespace penstock::run
