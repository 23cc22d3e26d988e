#include "sql/project_file.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/text.h"
#include "io/glob.h"

namespace penstock::sql {
namespace {

constexpr std::array<const char*, 4> kFileNames = {"penstock.yml", "penstock.yaml",
                                                   "spark-pipeline.yml", "spark-pipeline.yaml"};
constexpr char kDefaultStorage[] = "storage";
constexpr char kDefaultLibrary[] = "**/*.sql";

SourceLocation PlaceOf(const std::string& file, const YAML::Mark& mark) {
  if (mark.line < 0) return {file, 0, 0};
  return {file, mark.line + 1, mark.column + 1};
}

// Reads one project file; the first error ends it.
class Reader {
 public:
  explicit Reader(const std::string& file) { project_.file = file; }

  Result<model::Project> Read(const YAML::Node& root) {
    project_.folder = io::ParentPath(project_.file);
    project_.name = io::BaseName(project_.folder);
    project_.storage = kDefaultStorage;
    if (!root.IsNull() && !root.IsMap())
      return Bad(root, "the file is not a list of key: value", "");
    for (const auto& entry : root) RETURN_IF_ERROR(Take(entry.first, entry.second));
    RETURN_IF_ERROR(MakeStorageAbsolute());
    if (project_.libraries.empty()) project_.libraries = {kDefaultLibrary};
    return std::move(project_);
  }

 private:
  Error Bad(const YAML::Node& node, std::string message, std::string remedy) const {
    return UserError("BAD_PROJECT_FILE", std::move(message), std::move(remedy))
        .At(PlaceOf(project_.file, node.Mark()));
  }

  Error Unknown(const YAML::Node& key, const std::vector<std::string>& known) const {
    const std::optional<std::string> nearest = NearestName(key.Scalar(), known);
    std::string list;
    for (const std::string& name : known) list += (list.empty() ? "" : ", ") + name;
    return Bad(
        key, "unknown key " + key.Scalar(),
        (nearest ? "Did you mean " + *nearest + "? " : std::string()) + "Known are: " + list + ".");
  }

  Result<std::string> Text(const YAML::Node& key, const YAML::Node& value) const {
    if (value.IsScalar()) return value.Scalar();
    return Bad(value, key.Scalar() + " is not a single value",
               "Write: " + key.Scalar() + ": value");
  }

  Status Take(const YAML::Node& key, const YAML::Node& value) {
    const std::string name = key.IsScalar() ? key.Scalar() : "";
    if (name == "libraries" || name == "definitions") return TakeLibraries(value);
    if (name == "configuration") return TakeConfiguration(value);
    if (name == "dialect") return TakeDialect(key, value);
    std::string* target = name == "name"                           ? &project_.name
                          : name == "storage"                      ? &project_.storage
                          : name == "catalog"                      ? &project_.catalog
                          : name == "schema" || name == "database" ? &project_.schema
                                                                   : nullptr;
    if (target == nullptr) {
      return Unknown(key, {"name", "storage", "catalog", "schema", "database", "libraries",
                           "configuration", "dialect"});
    }
    ASSIGN_OR_RETURN(*target, Text(key, value));
    if (target->empty())
      return Bad(value, name + " is empty", "Give a value or take the line away.");
    return OkStatus();
  }

  Status TakeLibraries(const YAML::Node& libraries) {
    const std::string form = "Write:\n  libraries:\n    - glob:\n        include: pipeline/**";
    if (!libraries.IsSequence()) return Bad(libraries, "libraries is not a list", form);
    for (const YAML::Node& library : libraries) {
      if (!library.IsMap())
        return Bad(library, "a library is not of the form glob: include: PATTERN", form);
      for (const auto& entry : library) {
        const std::string kind = entry.first.Scalar();
        if (kind != "glob" && kind != "file") return Unknown(entry.first, {"glob", "file"});
        const YAML::Node include = kind == "file" ? entry.second : entry.second["include"];
        if (!include.IsDefined() || !include.IsScalar())
          return Bad(entry.second, "the library has no include", form);
        project_.libraries.push_back(include.Scalar());
      }
    }
    return OkStatus();
  }

  Status TakeConfiguration(const YAML::Node& configuration) {
    if (configuration.IsNull()) return OkStatus();
    if (!configuration.IsMap())
      return Bad(configuration, "configuration is not a list of key: value", "");
    for (const auto& entry : configuration) {
      ASSIGN_OR_RETURN(project_.configuration[entry.first.Scalar()],
                       Text(entry.first, entry.second));
    }
    return OkStatus();
  }

  Status TakeDialect(const YAML::Node& key, const YAML::Node& value) {
    ASSIGN_OR_RETURN(const std::string name, Text(key, value));
    if (EqualsIgnoreCase(name, "spark")) {
      project_.dialect = model::Dialect::kSpark;
    } else if (EqualsIgnoreCase(name, "duckdb")) {
      project_.dialect = model::Dialect::kDuckdb;
    } else {
      return Bad(value, "unknown dialect " + name, "Dialects are spark and duckdb.");
    }
    return OkStatus();
  }

