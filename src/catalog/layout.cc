#include <unistd.h>

#include <filesystem>

#include "base/text.h"
#include "catalog/catalog.h"
#include "catalog/path_part.h"

namespace penstock::catalog {
namespace {

constexpr char kOwnFolder[] = "/_penstock/";

std::string TableFolders(const model::TableName& name) {
  return PathPart(name.catalog) + "/" + PathPart(name.schema) + "/" + PathPart(name.table);
}

}  // namespace

std::string PathPart(std::string_view name) {
  if (name.empty()) return "%";  // no other name gives a lone percent sign
  std::string part;
  for (const char c : PercentEncode(AsciiLower(name))) {
    // Dots separate the parts of file names, and ".." would leave the folder.
    if (c == '.') {
      part += "%2E";
    } else {
      part += c;
    }
  }
  return part;
}

std::string NameOfPathPart(std::string_view part) {
  return part == "%" ? std::string() : PercentDecode(part);
}

std::string QualifiedPathPart(const model::TableName& name) {
  return PathPart(name.catalog) + "." + PathPart(name.schema) + "." + PathPart(name.table);
}

std::string Layout::TablePath(const model::TableName& name) const {
  return root + "/tables/" + TableFolders(name);
}
std::string Layout::QuarantinePath(const model::TableName& name) const {
  return root + kOwnFolder + "quarantine/" + TableFolders(name);
}
std::string Layout::FlowPath(const model::TableName& flow) const {
  return root + kOwnFolder + "flows/" + QualifiedPathPart(flow);
}
std::string Layout::CdcStatePath(const model::TableName& table) const {
  return root + kOwnFolder + "state/cdc/" + QualifiedPathPart(table);
}
std::string Layout::ViewStatePath(const model::TableName& table) const {
  return root + kOwnFolder + "state/view/" + QualifiedPathPart(table);
}
std::string Layout::EventLogPath() const { return root + kOwnFolder + "event_log"; }
std::string Layout::JournalFolder() const { return root + kOwnFolder + "journal"; }
std::string Layout::LockPath() const { return root + kOwnFolder + "lock"; }
std::string Layout::LeaseFolder() const { return root + kOwnFolder + "lease"; }

std::string Layout::TempFolder() const {
  if (!io::IsRemote(root)) return root + kOwnFolder + "tmp";
  std::error_code ignored;
  std::string temporary = std::filesystem::temp_directory_path(ignored).string();
  if (temporary.empty()) temporary = "/tmp";
  return temporary + "/penstock-" + std::to_string(::getpid());
}

}  // namespace penstock::catalog
