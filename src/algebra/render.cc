#include "algebra/render.h"

#include "base/sql_text.h"

namespace penstock::algebra {
namespace {

using ColumnText = std::function<std::string(size_t)>;

std::string JoinTexts(const std::vector<std::string>& parts, const char* separator) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : separator) + part;
  return text;
}

std::string Name(size_t column) { return "c" + std::to_string(column); }

// Expressions over input columns whose texts `column` gives.
class ExpressionRenderer {
 public:
  ExpressionRenderer(const ColumnText& column, const RenderOptions& options)
      : column_(column), options_(options) {}

  std::string Render(const ExpressionPtr& expression) const {
    return std::visit([&](const auto& form) { return Render(form, expression->type); },
                      expression->form);
  }

  std::string List(const std::vector<ExpressionPtr>& expressions) const {
    std::vector<std::string> texts;
    for (const ExpressionPtr& expression : expressions) texts.push_back(Render(expression));
    return JoinTexts(texts, ", ");
  }

  std::string Order(const std::vector<SortKey>& order) const {
    std::vector<std::string> texts;
    for (const SortKey& key : order) {
      texts.push_back(Render(key.value) + (key.descending ? " DESC" : " ASC") +
                      (key.nulls_first ? " NULLS FIRST" : " NULLS LAST"));
    }
    return JoinTexts(texts, ", ");
  }

 private:
  std::string Render(const ColumnRef& column, const std::string&) const {
    return column_(column.index);
  }
  std::string Render(const Literal& literal, const std::string&) const { return literal.sql; }
  std::string Render(const Cast& cast, const std::string& type) const {
    return std::string(cast.null_on_failure ? "TRY_CAST(" : "CAST(") + Render(cast.value) + " AS " +
           type + ")";
  }
  std::string Render(const Lambda& lambda, const std::string&) const {
    std::vector<std::string> names;
    for (const std::string& name : lambda.parameters) names.push_back(QuoteIdentifier(name));
    return "lambda " + JoinTexts(names, ", ") + ": " + Render(lambda.body);
  }
  std::string Render(const LambdaParameter& parameter, const std::string&) const {
    return QuoteIdentifier(parameter.name);
  }
  std::string Render(const CurrentTime& time, const std::string& type) const {
    if (options_.now.empty()) return time.function + "()";
    return "CAST(TIMESTAMPTZ " + QuoteLiteral(options_.now) + " AS " + type + ")";
  }
  std::string Render(const Case& choice, const std::string&) const {
    std::string text = "CASE";
    for (const auto& [condition, value] : choice.branches) {
      text += " WHEN " + Render(condition) + " THEN " + Render(value);
    }
    if (choice.otherwise) text += " ELSE " + Render(choice.otherwise);
    return text + " END";
  }
  std::string Render(const Call& call, const std::string&) const {
    const auto& arguments = call.arguments;
    switch (call.syntax) {
      case Call::Syntax::kFunction:
        return QuoteIdentifier(call.name) + "(" + List(arguments) + ")";
      case Call::Syntax::kKeyword:
        return call.name + "(" + List(arguments) + ")";
      case Call::Syntax::kPrefix:
        return "(" + call.name + " " + Render(arguments[0]) + ")";
      case Call::Syntax::kPostfix:
        return "(" + Render(arguments[0]) + " " + call.name + ")";
      case Call::Syntax::kInfix: {
        std::vector<std::string> texts;
        for (const ExpressionPtr& argument : arguments) texts.push_back(Render(argument));
        return "(" + JoinTexts(texts, (" " + call.name + " ").c_str()) + ")";
      }
      case Call::Syntax::kMembership:
        return "(" + Render(arguments[0]) + " " + call.name + " (" +
               List({arguments.begin() + 1, arguments.end()}) + "))";
      case Call::Syntax::kNamed: {
        std::vector<std::string> texts;
        for (size_t i = 0; i < arguments.size(); ++i) {
          texts.push_back(QuoteIdentifier(call.argument_names[i]) + " := " + Render(arguments[i]));
        }
        return QuoteIdentifier(call.name) + "(" + JoinTexts(texts, ", ") + ")";
      }
    }
    return {};
  }

  const ColumnText& column_;
  const RenderOptions& options_;
};

std::string CallText(const std::string& function, const std::string& arguments) {
  return (function == "count_star" ? "count" : QuoteIdentifier(function)) + "(" +
         (function == "count_star" ? "*" : arguments) + ")";
}

class PlanRenderer {
 public:
  PlanRenderer(const NodePtr& root, const RenderOptions& options) : options_(options) {
    std::map<const Node*, int> readers;
    ForEachNode(root, [&](const NodePtr& node) {
      for (const NodePtr& input : node->inputs) ++readers[input.get()];
    });
    ForEachNode(root, [&](const NodePtr& node) {
      if (readers[node.get()] < 2 || std::holds_alternative<Scan>(node->op)) return;
      const std::string name = "n" + std::to_string(shared_.size());
      shared_text_ += (shared_.empty() ? "WITH " : ", ") + name + " AS (" + Select(*node) + ")";
      shared_[node.get()] = name;
    });
  }

