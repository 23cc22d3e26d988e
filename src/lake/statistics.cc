#include "lake/statistics.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <map>

#include "base/json.h"
#include "base/variant_type.h"

namespace penstock::lake {
namespace {

constexpr size_t kStringCharacters = 32;
enum class Bound { kMin, kMax };

// The first `count` code points; nothing is cut inside one.
std::string Prefix(const std::string& text, size_t count) {
  size_t end = 0;
  for (size_t seen = 0; end < text.size() && seen < count; ++seen) {
    ++end;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
  }
  return text.substr(0, end);
}

Json StringBound(const std::string& text, Bound bound) {
  std::string prefix = Prefix(text, kStringCharacters);
  // What was cut off is below the highest character.
  if (prefix.size() < text.size() && bound == Bound::kMax) prefix += "\xF4\x8F\xBF\xBF";
  return prefix;
}

// "2026-01-01 10:00:00.123456+00" → "2026-01-01T10:00:00.123Z"; a maximum is rounded up.
std::optional<Json> TimestampBound(std::string text, Bound bound, bool with_zone) {
  constexpr size_t kDateTime = 19;
  if (with_zone) {
    if (!text.ends_with("+00")) return std::nullopt;
    text.resize(text.size() - 3);
  }
  if (text.size() < kDateTime || text[4] != '-') return std::nullopt;
  if (text[10] != ' ' || text.find('(') != text.npos) return std::nullopt;  // before Christ
  std::string fraction = text.size() > kDateTime ? text.substr(kDateTime + 1) : "";
  fraction.resize(6, '0');
  if (bound == Bound::kMax && fraction.substr(3) != "000") {
    if (fraction.substr(0, 3) == "999") return std::nullopt;
    const int next = std::stoi(fraction.substr(0, 3)) + 1;
    fraction = std::to_string(1000 + next).substr(1);
  }
  text[10] = 'T';
  return Json(text.substr(0, kDateTime) + "." + fraction.substr(0, 3) + (with_zone ? "Z" : ""));
}

template <typename Number>
std::optional<Json> NumberBound(const std::string& text) {
  Number number{};
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return Json(number);
}

// NaN is above every number for some readers and below for others: then there is no bound. Zeros of
// both signs are equal, but not to a reader that compares bits.
std::optional<Json> DoubleBound(const duck::WrittenColumn& column, const std::string& text,
                                Bound bound) {
  if (column.has_nan) return std::nullopt;
  const auto number = NumberBound<double>(text);
  if (!number) return std::nullopt;
  const double value = number->get<double>();
  if (!std::isfinite(value)) return std::nullopt;
  return value == 0 ? Json(bound == Bound::kMin ? -0.0 : 0.0) : Json(value);
}

// A double gives back as many digits as this; more of them would make a wrong bound.
std::optional<Json> DecimalBound(const std::string& text) {
  constexpr int64_t kDigits = 15;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (std::count_if(text.begin(), text.end(), is_digit) > kDigits) return std::nullopt;
  return text.find('.') == std::string::npos ? NumberBound<int64_t>(text)
                                             : NumberBound<double>(text);
}

std::optional<Json> BoundOf(const DataType& type, const duck::WrittenColumn& column,
                            const std::string& text, Bound bound) {
  switch (type.id) {
    case TypeId::kByte:
    case TypeId::kShort:
    case TypeId::kInteger:
    case TypeId::kLong:
      return NumberBound<int64_t>(text);
    case TypeId::kFloat:
    case TypeId::kDouble:
      return DoubleBound(column, text, bound);
    case TypeId::kDecimal:
      return DecimalBound(text);
    case TypeId::kString:
      return StringBound(text, bound);
    case TypeId::kDate:
      return text.size() == 10 ? std::optional<Json>(text) : std::nullopt;
    case TypeId::kTimestamp:
      return TimestampBound(text, bound, true);
    case TypeId::kTimestampNtz:
      return TimestampBound(text, bound, false);
    default:
      return std::nullopt;
  }
}

bool StartsWith(const std::vector<std::string>& path, const std::vector<std::string>& begin) {
  return begin.size() <= path.size() && std::equal(begin.begin(), begin.end(), path.begin());
}

// Visits the leaves that can have statistics; arrays and maps count as one leaf.
class StatisticsBuilder {
 public:
  StatisticsBuilder(const duck::WrittenFile& file, const IndexedLeaves& indexed)
      : indexed_(indexed) {
    for (const duck::WrittenColumn& column : file.columns)
      written_[LeafPath(column.name)] = &column;
  }