  Status MakeStorageAbsolute() {
    std::string& storage = project_.storage;
    if (storage.starts_with("file:")) {
      storage = PercentDecode(storage.substr(storage.starts_with("file://") ? 7 : 5));
    }
    const std::string normal = io::JoinPath(project_.folder, storage);
    if (storage.find("://") != storage.npos && !normal.starts_with("s3://")) {
      return UserError("UNSUPPORTED_STORAGE",
                       "storage " + storage + " is in a store that Penstock does not reach",
                       "Name a folder of this machine or one on S3: s3://bucket/folder.")
          .At({project_.file, 0, 0});
    }
    storage = normal;
    return OkStatus();
  }

  model::Project project_;
};

// Finds the files that one pattern names; tables and hidden folders are not looked into.
struct Search {
  // Links may lead round in a circle.
  static constexpr int kDeepest = 40;

  io::Storage* storage;
  std::string tables;
  io::Glob glob;

  Status Walk(const std::string& folder, int depth, std::set<std::string>* files) const {
    if (depth > kDeepest || io::IsInside(tables, folder)) return OkStatus();
    ASSIGN_OR_RETURN(const std::vector<io::FileInfo> candidates, storage->List(folder));
    for (const io::FileInfo& candidate : candidates) {
      if (glob.Matches(candidate.path)) files->insert(candidate.path);
    }
    ASSIGN_OR_RETURN(const std::vector<std::string> inner, storage->ListFolders(folder));
    for (const std::string& name : inner) {
      if (!name.starts_with('.'))
        RETURN_IF_ERROR(Walk(io::JoinPath(folder, name), depth + 1, files));
    }
    return OkStatus();
  }
};

}  // namespace

Result<std::string> FindProjectFile(io::Storage& storage, const std::string& folder) {
  for (std::string at = io::JoinPath("/", folder);; at = io::ParentPath(at)) {
    std::vector<std::string> found;
    for (const char* name : kFileNames) {
      const std::string path = io::JoinPath(at, name);
      ASSIGN_OR_RETURN(const std::optional<io::FileInfo> info, storage.Stat(path));
      if (info) found.push_back(path);
    }
    if (found.size() == 1) return found[0];
    if (found.size() > 1) {
      return UserError("PROJECT_AMBIGUOUS",
                       "there are two project files: " + found[0] + " and " + found[1],
                       "Delete one of them, or name one with --spec.");
    }
    if (at == "/" || at.empty()) break;
  }
  return UserError(
      "PROJECT_NOT_FOUND",
      "there is no penstock.yml and no spark-pipeline.yml in " + folder + " or a folder above it",
      "Go to the project's folder, name it with --project DIR, or make one: penstock init NAME");
}

Result<model::Project> ReadProjectFile(io::Storage& storage, const std::string& file,
                                       const std::map<std::string, std::string>& settings) {
  ASSIGN_OR_RETURN(const std::string text, storage.Read(file));
  try {
    ASSIGN_OR_RETURN(model::Project project, Reader(file).Read(YAML::Load(text)));
    for (const auto& [key, value] : settings) project.configuration[key] = value;
    return project;
  } catch (const YAML::Exception& failure) {
    return UserError("BAD_PROJECT_FILE", "the file is not valid YAML: " + failure.msg, "")
        .At(PlaceOf(file, failure.mark));
  }
}

Result<std::vector<std::string>> PipelineFiles(io::Storage& storage,
                                               const model::Project& project) {
  std::set<std::string> files;
  for (const std::string& library : project.libraries) {
    // The project's own folder may hold any character.
    const std::string pattern = io::JoinPath(io::EscapeGlob(project.folder), library);
    const Search search{&storage, project.storage, io::Glob(pattern)};
    RETURN_IF_ERROR(search.Walk(io::JoinPath("/", io::FixedFolder(pattern)), 0, &files));
  }
  if (files.empty()) {
    std::string globs;
    for (const std::string& library : project.libraries)
      globs += (globs.empty() ? "" : ", ") + library;
    return UserError("PROJECT_HAS_NO_FILES",
                     "no file below " + project.folder + " is named by the libraries " + globs,
                     "Write pipeline files there, or correct libraries.")
        .At({project.file, 0, 0});
  }
  for (const std::string& file : files) {
    if (AsciiLower(file).ends_with(".sql")) continue;
    const bool python = AsciiLower(file).ends_with(".py") || AsciiLower(file).ends_with(".ipynb");
    return UserError(
               "UNSUPPORTED_PIPELINE_FILE",
               "the libraries name " + file +
                   (python ? ": Python is not supported by this version"
                           : ", which is not a .sql file"),
               "Pipeline files are .sql files; make the pattern narrower, for example **/*.sql.")
        .At({project.file, 0, 0});
  }
  return std::vector<std::string>(files.begin(), files.end());
}

}  // namespace penstock::sql
