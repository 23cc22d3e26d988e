#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/project.h"

namespace penstock::sql {

// What is in force when a file begins: SET and USE change it for the later statements of that file.
struct FileContext {
  std::map<std::string, std::string> configuration;
  std::string catalog;
  std::string schema;
  model::Dialect dialect = model::Dialect::kSpark;
};

// Reads one .sql pipeline file: CREATE STREAMING TABLE / MATERIALIZED VIEW / VIEW / FLOW, INSERT,
// SET, USE and the older LIVE forms. `${key}` is replaced from the configuration. Every error of
// the file is returned at once (parsing goes on after the next semicolon); definitions are added to
// `out` only from statements without error, the text of the others is added to what is unread, and
// what is accepted without effect to its warnings.
std::vector<Error> ParsePipelineFile(std::string_view text, const std::string& file_name,
                                     const FileContext& context, model::Definitions* out);

}  // namespace penstock::sql