  void Visit(const std::vector<Field>& fields, std::vector<std::string>* path, Json* minimum,
             Json* maximum, Json* nulls) {
    for (const Field& field : fields) {
      path->push_back(field.name);
      if (field.type.id == TypeId::kStruct) {
        Json inner_min = Json::object();
        Json inner_max = Json::object();
        Json inner_nulls = Json::object();
        Visit(field.type.fields, path, &inner_min, &inner_max, &inner_nulls);
        if (!inner_min.empty()) (*minimum)[field.name] = std::move(inner_min);
        if (!inner_max.empty()) (*maximum)[field.name] = std::move(inner_max);
        if (!inner_nulls.empty()) (*nulls)[field.name] = std::move(inner_nulls);
      } else if (IsIndexed(*path)) {
        VisitLeaf(field, *path, minimum, maximum, nulls);
      }
      path->pop_back();
    }
  }

 private:
  bool IsIndexed(const std::vector<std::string>& path) {
    if (!indexed_.columns) return indexed_.count < 0 || ++leaves_ <= indexed_.count;
    return std::any_of(indexed_.columns->begin(), indexed_.columns->end(),
                       [&](const auto& column) { return StartsWith(path, column); });
  }

  void VisitLeaf(const Field& field, const std::vector<std::string>& path, Json* minimum,
                 Json* maximum, Json* nulls) {
    // Of a variant nothing but the number of nulls is known.
    std::vector<std::string> stored = path;
    if (field.type.id == kVariantType) stored.emplace_back("metadata");
    const auto found = written_.find(stored);
    if (found == written_.end()) return;
    const duck::WrittenColumn& column = *found->second;
    if (column.null_count) (*nulls)[field.name] = *column.null_count;
    if (!column.min || !column.max) return;
    const auto low = BoundOf(field.type, column, *column.min, Bound::kMin);
    const auto high = BoundOf(field.type, column, *column.max, Bound::kMax);
    if (low) (*minimum)[field.name] = *low;
    if (high) (*maximum)[field.name] = *high;
  }

  const IndexedLeaves& indexed_;
  std::map<std::vector<std::string>, const duck::WrittenColumn*> written_;
  int64_t leaves_ = 0;
};

}  // namespace

std::vector<std::string> LeafPath(const std::string& name) {
  std::vector<std::string> parts;
  size_t at = 0;
  while (at < name.size()) {
    if (name[at] == '.') {
      ++at;
      continue;
    }
    std::string part;
    if (name[at] != '"') {
      const size_t end = std::min(name.find('.', at), name.size());
      parts.push_back(name.substr(at, end - at));
      at = end;
      continue;
    }
    for (++at; at < name.size(); ++at) {
      if (name[at] == '"' && (at + 1 >= name.size() || name[at + 1] != '"')) break;
      if (name[at] == '"') ++at;
      part += name[at];
    }
    ++at;
    parts.push_back(std::move(part));
  }
  return parts;
}

std::string FileStatistics(const Schema& stored_columns, const duck::WrittenFile& file,
                           const IndexedLeaves& indexed) {
  Json minimum = Json::object();
  Json maximum = Json::object();
  Json nulls = Json::object();
  std::vector<std::string> path;
  StatisticsBuilder(file, indexed).Visit(stored_columns, &path, &minimum, &maximum, &nulls);
  return DumpJson({{"numRecords", file.rows},
                   {"minValues", minimum},
                   {"maxValues", maximum},
                   {"nullCount", nulls}});
}

}  // namespace penstock::lake
