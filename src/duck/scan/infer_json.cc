#include "base/text.h"
#include "duck/scan/inferred_type.h"
#include "duck/scan/json_parser.h"
#include "duck/scan/record_blocks.h"
#include "duck/scan/scan_state.h"

namespace penstock::duck {
namespace {

constexpr int kMaxDepth = 100;

// Looks at the values of one unit of a file.
class JsonLook {
 public:
  JsonLook(FileScan::State& state, const InferenceOptions& options)
      : state_(state),
        options_(options),
        whole_(state.spec.multi_line || !state.spec.line_separator.empty()),
        parser_(state.formats, whole_, false) {}

  Status Read(const ScanUnit& unit) {
    const ScanSpec& spec = state_.spec;
    RecordBlocks blocks(spec, spec.files[unit.file], spec.line_separator, unit.begin, unit.end,
                        spec.multi_line);
    while (true) {
      TextBlock text;
      ASSIGN_OR_RETURN(const bool more, blocks.Next(&text));
      if (!more) return OkStatus();
      for (const char* p = text.begin; p < text.end;) p = LookAtRecord(p, text.end);
    }
  }

  InferredType& root() { return root_; }
  int64_t records() const { return records_; }
  bool corrupt() const { return corrupt_; }

 private:
  // The place behind the record at p.
  const char* LookAtRecord(const char* p, const char* end) {
    if (*p == '\n' || *p == '\r' || *p == ' ' || *p == '\t') return p + 1;
    ++records_;
    const char* next = nullptr;
    if (*p == '{') {
      next = LookAtObject(p, root_, 0);
    } else if (*p == '[') {
      next = LookAtRows(p);
    }
    if (next == nullptr) LookAtBroken(p, end);
    if (state_.spec.multi_line) return next == nullptr ? end : next;
    const char* rest = next == nullptr ? p : next;
    while (rest < end && *rest != '\n' && *rest != '\r') ++rest;
    return rest;
  }

  const char* LookAtRows(const char* p) {
    p = parser_.SkipSpace(p + 1);
    while (*p == '{') {
      p = LookAtObject(p, root_, 0);
      if (p == nullptr) return nullptr;
      p = parser_.SkipSpace(p);
      if (*p == ',') p = parser_.SkipSpace(p + 1);
    }
    return *p == ']' ? p + 1 : nullptr;
  }

  void LookAtBroken(const char* p, const char* end) {
    const char* stop = p;
    while (stop < end && (whole_ || (*stop != '\n' && *stop != '\r'))) ++stop;
    const std::string_view raw(p, stop - p);
    std::string strict = StrictJson(raw, state_.spec);
    if (strict == raw || strict.empty() || strict[0] != '{') {
      corrupt_ = true;
      return;
    }
    strict.append(kBlockPadding, '\0');
    if (LookAtObject(strict.data(), root_, 0) == nullptr) corrupt_ = true;
  }

  // The field of the key at p; moves p behind the colon. Null when the syntax is broken.
  InferredType* Key(const char** p, InferredType& object, size_t position) {
    if (InferredType* const* const expected = object.order.Take(position, p)) return *expected;
    if (**p != '"') return nullptr;
    const char* const begin = *p;
    const char* const close = parser_.SkipValue(begin);
    if (close == nullptr) return nullptr;
    std::string name(begin + 1, close - 1);
    if (name.find('\\') != name.npos && !UnescapeJson(name, &name)) return nullptr;
    if (!IsUtf8(name)) return nullptr;
    const char* const colon = parser_.SkipSpace(close);
    if (*colon != ':') return nullptr;
    auto& field = object.fields[name];
    if (field == nullptr) field = std::make_unique<InferredType>();
    *p = colon + 1;
    object.order.Keep(position, std::string_view(begin, *p - begin), field.get());
    return field.get();
  }

  const char* LookAtObject(const char* p, InferredType& object, int depth) {
    if (depth > kMaxDepth) return nullptr;
    object.object = true;
    p = parser_.SkipSpace(p + 1);
    if (*p == '}') return p + 1;
    const uint64_t number = ++object.objects;
    for (size_t position = 0;; ++position) {
      InferredType* const field = Key(&p, object, position);
      if (field == nullptr) return nullptr;
      if (field->met == number) object.repeated_key = true;
      field->met = number;
      p = LookAtValue(parser_.SkipSpace(p), *field, depth + 1);
      if (p == nullptr) return nullptr;
      p = parser_.SkipSpace(p);
      if (*p == '}') return p + 1;
      if (*p != ',') return nullptr;
      p = parser_.SkipSpace(p + 1);
    }
  }

