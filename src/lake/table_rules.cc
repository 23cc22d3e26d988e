#include "lake/table_rules.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/sql_text.h"
#include "base/text.h"
#include "lake/text_lengths.h"

namespace penstock::lake {
namespace {

using delta::TableColumn;

// Begins the engine's message about a row that breaks a rule; the rule's number and the row follow.
constexpr std::string_view kRuleMark = "penstock-rule:";
constexpr size_t kRowCharacters = 500;
constexpr std::string_view kConstraintPrefix = "delta.constraints.";

std::optional<std::string> MetadataText(const TableColumn& column, const char* key) {
  const auto found = column.metadata.find(key);
  if (found == column.metadata.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

Result<std::string> Translated(const std::string& expression, const std::string& what,
                               const ExpressionTranslator& translate) {
  if (!translate) return expression;
  Result<std::string> translated = translate(expression);
  if (translated.ok()) return translated;
  return UserError("UNSUPPORTED_CONSTRAINT",
                   what + " cannot be followed: " + expression + ": " + translated.error().message,
                   "Rows are written only when every rule of the table can be checked; change or "
                   "drop this one.");
}

// ---- NOT NULL

std::string NullInside(const std::string& value, const TableColumn& column, int depth);

// Where a part must not be NULL, and what is inside the part; empty: nothing can be wrong.
std::string PartWrong(const std::string& value, const TableColumn& part, int depth) {
  const std::string inside = NullInside(value, part, depth);
  if (part.nullable) return inside;
  const std::string missing = value + " IS NULL";
  return inside.empty() ? missing : "(" + missing + " OR " + inside + ")";
}

std::string AnyElement(const std::string& list, const std::string& name, const std::string& wrong) {
  return "coalesce(len(list_filter(" + list + ", lambda " + name + ": coalesce(" + wrong +
         ", false))) > 0, false)";
}

std::string NullInside(const std::string& value, const TableColumn& column, int depth) {
  std::string any;
  const auto add = [&](const std::string& wrong) {
    if (!wrong.empty()) any += (any.empty() ? "" : " OR ") + wrong;
  };
  const std::string element = "e" + std::to_string(depth);
  if (column.type.id == TypeId::kStruct) {
    for (const TableColumn& part : column.children) {
      add(PartWrong("(" + value + ")." + QuoteIdentifier(part.name), part, depth));
    }
    if (!any.empty()) any = "(" + value + " IS NOT NULL AND (" + any + "))";
  } else if (column.type.id == TypeId::kArray) {
    const std::string wrong = PartWrong(element, column.children[0], depth + 1);
    if (!wrong.empty()) any = AnyElement(value, element, wrong);
  } else if (column.type.id == TypeId::kMap) {
    const std::string wrong = PartWrong(element, column.children[1], depth + 1);
    if (!wrong.empty()) any = AnyElement("map_values(" + value + ")", element, wrong);
  }
  return any;
}

void AddNotNull(const std::vector<TableColumn>& columns, std::vector<TableRule>* rules) {
  for (const TableColumn& column : columns) {
    const std::string wrong = PartWrong(QuoteIdentifier(column.name), column, 0);
    if (wrong.empty()) continue;
    rules->push_back({"NOT_NULL_VIOLATED", column.name, column.name + " NOT NULL", wrong});
  }
}

// ---- CHAR and VARCHAR

void AddLengths(const std::vector<TableColumn>& columns, std::vector<TableRule>* rules) {
  for (const TableColumn& column : columns) {
    const auto lengths = LengthsOf(column);
    if (!lengths) continue;
    rules->push_back({"EXCEEDS_CHAR_VARCHAR_LENGTH", column.name,
                      column.name + " " + *MetadataText(column, "__CHAR_VARCHAR_TYPE_STRING"),
                      TooLong(QuoteIdentifier(column.name), column.type, *lengths)});
  }
}

bool IsPadded(const TableColumn& column) {
  const auto lengths = LengthsOf(column);
  return lengths && HasPadding(*lengths);
}

// CHAR is filled up with blanks.
std::string StoredText(const TableColumn& column) {
  const std::string name = QuoteIdentifier(column.name);
  if (!IsPadded(column)) return name;
  return PaddedValue(name, column.type, *LengthsOf(column)) + " AS " + name;
}

// ---- expressions of the table

// A rule that must be true; NULL breaks it as false does.
Status AddCondition(const std::string& code, const std::string& name, const std::string& expression,
                    const ExpressionTranslator& translate, std::vector<TableRule>* rules) {
  ASSIGN_OR_RETURN(const std::string sql, Translated(expression, "the rule " + name, translate));
  rules->push_back({code, name, expression, "NOT coalesce(CAST((" + sql + ") AS BOOLEAN), false)"});
  return OkStatus();
}

// {"expression": {"expression": "x > 3"}}
Status AddInvariants(const std::vector<TableColumn>& columns, const ExpressionTranslator& translate,
                     std::vector<TableRule>* rules) {
  for (const TableColumn& column : columns) {
    const auto text = MetadataText(column, "delta.invariants");
    if (text) {
      ASSIGN_OR_RETURN(const Json json, ParseJson(*text, "delta.invariants of " + column.name));
      const Json* inner =
          json.is_object() && json.contains("expression") ? &json["expression"] : nullptr;
      if (inner == nullptr || !inner->is_object() || !inner->contains("expression") ||
          !(*inner)["expression"].is_string()) {
        return DataError("BAD_TABLE_SCHEMA",
                         "the invariant of the column " + column.name + " is not one: " + *text,
                         "Repair delta.invariants in the table's schema.");
      }
      RETURN_IF_ERROR(AddCondition("INVARIANT_VIOLATED", column.name,
                                   (*inner)["expression"].get<std::string>(), translate, rules));
    }
    if (column.type.id == TypeId::kStruct) {
      RETURN_IF_ERROR(AddInvariants(column.children, translate, rules));
    }
  }
  return OkStatus();
}

Status AddGenerated(const std::vector<TableColumn>& columns, const ExpressionTranslator& translate,
                    std::vector<TableRule>* rules) {
  for (const TableColumn& column : columns) {
    ASSIGN_OR_RETURN(const auto sql, GenerationOf(column, translate));
    if (!sql) continue;
    rules->push_back({"GENERATED_COLUMN_VIOLATED", column.name,
                      column.name + " <=> " + *MetadataText(column, "delta.generationExpression"),
                      QuoteIdentifier(column.name) + " IS DISTINCT FROM CAST((" + *sql + ") AS " +
                          EngineType(column.type) + ")"});
  }
  return OkStatus();
}

std::string Shortened(std::string text) {
  if (text.size() <= kRowCharacters) return text;
  size_t end = kRowCharacters;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "…";
}

}  // namespace

Result<std::vector<TableRule>> TableRules(const delta::Metadata& metadata,
                                          const std::vector<TableColumn>& columns,
                                          const ExpressionTranslator& translate) {
  std::vector<TableRule> rules;
  AddNotNull(columns, &rules);
  AddLengths(columns, &rules);
  RETURN_IF_ERROR(AddInvariants(columns, translate, &rules));
  for (const auto& [key, expression] : metadata.configuration) {
    if (!key.starts_with(kConstraintPrefix)) continue;
    RETURN_IF_ERROR(AddCondition("CHECK_CONSTRAINT_VIOLATED", key.substr(kConstraintPrefix.size()),
                                 expression, translate, &rules));
  }
  RETURN_IF_ERROR(AddGenerated(columns, translate, &rules));
  return rules;
}

// The checks stand in the value of a column, not in a WHERE, which the engine could move to before
// a join, where there are rows that are never written.
std::string RuledQuery(const std::string& query, const std::vector<TableColumn>& columns,
                       const std::vector<TableRule>& rules) {
  std::string inner = query;
  if (std::any_of(columns.begin(), columns.end(), IsPadded)) {
    std::string stored;
    for (const TableColumn& column : columns) {
      stored += (stored.empty() ? "" : ", ") + StoredText(column);
    }
    inner = "SELECT " + stored + " FROM (\n" + query + "\n) AS \"__penstock_texts\"";
  }
  if (rules.empty()) return inner;
  std::string checks;
  for (size_t i = 0; i < rules.size(); ++i) {
    checks += " WHEN " + rules[i].violated + " THEN error(" +
              QuoteLiteral(std::string(kRuleMark) + std::to_string(i) + ":") +
              " || CAST(\"__penstock_checked\" AS VARCHAR))";
  }
  std::string values;
  for (const TableColumn& column : columns) {
    const std::string name = QuoteIdentifier(column.name);
    values += values.empty() ? "CASE" + checks + " ELSE " + name + " END AS " + name : ", " + name;
  }
  return "SELECT " + values + " FROM (\n" + inner + "\n) AS \"__penstock_checked\"";
}

Error RuleViolation(Error error, const std::vector<TableRule>& rules,
                    const std::string& table_path) {
  const size_t mark = error.message.find(kRuleMark);
  if (mark == std::string::npos) return error;
  const std::string text = error.message.substr(mark + kRuleMark.size());
  size_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{} || number >= rules.size()) return error;
  const TableRule& rule = rules[number];
  const std::string row = Shortened(text.substr(end - text.data() + 1));
  return DataError(rule.code,
                   "a row breaks the rule " + rule.name + " (" + rule.expression + ") of " +
                       table_path + ": " + row,
                   "Nothing was written. Leave out or repair such rows, or change the rule.");
}

Result<std::optional<std::string>> GenerationOf(const TableColumn& column,
                                                const ExpressionTranslator& translate) {
  const auto expression = MetadataText(column, "delta.generationExpression");
  if (!expression) return std::optional<std::string>();
  ASSIGN_OR_RETURN(std::string sql,
                   Translated(*expression, "the generated column " + column.name, translate));
  return std::optional(std::move(sql));
}

Result<std::optional<std::string>> DefaultOf(const TableColumn& column,
                                             const ExpressionTranslator& translate) {
  const auto expression = MetadataText(column, "CURRENT_DEFAULT");
  if (!expression) return std::optional<std::string>();
  ASSIGN_OR_RETURN(std::string sql,
                   Translated(*expression, "the default of the column " + column.name, translate));
  return std::optional(std::move(sql));
}

bool IsIdentity(const TableColumn& column) {
  return column.metadata.contains("delta.identity.start");
}

bool TakesExplicitIdentity(const TableColumn& column) {
  const auto found = column.metadata.find("delta.identity.allowExplicitInsert");
  return found != column.metadata.end() && found->is_boolean() && found->get<bool>();
}

}  // namespace penstock::lake
