#include "delta/file_filter.h"

#include <algorithm>

#include "base/text.h"
#include "delta/file_statistics.h"

namespace penstock::delta {

using Op = Comparison::Operator;

// Of the condition, bound to columns.
struct FileFilter::Node {
  enum class Kind { kAnything, kAll, kAny, kPartition, kColumn };
  Kind kind = Kind::kAnything;
  std::vector<Node> parts;        // of kAll, kAny
  std::string partition_key;      // of kPartition
  std::vector<std::string> path;  // of kColumn, in data files
  DataType type;
  Op op = Op::kEqual;
  std::vector<ComparableValue> values;

  // With statistics, partition values alone decide first: they cost nothing.
  bool MayMatch(const AddFile& file, bool with_statistics) const;

 private:
  bool MatchesPartition(const AddFile& file) const;
  bool MatchesBounds(const ColumnBounds& bounds) const;
  bool ValueMayBeWithin(const ComparableValue& value, const ColumnBounds& bounds) const;
};

bool FileFilter::Node::MayMatch(const AddFile& file, bool with_statistics) const {
  const auto matches = [&](const Node& part) { return part.MayMatch(file, with_statistics); };
  switch (kind) {
    case Kind::kAnything:
      return true;
    case Kind::kAll:
      return std::all_of(parts.begin(), parts.end(), matches);
    case Kind::kAny:
      return std::any_of(parts.begin(), parts.end(), matches);
    case Kind::kPartition:
      return MatchesPartition(file);
    case Kind::kColumn:
      return !with_statistics || file.stats.empty() || MatchesBounds(BoundsOf(file, path, type));
  }
  return true;
}

bool FileFilter::Node::MatchesPartition(const AddFile& file) const {
  const auto text = PartitionValueOf(file.partition_values, partition_key);
  if (op == Op::kIsNull || (op == Op::kNullSafeEqual && values.empty())) return !text;
  if (!text) return false;
  if (op == Op::kIsNotNull) return true;
  const auto value = ParseComparable(*text, type);
  if (!value) return true;
  return std::any_of(values.begin(), values.end(), [&](const ComparableValue& wanted) {
    const int order = Compare(*value, wanted);
    switch (op) {
      case Op::kNotEqual:
        return order != 0;
      case Op::kLess:
        return order < 0;
      case Op::kLessOrEqual:
        return order <= 0;
      case Op::kGreater:
        return order > 0;
      case Op::kGreaterOrEqual:
        return order >= 0;
      default:
        return order == 0;
    }
  });
}

bool FileFilter::Node::ValueMayBeWithin(const ComparableValue& value,
                                        const ColumnBounds& bounds) const {
  if (bounds.min && Compare(value, *bounds.min) < 0) return false;
  if (!bounds.max || Compare(value, *bounds.max) <= 0) return true;
  return bounds.max_is_prefix && value.text.starts_with(bounds.max->text);
}

bool FileFilter::Node::MatchesBounds(const ColumnBounds& bounds) const {
  // Whether a parent's NULL counts as one of a field, writers do not agree on.
  const bool none_null = bounds.none_null && path.size() == 1;
  if (op == Op::kIsNull || (op == Op::kNullSafeEqual && values.empty())) return !none_null;
  if (bounds.all_null) return false;
  if (op == Op::kIsNotNull) return true;
  const auto max_below = [&](const ComparableValue& value, bool or_equal) {
    // NaN, which is above all numbers, is left out of statistics by many writers.
    if (!bounds.max || IsFraction(type)) return false;
    if (bounds.max_is_prefix && value.text.starts_with(bounds.max->text)) return false;
    const int order = Compare(*bounds.max, value);
    return order < 0 || (or_equal && order == 0);
  };
  return std::any_of(values.begin(), values.end(), [&](const ComparableValue& value) {
    switch (op) {
      case Op::kNotEqual:
        return bounds.loose || !bounds.min || !bounds.max || *bounds.min != *bounds.max ||
               *bounds.min != value;
      case Op::kLess:
        return !bounds.min || Compare(*bounds.min, value) < 0;
      case Op::kLessOrEqual:
        return !bounds.min || Compare(*bounds.min, value) <= 0;
      case Op::kGreater:
        return !max_below(value, true);
      case Op::kGreaterOrEqual:
        return !max_below(value, false);
      default:
        return ValueMayBeWithin(value, bounds);
    }
  });
}

class FileFilter::Builder {
 public:
  Builder(const Metadata& metadata, const std::vector<TableColumn>& columns)
      : metadata_(metadata),
        columns_(columns),
        mapped_(ColumnMappingOf(metadata) != ColumnMapping::kNone) {}