  const char* LookAtArray(const char* p, InferredType& array, int depth) {
    array.array = true;
    p = parser_.SkipSpace(p + 1);
    if (*p == ']') return p + 1;
    if (array.element == nullptr) array.element = std::make_unique<InferredType>();
    while (true) {
      p = LookAtValue(p, *array.element, depth + 1);
      if (p == nullptr) return nullptr;
      p = parser_.SkipSpace(p);
      if (*p == ']') return p + 1;
      if (*p != ',') return nullptr;
      p = parser_.SkipSpace(p + 1);
    }
  }

  const char* LookAtValue(const char* p, InferredType& type, int depth) {
    if (depth > kMaxDepth) return nullptr;
    if (*p == '{') return LookAtObject(p, type, depth);
    if (*p == '[') return LookAtArray(p, type, depth);
    const char* const end = parser_.SkipValue(p);
    if (end == nullptr) return nullptr;
    switch (*p) {
      case '"': {
        int64_t micros = 0;
        if (type.text) break;
        if (options_.infer_timestamp &&
            ParseTimestamp(std::string_view(p + 1, end - p - 2), true, &micros)) {
          type.timestamp = true;
        } else {
          type.text = true;
        }
        break;
      }
      case 't':
      case 'f':
        type.boolean = true;
        break;
      case 'n':
        break;
      default:
        LookAtNumber(std::string_view(p, end - p), type);
    }
    return end;
  }

  static void LookAtNumber(std::string_view text, InferredType& type) {
    const std::string_view digits = text.substr(text[0] == '-' ? 1 : 0);
    const size_t point = digits.find_first_of(".eE");
    if (point == digits.npos) {
      int64_t value = 0;
      const bool wide = digits.size() > 18 && !ParseInteger(text, &value);
      (wide ? type.wide_integer : type.integer) = true;
      if (digits.size() > static_cast<size_t>(type.digits)) {
        type.digits = static_cast<int>(digits.size());
      }
      return;
    }
    type.fraction = true;
    type.digits = std::max(type.digits, static_cast<int>(point));
    const bool exponent = digits.find_first_of("eE") != digits.npos;
    // An exponent is taken as too wide for a decimal.
    type.scale = std::max(type.scale, exponent ? 39 : static_cast<int>(digits.size() - point - 1));
  }

  FileScan::State& state_;
  const InferenceOptions& options_;
  bool whole_;
  JsonParser parser_;
  InferredType root_;
  int64_t records_ = 0;
  bool corrupt_ = false;
};

Error Duplicate(const std::string& name) {
  return DataError("DUPLICATE_COLUMN",
                   "the records have the column \"" + name + "\" more than once",
                   "Names that differ only in case count as equal; give a schema that has the one "
                   "that is wanted.");
}

// Names that differ only in case: the first is taken when the others are rescued.
Result<Schema> TopLevel(InferredType& root, const ScanSpec& spec, const InferenceOptions& options) {
  Schema columns;
  for (auto& [name, field] : root.fields) {
    if (name.empty()) continue;  // no column can have it; the value is rescued
    auto type =
        options.infer_column_types ? Decide(*field, options) : DataType::Of(TypeId::kString);
    if (!type) continue;
    if (FindField(columns, name) != nullptr) {
      if (spec.rescue_column) continue;
      return Duplicate(name);
    }
    columns.push_back({name, *std::move(type), true, ""});
  }
  if (root.repeated_key && !spec.rescue_column) return Duplicate(columns.front().name);
  return columns;
}

}  // namespace

Result<InferredSchema> InferJson(const ScanSpec& spec, const InferenceOptions& options) {
  FileScan::State state(spec);
  if (state.unusable) return *state.unusable;
  std::vector<size_t> units;
  for (size_t i = 0; i < state.units.size(); ++i) units.push_back(i);
  InferredType root;
  InferredSchema schema;
  int64_t records = 0;
  std::mutex mutex;
  Status looked = ForEachUnit(units, [&](size_t unit) -> Status {
    {
      const std::lock_guard lock(mutex);
      if (options.max_records > 0 && records >= options.max_records) return OkStatus();
    }
    JsonLook look(state, options);
    RETURN_IF_ERROR(look.Read(state.units[unit]));
    const std::lock_guard lock(mutex);
    root.Merge(std::move(look.root()));
    records += look.records();
    schema.corrupt |= look.corrupt();
    return OkStatus();
  });
  if (!looked.ok()) return std::move(looked).error();
  if (records == 0) return NothingToInfer();
  ASSIGN_OR_RETURN(schema.columns, TopLevel(root, spec, options));
  return schema;
}

}  // namespace penstock::duck
