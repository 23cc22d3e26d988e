#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/dataset.h"

namespace penstock::model {

enum class Dialect { kSpark, kDuckdb };

// The project file (penstock.yml or spark-pipeline.yml), read and made absolute.
struct Project {
  std::string file;    // absolute path of the project file
  std::string folder;  // its folder
  std::string name;
  std::string storage;  // absolute folder: tables and Penstock's own data
  std::string catalog = "main";
  std::string schema = "default";
  std::vector<std::string> libraries;                // include globs, relative to folder as written
  std::map<std::string, std::string> configuration;  // --set applied
  Dialect dialect = Dialect::kSpark;
  bool operator==(const Project&) const = default;
};

// Something that works, but not as its author may expect.
struct Warning {
  std::string message;
  SourceLocation where;
  bool operator==(const Warning&) const = default;
};

// Everything the pipeline files declare, in the order of files (sorted by path) and statements.
struct Definitions {
  std::vector<Dataset> datasets;
  std::vector<Flow> flows;
  std::vector<Warning> warnings;
  // Text of the statements that have errors: what they define is not known.
  std::vector<std::string> unread;
  bool operator==(const Definitions&) const = default;
};

}  // namespace penstock::model
