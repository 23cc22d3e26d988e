#include "sql/query/column_name.h"

#include <algorithm>

#include "base/text.h"

namespace penstock::sql {
namespace {

// A longer name than this helps nobody.
constexpr size_t kLongest = 400;
constexpr int kDeepest = 40;

class Namer {
 public:
  Namer(const std::vector<Node>& nodes, std::string_view text, const std::vector<Token>& tokens,
        const Block& block)
      : nodes_(nodes), text_(text), tokens_(tokens), block_(block) {}

  std::string Top(size_t index) const {
    const Node& node = nodes_[index];
    switch (node.kind) {
      case NodeKind::kStar:
        return "";
      case NodeKind::kColumn:
        return NameOf(tokens_[node.last - 1]);
      case NodeKind::kCast: {
        const Node& operand = nodes_[node.children[0]];
        if (operand.kind == NodeKind::kColumn || IsField(operand)) return Top(node.children[0]);
        break;
      }
      case NodeKind::kParen:
        if (node.children.size() == 1) return Top(node.children[0]);
        break;
      default:
        if (IsField(node)) return node.text.substr(1);
        if (IsCastingCall(node)) return Top(node.children[0]);
    }
    return Inner(index, 0);
  }

 private:
  static bool IsField(const Node& node) {
    return node.kind == NodeKind::kOther && node.text.size() > 1 && node.text[0] == ':';
  }

  // int(a): a cast, which Spark does not show.
  static bool IsCastingCall(const Node& node) {
    static constexpr std::string_view kTypes[] = {"bigint",  "binary",   "boolean",   "date",
                                                  "decimal", "double",   "float",     "int",
                                                  "string",  "smallint", "timestamp", "tinyint"};
    return node.kind == NodeKind::kCall && node.children.size() == 1 &&
           std::find(std::begin(kTypes), std::end(kTypes), node.text) != std::end(kTypes);
  }

  std::string Raw(const Node& node) const {
    std::string raw;
    for (size_t token = node.first; token < node.last && raw.size() < kLongest; ++token) {
      const bool glued = token == node.first || tokens_[token].offset == tokens_[token - 1].end();
      if (!glued) raw += ' ';
      raw += Word(tokens_[token]);
    }
    return raw;
  }

  static std::string Word(const Token& token) {
    if (IsString(token)) return StringValue(token, model::Dialect::kSpark);
    if (token.kind == TokenKind::kQuotedIdentifier) return NameOf(token);
    return std::string(token.text);
  }

  // Without the relation's name in front.
  std::string Column(const Node& node) const {
    std::string name;
    size_t first = node.first;
    if (node.last - first >= 3) {
      const std::string head = NameOf(tokens_[first]);
      const bool relation = std::any_of(
          block_.relations.begin(), block_.relations.end(),
          [&](const Relation& candidate) { return EqualsIgnoreCase(candidate.alias, head); });
      if (relation) first += 2;
    }
    for (size_t token = first; token < node.last; ++token) name += Word(tokens_[token]);
    return name;
  }

  std::string Literal(const Node& node) const {
    const Token& token = tokens_[node.first];
    if (token.kind == TokenKind::kNumber) {
      std::string text(token.text);
      while (text.size() > 1 &&
             std::string_view("LSYDFB").find(AsciiUpper(text).back()) != std::string_view::npos) {
        text.pop_back();
      }
      return text;
    }
    if (IsString(token)) {
      std::string value;
      for (size_t i = node.first; i < node.last; ++i) value += Word(tokens_[i]);
      return value;
    }
    if (node.text.starts_with("INTERVAL ")) return Interval(node);
    return node.text == "NULL" ? node.text : AsciiLower(node.text);
  }

  // INTERVAL '1' DAY; what has several parts stays as it was written.
  std::string Interval(const Node& node) const {
    const size_t blank = node.text.find(' ', 9);
    if (blank == std::string::npos || node.text.find(' ', blank + 1) != std::string::npos) {
      return Raw(node);
    }
    return "INTERVAL '" + node.text.substr(9, blank - 9) + "' " +
           AsciiUpper(node.text.substr(blank + 1));
  }

  // Arguments that Spark fills in and shows.
  static std::string_view Defaults(const Node& node) {
    struct Filled {
      std::string_view name;
      size_t arguments;
      std::string_view added;
    };
    static constexpr Filled kFilled[] = {{"split", 2, ", -1"},
                                         {"regexp_replace", 3, ", 1"},
                                         {"months_between", 2, ", true"},
                                         {"percentile", 2, ", 1"},
                                         {"bround", 1, ", 0"},
                                         {"round", 1, ", 0"},
                                         {"unix_timestamp", 1, ", yyyy-MM-dd HH:mm:ss"},
                                         {"from_unixtime", 1, ", yyyy-MM-dd HH:mm:ss"},
                                         {"regexp_extract", 2, ", 1"}};
    for (const Filled& filled : kFilled) {
      if (filled.name == node.text && filled.arguments == node.children.size()) return filled.added;
    }
    return "";
  }

