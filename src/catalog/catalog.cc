#include "catalog/catalog.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "catalog/external_table.h"
#include "catalog/path_part.h"
#include "io/folder_move.h"

namespace penstock::catalog {
namespace {

// What common file systems accept as one name.
constexpr size_t kLongestPathPart = 255;

std::string RegistrationFolder(const Layout& layout) { return layout.root + "/_penstock/catalog"; }

std::string RegistrationPath(const Layout& layout, const model::TableName& name) {
  return RegistrationFolder(layout) + "/" + QualifiedPathPart(name) + ".json";
}

Status CheckName(const model::TableName& name) {
  for (const std::string* part : {&name.catalog, &name.schema, &name.table}) {
    if (part->empty()) {
      return UserError("INVALID_TABLE_NAME",
                       "the table name " + ToString(name) + " has an empty part",
                       "Write it as catalog.schema.table.");
    }
    if (PathPart(*part).size() > kLongestPathPart) {
      return UserError("INVALID_TABLE_NAME",
                       "the name " + part->substr(0, 60) + "… is too long for a file system",
                       "Choose a shorter name.");
    }
  }
  return OkStatus();
}

// The tables in <folder>/<catalog>/<schema>/<table>, by path. Looks at folders only, however many
// files they hold.
Result<std::vector<model::TableName>> TablesBelow(io::Storage& storage, const std::string& folder) {
  std::vector<model::TableName> names;
  ASSIGN_OR_RETURN(const std::vector<std::string> catalogs, storage.ListFolders(folder));
  for (const std::string& catalog : catalogs) {
    const std::string catalog_path = folder + "/" + catalog;
    ASSIGN_OR_RETURN(const std::vector<std::string> schemas, storage.ListFolders(catalog_path));
    for (const std::string& schema : schemas) {
      const std::string schema_path = catalog_path + "/" + schema;
      ASSIGN_OR_RETURN(const std::vector<std::string> tables, storage.ListFolders(schema_path));
      for (const std::string& table : tables) {
        ASSIGN_OR_RETURN(const bool has_log,
                         storage.IsFolder(schema_path + "/" + table + "/_delta_log"));
        if (!has_log) continue;
        names.push_back({NameOfPathPart(catalog), NameOfPathPart(schema), NameOfPathPart(table)});
      }
    }
  }
  return names;
}

}  // namespace

Catalog::Catalog(io::Storage* storage, delta::CheckpointCodec* codec, Clock* clock, Layout layout)
    : storage_(storage), codec_(codec), clock_(clock), layout_(std::move(layout)) {
  // Listings give paths in this form.
  layout_.root = io::JoinPath("/", layout_.root);
}

Result<std::optional<std::string>> Catalog::ExternalPath(const model::TableName& name) {
  const std::string file = RegistrationPath(layout_, name);
  ASSIGN_OR_RETURN(const std::optional<io::FileInfo> info, storage_->Stat(file));
  if (!info) return std::optional<std::string>();
  ASSIGN_OR_RETURN(const std::string text, storage_->Read(file));
  ASSIGN_OR_RETURN(ExternalTable table, DecodeExternalTable(text, file));
  return std::optional<std::string>(std::move(table.path));
}

Result<std::string> Catalog::PathOf(const model::TableName& name) {
  RETURN_IF_ERROR(CheckName(name));
  ASSIGN_OR_RETURN(std::optional<std::string> external, ExternalPath(name));
  return external ? std::move(*external) : layout_.TablePath(name);
}

Result<std::string> Catalog::PathToRead(const model::TableName& name) {
  ASSIGN_OR_RETURN(std::string path, PathOf(name));
  if (!EqualsIgnoreCase(name.table, "event_log")) return path;
  ASSIGN_OR_RETURN(const bool exists, OpenPath(path)->Exists());
  return exists ? std::move(path) : layout_.EventLogPath();
}

Result<std::shared_ptr<delta::Table>> Catalog::Open(const model::TableName& name) {
  ASSIGN_OR_RETURN(const std::string path, PathOf(name));
  return OpenPath(path);
}

std::shared_ptr<delta::Table> Catalog::OpenPath(const std::string& path) {
  std::lock_guard lock(mutex_);
  std::shared_ptr<delta::Table>& table = open_[path];
  if (!table) table = std::make_shared<delta::Table>(storage_, codec_, path, clock_);
  return table;
}

Result<std::vector<model::TableName>> Catalog::ListQuarantines() {
  return TablesBelow(*storage_, layout_.root + "/_penstock/quarantine");
}

Result<std::vector<model::TableName>> Catalog::List() {
  ASSIGN_OR_RETURN(std::vector<model::TableName> names,
                   TablesBelow(*storage_, layout_.root + "/tables"));
  ASSIGN_OR_RETURN(const std::vector<io::FileInfo> registrations,
                   storage_->List(RegistrationFolder(layout_)));
  for (const io::FileInfo& file : registrations) {
    if (!file.path.ends_with(".json")) continue;
    ASSIGN_OR_RETURN(const std::string text, storage_->Read(file.path));
    ASSIGN_OR_RETURN(const ExternalTable table, DecodeExternalTable(text, file.path));
    names.push_back(model::Key(table.name));
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

Status Catalog::RegisterExternal(const model::TableName& name, const std::string& path) {
  RETURN_IF_ERROR(CheckName(name));
  if (io::IsInside(layout_.root + "/_penstock", path)) {
    return UserError(
        "INVALID_LOCATION",
        "the location of " + ToString(name) + " is inside Penstock's own folder: " + path,
        "Choose a folder outside of " + layout_.root + "/_penstock.");
  }
  ASSIGN_OR_RETURN(const std::optional<std::string> registered, ExternalPath(name));
  if (registered == path) return OkStatus();
  if (registered) {
    return UserError("LOCATION_CHANGED",
                     ToString(name) + " is registered at " + *registered + ", not at " + path,
                     "To move it, first run: penstock table drop " + ToString(name) +
                         " (this forgets the old location and deletes no file).");
  }
  ASSIGN_OR_RETURN(const bool managed, OpenPath(layout_.TablePath(name))->Exists());
  if (managed) {
    return UserError(
        "TABLE_EXISTS",
        ToString(name) + " exists already at " + layout_.TablePath(name) +
            " and cannot be given the location " + path,
        "Take LOCATION away, or delete the table first: penstock table drop " + ToString(name));
  }
  RETURN_IF_ERROR(storage_->CreateFolders(RegistrationFolder(layout_)));
  return storage_->Write(RegistrationPath(layout_, name), EncodeExternalTable({name, path}));
}

Result<bool> Catalog::IsExternal(const model::TableName& name) {
  ASSIGN_OR_RETURN(const std::optional<std::string> external, ExternalPath(name));
  return external.has_value();
}

Status Catalog::Rename(const model::TableName& name, const model::TableName& to) {
  RETURN_IF_ERROR(CheckName(name));
  RETURN_IF_ERROR(CheckName(to));
  ASSIGN_OR_RETURN(const std::optional<std::string> external, ExternalPath(name));
  if (external) {
    // In between both names lead to the table; it is never without one.
    RETURN_IF_ERROR(RegisterExternal(to, *external));
    return storage_->Delete(RegistrationPath(layout_, name));
  }
  const std::string path = layout_.TablePath(name);
  RETURN_IF_ERROR(io::MoveFolder(path, layout_.TablePath(to)));
  std::lock_guard lock(mutex_);
  open_.erase(path);
  open_.erase(layout_.TablePath(to));
  return OkStatus();
}

Status Catalog::Drop(const model::TableName& name) {
  RETURN_IF_ERROR(CheckName(name));
  ASSIGN_OR_RETURN(const std::optional<std::string> external, ExternalPath(name));
  if (external) return storage_->Delete(RegistrationPath(layout_, name));
  for (const std::string& path : {layout_.TablePath(name), layout_.QuarantinePath(name)}) {
    // The log goes first: what is left of an interrupted drop is no table any more.
    RETURN_IF_ERROR(storage_->DeleteTree(path + "/_delta_log"));
    RETURN_IF_ERROR(storage_->DeleteTree(path));
    std::lock_guard lock(mutex_);
    open_.erase(path);
  }
  RETURN_IF_ERROR(storage_->DeleteTree(layout_.ViewStatePath(name)));
  return storage_->DeleteTree(layout_.CdcStatePath(name));
}

}  // namespace penstock::catalog
