#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/storage.h"
#include "model/project.h"

namespace penstock::sql {

// The nearest penstock.yml / penstock.yaml / spark-pipeline.yml / spark-pipeline.yaml from `folder`
// upwards. PROJECT_NOT_FOUND says where it looked; two in one folder are an error
// (PROJECT_AMBIGUOUS).
Result<std::string> FindProjectFile(io::Storage& storage, const std::string& folder);

// Reads the file; unknown keys are errors that propose the nearest one. `settings` (--set) override
// configuration.
Result<model::Project> ReadProjectFile(io::Storage& storage, const std::string& file,
                                       const std::map<std::string, std::string>& settings);

// The pipeline files that the library globs name, sorted; PROJECT_HAS_NO_FILES when there are none.
// Globs: a file, "dir/**", "*", "?", "[a-z]", "{a,b}"; a file that is not .sql is an error that
// says what is supported.
Result<std::vector<std::string>> PipelineFiles(io::Storage& storage, const model::Project& project);

}  // namespace penstock::sql