  std::string Whole(const NodePtr& root) {
    return shared_text_ + (shared_.empty() ? "" : " ") + Select(*root);
  }

 private:
  // What stands in FROM for an input.
  std::string From(const NodePtr& input, const char* alias) {
    const auto shared = shared_.find(input.get());
    const std::string source =
        shared == shared_.end() ? "(" + Select(*input) + ")" : shared->second;
    return source + " AS " + alias;
  }

  std::string Select(const Node& node) {
    return std::visit([&](const auto& op) { return Render(op, node); }, node.op);
  }

  static ColumnText OneInput() {
    return [](size_t index) { return "t." + Name(index); };
  }
  static ColumnText TwoInputs(const Node& node) {
    const size_t left = node.inputs[0]->columns.size();
    return [left](size_t index) {
      return index < left ? "l." + Name(index) : "r." + Name(index - left);
    };
  }

  // "x AS c0, y AS c1"; an operator always has a column for the engine.
  static std::string Aliased(const std::vector<std::string>& texts) {
    if (texts.empty()) return "NULL AS nothing";
    std::string list;
    for (size_t i = 0; i < texts.size(); ++i) {
      list += (i == 0 ? "" : ", ") + texts[i] + " AS " + Name(i);
    }
    return list;
  }

  static std::string PassedOn(size_t count, const std::string& alias = "t") {
    std::vector<std::string> texts;
    for (size_t i = 0; i < count; ++i) texts.push_back(alias + "." + Name(i));
    return Aliased(texts);
  }

  std::string Render(const Scan& scan, const Node& node) {
    const auto given = options_.relations.find(scan.relation);
    std::vector<std::string> texts;
    for (const Column& column : node.columns) texts.push_back("t." + QuoteIdentifier(column.name));
    return "SELECT " + Aliased(texts) + " FROM " +
           (given == options_.relations.end() ? QuoteIdentifier(scan.relation) : given->second) +
           " AS t";
  }

  std::string Render(const Values& values, const Node& node) {
    if (node.columns.empty()) return "SELECT NULL AS nothing";
    const ColumnText none = [](size_t) { return std::string("NULL"); };
    const ExpressionRenderer renderer(none, options_);
    std::string rows;
    for (const auto& row : values.rows) {
      rows += (rows.empty() ? "(" : ", (") + renderer.List(row) + ")";
    }
    std::string names;
    for (size_t i = 0; i < node.columns.size(); ++i) names += (i == 0 ? "" : ", ") + Name(i);
    return "SELECT * FROM (VALUES " + rows + ") AS t(" + names + ")";
  }

  std::string Render(const Filter& filter, const Node& node) {
    const ColumnText column = OneInput();
    return "SELECT " + PassedOn(node.columns.size()) + " FROM " + From(node.inputs[0], "t") +
           " WHERE " + ExpressionRenderer(column, options_).Render(filter.condition);
  }

  std::string Render(const Project& project, const Node& node) {
    const ColumnText column = OneInput();
    const ExpressionRenderer renderer(column, options_);
    std::vector<std::string> texts;
    for (const ExpressionPtr& value : project.values) texts.push_back(renderer.Render(value));
    return "SELECT " + Aliased(texts) + " FROM " + From(node.inputs[0], "t");
  }

  std::vector<std::string> KeyConditions(const std::vector<JoinKey>& keys) {
    const ColumnText left = [](size_t index) { return "l." + Name(index); };
    const ColumnText right = [](size_t index) { return "r." + Name(index); };
    std::vector<std::string> conditions;
    for (const JoinKey& key : keys) {
      conditions.push_back(ExpressionRenderer(left, options_).Render(key.left) +
                           (key.null_safe ? " IS NOT DISTINCT FROM " : " = ") +
                           ExpressionRenderer(right, options_).Render(key.right));
    }
    return conditions;
  }

  std::string JoinText(const Node& node, const char* kind,
                       const std::vector<std::string>& conditions, bool right_columns) {
    const size_t left_count = node.inputs[0]->columns.size();
    std::vector<std::string> texts;
    for (size_t i = 0; i < left_count; ++i) texts.push_back("l." + Name(i));
    for (size_t i = left_count; right_columns && i < node.columns.size(); ++i) {
      texts.push_back("r." + Name(i - left_count));
    }
    return "SELECT " + Aliased(texts) + " FROM " + From(node.inputs[0], "l") + " " + kind + " " +
           From(node.inputs[1], "r") +
           (conditions.empty() ? " ON true" : " ON " + JoinTexts(conditions, " AND "));
  }

