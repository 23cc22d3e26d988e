#include "io/lease_record.h"

#include <unistd.h>

#include <array>
#include <fstream>
#include <sstream>

#include "base/json.h"

namespace penstock::io {
namespace {

constexpr int kFormatVersion = 1;

std::string FirstLine(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

// Process numbers count within a boot and a namespace of processes.
std::string ThisMachine() {
  std::array<char, 128> space{};
  const ssize_t length = ::readlink("/proc/self/ns/pid", space.data(), space.size());
  const std::string boot = FirstLine("/proc/sys/kernel/random/boot_id");
  if (length <= 0 || boot.empty()) return "";
  return boot + "/" + std::string(space.data(), static_cast<size_t>(length));
}

// The 22nd field of /proc/<process>/stat, or 0 when there is no such process. The second field is
// the name of the program in parentheses, which may hold blanks.
int64_t StartOf(int64_t process) {
  const std::string line = FirstLine("/proc/" + std::to_string(process) + "/stat");
  const size_t name_end = line.rfind(')');
  if (name_end == line.npos) return 0;
  std::istringstream fields(line.substr(name_end + 1));
  std::string field;
  for (int number = 3; number <= 22; ++number) {
    if (!(fields >> field)) return 0;
    if (number == 3 && (field == "Z" || field == "X")) return 0;  // ended, its parent looks away
  }
  return std::strtoll(field.c_str(), nullptr, 10);
}

std::string HostName() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "an unknown host";
  return name.data();
}

}  // namespace

LeaseRecord OwnRecord(int64_t seconds) {
  const int64_t process = ::getpid();
  return {.host = HostName(),
          .process = process,
          .machine = ThisMachine(),
          .started = StartOf(process),
          .seconds = seconds};
}

std::string EncodeLease(const LeaseRecord& record) {
  return DumpJson({{"format_version", kFormatVersion},
                   {"host", record.host},
                   {"process", record.process},
                   {"machine", record.machine},
                   {"started", record.started},
                   {"seconds", record.seconds},
                   {"released", record.released}});
}

Result<LeaseRecord> DecodeLease(std::string_view bytes, const std::string& path) {
  ASSIGN_OR_RETURN(const Json json, ParseJson(bytes, path));
  try {
    if (json.at("format_version").get<int64_t>() > kFormatVersion) {
      return UserError("UNSUPPORTED_FORMAT_VERSION", path + " was written by a newer Penstock",
                       "Use that one.");
    }
    return LeaseRecord{json.at("host"),    json.at("process"), json.at("machine"),
                       json.at("started"), json.at("seconds"), json.at("released")};
  } catch (const Json::exception& failure) {
    return DataError("LEASE_DAMAGED", path + " is not a lease: " + failure.what(),
                     "Delete it if no update runs on this storage.");
  }
}

bool HasDied(const LeaseRecord& record) {
  if (record.machine.empty() || record.machine != ThisMachine()) return false;
  return StartOf(record.process) != record.started;
}

std::string HolderName(const LeaseRecord& record) {
  return "process " + std::to_string(record.process) + " on " + record.host;
}

}  // namespace penstock::io
