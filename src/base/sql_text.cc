#include "base/sql_text.h"

#include "base/variant_type.h"

namespace penstock {
namespace {

std::string Quote(std::string_view text, char quote) {
  std::string quoted(1, quote);
  quoted.reserve(text.size() + 2);
  for (char c : text) {
    if (c == quote) quoted += quote;
    quoted += c;
  }
  quoted += quote;
  return quoted;
}

std::string StructText(const std::vector<Field>& fields) {
  std::string text = "STRUCT(";
  for (const Field& field : fields) {
    if (&field != &fields.front()) text += ", ";
    text += QuoteIdentifier(field.name) + " " + EngineType(field.type);
  }
  return text + ")";
}

}  // namespace

std::string QuoteIdentifier(std::string_view name) { return Quote(name, '"'); }

std::string QuoteLiteral(std::string_view text) {
  // The engine's parser ends the text at a NUL byte.
  if (text.find('\0') == std::string_view::npos) return Quote(text, '\'');
  std::string joined;
  while (true) {
    size_t nul = text.find('\0');
    joined += Quote(text.substr(0, nul), '\'');
    if (nul == std::string_view::npos) return "(" + joined + ")";
    joined += " || chr(0) || ";
    text.remove_prefix(nul + 1);
  }
}

std::string QuoteList(const std::vector<std::string>& texts) {
  std::string list = "[";
  for (const std::string& text : texts) {
    if (list.size() > 1) list += ", ";
    list += QuoteLiteral(text);
  }
  return list + "]";
}

std::string EngineType(const DataType& type) {
  if (type.id == kVariantType) return "VARIANT";
  switch (type.id) {
    case TypeId::kBoolean:
      return "BOOLEAN";
    case TypeId::kByte:
      return "TINYINT";
    case TypeId::kShort:
      return "SMALLINT";
    case TypeId::kInteger:
      return "INTEGER";
    case TypeId::kLong:
      return "BIGINT";
    case TypeId::kFloat:
      return "FLOAT";
    case TypeId::kDouble:
      return "DOUBLE";
    case TypeId::kDecimal:
      return "DECIMAL(" + std::to_string(type.precision) + "," + std::to_string(type.scale) + ")";
    case TypeId::kString:
      return "VARCHAR";
    case TypeId::kBinary:
      return "BLOB";
    case TypeId::kDate:
      return "DATE";
    case TypeId::kTimestamp:
      return "TIMESTAMP WITH TIME ZONE";
    case TypeId::kTimestampNtz:
      return "TIMESTAMP";
    case TypeId::kVoid:
      return "\"NULL\"";
    case TypeId::kArray:
      return EngineType(type.fields[0].type) + "[]";
    case TypeId::kMap:
      return "MAP(" + EngineType(type.fields[0].type) + ", " + EngineType(type.fields[1].type) +
             ")";
    case TypeId::kStruct:
      return StructText(type.fields);
  }
  return "VARCHAR";
}

}  // namespace penstock