  Node Build(const Predicate& condition) const {
    if (const auto* all = std::get_if<Conjunction>(&condition.value)) {
      return Joined(Node::Kind::kAll, all->parts);
    }
    if (const auto* any = std::get_if<Disjunction>(&condition.value)) {
      return Joined(Node::Kind::kAny, any->parts);
    }
    if (const auto* comparison = std::get_if<Comparison>(&condition.value)) {
      return Leaf(*comparison);
    }
    return {};
  }

 private:
  Node Joined(Node::Kind kind, const std::vector<Predicate>& parts) const {
    Node node;
    node.kind = kind;
    for (const Predicate& part : parts) node.parts.push_back(Build(part));
    return node;
  }

  Node Leaf(const Comparison& comparison) const {
    Node node;
    const std::vector<TableColumn>* level = &columns_;
    const TableColumn* column = nullptr;
    for (const std::string& name : comparison.column) {
      if (level == nullptr) return {};
      column = FindColumn(*level, name);
      if (column == nullptr) return {};
      node.path.push_back(mapped_ ? PhysicalName(*column) : column->name);
      level = column->type.id == TypeId::kStruct ? &column->children : nullptr;
    }
    if (column == nullptr) return {};
    node.type = column->type;
    node.op = comparison.op;
    for (const std::string& text : comparison.values) {
      auto value = ParseComparable(text, node.type);
      if (!value) return {};
      node.values.push_back(*std::move(value));
    }
    node.kind = Node::Kind::kColumn;
    if (node.path.size() == 1 && IsPartitionColumn(column->name)) {
      node.kind = Node::Kind::kPartition;
      node.partition_key = node.path[0];
    }
    return node;
  }

  bool IsPartitionColumn(const std::string& name) const {
    const auto& names = metadata_.partition_columns;
    return std::any_of(names.begin(), names.end(), [&](const std::string& partition) {
      return EqualsIgnoreCase(partition, name);
    });
  }

  const Metadata& metadata_;
  const std::vector<TableColumn>& columns_;
  bool mapped_;
};

FileFilter::FileFilter(const Metadata& metadata, const std::vector<TableColumn>& columns,
                       const Predicate& condition)
    : root_(std::make_unique<const Node>(Builder(metadata, columns).Build(condition))) {}
FileFilter::~FileFilter() = default;

bool FileFilter::MayMatch(const AddFile& file) const {
  return root_->MayMatch(file, false) && root_->MayMatch(file, true);
}

std::string PartitionKey(const Metadata& metadata, const TableColumn& column) {
  return ColumnMappingOf(metadata) == ColumnMapping::kNone ? column.name : PhysicalName(column);
}

std::optional<std::string> PartitionValueOf(const PartitionValues& values, const std::string& key) {
  auto found = values.find(key);
  if (found == values.end()) {
    found = std::find_if(values.begin(), values.end(),
                         [&](const auto& entry) { return EqualsIgnoreCase(entry.first, key); });
  }
  if (found == values.end() || !found->second || found->second->empty()) return std::nullopt;
  return found->second;
}

}  // namespace penstock::delta
