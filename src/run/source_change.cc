#include "run/source_change.h"

#include "run/table_reference.h"

namespace penstock::run {
namespace {

bool Changes(const delta::Action& action) {
  if (const auto* add = std::get_if<delta::AddFile>(&action)) return add->data_change;
  if (const auto* remove = std::get_if<delta::RemoveFile>(&action)) return remove->data_change;
  return std::holds_alternative<delta::Metadata>(action) ||
         std::holds_alternative<delta::Protocol>(action);
}

}  // namespace

Result<std::shared_ptr<delta::Table>> SourceTable(Workspace& workspace, const std::string& source) {
  const size_t colon = source.find(':');
  const std::string rest = source.substr(colon + 1);
  if (source.starts_with("delta:")) {
    return workspace.catalog->OpenPath(PlaceOf(workspace, rest));
  }
  model::TableName name;
  const size_t first = rest.find('.');
  const size_t second = rest.find('.', first + 1);
  if (first == rest.npos || second == rest.npos) return InternalError("bad source id " + source);
  name = {rest.substr(0, first), rest.substr(first + 1, second - first - 1),
          rest.substr(second + 1)};
  return workspace.catalog->Open(name);
}

bool ChangedBetween(delta::Table& table, delta::Version from, delta::Version to) {
  const auto commits = table.Commits(from, to);
  if (!commits.ok()) return true;
  for (const delta::CommitEntry& commit : *commits) {
    for (const delta::Action& action : commit.actions) {
      if (Changes(action)) return true;
    }
  }
  return false;
}

Json WithoutRewrites(Workspace& workspace, const Json& before, Json now) {
  for (auto& [source, state] : now.items()) {
    if (!before.is_object() || !before.contains(source)) continue;
    const Json& old = before[source];
    const bool versions = old.is_object() && old.contains("version") && state.contains("version") &&
                          old["version"].is_number_integer();
    if (!versions || old.value("table", "") != state.value("table", "")) continue;
    const int64_t from = old["version"].get<int64_t>();
    const int64_t to = state["version"].get<int64_t>();
    if (from >= to || source.find('@') != std::string::npos) continue;
    const auto table = SourceTable(workspace, source);
    if (table.ok() && !ChangedBetween(**table, from, to)) state = old;
  }
  return now;
}

}  // namespace penstock::run
