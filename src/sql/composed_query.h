#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "model/dataset.h"

namespace penstock::sql {

// A query made of parts that the user wrote and words between them; each part keeps its place in
// the user's file, the words stand where `where` is.
class ComposedQuery {
 public:
  explicit ComposedQuery(SourceLocation where) { query_.where = std::move(where); }

  void Add(std::string_view words) {
    query_.anchors.push_back(
        {query_.text.size(), query_.where.line, query_.where.column, /*inserted=*/true});
    query_.text += words;
  }
  void Add(std::string_view before, const model::QueryText& part, std::string_view after) {
    Add(before);
    const size_t begin = query_.text.size();
    query_.anchors.push_back({begin, part.where.line, part.where.column, false});
    for (model::TextAnchor anchor : part.anchors) {
      anchor.offset += begin;
      query_.anchors.push_back(anchor);
    }
    query_.text += part.text;
    if (!after.empty()) Add(after);
  }
  model::QueryText Take() && { return std::move(query_); }

 private:
  model::QueryText query_;
};

}  // namespace penstock::sql
