#include <charconv>

#include "duck/object_store.h"
#include "io/s3/settings.h"
#include "lake/lake_table.h"
#include "run/project_run.h"

namespace penstock::run {
namespace {

std::string Setting(const model::Project& project, const std::string& key) {
  const auto found = project.configuration.find(key);
  return found == project.configuration.end() ? "" : found->second;
}

Result<int> Threads(const model::Project& project) {
  const std::string text = Setting(project, "penstock.threads");
  if (text.empty()) return 0;
  int threads = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), threads);
  if (failure != std::errc{} || end != text.data() + text.size() || threads < 1) {
    return UserError("BAD_SETTING", "penstock.threads is \"" + text + "\"",
                     "Give the number of threads, 1 or more.")
        .At({project.file, 0, 0});
  }
  return threads;
}

// The engine moves data files with the settings that our own requests have.
duck::ObjectStoreSource StoreOfEngine(std::map<std::string, std::string> configuration) {
  return [configuration = std::move(configuration)]() -> Result<duck::ObjectStore> {
    ASSIGN_OR_RETURN(io::s3::Settings settings,
                     io::s3::ResolveSettings(configuration, io::s3::ProcessEnvironment()));
    return duck::ObjectStore{.authority = settings.Authority(),
                             .region = std::move(settings.region),
                             .key_id = std::move(settings.credentials.key_id),
                             .secret = std::move(settings.credentials.secret),
                             .session_token = std::move(settings.credentials.session_token),
                             .path_style = settings.path_style,
                             .secure = settings.secure()};
  };
}

}  // namespace

Result<std::unique_ptr<Workspace>> OpenWorkspace(model::Project project, io::Storage* storage,
                                                 Clock* clock) {
  auto workspace = std::make_unique<Workspace>();
  const catalog::Layout layout{project.storage};
  duck::EngineOptions options;
  ASSIGN_OR_RETURN(options.threads, Threads(project));
  options.memory_limit = Setting(project, "penstock.memory_limit");
  options.temp_folder = layout.TempFolder();
  const std::string zone = Setting(project, "spark.sql.session.timeZone");
  if (!zone.empty()) options.time_zone = zone;
  options.spark_functions = project.dialect == model::Dialect::kSpark;
  ASSIGN_OR_RETURN(workspace->engine, duck::Engine::Open(options));
  duck::UseObjectStore(*workspace->engine, StoreOfEngine(project.configuration));
  workspace->project = std::move(project);
  if (io::IsRemote(layout.root)) {
    workspace->leased = std::make_unique<io::LeasedStorage>(storage);
    storage = workspace->leased.get();
  }
  workspace->storage = storage;
  workspace->clock = clock;
  workspace->codec = lake::NewCheckpointCodec(workspace->engine.get(), storage);
  workspace->catalog =
      std::make_unique<catalog::Catalog>(storage, workspace->codec.get(), clock, layout);
  return workspace;
}

}  // namespace penstock::run