  std::string Render(const Join& join, const Node& node) {
    std::vector<std::string> conditions = KeyConditions(join.keys);
    if (join.condition) {
      const ColumnText column = TwoInputs(node);
      conditions.push_back(ExpressionRenderer(column, options_).Render(join.condition));
    }
    switch (join.kind) {
      case JoinKind::kInner:
        return JoinText(node, "JOIN", conditions, true);
      case JoinKind::kLeft:
        return JoinText(node, "LEFT JOIN", conditions, true);
      case JoinKind::kFull:
        return JoinText(node, "FULL JOIN", conditions, true);
      case JoinKind::kSemi:
        return JoinText(node, "SEMI JOIN", conditions, false);
      case JoinKind::kAnti:
        return JoinText(node, "ANTI JOIN", conditions, false);
    }
    return {};
  }

  std::string Render(const AsofJoin& join, const Node& node) {
    std::vector<std::string> conditions = KeyConditions(join.keys);
    const ColumnText column = TwoInputs(node);
    conditions.push_back(ExpressionRenderer(column, options_).Render(join.nearest));
    return JoinText(node, join.outer ? "ASOF LEFT JOIN" : "ASOF JOIN", conditions, true);
  }

  std::string Render(const Aggregate& aggregate, const Node& node) {
    const ColumnText column = OneInput();
    const ExpressionRenderer renderer(column, options_);
    std::vector<std::string> texts;
    std::string groups;
    for (const ExpressionPtr& key : aggregate.keys) {
      texts.push_back(renderer.Render(key));
      groups += (groups.empty() ? " GROUP BY " : ", ") + std::to_string(texts.size());
    }
    for (const AggregateCall& call : aggregate.calls) {
      std::string arguments = (call.distinct ? "DISTINCT " : "") + renderer.List(call.arguments) +
                              (call.order.empty() ? "" : " ORDER BY " + renderer.Order(call.order));
      std::string text = CallText(call.function, arguments);
      if (call.filter) text += " FILTER (WHERE " + renderer.Render(call.filter) + ")";
      texts.push_back(std::move(text));
    }
    return "SELECT " + Aliased(texts) + " FROM " + From(node.inputs[0], "t") + groups;
  }

  std::string Render(const Distinct&, const Node& node) {
    return "SELECT DISTINCT " + PassedOn(node.columns.size()) + " FROM " +
           From(node.inputs[0], "t");
  }

  std::string Render(const DistinctOn& distinct, const Node& node) {
    const ColumnText column = OneInput();
    const ExpressionRenderer renderer(column, options_);
    return "SELECT DISTINCT ON (" + renderer.List(distinct.targets) + ") " +
           PassedOn(node.columns.size()) + " FROM " + From(node.inputs[0], "t") +
           (distinct.order.empty() ? "" : " ORDER BY " + renderer.Order(distinct.order));
  }

  std::string WindowText(const WindowCall& call, const ExpressionRenderer& renderer) {
    std::string text =
        CallText(call.function, (call.distinct ? "DISTINCT " : "") + renderer.List(call.arguments) +
                                    (call.argument_order.empty()
                                         ? ""
                                         : " ORDER BY " + renderer.Order(call.argument_order)) +
                                    (call.ignore_nulls ? " IGNORE NULLS" : ""));
    if (call.filter) text += " FILTER (WHERE " + renderer.Render(call.filter) + ")";
    text += " OVER (";
    if (!call.partition.empty()) text += "PARTITION BY " + renderer.List(call.partition);
    if (!call.order.empty()) text += " ORDER BY " + renderer.Order(call.order);
    for (size_t i = 0; i < call.frame_texts.size(); ++i) {
      text += call.frame_texts[i];
      if (i < call.frame_values.size()) text += renderer.Render(call.frame_values[i]);
    }
    return text + ")";
  }

  std::string Render(const Window& window, const Node& node) {
    const ColumnText column = OneInput();
    const ExpressionRenderer renderer(column, options_);
    std::vector<std::string> texts;
    for (size_t i = 0; i < node.inputs[0]->columns.size(); ++i) texts.push_back("t." + Name(i));
    for (const WindowCall& call : window.calls) texts.push_back(WindowText(call, renderer));
    return "SELECT " + Aliased(texts) + " FROM " + From(node.inputs[0], "t");
  }

  // Inputs beside each other: each in brackets.
  std::string Combined(const Node& node, const char* word) {
    std::vector<std::string> texts;
    for (const NodePtr& input : node.inputs) {
      texts.push_back("(SELECT " + PassedOn(node.columns.size()) + " FROM " + From(input, "t") +
                      ")");
    }
    return JoinTexts(texts, word);
  }

  std::string Render(const UnionAll&, const Node& node) { return Combined(node, " UNION ALL "); }

