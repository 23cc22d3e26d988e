#include "io/lease.h"

#include <time.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "base/text.h"
#include "io/lease_record.h"

namespace penstock::io {
namespace {

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kPause = kSecond;
// Stores tell times in whole seconds.
constexpr int64_t kRounding = 2 * kSecond;
constexpr int64_t kOldContender = 3600 * kSecond;
constexpr char kContender[] = "contender-";

// It goes on while the machine sleeps, as the store's clock does.
int64_t SinceBoot() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return now.tv_sec * kSecond + now.tv_nsec / 1000;
}

std::string PathOf(const std::string& folder, int64_t epoch) {
  char name[32];
  std::snprintf(name, sizeof name, "%020lld.json", static_cast<long long>(epoch));
  return JoinPath(folder, name);
}

std::optional<int64_t> EpochOf(const std::string& path) {
  const std::string name = BaseName(path);
  int64_t epoch = 0;
  const auto [rest, failure] = std::from_chars(name.data(), name.data() + name.size(), epoch);
  if (failure != std::errc{} || std::string_view(rest) != ".json" || epoch < 1) return std::nullopt;
  return epoch;
}

struct Epoch {
  int64_t number = 0;
  FileInfo file;
};

// The highest; number 0 when there is none.
Epoch Highest(const std::vector<FileInfo>& files) {
  Epoch highest;
  for (const FileInfo& file : files) {
    const auto number = EpochOf(file.path);
    if (number && *number > highest.number) highest = {*number, file};
  }
  return highest;
}

Error Locked(const LeaseRecord& holder, const std::string& path) {
  return UserError("LOCKED",
                   "another update runs on this storage: " + HolderName(holder) + " holds " + path,
                   "Wait for it to end, or stop it. If it died, its lease ends " +
                       std::to_string(holder.seconds) + " s after its last renewal.");
}

// The moment at which this is asked, by the clock that also gives the times of files.
Result<TimestampMicros> StoreTime(Storage& storage, const std::string& folder) {
  const std::string path = JoinPath(folder, kContender + NewUuid());
  RETURN_IF_ERROR(storage.Write(path, ""));
  ASSIGN_OR_RETURN(const auto info, storage.Stat(path));
  RETURN_IF_ERROR(storage.Delete(path));
  if (info) return info->modified;
  return ExternalError("LEASE_FAILED", path + " was written and is gone", "Run again.");
}

// What stands in the way of the next epoch.
struct Obstacle {
  std::optional<Error> locked;
  bool judged_by_time = false;
};

Result<Obstacle> ObstacleOf(Storage& storage, const std::string& folder, const Epoch& last) {
  if (last.number == 0) return Obstacle{};
  ASSIGN_OR_RETURN(const std::string bytes, storage.Read(last.file.path));
  ASSIGN_OR_RETURN(const LeaseRecord holder, DecodeLease(bytes, last.file.path));
  if (holder.released || HasDied(holder)) return Obstacle{};
  ASSIGN_OR_RETURN(const TimestampMicros now, StoreTime(storage, folder));
  const int64_t idle = now - last.file.modified;
  if (idle >= holder.seconds * kSecond + kRounding) return Obstacle{std::nullopt, true};
  return Obstacle{Locked(holder, last.file.path), false};
}

// What is left of earlier epochs; failing to delete it does no harm.
void Clean(Storage& storage, const std::vector<FileInfo>& files, int64_t epoch) {
  TimestampMicros newest = 0;
  for (const FileInfo& file : files) newest = std::max(newest, file.modified);
  for (const FileInfo& file : files) {
    const auto number = EpochOf(file.path);
    const bool is_old =
        BaseName(file.path).starts_with(kContender) && file.modified < newest - kOldContender;
    if (is_old || (number && *number < epoch)) (void)storage.Delete(file.path);
  }
}

struct Taken {
  int64_t epoch = 0;
  int64_t renewed = 0;
};

// Gives back an epoch that was taken from a holder which turned out to live.
Status GiveBack(Storage& storage, const std::string& path, LeaseRecord own) {
  own.released = true;
  RETURN_IF_ERROR(storage.Write(path, EncodeLease(own)));
  return UserError("LOCKED", "another update that runs on this storage came to life: " + path,
                   "Run again; both have stopped.");
}

// Nothing when another was faster.
Result<std::optional<Taken>> TakeNext(Storage& storage, const std::string& folder,
                                      const Epoch& last, bool judged_by_time, int64_t seconds) {
  const Taken taken{last.number + 1, SinceBoot()};
  const LeaseRecord own = OwnRecord(seconds);
  const std::string path = PathOf(folder, taken.epoch);
  ASSIGN_OR_RETURN(const PutOutcome put, storage.PutIfAbsent(path, EncodeLease(own)));
  if (put == PutOutcome::kExists) return std::optional<Taken>{};
  ASSIGN_OR_RETURN(const std::vector<FileInfo> files, storage.List(folder));
  for (const FileInfo& file : files) {
    const bool renewed_meanwhile =
        file.path == last.file.path && file.modified != last.file.modified;
    if (judged_by_time && renewed_meanwhile) RETURN_IF_ERROR(GiveBack(storage, path, own));
  }
  Clean(storage, files, taken.epoch);
  return std::optional(taken);
}

}  // namespace