  std::string Case(const Node& node, int depth) const {
    std::string text = "CASE";
    for (size_t i = 0; i < node.children.size() && text.size() < kLongest; ++i) {
      const char role = node.text[i];
      text += role == 'w' ? " WHEN " : role == 't' ? " THEN " : role == 'e' ? " ELSE " : " ";
      text += Inner(node.children[i], depth);
    }
    return text + " END";
  }

  // Functions whose names Spark shows in capitals.
  static std::string Shown(const std::string& name) {
    static constexpr std::string_view kCapitals[] = {
        "acos", "asin",  "atan",    "atan2",  "cbrt",  "ceil",  "cos",   "degrees",
        "e",    "exp",   "expm1",   "floor",  "hypot", "log10", "log1p", "log2",
        "pi",   "power", "radians", "signum", "sin",   "sinh",  "sqrt",  "tan"};
    const bool capitals =
        std::find(std::begin(kCapitals), std::end(kCapitals), name) != std::end(kCapitals);
    return capitals ? AsciiUpper(name) : name;
  }

  std::string Call(const Node& node, int depth) const {
    std::string text = Shown(node.text) + "(";
    if (node.distinct) text += "DISTINCT ";
    for (size_t i = 0; i < node.children.size() && text.size() < kLongest; ++i) {
      if (i > 0) text += ", ";
      text += Inner(node.children[i], depth);
    }
    if (node.text == "count" && node.children.size() == 1 &&
        nodes_[node.children[0]].kind == NodeKind::kStar) {
      return "count(1)";
    }
    text += Defaults(node);
    text += ")";
    return node.text == "if" ? "(" + text.replace(0, 2, "IF") + ")" : text;
  }

  std::string Unary(const Node& node, int depth) const {
    const std::string operand = Inner(node.children[0], depth);
    if (node.text == "~") return "~" + operand;
    const bool number = tokens_[nodes_[node.children[0]].first].kind == TokenKind::kNumber;
    if (node.text == "-" && number && nodes_[node.children[0]].kind == NodeKind::kLiteral) {
      return "-" + operand;
    }
    if (node.text.starts_with("IS")) return "(" + operand + " " + node.text + ")";
    return "(" + node.text + " " + operand + ")";
  }

  std::string Binary(const Node& node, int depth) const {
    const std::string left = Inner(node.children[0], depth);
    const std::string right = Inner(node.children[1], depth);
    if (node.text == "||") return "concat(" + left + ", " + right + ")";
    if (node.text == "RLIKE" || node.text == "REGEXP") return "RLIKE(" + left + ", " + right + ")";
    if (node.text == "LIKE") return left + " LIKE " + right;
    if (node.text == "DIV") return "(" + left + " div " + right + ")";
    const Node& added = nodes_[node.children[1]];
    if ((node.text == "+" || node.text == "-") && added.text.starts_with("INTERVAL ")) {
      return left + " " + node.text + " " + right;
    }
    const std::string operation = node.text == "==" ? "=" : node.text;
    if (operation == "<>" || operation == "!=") return "(NOT (" + left + " = " + right + "))";
    return "(" + left + " " + operation + " " + right + ")";
  }

  std::string Inner(size_t index, int depth) const {
    const Node& node = nodes_[index];
    if (++depth > kDeepest) return Raw(node);
    switch (node.kind) {
      case NodeKind::kColumn:
        return Column(node);
      case NodeKind::kLiteral:
        return Literal(node);
      case NodeKind::kCast:
        return "CAST(" + Inner(node.children[0], depth) + " AS " + node.text + ")";
      case NodeKind::kIndex:
        return Inner(node.children[0], depth) + "[" + Inner(node.children[1], depth) + "]";
      case NodeKind::kCase:
        return Case(node, depth);
      case NodeKind::kTyped:
        return node.text;
      case NodeKind::kParen:
        if (node.children.size() == 1) return Inner(node.children[0], depth);
        return Raw(node);
      case NodeKind::kUnary:
        if (node.children.size() == 1) return Unary(node, depth);
        return Raw(node);
      case NodeKind::kBinary:
        if (node.text != "IN" && node.text != "NOT IN") return Binary(node, depth);
        return "(" + Raw(node) + ")";
      case NodeKind::kCall:
        if (!node.windowed) return Call(node, depth);
        return Raw(node);
      default:
        if (node.text.starts_with(".") && node.children.size() == 1) {
          return Inner(node.children[0], depth) + node.text;
        }
        if (node.text == "between") return "between(" + List(node, depth) + ")";
        return Raw(node);
    }
  }

  std::string List(const Node& node, int depth) const {
    std::string list;
    for (const size_t child : node.children) {
      list += (list.empty() ? "" : ", ") + Inner(child, depth);
    }
    return list;
  }

  const std::vector<Node>& nodes_;
  std::string_view text_;
  const std::vector<Token>& tokens_;
  const Block& block_;
};

}  // namespace

std::string ColumnName(const std::vector<Node>& nodes, size_t node, std::string_view text,
                       const std::vector<Token>& tokens, const Block& block) {
  std::string name = Namer(nodes, text, tokens, block).Top(node);
  if (name.size() > kLongest) name.resize(kLongest);
  return name;
}

}  // namespace penstock::sql
