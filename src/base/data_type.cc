#include "base/data_type.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "base/variant_type.h"

namespace penstock {

bool DataType::operator==(const DataType& other) const {
  return id == other.id && precision == other.precision && scale == other.scale &&
         fields == other.fields;
}

DataType DataType::Of(TypeId id) { return DataType{id, 0, 0, {}}; }

DataType DataType::Decimal(int precision, int scale) {
  return DataType{TypeId::kDecimal, precision, scale, {}};
}

DataType DataType::Array(DataType element, bool contains_null) {
  return DataType{TypeId::kArray, 0, 0, {Field{"element", std::move(element), contains_null, ""}}};
}

DataType DataType::Map(DataType key, DataType value, bool value_contains_null) {
  return DataType{TypeId::kMap,
                  0,
                  0,
                  {Field{"key", std::move(key), false, ""},
                   Field{"value", std::move(value), value_contains_null, ""}}};
}

DataType DataType::Struct(std::vector<Field> fields) {
  return DataType{TypeId::kStruct, 0, 0, std::move(fields)};
}

const Field* FindField(const Schema& schema, std::string_view name) {
  for (const Field& field : schema) {
    if (EqualsIgnoreCase(field.name, name)) return &field;
  }
  return nullptr;
}

namespace {

struct PrimitiveName {
  std::string_view name;
  TypeId id;
};

// The first name of each type is the one that is printed; the others are accepted.
constexpr std::array kPrimitives = {
    PrimitiveName{"BOOLEAN", TypeId::kBoolean},
    PrimitiveName{"TINYINT", TypeId::kByte},
    PrimitiveName{"BYTE", TypeId::kByte},
    PrimitiveName{"SMALLINT", TypeId::kShort},
    PrimitiveName{"SHORT", TypeId::kShort},
    PrimitiveName{"INT", TypeId::kInteger},
    PrimitiveName{"INTEGER", TypeId::kInteger},
    PrimitiveName{"BIGINT", TypeId::kLong},
    PrimitiveName{"LONG", TypeId::kLong},
    PrimitiveName{"FLOAT", TypeId::kFloat},
    PrimitiveName{"REAL", TypeId::kFloat},
    PrimitiveName{"DOUBLE", TypeId::kDouble},
    PrimitiveName{"STRING", TypeId::kString},
    PrimitiveName{"BINARY", TypeId::kBinary},
    PrimitiveName{"DATE", TypeId::kDate},
    PrimitiveName{"TIMESTAMP", TypeId::kTimestamp},
    PrimitiveName{"TIMESTAMP_LTZ", TypeId::kTimestamp},
    PrimitiveName{"TIMESTAMP_NTZ", TypeId::kTimestampNtz},
    PrimitiveName{"VOID", TypeId::kVoid},
    PrimitiveName{"VARIANT", kVariantType},
};

std::string QuoteName(const std::string& name) {
  const bool plain = !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }) && !(name[0] >= '0' && name[0] <= '9');
  if (plain) return name;
  std::string quoted = "`";
  for (char c : name) {
    if (c == '`') quoted += '`';
    quoted += c;
  }
  return quoted + "`";
}

std::string FieldText(const Field& field, std::string_view separator) {
  return QuoteName(field.name) + std::string(separator) + ToString(field.type) +
         (field.nullable ? "" : " NOT NULL");
}

std::string JoinFields(const std::vector<Field>& fields, std::string_view separator) {
  std::string text;
  for (const Field& field : fields) {
    if (!text.empty()) text += ", ";
    text += FieldText(field, separator);
  }
  return text;
}

// Types nest no deeper than this in what is read, so that hostile text cannot exhaust the stack.
constexpr int kMaxDepth = 100;

class DdlReader {
 public:
  explicit DdlReader(std::string_view text) : text_(text) {}

