#include "sql/text_places.h"

#include <algorithm>

namespace penstock::sql {

TextPlaces::TextPlaces(const model::QueryText& text) : file_(text.where.file) {
  if (text.anchors.empty() || text.anchors.front().offset != 0) {
    anchors_.push_back({0, text.where.line, text.where.column, false});
  }
  anchors_.insert(anchors_.end(), text.anchors.begin(), text.anchors.end());
  for (size_t i = text.text.find('\n'); i != std::string::npos; i = text.text.find('\n', i + 1)) {
    newlines_.push_back(i);
  }
}

const model::TextAnchor& TextPlaces::AnchorOf(size_t offset) const {
  const auto after =
      std::upper_bound(anchors_.begin(), anchors_.end(), offset,
                       [](size_t at, const model::TextAnchor& a) { return at < a.offset; });
  return *std::prev(after);
}

SourceLocation TextPlaces::At(size_t offset) const {
  const model::TextAnchor& anchor = AnchorOf(offset);
  if (anchor.inserted || anchor.line == 0) return {file_, anchor.line, anchor.column};
  const auto first = std::lower_bound(newlines_.begin(), newlines_.end(), anchor.offset);
  const auto last = std::lower_bound(first, newlines_.end(), offset);
  const auto lines = static_cast<int>(last - first);
  const int column = lines == 0 ? anchor.column + static_cast<int>(offset - anchor.offset)
                                : static_cast<int>(offset - *std::prev(last));
  return {file_, anchor.line + lines, column};
}

std::vector<model::TextAnchor> TextPlaces::Anchors(size_t begin, size_t end) const {
  std::vector<model::TextAnchor> anchors;
  if (AnchorOf(begin).inserted) {
    anchors.push_back(AnchorOf(begin));
    anchors.back().offset = 0;
  }
  auto next = std::upper_bound(anchors_.begin(), anchors_.end(), begin,
                               [](size_t at, const model::TextAnchor& a) { return at < a.offset; });
  for (; next != anchors_.end() && next->offset < end; ++next) {
    anchors.push_back(*next);
    anchors.back().offset -= begin;
  }
  return anchors;
}

}  // namespace penstock::sql
