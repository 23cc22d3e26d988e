// Journals as a killed process, a full disk or a stranger may have left them: reading never
// crashes, and no event counts twice.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>

#include "events/journal.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const bool took_place = size % 2 == 0;
  const auto events = penstock::events::ReadJournal(
      text, "journal", [&](const auto&) { return penstock::Result<bool>(took_place); });
  if (!events.ok()) return 0;
  std::set<std::string> ids;
  for (const penstock::Json& event : *events) {
    if (!ids.insert(event.at("id").get<std::string>()).second) std::abort();
  }
  return 0;
}
