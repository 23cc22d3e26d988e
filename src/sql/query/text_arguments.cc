#include "sql/query/text_arguments.h"

#include <algorithm>
#include <iterator>

namespace penstock::sql {
namespace {

struct Row {
  std::string_view name;
  unsigned arguments;
  bool gives_text = true;
};

// Sorted by name.
constexpr Row kRows[] = {
    {"ascii", 0b1, false},
    {"base64", 0},
    {"btrim", 0b11},
    {"concat", 0},
    {"concat_ws", 0},
    {"date_format", 0},
    {"endswith", 0b11, false},
    {"find_in_set", 0b11, false},
    {"format_number", 0},
    {"format_string", 0},
    {"from_unixtime", 0},
    {"get_json_object", 0},
    {"hex", 0},
    {"initcap", 0b1},
    {"instr", 0b11, false},
    {"lcase", 0b1},
    {"left", 0b1},
    {"levenshtein", 0b11, false},
    {"locate", 0b11, false},
    {"lower", 0b1},
    {"lpad", 0b101},
    {"ltrim", 0b11},
    {"mask", 0b1},
    {"md5", 0},
    {"overlay", 0b11},
    {"position", 0b11, false},
    {"printf", 0},
    {"regexp", 0b1, false},
    {"regexp_count", 0b1, false},
    {"regexp_extract", 0b1},
    {"regexp_extract_all", 0b1, false},
    {"regexp_instr", 0b1, false},
    {"regexp_like", 0b1, false},
    {"regexp_replace", 0b101},
    {"regexp_substr", 0b1},
    {"repeat", 0b1},
    {"replace", 0b111},
    {"reverse", 0b1, false},
    {"right", 0b1},
    {"rlike", 0b1, false},
    {"rpad", 0b101},
    {"rtrim", 0b11},
    {"sha1", 0},
    {"sha2", 0},
    {"soundex", 0b1},
    {"split", 0b1, false},
    {"split_part", 0b11},
    {"startswith", 0b11, false},
    {"str_to_map", 0b1, false},
    {"string", 0},
    {"substr", 0b1},
    {"substring", 0b1},
    {"substring_index", 0b11},
    {"to_json", 0},
    {"translate", 0b111},
    {"trim", 0b11},
    {"ucase", 0b1},
    {"upper", 0b1},
    {"url_decode", 0b1},
    {"url_encode", 0b1},
};

const Row* Find(std::string_view name) {
  const Row* row = std::lower_bound(std::begin(kRows), std::end(kRows), name,
                                    [](const Row& r, std::string_view n) { return r.name < n; });
  return row != std::end(kRows) && row->name == name ? row : nullptr;
}

}  // namespace

unsigned TextArguments(std::string_view lower_name) {
  const Row* row = Find(lower_name);
  return row != nullptr ? row->arguments : 0;
}

bool IsText(const std::vector<Node>& nodes, const std::vector<Token>& tokens, size_t node) {
  const Node& it = nodes[node];
  const auto child = [&](size_t index) { return IsText(nodes, tokens, it.children[index]); };
  switch (it.kind) {
    case NodeKind::kLiteral:
      return IsString(tokens[it.first]) && tokens[it.first].kind != TokenKind::kHexString;
    case NodeKind::kCast:
      return it.text == "STRING";
    case NodeKind::kCall: {
      const Row* row = Find(it.text);
      if (it.text == "concat") {
        return std::any_of(it.children.begin(), it.children.end(),
                           [&](size_t part) { return IsText(nodes, tokens, part); });
      }
      return row != nullptr && row->gives_text;
    }
    case NodeKind::kBinary:
      return it.text == "||" && (child(0) || child(1));
    case NodeKind::kParen:
      return it.children.size() == 1 && child(0);
    default:
      return false;
  }
}

}  // namespace penstock::sql
