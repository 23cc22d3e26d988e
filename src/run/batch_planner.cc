#include "run/batch_planner.h"

#include "source/delta_changes.h"
#include "source/file_batch.h"

namespace penstock::run {

BatchPlanner::BatchPlanner(UpdateContext& context, const graph::Node& node,
                           const graph::ResolvedFlow& flow, const BoundFlow& bound)
    : context_(context), node_(node), flow_(flow), bound_(bound) {}

Status BatchPlanner::Look() {
  if (looked_) return OkStatus();
  looked_ = true;
  for (const BoundLeaf& leaf : bound_.leaves) {
    const std::string& id = leaf.input.source_id;
    if (leaf.files) {
      if (!leaf.input.streaming) continue;
      auto listing =
          source::ListFiles(*context_.workspace.storage, leaf.files->path, leaf.files->options);
      if (!listing.ok()) return std::move(listing).error().At(leaf.input.where);
      if (!listing->files.empty()) empty_input_ = false;
      listings_[id] = *std::move(listing);
      continue;
    }
    auto snapshot = SnapshotOf(context_.workspace, leaf);
    if (!snapshot.ok()) return std::move(snapshot).error().At(leaf.input.where);
    if (leaf.input.streaming && (*snapshot)->NumFiles() > 0) empty_input_ = false;
    tables_[id] = *std::move(snapshot);
  }
  return OkStatus();
}

Result<std::optional<source::Batch>> BatchPlanner::Next(const source::Progress& progress) {
  RETURN_IF_ERROR(Look());
  backlog_bytes_ = 0;
  backlog_files_ = 0;
  source::Batch batch;
  batch.number = progress.batch + 1;
  for (const BoundLeaf& leaf : bound_.leaves) {
    if (leaf.input.streaming) RETURN_IF_ERROR(PlanLeaf(leaf, progress, &batch));
  }
  if (batch.ranges.empty()) return std::optional<source::Batch>{};
  RETURN_IF_ERROR(PinStatics(&batch));
  return std::optional<source::Batch>{std::move(batch)};
}

Status BatchPlanner::PlanLeaf(const BoundLeaf& leaf, const source::Progress& progress,
                              source::Batch* batch) {
  return leaf.files ? PlanFiles(leaf, progress, batch) : PlanTable(leaf, progress, batch);
}

Status BatchPlanner::PlanFiles(const BoundLeaf& leaf, const source::Progress& progress,
                               source::Batch* batch) {
  const std::string& id = leaf.input.source_id;
  const auto seen = progress.files.find(id);
  static const std::map<std::string, TimestampMicros> kNone;
  const source::FileOptions& options = leaf.files->options;
  source::FileBatchPlan plan = source::PlanFileBatch(
      listings_[id].files, seen == progress.files.end() ? kNone : seen->second,
      seen == progress.files.end(),
      {options.max_files_per_trigger, options.max_bytes_per_trigger, options.include_existing_files,
       options.allow_overwrites});
  for (const source::FileEntry& file : plan.overwritten) {
    if (!warned_.insert(file.path).second) continue;
    context_.log.Add(WarningEvent(node_, flow_, "operation_progress",
                                  "The file " + file.path +
                                      " changed after it was read and is not read again; set "
                                      "allowOverwrites to read such files again."));
  }
  backlog_files_ += plan.remaining_files;
  backlog_bytes_ += plan.remaining_bytes;
  if (!plan.range.files.empty() || !plan.range.ignored.empty()) {
    batch->ranges[id] = std::move(plan.range);
  }
  return OkStatus();
}

Status BatchPlanner::PlanTable(const BoundLeaf& leaf, const source::Progress& progress,
                               source::Batch* batch) {
  const std::string& id = leaf.input.source_id;
  const auto last = progress.tables.find(id);
  auto range = source::NextRange(*tables_[id],
                                 last == progress.tables.end()
                                     ? std::nullopt
                                     : std::optional<source::DeltaRange>(last->second),
                                 leaf.table_name);
  if (!range.ok()) return std::move(range).error().At(leaf.input.where);
  if (*range) batch->ranges[id] = **range;
  return OkStatus();
}

Status BatchPlanner::PinStatics(source::Batch* batch) {
  for (const BoundLeaf& leaf : bound_.leaves) {
    if (leaf.input.streaming || leaf.files) continue;
    batch->statics[leaf.input.source_id] = tables_[leaf.input.source_id]->version();
  }
  return OkStatus();
}

Result<std::optional<source::Batch>> BatchPlanner::Revive(const source::Batch& planned,
                                                          const source::Progress& progress) {
  RETURN_IF_ERROR(Look());
  for (const auto& [id, range] : planned.ranges) {
    const auto* files = std::get_if<source::FilesRange>(&range);
    const auto listing = listings_.find(id);
    if (files == nullptr) {
      // A range of a table can be read again as long as it is the same table.
      const auto table = tables_.find(id);
      const auto& delta = std::get<source::DeltaRange>(range);
      if (table == tables_.end() || table->second->metadata().id != delta.table_id ||
          table->second->version() < delta.to) {
        return Next(progress);
      }
      continue;
    }
    if (listing == listings_.end()) return Next(progress);
    std::map<std::string, std::pair<int64_t, TimestampMicros>> present;
    for (const io::FileInfo& file : listing->second.files) {
      present[file.path] = {file.size, file.modified};
    }
    for (const source::FileEntry& file : files->files) {
      const auto now = present.find(file.path);
      if (now == present.end() || now->second != std::pair{file.size, file.modified}) {
        context_.log.Add(WarningEvent(node_, flow_, "operation_progress",
                                      "The file " + file.path +
                                          " was about to be read when the last update ended and "
                                          "has since been " +
                                          (now == present.end() ? "removed" : "changed") +
                                          "; the batch is planned anew."));
        return Next(progress);
      }
    }
  }
  return std::optional<source::Batch>{planned};
}

}  // namespace penstock::run
