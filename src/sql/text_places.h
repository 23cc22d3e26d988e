#pragma once

#include <vector>

#include "model/dataset.h"

namespace penstock::sql {

// Places in the user's file by offset, for texts that are asked often: prepared once, then
// logarithmic.
class TextPlaces {
 public:
  explicit TextPlaces(const model::QueryText& text);

  // The same as model::LocationAt.
  SourceLocation At(size_t offset) const;
  // The anchors for the part [begin, end) of the text, offsets counted from `begin`.
  std::vector<model::TextAnchor> Anchors(size_t begin, size_t end) const;

 private:
  const model::TextAnchor& AnchorOf(size_t offset) const;

  std::string file_;
  std::vector<model::TextAnchor> anchors_;  // the first has offset 0
  std::vector<size_t> newlines_;            // offsets of line feeds
};

}  // namespace penstock::sql
