#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <thread>

#include "base/text.h"
#include "graph/selection.h"
#include "run/append_flow.h"
#include "run/compact.h"
#include "run/live_progress.h"
#include "run/quarantine.h"
#include "run/retry.h"
#include "run/storage_lock.h"
#include "run/target.h"
#include "run/update_events.h"
#include "run/view_refresh.h"

namespace penstock::run {
namespace {

using graph::Treatment;
using model::DatasetKind;

constexpr int kQuarantineRetentionDays = 30;
constexpr int kMaxParallelNodes = 4;
// A request to stop is noticed after this time.
constexpr int64_t kLongestNapMicros = 100000;

double SecondsSince(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

int RetentionDays(const model::Project& project, const char* key, int standard) {
  const auto found = project.configuration.find(key);
  if (found == project.configuration.end()) return standard;
  const int days = std::atoi(found->second.c_str());
  return days > 0 ? days : standard;
}

// Runs the nodes of a graph in dependency order, independent ones side by side.
class Scheduler {
 public:
  Scheduler(UpdateContext& context, std::vector<Treatment> treatments)
      : context_(context),
        nodes_(context.pipeline.graph.nodes),
        treatments_(std::move(treatments)),
        states_(nodes_.size(), State::kWaiting) {
    for (const graph::Node& node : nodes_) progress_.push_back(Initial(node));
  }

  void Run() {
    std::vector<std::thread> workers;
    const int count = std::min<int>(kMaxParallelNodes, static_cast<int>(nodes_.size()));
    for (int i = 0; i < count; ++i) workers.emplace_back([this] { Work(); });
    for (std::thread& worker : workers) worker.join();
  }

  std::vector<FlowProgress> TakeProgress() { return std::move(progress_); }
  Errors TakeErrors() { return std::move(errors_); }
  bool stopped() const { return stopped_; }

 private:
  // Waiting → Running → Done | Failed;  Waiting → Skipped when an input failed or was skipped.
  enum class State { kWaiting, kRunning, kDone, kFailed, kSkipped };

  static FlowProgress Initial(const graph::Node& node) {
    FlowProgress progress;
    progress.dataset = model::ToString(node.dataset.name);
    progress.flow = progress.dataset;
    progress.status = "QUEUED";
    return progress;
  }

  void Work() {
    std::unique_lock lock(mutex_);
    while (true) {
      const auto next = NextReady();
      if (next) {
        states_[*next] = State::kRunning;
        lock.unlock();
        const State ended = RunNode(*next);
        lock.lock();
        states_[*next] = ended;
        changed_.notify_all();
        continue;
      }
      if (AllEnded()) return;
      changed_.wait(lock);
    }
  }

  // Also marks what cannot run any more. The mutex is held.
  std::optional<size_t> NextReady() {
    for (size_t i = 0; i < nodes_.size(); ++i) {
      if (states_[i] != State::kWaiting) continue;
      bool ready = true;
      bool blocked = false;
      for (const size_t input : nodes_[i].upstream) {
        blocked |= states_[input] == State::kFailed || states_[input] == State::kSkipped;
        ready &= states_[input] == State::kDone;
      }
      if (blocked) {
        Skip(i);
        changed_.notify_all();
      } else if (ready) {
        return i;
      }
    }
    return std::nullopt;
  }

  bool AllEnded() const {
    return std::none_of(states_.begin(), states_.end(), [](State state) {
      return state == State::kWaiting || state == State::kRunning;
    });
  }

  void Skip(size_t i) {
    states_[i] = State::kSkipped;
    if (nodes_[i].dataset.kind == DatasetKind::kView || treatments_[i] == Treatment::kExcluded) {
      return;
    }
    progress_[i].status = "SKIPPED";
    progress_[i].reason = stopped_ ? "the update was stopped" : "an input failed";
    for (const graph::ResolvedFlow& flow : nodes_[i].flows) {
      events::Event event = FlowEvent(
          nodes_[i], flow, "", "SKIPPED",
          "Flow " + model::ToString(flow.flow.name) + " is SKIPPED: " + progress_[i].reason + ".");
      event.level = events::Level::kWarn;
      context_.log.Add(std::move(event));
    }
    Report(progress_[i]);
  }

  State RunNode(size_t i) {
    const graph::Node& node = nodes_[i];
    if (node.dataset.kind == DatasetKind::kView) return State::kDone;
    if (treatments_[i] == Treatment::kExcluded) {
      progress_[i].status = "EXCLUDED";
      return State::kDone;
    }
    if (context_.Stopping()) return Stopped(i);
    const auto start = std::chrono::steady_clock::now();
    progress_[i].status = "RUNNING";
    Report(progress_[i]);
    auto outcome = node.dataset.kind == DatasetKind::kStreamingTable ? RunStreamingTable(i)
                                                                     : RunMaterializedView(i);
    progress_[i].seconds = SecondsSince(start);
    if (!outcome.ok()) {
      if (outcome.error().code == "INTERRUPTED") return Stopped(i);
      return Failed(i, std::move(outcome).error());
    }
    Complete(i, *outcome);
    return outcome->stopped ? Stopped(i) : State::kDone;
  }

  Result<FlowOutcome> RunStreamingTable(size_t i) {
    RETURN_IF_ERROR(PrepareStreamingTable(context_, i, treatments_[i] == Treatment::kFullRefresh));
    FlowOutcome sum;
    sum.empty_input = true;
    Status failure;
    for (size_t flow = 0; flow < nodes_[i].flows.size() && !sum.stopped; ++flow) {
      auto outcome = RunFlow(i, flow, [&] { return RunAppendFlow(context_, i, flow); });
      if (outcome.ok()) {
        AddFlow(*outcome, &sum);
        continue;
      }
      if (!failure.ok()) AddError(i, std::move(failure).error());
      failure = std::move(outcome).error();
      if (context_.Stopping()) break;
    }
    if (sum.empty_input && sum.batches == 0) sum.reason = "empty input";
    Status finished = FinishStreamingTable(context_, i, failure.ok() && !sum.stopped);
    // A table that cannot be made either is no news.
    RETURN_IF_ERROR(failure);
    RETURN_IF_ERROR(finished);
    if (treatments_[i] == Treatment::kFullRefresh && sum.batches > 0) sum.mode = "full refresh";
    return sum;
  }

  static void AddFlow(const FlowOutcome& flow, FlowOutcome* sum) {
    Add(flow.counts, &sum->counts);
    sum->batches += flow.batches;
    sum->empty_input &= flow.empty_input;
    sum->stopped |= flow.stopped;
    if (flow.batches > 0 || sum->mode.empty()) {
      sum->mode = flow.mode;
      sum->reason = flow.reason;
    }
  }

  Result<FlowOutcome> RunMaterializedView(size_t i) {
    return RunFlow(
        i, 0, [&] { return RefreshView(context_, i, treatments_[i] == Treatment::kFullRefresh); });
  }

  // One flow with its events, tried again when what failed may pass.
  template <typename Attempt>
  Result<FlowOutcome> RunFlow(size_t i, size_t flow_index, Attempt attempt) {
    const graph::Node& node = nodes_[i];
    const graph::ResolvedFlow& flow = node.flows[flow_index];
    const std::string name = model::ToString(flow.flow.name);
    context_.log.Add(FlowEvent(node, flow, "", "RUNNING", "Flow " + name + " is RUNNING."));
    const auto start = std::chrono::steady_clock::now();
    RetryPolicy retries = RetryPolicy::Of(context_.workspace.project);
    while (true) {
      auto outcome = attempt();
      if (outcome.ok()) {
        AddCompleted(node, flow, *outcome, SecondsSince(start));
        return outcome;
      }
      if (!context_.Stopping() && FreedThreads(node, flow, outcome.error())) continue;
      const auto wait = context_.Stopping() ? std::nullopt : retries.Next(outcome.error());
      if (!wait) {
        events::Event event = FlowEvent(node, flow, "", "FAILED", "Flow " + name + " has FAILED.");
        event.level = events::Level::kError;
        event.error = outcome.error();
        context_.log.Add(std::move(event));
        return std::move(outcome).error();
      }
      context_.log.Add(WarningEvent(node, flow, "flow_progress",
                                    "Flow " + name + " failed and is tried again in " +
                                        std::to_string(*wait / 1000000) +
                                        " s: " + outcome.error().message));
      if (Wait(*wait)) continue;
      FlowOutcome stopped;
      stopped.stopped = true;
      stopped.reason = "stopped before it was tried again";
      AddCompleted(node, flow, stopped, SecondsSince(start));
      return stopped;
    }
  }

  // False when the user asks to stop meanwhile.
  bool Wait(int64_t micros) {
    for (; micros > 0 && !context_.Stopping(); micros -= kLongestNapMicros) {
      context_.workspace.clock->SleepFor(std::min(micros, kLongestNapMicros));
    }
    return !context_.Stopping();
  }

  // What ran out of memory may fit with one thread: each holds blocks that cannot be spilled.
  bool FreedThreads(const graph::Node& node, const graph::ResolvedFlow& flow, const Error& error) {
    if (error.code != "OUT_OF_MEMORY") return false;
    const auto changed = context_.workspace.engine->UseOneThread();
    if (!changed.ok() || !*changed) return false;
    context_.log.Add(WarningEvent(node, flow, "flow_progress",
                                  "Flow " + model::ToString(flow.flow.name) +
                                      " ran out of memory and is tried again; the rest of the "
                                      "update runs with one thread: " +
                                      error.message));
    return true;
  }

  void AddCompleted(const graph::Node& node, const graph::ResolvedFlow& flow,
                    const FlowOutcome& outcome, double seconds) {
    const std::string name = model::ToString(flow.flow.name);
    events::Event event =
        FlowEvent(node, flow, "", outcome.stopped ? "STOPPED" : "COMPLETED",
                  "Flow " + name + (outcome.stopped ? " was STOPPED: " : " has COMPLETED: ") +
                      (outcome.mode.empty() ? "" : outcome.mode + ", ") + outcome.reason + ".");
    event.details["flow_progress"]["mode"] = outcome.mode;
    event.details["flow_progress"]["reason"] = outcome.reason;
    event.details["flow_progress"]["seconds"] = seconds;
    if (outcome.empty_input) event.level = events::Level::kWarn;
    context_.log.Add(std::move(event));
    if (outcome.counts.quarantined > 0 || outcome.batches > 0) {
      (void)ExpireQuarantine(
          context_.workspace, node.dataset.name,
          RetentionDays(context_.workspace.project, "penstock.quarantine.retentionDays",
                        kQuarantineRetentionDays));
    }
  }

  void Complete(size_t i, const FlowOutcome& outcome) {
    FlowProgress& progress = progress_[i];
    progress.status = outcome.stopped ? "STOPPED" : "COMPLETED";
    progress.reason = outcome.reason;
    ShowCounts(outcome, &progress);
    progress.rules = outcome.counts.rules;
    Report(progress);
  }

  State Stopped(size_t i) {
    progress_[i].status = "STOPPED";
    Report(progress_[i]);
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    return State::kFailed;
  }

  State Failed(size_t i, Error error) {
    progress_[i].status = "FAILED";
    progress_[i].reason = error.message;
    Report(progress_[i]);
    AddError(i, std::move(error));
    return State::kFailed;
  }

  void AddError(size_t i, Error error) {
    const std::lock_guard lock(mutex_);
    errors_.push_back(std::move(error).At(nodes_[i].dataset.where));
  }

  void Report(const FlowProgress& progress) { context_.report(progress); }

  UpdateContext& context_;
  const std::vector<graph::Node>& nodes_;
  std::vector<Treatment> treatments_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<State> states_;
  std::vector<FlowProgress> progress_;
  Errors errors_;
  bool stopped_ = false;
};

// While flows run: interrupts their queries when the user asks to stop for the second time, and
// tells how they go.
class StopWatch {
 public:
  StopWatch(UpdateContext& context, LiveProgress& live)
      : context_(context), live_(live), thread_([this] { Watch(); }) {}
  ~StopWatch() {
    {
      const std::lock_guard lock(mutex_);
      done_ = true;
    }
    wake_.notify_all();
    thread_.join();
  }

 private:
  void Watch() {
    constexpr int kRoundsBetweenTicks = 5;
    std::unique_lock lock(mutex_);
    for (int round = 1;
         !wake_.wait_for(lock, std::chrono::milliseconds(50), [this] { return done_; }); ++round) {
      if (context_.stop != nullptr && context_.stop->load() >= 2) context_.queries.InterruptAll();
      if (round % kRoundsBetweenTicks == 0) live_.Tick();
    }
  }

  UpdateContext& context_;
  LiveProgress& live_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool done_ = false;
  std::thread thread_;
};

void RunNodes(UpdateContext& context, LiveProgress& live, std::vector<Treatment> treatments,
              UpdateOutcome* outcome) {
  AddUpdateState(context, "RUNNING", events::Level::kInfo);
  Scheduler scheduler(context, std::move(treatments));
  {
    const StopWatch watch(context, live);
    scheduler.Run();
  }
  outcome->errors = scheduler.TakeErrors();
  if (scheduler.stopped()) {
    outcome->state = UpdateState::kCanceled;
  } else if (!outcome->errors.empty()) {
    outcome->state = UpdateState::kFailed;
  }
  for (FlowProgress& progress : scheduler.TakeProgress()) {
    if (progress.status != "QUEUED") outcome->flows.push_back(std::move(progress));
  }
}

std::string StateWord(UpdateState state) {
  switch (state) {
    case UpdateState::kCompleted:
      return "COMPLETED";
    case UpdateState::kFailed:
      return "FAILED";
    case UpdateState::kCanceled:
      return "CANCELED";
  }
  return "FAILED";
}

UpdateOutcome Ended(UpdateOutcome outcome, Error error) {
  outcome.state = UpdateState::kFailed;
  outcome.errors.push_back(std::move(error));
  return outcome;
}

}  // namespace

UpdateOutcome RunUpdate(Workspace& workspace, const UpdateOptions& options) {
  UpdateOutcome outcome;
  outcome.update_id = NewUuid();
  const auto lock = StorageLock::Acquire(workspace, options.wait_for_lock);
  if (!lock.ok()) return Ended(std::move(outcome), lock.error());

  PipelineOutcome loaded = LoadPipeline(workspace);
  if (!loaded.pipeline) {
    outcome.definition_errors = true;
    outcome.state = UpdateState::kFailed;
    outcome.errors = std::move(loaded.errors);
    return outcome;
  }
  auto treatments = graph::Select(loaded.pipeline->graph, workspace.project,
                                  {options.selection.refresh, options.selection.full_refresh,
                                   options.selection.full_refresh_all, options.selection.select});
  if (!treatments.ok()) {
    outcome.definition_errors = true;
    return Ended(std::move(outcome), std::move(treatments).error());
  }
  auto log = events::EventLog::Start(
      workspace.catalog.get(), workspace.storage, workspace.engine.get(), workspace.clock,
      {workspace.project.name, workspace.project.name, outcome.update_id,
       workspace.project.configuration,
       RetentionDays(workspace.project, "penstock.eventLog.retentionDays", 30)});
  if (!log.ok()) return Ended(std::move(outcome), std::move(log).error());
  (*log)->observer = options.observer.on_event;

  UpdateContext context{workspace,         *loaded.pipeline,      **log,
                        outcome.update_id, options.stop,          {},
                        nullptr,           workspace.clock->Now()};
  LiveProgress live(options.observer.on_flow, context.queries);
  context.report = [&](const FlowProgress& progress) { live.Report(progress); };
  AddCreateUpdate(context, options.selection);
  AddDefinitions(context);
  WarnOfDefinitions(context);
  WarnOfDroppedDefinitions(context);
  RunNodes(context, live, *std::move(treatments), &outcome);
  if (outcome.state == UpdateState::kCompleted) CompactSmallFiles(context);
  AddUpdateState(
      context, StateWord(outcome.state),
      outcome.state == UpdateState::kFailed ? events::Level::kError : events::Level::kInfo);
  Status finished = (*log)->Finish();
  if (!finished.ok()) return Ended(std::move(outcome), std::move(finished).error());
  // A temporary folder of this process alone; of a root on a disk it is shared.
  if (workspace.leased != nullptr) {
    (void)workspace.storage->DeleteIfEmpty(workspace.catalog->layout().TempFolder());
  }
  return outcome;
}

}  // namespace penstock::run
