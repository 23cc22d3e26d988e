#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "delta/table.h"
#include "io/storage.h"
#include "model/dataset.h"

namespace penstock::catalog {

// Where a project keeps things below its storage root. Names are lower-cased and percent-encoded in
// paths.
struct Layout {
  std::string root;  // absolute
  std::string TablePath(
      const model::TableName& name) const;  // <root>/tables/<catalog>/<schema>/<table>
  std::string QuarantinePath(const model::TableName& name) const;  // <root>/_penstock/quarantine/…
  std::string FlowPath(
      const model::TableName& flow) const;  // <root>/_penstock/flows/<catalog>.<schema>.<flow>
  // What is kept of the changes of a table: <root>/_penstock/state/cdc/<catalog>.<schema>.<table>
  std::string CdcStatePath(const model::TableName& table) const;
  // What is kept of the groups of a view: <root>/_penstock/state/view/<catalog>.<schema>.<table>
  std::string ViewStatePath(const model::TableName& table) const;
  std::string EventLogPath() const;   // <root>/_penstock/event_log
  std::string JournalFolder() const;  // <root>/_penstock/journal
  std::string LockPath() const;       // <root>/_penstock/lock
  std::string LeaseFolder() const;    // <root>/_penstock/lease, where no file can be locked
  // Spill files, on this machine: <root>/_penstock/tmp, or in the temporary folder when the root is
  // in an object store.
  std::string TempFolder() const;
};

// Names → Delta tables of one storage root. External tables (LOCATION) are registered in
// <root>/_penstock/catalog/<catalog>.<schema>.<table>.json with a format version; all others are
// managed and found by their folder. Open tables are cached, so a snapshot is read once.
// Thread-safe; storage, codec and clock are borrowed.
class Catalog {
 public:
  Catalog(io::Storage* storage, delta::CheckpointCodec* codec, Clock* clock, Layout layout);

  const Layout& layout() const { return layout_; }
  // The table's folder: the registered location or the managed path, whether or not a table is
  // there.
  Result<std::string> PathOf(const model::TableName& name);
  // The same for a query that reads: event_log is Penstock's own log unless a table has that name.
  Result<std::string> PathToRead(const model::TableName& name);
  Result<std::shared_ptr<delta::Table>> Open(const model::TableName& name);
  std::shared_ptr<delta::Table> OpenPath(const std::string& path);
  // Tables that exist, managed and external, sorted.
  Result<std::vector<model::TableName>> List();
  // Datasets that have a quarantine, sorted; views have one without being tables.
  Result<std::vector<model::TableName>> ListQuarantines();
  // LOCATION_CHANGED when it is registered elsewhere, TABLE_EXISTS when a managed table has the
  // name.
  Status RegisterExternal(const model::TableName& name, const std::string& path);
  Result<bool> IsExternal(const model::TableName& name);
  // Gives a table a name that nothing has yet. Managed: its folder is moved at once, which object
  // stores cannot do (NOT_SUPPORTED_BY_STORE). External: it is registered under the other name.
  Status Rename(const model::TableName& name, const model::TableName& to);
  // Managed: deletes every file of the table, its quarantine and state too. External: forgets the
  // registration only.
  Status Drop(const model::TableName& name);

 private:
  // The registered location, or nothing for a managed table.
  Result<std::optional<std::string>> ExternalPath(const model::TableName& name);

  io::Storage* storage_;
  delta::CheckpointCodec* codec_;
  Clock* clock_;
  Layout layout_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<delta::Table>> open_;  // by path
};

}  // namespace penstock::catalog