  Result<DataType> Type(int depth = 0) {
    if (depth > kMaxDepth) return Fail("types nest deeper than 100 levels");
    const std::string name = AsciiUpper(Word());
    if (name.empty()) return Fail("a type is expected");
    if (name == "ARRAY") return ArrayType(depth);
    if (name == "MAP") return MapType(depth);
    if (name == "STRUCT") return StructType(depth);
    if (name == "DECIMAL" || name == "DEC" || name == "NUMERIC") return DecimalType();
    if (name == "VARCHAR" || name == "CHAR" || name == "CHARACTER") return CharType();
    for (const PrimitiveName& primitive : kPrimitives) {
      if (primitive.name == name) return DataType::Of(primitive.id);
    }
    return UnknownType(name);
  }

  // name [:] type [NOT NULL] [COMMENT 'x'], …  up to `end` (0: the end of the text)
  Result<std::vector<Field>> Fields(char end, int depth) {
    std::vector<Field> fields;
    if (Peek() == end) return fields;
    do {
      ASSIGN_OR_RETURN(Field field, OneField(depth));
      fields.push_back(std::move(field));
    } while (Accept(','));
    return fields;
  }

  bool AtEnd() { return Peek() == 0; }
  Error Fail(const std::string& why) {
    return UserError("BAD_TYPE",
                     "cannot read the type \"" + std::string(text_) + "\": " + why +
                         " at character " + std::to_string(position_ + 1),
                     "Write types as Spark does, e.g. BIGINT, DECIMAL(10,2), ARRAY<STRING>, "
                     "STRUCT<a: INT, b: STRING>.");
  }

 private:
  char Peek() {
    while (position_ < text_.size() && static_cast<unsigned char>(text_[position_]) <= ' ') {
      ++position_;
    }
    return position_ < text_.size() ? text_[position_] : '\0';
  }
  bool Accept(char c) {
    if (Peek() != c) return false;
    ++position_;
    return true;
  }
  static bool IsWordByte(unsigned char c) {
    return c == '_' || c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z');
  }
  std::string_view Word() {
    Peek();
    const size_t begin = position_;
    while (position_ < text_.size() && IsWordByte(text_[position_])) ++position_;
    return text_.substr(begin, position_ - begin);
  }
  bool AcceptWord(std::string_view word) {
    const size_t before = position_;
    if (EqualsIgnoreCase(Word(), word)) return true;
    position_ = before;
    return false;
  }
  Result<std::string> Quoted(char quote) {
    std::string value;
    ++position_;
    while (position_ < text_.size()) {
      const char c = text_[position_++];
      if (c == '\\' && quote != '`' && position_ < text_.size()) {
        value += text_[position_++];
      } else if (c != quote) {
        value += c;
      } else if (position_ < text_.size() && text_[position_] == quote) {
        value += text_[position_++];
      } else {
        return value;
      }
    }
    return Fail("a closing quote is missing");
  }
  Result<std::string> Name() {
    if (Peek() == '`') return Quoted('`');
    const std::string_view word = Word();
    if (word.empty()) return Fail("a name is expected");
    return std::string(word);
  }

  Result<Field> OneField(int depth) {
    Field field;
    ASSIGN_OR_RETURN(field.name, Name());
    Accept(':');
    ASSIGN_OR_RETURN(field.type, Type(depth + 1));
    if (AcceptWord("NOT")) {
      if (!AcceptWord("NULL")) return Fail("NULL is expected after NOT");
      field.nullable = false;
    }
    if (AcceptWord("COMMENT")) {
      const char quote = Peek();
      if (quote != '\'' && quote != '"') return Fail("COMMENT needs a quoted text");
      ASSIGN_OR_RETURN(field.comment, Quoted(quote));
    }
    return field;
  }