  std::string Render(const SetOperation& set, const Node& node) {
    if (set.kind == SetKind::kExcept) return Combined(node, set.all ? " EXCEPT ALL " : " EXCEPT ");
    return Combined(node, set.all ? " INTERSECT ALL " : " INTERSECT ");
  }

  std::string Render(const Limit& limit, const Node& node) {
    const ColumnText column = OneInput();
    const ExpressionRenderer renderer(column, options_);
    std::string text =
        "SELECT " + PassedOn(node.columns.size()) + " FROM " + From(node.inputs[0], "t");
    if (!limit.order.empty()) text += " ORDER BY " + renderer.Order(limit.order);
    if (limit.count) text += " LIMIT " + std::to_string(*limit.count);
    if (limit.offset > 0) text += " OFFSET " + std::to_string(limit.offset);
    return text;
  }

  std::string Render(const Unnest& unnest, const Node& node) {
    const ColumnText column = OneInput();
    const ExpressionRenderer renderer(column, options_);
    std::vector<std::string> texts;
    for (size_t i = 0; i < node.inputs[0]->columns.size(); ++i) texts.push_back("t." + Name(i));
    for (const ExpressionPtr& list : unnest.lists) {
      texts.push_back("unnest(" + renderer.Render(list) + ")");
    }
    return "SELECT " + Aliased(texts) + " FROM " + From(node.inputs[0], "t");
  }

  const RenderOptions& options_;
  std::map<const Node*, std::string> shared_;
  std::string shared_text_;
};

// What distinguishes the operator from others of its kind, over the names of its input columns.
class OutlineRenderer {
 public:
  std::string Whole(const NodePtr& root) {
    Add(root, 0);
    return std::move(text_);
  }

 private:
  static std::string Named(const std::vector<Column>& columns, size_t index) {
    const std::string& name = columns[index].name;
    return name.empty() ? "#" + std::to_string(index) : name;
  }

  void Add(const NodePtr& node, size_t depth) {
    text_ += std::string(depth * 2, ' ') + NameOf(node->op);
    const auto known = numbers_.find(node.get());
    if (known != numbers_.end()) {
      text_ += " (the same as above)\n";
      return;
    }
    numbers_[node.get()] = numbers_.size();
    text_ += Details(*node) + "\n";
    for (const NodePtr& input : node->inputs) Add(input, depth + 1);
  }

  std::string Details(const Node& node) {
    std::vector<Column> columns;
    for (const NodePtr& input : node.inputs) {
      columns.insert(columns.end(), input->columns.begin(), input->columns.end());
    }
    const ColumnText column = [&](size_t index) { return Named(columns, index); };
    const size_t left = node.inputs.empty() ? 0 : node.inputs[0]->columns.size();
    const ColumnText right = [&, left](size_t index) { return Named(columns, left + index); };
    const RenderOptions options;
    const ExpressionRenderer renderer(column, options);
    std::string text;
    if (const auto* filter = std::get_if<Filter>(&node.op)) {
      text = renderer.Render(filter->condition);
    } else if (const auto* project = std::get_if<Project>(&node.op)) {
      text = renderer.List(project->values);
    } else if (const auto* aggregate = std::get_if<Aggregate>(&node.op)) {
      text = renderer.List(aggregate->keys);
    } else if (const auto* join = std::get_if<Join>(&node.op)) {
      for (const JoinKey& key : join->keys) {
        text += (text.empty() ? "" : " AND ") + renderer.Render(key.left) + " = " +
                ExpressionRenderer(right, options).Render(key.right);
      }
    } else if (const auto* window = std::get_if<Window>(&node.op)) {
      for (const WindowCall& call : window->calls) {
        text += (text.empty() ? "" : ", ") + call.function + " per " +
                (call.partition.empty() ? "all rows" : renderer.List(call.partition));
      }
    }
    return text.empty() ? "" : ": " + text;
  }

  std::map<const Node*, size_t> numbers_;
  std::string text_;
};

}  // namespace

std::string RenderSql(const NodePtr& root, const RenderOptions& options) {
  return PlanRenderer(root, options).Whole(root);
}

std::string RenderNamedSql(const NodePtr& root, const RenderOptions& options) {
  std::string list;
  for (size_t i = 0; i < root->columns.size(); ++i) {
    list += (i == 0 ? "" : ", ") + Name(i) + " AS " + QuoteIdentifier(root->columns[i].name);
  }
  return "SELECT " + list + " FROM (" + RenderSql(root, options) + ")";
}

std::string RenderExpression(const ExpressionPtr& expression,
                             const std::function<std::string(size_t)>& column,
                             const RenderOptions& options) {
  return ExpressionRenderer(column, options).Render(expression);
}

std::string Outline(const NodePtr& root) { return OutlineRenderer().Whole(root); }

}  // namespace penstock::algebra