Result<std::unique_ptr<Lease>> Lease::Acquire(Storage& storage, const std::string& folder,
                                              int64_t seconds, bool wait) {
  RETURN_IF_ERROR(storage.CreateFolders(folder));
  while (true) {
    ASSIGN_OR_RETURN(const std::vector<FileInfo> files, storage.List(folder));
    const Epoch last = Highest(files);
    auto obstacle = ObstacleOf(storage, folder, last);
    if (!obstacle.ok()) {
      if (obstacle.error().code == "NOT_FOUND") continue;  // a later epoch has cleaned it away
      return std::move(obstacle).error();
    }
    if (obstacle->locked) {
      if (!wait) return *std::move(obstacle->locked);
      SystemClock().SleepFor(kPause);
      continue;
    }
    ASSIGN_OR_RETURN(const auto taken,
                     TakeNext(storage, folder, last, obstacle->judged_by_time, seconds));
    if (!taken) continue;
    return std::unique_ptr<Lease>(
        new Lease(storage, folder, taken->epoch, seconds, taken->renewed));
  }
}

Lease::Lease(Storage& storage, std::string folder, int64_t epoch, int64_t seconds, int64_t renewed)
    : storage_(storage),
      folder_(std::move(folder)),
      epoch_(epoch),
      seconds_(seconds),
      renewed_(renewed),
      thread_([this] { RenewAgainAndAgain(); }) {}

Lease::~Lease() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  wake_.notify_all();
  thread_.join();
  if (taken_) return;
  LeaseRecord own = OwnRecord(seconds_);
  own.released = true;
  // Without it the lease ends by itself.
  (void)storage_.Write(PathOf(folder_, epoch_), EncodeLease(own));
}

void Lease::RenewAgainAndAgain() {
  std::unique_lock lock(mutex_);
  const auto pause = std::chrono::milliseconds(seconds_ * 100);
  while (!wake_.wait_for(lock, pause, [this] { return ends_; })) {
    lock.unlock();
    const int64_t began = SinceBoot();
    const Result<bool> ours = Renew();
    lock.lock();
    if (!ours.ok()) continue;
    if (!*ours) {
      taken_ = true;
      return;
    }
    renewed_ = began;
  }
}

// First written, then looked: whoever takes the next epoch afterwards sees the new time.
Result<bool> Lease::Renew() {
  RETURN_IF_ERROR(storage_.Write(PathOf(folder_, epoch_), EncodeLease(OwnRecord(seconds_))));
  ASSIGN_OR_RETURN(const std::vector<FileInfo> files, storage_.List(folder_));
  return Highest(files).number == epoch_;
}

Status Lease::Check() {
  const std::lock_guard lock(mutex_);
  const int64_t idle = SinceBoot() - renewed_;
  if (!taken_ && idle < seconds_ * kSecond / 2) return OkStatus();
  const std::string why =
      taken_ ? "another update has taken it over"
             : "it could not be renewed for " + std::to_string(idle / kSecond) + " s";
  return SystemError("LEASE_LOST",
                     "the lease " + PathOf(folder_, epoch_) + " is lost: " + why +
                         ", so this update writes nothing more",
                     "What it committed stays. Run again when no other update runs.");
}

}  // namespace penstock::io
