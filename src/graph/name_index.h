#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/dataset.h"

namespace penstock::graph {

// Datasets by name. Temporary views are found by their bare name, everything else by its full one;
// ASCII case is ignored.
class NameIndex {
 public:
  // False when the name is taken; `taken_by` then tells by which dataset.
  bool Add(const model::Dataset& dataset, size_t position, size_t* taken_by);
  std::optional<size_t> Find(const std::vector<std::string>& parts,
                             const model::TableName& current) const;
  std::vector<std::string> Names() const;  // as written, for messages

 private:
  std::map<model::TableName, size_t> by_name_;
  std::vector<std::string> names_;
};

}  // namespace penstock::graph