  Result<DataType> ArrayType(int depth) {
    if (!Accept('<')) return Fail("ARRAY needs <element type>");
    ASSIGN_OR_RETURN(DataType element, Type(depth + 1));
    if (!Accept('>')) return Fail("'>' is expected");
    return DataType::Array(std::move(element));
  }
  Result<DataType> MapType(int depth) {
    if (!Accept('<')) return Fail("MAP needs <key type, value type>");
    ASSIGN_OR_RETURN(DataType key, Type(depth + 1));
    if (!Accept(',')) return Fail("MAP needs two types");
    ASSIGN_OR_RETURN(DataType value, Type(depth + 1));
    if (!Accept('>')) return Fail("'>' is expected");
    return DataType::Map(std::move(key), std::move(value));
  }
  Result<DataType> StructType(int depth) {
    if (!Accept('<')) return Fail("STRUCT needs <name: type, …>");
    ASSIGN_OR_RETURN(std::vector<Field> fields, Fields('>', depth));
    if (!Accept('>')) return Fail("'>' is expected");
    return DataType::Struct(std::move(fields));
  }
  Result<int> Number() {
    const std::string word(Word());
    if (word.empty() || word.size() > 9 || word.find_first_not_of("0123456789") != word.npos) {
      return Fail("a number is expected");
    }
    return std::stoi(word);
  }
  Result<DataType> DecimalType() {
    if (!Accept('(')) return DataType::Decimal(10, 0);
    ASSIGN_OR_RETURN(const int precision, Number());
    int scale = 0;
    if (Accept(',')) {
      ASSIGN_OR_RETURN(scale, Number());
    }
    if (!Accept(')')) return Fail("')' is expected");
    if (precision < 1 || precision > 38 || scale > precision) {
      return Fail("DECIMAL takes a precision of 1 to 38 and a scale up to it");
    }
    return DataType::Decimal(precision, scale);
  }
  Result<DataType> CharType() {
    if (Accept('(')) {
      RETURN_IF_ERROR(Number());
      if (!Accept(')')) return Fail("')' is expected");
    }
    return DataType::Of(TypeId::kString);
  }
  Error UnknownType(const std::string& name) {
    std::vector<std::string> known = {"ARRAY", "MAP", "STRUCT", "DECIMAL"};
    for (const PrimitiveName& primitive : kPrimitives) known.emplace_back(primitive.name);
    const auto nearest = NearestName(name, known);
    return UserError("UNKNOWN_TYPE", "unknown type " + name,
                     nearest ? "Did you mean " + *nearest + "?"
                             : "Use a type of Spark SQL, e.g. BIGINT, STRING, DECIMAL(10,2).");
  }

  std::string_view text_;
  size_t position_ = 0;
};

}  // namespace

std::string ToString(const DataType& type) {
  switch (type.id) {
    case TypeId::kDecimal:
      return "DECIMAL(" + std::to_string(type.precision) + "," + std::to_string(type.scale) + ")";
    case TypeId::kArray:
      return "ARRAY<" + ToString(type.fields[0].type) + ">";
    case TypeId::kMap:
      return "MAP<" + ToString(type.fields[0].type) + ", " + ToString(type.fields[1].type) + ">";
    case TypeId::kStruct:
      return "STRUCT<" + JoinFields(type.fields, ": ") + ">";
    default:
      break;
  }
  for (const PrimitiveName& primitive : kPrimitives) {
    if (primitive.id == type.id) return std::string(primitive.name);
  }
  return "VOID";
}

std::string ToString(const Schema& schema) { return JoinFields(schema, " "); }

Result<DataType> ParseDataType(std::string_view text) {
  DdlReader reader(text);
  ASSIGN_OR_RETURN(DataType type, reader.Type());
  if (!reader.AtEnd()) return reader.Fail("something follows the type");
  return type;
}

Result<Schema> ParseSchema(std::string_view text) {
  DdlReader reader(text);
  ASSIGN_OR_RETURN(Schema schema, reader.Fields('\0', 0));
  if (!reader.AtEnd()) return reader.Fail("',' or the end is expected");
  return schema;
}

}  // namespace penstock
