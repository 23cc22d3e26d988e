#include "delta/log_path.h"

#include <charconv>
#include <cstdio>
#include <optional>

#include "base/text.h"
#include "io/storage.h"

namespace penstock::delta {

namespace {

constexpr size_t kVersionDigits = 20;
constexpr size_t kPartDigits = 10;
constexpr size_t kUuidSize = 36;

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
std::optional<CheckpointPart> ToPart(Version version, std::string_view rest) {
  int64_t numbers[2];
  for (int64_t& number : numbers) {
    if (!rest.starts_with('.')) return std::nullopt;
    rest.remove_prefix(1);
    const std::optional<int64_t> digits = TakeDigits(rest, kPartDigits);
    if (!digits) return std::nullopt;
    number = *digits;
  }
  if (rest != ".parquet" || numbers[0] < 1 || numbers[0] > numbers[1]) return std::nullopt;
  return CheckpointPart{version, numbers[0], numbers[1]};
}

// ".<to>.compacted.json"
std::optional<CompactedCommits> ToCompacted(Version from, std::string_view rest) {
  if (!rest.starts_with('.')) return std::nullopt;
  rest.remove_prefix(1);
  const std::optional<int64_t> to = TakeDigits(rest, kVersionDigits);
  if (!to || rest != ".compacted.json" || *to <= from) return std::nullopt;
  return CompactedCommits{from, *to};
}

}  // namespace

LogFile ParseLogFileName(std::string_view name) {
  const std::optional<int64_t> version = TakeDigits(name, kVersionDigits);
  if (!version) return OtherFile{};
  if (name == ".json") return CommitFile{*version};
  if (name == ".crc") return ChecksumFile{*version};
  if (const auto compacted = ToCompacted(*version, name)) return *compacted;
  constexpr std::string_view kCheckpoint = ".checkpoint";
  if (!name.starts_with(kCheckpoint)) return OtherFile{};
  name.remove_prefix(kCheckpoint.size());
  if (name == ".parquet") return SingleCheckpoint{*version};
  if (const auto part = ToPart(*version, name)) return *part;
  for (const std::string_view ending : {".parquet", ".json"}) {
    if (name.size() == ending.size() + kUuidSize + 1 && name.ends_with(ending)) {
      return UuidCheckpoint{*version, ending == ".json"};
    }
  }
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

std::string CheckpointPartPath(const std::string& log, Version version, int64_t part,
                               int64_t parts) {
  char text[40];
  std::snprintf(text, sizeof text, "%010lld.%010lld", static_cast<long long>(part),
                static_cast<long long>(parts));
  return log + "/" + Padded(version) + ".checkpoint." + text + ".parquet";
}

std::string NewUuidCheckpointPath(const std::string& log, Version version) {
  return log + "/" + Padded(version) + ".checkpoint." + NewUuid() + ".parquet";
}

std::string CompactedPath(const std::string& log, Version from, Version to) {
  return log + "/" + Padded(from) + "." + Padded(to) + ".compacted.json";
}

std::string ChecksumPath(const std::string& log, Version version) {
  return log + "/" + Padded(version) + ".crc";
}

std::string LastCheckpointPath(const std::string& log) { return log + "/_last_checkpoint"; }

std::string SidecarFolder(const std::string& log) { return log + "/_sidecars"; }

std::string SidecarPath(const std::string& log, std::string_view named) {
  return SidecarFolder(log) + "/" + io::BaseName(PercentDecode(named));
}

}  // namespace penstock::delta
