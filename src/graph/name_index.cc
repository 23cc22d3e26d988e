#include "graph/name_index.h"

#include "graph/graph.h"

namespace penstock::graph {
namespace {

// A private table has its full name all the same.
bool IsTemporaryView(const model::Dataset& dataset) {
  return dataset.temporary && dataset.kind == model::DatasetKind::kView;
}

model::TableName IndexKey(const model::Dataset& dataset) {
  if (IsTemporaryView(dataset)) return model::Key({"", "", dataset.name.table});
  return model::Key(dataset.name);
}

}  // namespace

model::TableName CompleteName(const std::vector<std::string>& parts,
                              const model::TableName& current) {
  model::TableName name{current.catalog, current.schema, parts.empty() ? "" : parts.back()};
  if (parts.size() >= 2) name.schema = parts[parts.size() - 2];
  if (parts.size() >= 3) name.catalog = parts[parts.size() - 3];
  return name;
}

bool NameIndex::Add(const model::Dataset& dataset, size_t position, size_t* taken_by) {
  const auto [entry, added] = by_name_.emplace(IndexKey(dataset), position);
  if (!added) {
    *taken_by = entry->second;
    return false;
  }
  names_.push_back(dataset.name.table);
  if (!IsTemporaryView(dataset)) names_.push_back(dataset.name.schema + "." + dataset.name.table);
  return true;
}

std::optional<size_t> NameIndex::Find(const std::vector<std::string>& parts,
                                      const model::TableName& current) const {
  if (parts.size() == 1) {
    const auto view = by_name_.find(model::Key({"", "", parts[0]}));
    if (view != by_name_.end()) return view->second;
  }
  const auto found = by_name_.find(model::Key(CompleteName(parts, current)));
  if (found == by_name_.end()) return std::nullopt;
  return found->second;
}

std::vector<std::string> NameIndex::Names() const { return names_; }

}  // namespace penstock::graph
