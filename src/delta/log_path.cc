#include "delta/log_path.h"

#include <charconv>
#include <cstdio>
#include <optional>

#include "io/storage.h"

namespace penstock::delta {

namespace {

constexpr size_t kVersionDigits = 20;
constexpr size_t kPartDigits = 10;

std::string Padded(Version version) {
  char text[32];
  std::snprintf(text, sizeof text, "%020lld", static_cast<long long>(version));
  return text;
}

// Exactly `count` digits from the front, or nothing (also when the number does not fit).
std::optional<int64_t> TakeDigits(std::string_view& text, size_t count) {
  if (text.size() < count) return std::nullopt;
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + count, number);
  if (error != std::errc() || end != text.data() + count || text.front() == '-')
    return std::nullopt;
  text.remove_prefix(count);
  return number;
}

// ".<part>.<parts>.parquet", ten digits each
bool IsPartSuffix(std::string_view rest) {
  for (int i = 0; i < 2; ++i) {
    if (!rest.starts_with('.')) return false;
    rest.remove_prefix(1);
    if (!TakeDigits(rest, kPartDigits)) return false;
  }
  return rest == ".parquet";
}

}  // namespace

LogFile ParseLogFileName(std::string_view name) {
  const std::optional<int64_t> version = TakeDigits(name, kVersionDigits);
  if (!version) return OtherFile{};
  if (name == ".json") return CommitFile{*version};
  constexpr std::string_view kCheckpoint = ".checkpoint";
  if (!name.starts_with(kCheckpoint)) return OtherFile{};
  name.remove_prefix(kCheckpoint.size());
  if (name == ".parquet") return SingleCheckpoint{*version};
  if (IsPartSuffix(name)) return OtherCheckpoint{*version, "multi-part"};
  if (name.ends_with(".parquet") || name.ends_with(".json")) return OtherCheckpoint{*version, "V2"};
  return OtherFile{};
}

std::string LogFolder(const std::string& table_path) {
  return io::JoinPath(table_path, "_delta_log");
}

std::string CommitPath(const std::string& log, Version version) {
  return log + "/" + Padded(version) + ".json";
}

std::string CheckpointPath(const std::string& log, Version version) {
  return log + "/" + Padded(version) + ".checkpoint.parquet";
}

std::string LastCheckpointPath(const std::string& log) { return log + "/_last_checkpoint"; }

}  // namespace penstock::delta
