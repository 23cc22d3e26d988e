#include "lake/text_lengths.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "base/sql_text.h"
#include "base/text.h"
#include "lake/nested_value.h"

namespace penstock::lake {
namespace {

// Reads the declared type along with the type that the schema has.
class DeclaredType {
 public:
  explicit DeclaredType(std::string_view text) : text_(text) {}

  // False: they do not fit together.
  bool Read(const DataType& type, TextLengths* lengths) {
    switch (type.id) {
      case TypeId::kStruct:
        return Accept("struct<") && Parts(type, true, lengths);
      case TypeId::kArray:
        return Accept("array<") && Parts(type, false, lengths);
      case TypeId::kMap:
        return Accept("map<") && Parts(type, false, lengths);
      default:
        lengths->own = LengthIn(Leaf());
        return true;
    }
  }

 private:
  bool Accept(std::string_view word) {
    if (!EqualsIgnoreCase(text_.substr(at_, word.size()), word)) return false;
    at_ += word.size();
    return true;
  }

  bool Parts(const DataType& type, bool named, TextLengths* lengths) {
    for (const Field& field : type.fields) {
      if (named && !PassName()) return false;
      TextLengths part;
      if (!Read(field.type, &part)) return false;
      lengths->parts.push_back(std::move(part));
      // A comment or NOT NULL may follow.
      while (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '>') ++at_;
      if (at_ == text_.size()) return false;
      ++at_;
    }
    return true;
  }

  bool PassName() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    if (at_ < text_.size() && text_[at_] == '`') {
      const size_t end = text_.find("`:", at_ + 1);
      if (end == std::string_view::npos) return false;
      at_ = end + 2;
      return true;
    }
    const size_t end = text_.find(':', at_);
    if (end == std::string_view::npos) return false;
    at_ = end + 1;
    return true;
  }

  std::string_view Leaf() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    const size_t begin = at_;
    bool inside = false;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      inside = c == '(' || (inside && c != ')');
      if (!inside && (c == ',' || c == '>' || c == ' ')) break;
    }
    return text_.substr(begin, at_ - begin);
  }

  static std::optional<TextLength> LengthIn(std::string_view text) {
    const std::string type = AsciiLower(text);
    const bool padded = type.starts_with("char(");
    if (!padded && !type.starts_with("varchar(")) return std::nullopt;
    TextLength length{0, padded};
    const char* begin = type.data() + type.find('(') + 1;
    const auto [end, failure] =
        std::from_chars(begin, type.data() + type.size(), length.characters);
    if (failure != std::errc{} || length.characters <= 0) return std::nullopt;
    return length;
  }

  std::string_view text_;
  size_t at_ = 0;
};

bool HasLength(const TextLengths& lengths) {
  return lengths.own || std::any_of(lengths.parts.begin(), lengths.parts.end(), HasLength);
}

std::string Padded(const std::string& value, const DataType& type, const TextLengths& lengths,
                   int depth) {
  if (!HasPadding(lengths)) return value;
  if (IsNested(type)) {
    return RebuiltValue(value, type, depth, [&](size_t i, const std::string& inner) {
      return Padded(inner, type.fields[i].type, lengths.parts[i], depth + 1);
    });
  }
  const std::string limit = std::to_string(lengths.own->characters);
  return "CASE WHEN length(" + value + ") < " + limit + " THEN rpad(" + value + ", " + limit +
         ", ' ') ELSE " + value + " END";
}

std::string AnyTooLong(const std::string& list, const DataType& type, const TextLengths& lengths,
                       int depth);

std::string Longer(const std::string& value, const DataType& type, const TextLengths& lengths,
                   int depth) {
  if (lengths.own) return "length(" + value + ") > " + std::to_string(lengths.own->characters);
  if (type.id == TypeId::kArray) {
    return AnyTooLong(value, type.fields[0].type, lengths.parts[0], depth);
  }
  std::string any;
  for (size_t i = 0; i < lengths.parts.size(); ++i) {
    if (!HasLength(lengths.parts[i])) continue;
    const DataType& part = type.fields[i].type;
    any += any.empty() ? "" : " OR ";
    if (type.id == TypeId::kMap) {
      any += AnyTooLong((i == 0 ? "map_keys(" : "map_values(") + value + ")", part,
                        lengths.parts[i], depth);
    } else {
      any += "coalesce(" +
             Longer("(" + value + ")." + QuoteIdentifier(type.fields[i].name), part,
                    lengths.parts[i], depth) +
             ", false)";
    }
  }
  return "(" + any + ")";
}

std::string AnyTooLong(const std::string& list, const DataType& type, const TextLengths& lengths,
                       int depth) {
  const std::string item = "e" + std::to_string(depth);
  return "coalesce(len(list_filter(" + list + ", lambda " + item + ": coalesce(" +
         Longer(item, type, lengths, depth + 1) + ", false))) > 0, false)";
}

}  // namespace

std::optional<TextLengths> LengthsOf(const delta::TableColumn& column) {
  const auto stored = column.metadata.find("__CHAR_VARCHAR_TYPE_STRING");
  if (stored == column.metadata.end() || !stored->is_string()) return std::nullopt;
  TextLengths lengths;
  const std::string text = stored->get<std::string>();
  if (!DeclaredType(text).Read(column.type, &lengths) || !HasLength(lengths)) return std::nullopt;
  return lengths;
}

bool HasPadding(const TextLengths& lengths) {
  return (lengths.own && lengths.own->padded) ||
         std::any_of(lengths.parts.begin(), lengths.parts.end(), HasPadding);
}

std::string PaddedValue(const std::string& value, const DataType& type,
                        const TextLengths& lengths) {
  return Padded(value, type, lengths, 0);
}

std::string TooLong(const std::string& value, const DataType& type, const TextLengths& lengths) {
  return Longer(value, type, lengths, 0);
}

}  // namespace penstock::lake
