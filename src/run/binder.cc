#include "run/binder.h"

#include "base/text.h"
#include "cdc/shape.h"
#include "run/relation_sql.h"
#include "run/table_reference.h"
#include "run/target.h"

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

bool SkipsChangeCommits(const graph::LeafInput& input, const model::Flow& flow) {
  auto option = input.options.find("skipchangecommits");
  if (option != input.options.end()) return option->second == "true";
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

bool HasCdcFlow(const graph::Node& node) {
  return !node.flows.empty() && node.flows[0].flow.cdc.has_value();
}

// Of a table that follows changes the rules judge the changes, which have no ends yet.
Schema JudgedColumns(const graph::Node& node, Schema columns) {
  if (!HasCdcFlow(node)) return columns;
  std::erase_if(columns, [](const Field& field) {
    return EqualsIgnoreCase(field.name, model::kStartAtColumn) ||
           EqualsIgnoreCase(field.name, model::kEndAtColumn);
  });
  return columns;
}

Status CheckJudgesChanges(const graph::Node& node, const quality::Rule& rule) {
  if (!HasCdcFlow(node) || std::holds_alternative<model::RowRule>(rule.declared.rule) ||
      std::holds_alternative<model::ColumnsRule>(rule.declared.rule)) {
    return OkStatus();
  }
  return UserError("UNSUPPORTED_EXPECTATION",
                   "the expectation " + rule.declared.name + " of " +
                       model::ToString(node.dataset.name) +
                       " judges more than one row, but what is judged here are changes",
                   "Keys are unique by AUTO CDC itself; put other such rules on a materialized "
                   "view of this table.")
      .At(rule.declared.rule_where);
}

// What a table of the pipeline may be computed from.
Status CheckStored(const graph::FlowQuery& query) {
  for (const graph::LeafInput& leaf : query.leaves) {
    if (!leaf.changes) continue;
    return UserError("UNSUPPORTED_FUNCTION",
                     "table_changes in a query of the pipeline: a table cannot be kept from it",
                     "`penstock sql` and `penstock export` read it; a pipeline reads what a table "
                     "gains with STREAM t.")
        .At(leaf.where);
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
  bound_.assign(graph.nodes.size(), {});
  known_.assign(graph.nodes.size(), false);
  errors_ = errors;
  for (size_t i = 0; i < graph.nodes.size(); ++i) BindNode(graph, i);
  return std::move(bound_);
}

void Binder::BindNode(const graph::Graph& graph, size_t index) {
  const graph::Node& node = graph.nodes[index];
  BoundNode& bound = bound_[index];
  const bool whole = BindFlows(graph, node, &bound) && !node.broken;
  const bool stored = node.dataset.kind != model::DatasetKind::kView;
  if (whole) {
    known_[index] = FindColumns(node, &bound);
  } else if (stored && node.dataset.columns) {
    bound.columns = *node.dataset.columns;
    known_[index] = true;
  }
  if (known_[index]) BindRules(graph, node, &bound);
}

// Whether all of them could be bound.
bool Binder::BindFlows(const graph::Graph& graph, const graph::Node& node, BoundNode* bound) {
  bool whole = true;
  for (const graph::ResolvedFlow& flow : node.flows) {
    if (!IsReadable(flow)) {
      whole = false;
      continue;
    }
    auto bound_flow = BindFlow(graph, node, flow);
    if (bound_flow.ok()) {
      bound->flows.push_back(*std::move(bound_flow));
    } else {
      errors_->push_back(std::move(bound_flow).error().At(node.dataset.where));
      whole = false;
    }
  }
  return whole;
}

// Whether the columns of all that the flow reads are known.
bool Binder::IsReadable(const graph::ResolvedFlow& flow) const {
  for (const graph::ResolvedInput& input : flow.query.inputs) {
    if (std::holds_alternative<graph::UnknownTable>(input.target)) return false;
    const auto* dataset = std::get_if<graph::DatasetInput>(&input.target);
    if (dataset != nullptr && !known_[dataset->dataset]) return false;
  }
  return true;
}

Result<BoundFlow> Binder::BindFlow(const graph::Graph& graph, const graph::Node& node,
                                   const graph::ResolvedFlow& flow) {
  BoundFlow bound;
  ASSIGN_OR_RETURN(bound.query, graph::ExpandFlow(graph, flow, workspace_.project));
  if (node.dataset.kind != model::DatasetKind::kView) RETURN_IF_ERROR(CheckStored(bound.query));
  RETURN_IF_ERROR(BindLeaves(graph, flow, &bound));
  for (const graph::ViewInstance& view : bound.query.views) {
    auto created = CreateView(connection_, view.placeholder, view.text);
    if (!created.ok()) {
      const auto& declared = graph.nodes[view.dataset].flows[0].query;
      return Located(std::move(created).error(), declared.query.map, declared.source);
    }
  }
  auto output = connection_.Describe(bound.query.text);
  if (!output.ok()) {
    return Located(std::move(output).error(), flow.query.query.map, flow.query.source);
  }
  bound.output = *std::move(output);
  RETURN_IF_ERROR(CheckColumns(bound.output, flow.flow.query.where));
  ASSIGN_OR_RETURN(bound.given, GivenColumns(flow, bound.output));
  return bound;
}

// The last error is returned, those before it are noted.
Status Binder::BindLeaves(const graph::Graph& graph, const graph::ResolvedFlow& flow,
                          BoundFlow* bound) {
  Status status;
  for (const graph::LeafInput& input : bound->query.leaves) {
    auto leaf = BindLeaf(graph, flow, input);
    if (!leaf.ok()) {
      if (!status.ok()) errors_->push_back(std::move(status).error());
      status = std::move(leaf).error();
      continue;
    }
    Schema columns = leaf->columns;
    if (input.uses_metadata) columns.push_back(leaf->metadata);
    RETURN_IF_ERROR(CreateView(connection_, input.placeholder, EmptyRelation(columns)));
    bound->leaves.push_back(*std::move(leaf));
  }
  return status;
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
    leaf.columns = bound_[dataset->dataset].columns;
    ASSIGN_OR_RETURN(leaf.table_path,
                     workspace_.catalog->PathOf(graph.nodes[dataset->dataset].dataset.name));
    if (!input.version && !input.timestamp && !input.changes) return leaf;
  } else if (const auto* table = std::get_if<graph::ExistingTable>(&input.target)) {
    ASSIGN_OR_RETURN(leaf.table_path, workspace_.catalog->PathToRead(table->name));
  } else {
    leaf.table_path = PlaceOf(workspace_, std::get<sql::DeltaPathInput>(input.target).path);
  }
  if (input.changes) {
    Status bound = BindChanges(&leaf);
    if (!bound.ok()) return std::move(bound).error().At(input.where);
    return leaf;
  }
  auto snapshot = SnapshotOf(workspace_, leaf);
  if (!snapshot.ok()) return std::move(snapshot).error().At(input.where);
  leaf.columns = (*snapshot)->metadata().schema;
  const auto assumed = workspace_.assumed_columns.find(leaf.table_path);
  if (assumed != workspace_.assumed_columns.end()) leaf.columns = assumed->second;
  leaf.metadata = MetadataField((*snapshot)->metadata());
  return leaf;
}

Status Binder::BindChanges(BoundLeaf* leaf) {
  if (leaf->input.uses_metadata) {
    return UserError("UNSUPPORTED_METADATA", "table_changes has no column _metadata",
                     "_commit_version and _commit_timestamp say where a change comes from.");
  }
  ASSIGN_OR_RETURN(leaf->changes, ChangesOf(workspace_, *leaf));
  ASSIGN_OR_RETURN(leaf->columns, connection_.Describe(leaf->changes->sql));
  return OkStatus();
}

// Whether the dataset's columns are known, errors or not.
bool Binder::FindColumns(const graph::Node& node, BoundNode* bound) {
  const model::Dataset& dataset = node.dataset;
  bool known = true;
  const auto note = [&](Error error) { errors_->push_back(std::move(error).At(dataset.where)); };
  Schema given;
  for (size_t i = 0; i < bound->flows.size(); ++i) {
    auto merged = MergeColumns(given, bound->flows[i].given, model::ToString(dataset.name),
                               node.flows[i].flow.query.where);
    known &= merged.ok();
    if (merged.ok()) {
      given = *std::move(merged);
    } else {
      note(std::move(merged).error());
    }
  }
  if (dataset.columns) {
    for (const Field& field : *dataset.columns) {
      if (FindField(given, field.name) == nullptr) note(DeclaredColumnMissing(dataset, field));
    }
    for (const Field& field : given) {
      if (FindField(*dataset.columns, field.name) == nullptr) {
        note(UndeclaredColumn(dataset, field));
      }
    }
    bound->columns = *dataset.columns;
  } else {
    Status names = dataset.column_names.empty() ? OkStatus() : CheckColumnNames(dataset, given);
    known &= names.ok();
    if (!names.ok()) note(std::move(names).error());
    bound->columns = WithColumnComments(std::move(given), dataset);
  }
  auto partitions = PartitionColumns(dataset, bound->columns);
  if (known && !partitions.ok()) note(std::move(partitions).error());
  return known;
}

void Binder::BindRules(const graph::Graph& graph, const graph::Node& node, BoundNode* bound) {
  const Schema columns = JudgedColumns(node, bound->columns);
  const auto check = [&](const quality::Rule& rule, const sql::Expression* condition) -> Status {
    if (auto missing = quality::MissingColumn(rule, columns)) return std::move(*missing);
    RETURN_IF_ERROR(CheckJudgesChanges(node, rule));
    RETURN_IF_ERROR(CheckReferenced(graph, node, rule));
    return condition == nullptr ? OkStatus() : CheckCondition(rule, *condition, columns);
  };
  for (const graph::ResolvedExpectation& expectation : node.expectations) {
    const sql::Expression* condition = expectation.condition ? &*expectation.condition : nullptr;
    quality::Rule rule{expectation.declared, condition == nullptr ? "" : condition->text};
    Status status = check(rule, condition);
    if (!status.ok()) errors_->push_back(std::move(status).error().At(rule.declared.where));
    bound->rules.push_back(std::move(rule));
  }
}

// The columns that a foreign key names in a table of the pipeline.
Status Binder::CheckReferenced(const graph::Graph& graph, const graph::Node& node,
                               const quality::Rule& rule) {
  const auto* key = std::get_if<model::ForeignKeyRule>(&rule.declared.rule);
  if (key == nullptr) return OkStatus();
  const model::TableName& name = key->references;
  const auto referenced = graph.Find({name.catalog, name.schema, name.table}, node.dataset.name);
  if (!referenced || !known_[*referenced]) return OkStatus();
  for (const std::string& column : key->referenced_columns) {
    const Schema& columns = bound_[*referenced].columns;
    if (FindField(columns, column) != nullptr) continue;
    std::vector<std::string> known;
    for (const Field& field : columns) known.push_back(field.name);
    const auto nearest = NearestName(column, known);
    return UserError("COLUMN_NOT_FOUND",
                     "the expectation " + rule.declared.name + " refers to the column " + column +
                         ", which " + model::ToString(name) + " does not have",
                     nearest ? "Did you mean " + *nearest + "?" : "Name one of its columns.")
        .At(rule.declared.rule_where);
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

Result<Schema> GivenColumns(const graph::ResolvedFlow& flow, const Schema& output) {
  if (!flow.flow.cdc) return output;
  return cdc::ColumnsOf({&*flow.flow.cdc, &output});
}

Result<Schema> DescribeFlow(duck::Connection& connection, const BoundFlow& flow) {
  for (const BoundLeaf& leaf : flow.leaves) {
    Schema columns = leaf.files ? ColumnsOf(*leaf.files) : leaf.columns;
    if (leaf.input.uses_metadata) columns.push_back(leaf.metadata);
    RETURN_IF_ERROR(CreateView(connection, leaf.input.placeholder, EmptyRelation(columns)));
  }
  for (const graph::ViewInstance& view : flow.query.views) {
    RETURN_IF_ERROR(CreateView(connection, view.placeholder, view.text));
  }
  return connection.Describe(flow.query.text);
}

Error Binder::Located(Error error, const sql::SourceMap& map, const model::QueryText& text) const {
  const auto offset = connection_.LastErrorOffset();
  if (!offset) return std::move(error).At(text.where);
  return std::move(error).At(sql::LocationAt(text, map.Original(*offset)));
}

}  // namespace penstock::run
