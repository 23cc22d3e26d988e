#include "delta/version_checksum.h"

#include <algorithm>
#include <string>
#include <vector>

#include "delta/json_document.h"

namespace penstock::delta {

namespace {

class Check {
 public:
  explicit Check(std::string_view file) : file_(file) {}

  void Number(std::string_view field, JsonElement stated, int64_t actual) {
    const std::optional<int64_t> number = stated.Int();
    if (number && *number != actual) {
      Differ(field, std::to_string(*number), std::to_string(actual));
    }
  }
  void Text(std::string_view field, JsonElement stated, const std::string& actual) {
    const std::optional<std::string> text = stated.String();
    if (text && *text != actual) Differ(field, "'" + *text + "'", "'" + actual + "'");
  }
  void Names(std::string_view field, JsonElement stated, std::vector<std::string> actual) {
    const auto elements = stated.Array();
    if (!elements) return;
    std::vector<std::string> names;
    for (const JsonElement& element : *elements) names.push_back(element.String().value_or(""));
    std::sort(names.begin(), names.end());
    std::sort(actual.begin(), actual.end());
    if (names != actual) Differ(field, List(names), List(actual));
  }
  void Differ(std::string_view field, const std::string& stated, const std::string& actual) {
    if (!status_.ok()) return;
    status_ = DataError("CHECKSUM_MISMATCH",
                        "the log does not amount to what '" + std::string(file_) + "' says: " +
                            std::string(field) + " is " + actual + " instead of " + stated,
                        "A file of _delta_log was changed or is damaged; restore the folder from a "
                        "copy. If only the checksum file is wrong, delete it.");
  }
  Status Done() && { return std::move(status_); }

 private:
  static std::string List(const std::vector<std::string>& names) {
    std::string list;
    for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
    return "[" + list + "]";
  }

  std::string_view file_;
  Status status_ = OkStatus();
};

void CheckMetadata(Check& check, JsonElement stated, const Metadata& metadata) {
  check.Text("metadata.id", stated["id"], metadata.id);
  check.Text("metadata.schemaString", stated["schemaString"], metadata.schema_string);
  check.Names("metadata.partitionColumns", stated["partitionColumns"], metadata.partition_columns);
  const auto configuration = stated["configuration"].Members();
  if (!configuration) return;
  for (const auto& [key, value] : *configuration) {
    const auto found = metadata.configuration.find(key);
    const std::string actual =
        found == metadata.configuration.end() ? std::string() : found->second;
    check.Text("metadata.configuration." + key, value, actual);
  }
}

void CheckProtocol(Check& check, JsonElement stated, const Protocol& protocol) {
  check.Number("protocol.minReaderVersion", stated["minReaderVersion"],
               protocol.min_reader_version);
  check.Number("protocol.minWriterVersion", stated["minWriterVersion"],
               protocol.min_writer_version);
  check.Names("protocol.readerFeatures", stated["readerFeatures"], protocol.reader_features);
  check.Names("protocol.writerFeatures", stated["writerFeatures"], protocol.writer_features);
}

void CheckTransactions(Check& check, JsonElement stated, const TableState& state) {
  const auto transactions = stated.Array();
  if (!transactions) return;
  for (const JsonElement& transaction : *transactions) {
    const auto app_id = transaction["appId"].String();
    if (!app_id) continue;
    int64_t version = -1;
    if (state.transactions != nullptr) {
      const auto found = state.transactions->find(*app_id);
      if (found != state.transactions->end()) version = found->second.version;
    }
    check.Number("setTransactions." + *app_id, transaction["version"], version);
  }
}

void CheckDomains(Check& check, JsonElement stated, const TableState& state) {
  const auto domains = stated.Array();
  if (!domains) return;
  for (const JsonElement& domain : *domains) {
    const auto name = domain["domain"].String();
    if (!name) continue;
    std::string configuration;
    if (state.domains != nullptr) {
      const auto found = state.domains->find(*name);
      if (found != state.domains->end() && !found->second.removed) {
        configuration = found->second.configuration;
      }
    }
    check.Text("domainMetadata." + *name, domain["configuration"], configuration);
  }
}

}  // namespace

Status CheckAgainstChecksum(const TableState& state, std::string_view text, std::string_view file) {
  if (state.protocol == nullptr || state.metadata == nullptr) return OkStatus();
  JsonDocument document;
  const Result<JsonElement> root = document.Parse(text, file);
  if (!root.ok() || !root->IsObject()) return OkStatus();
  Check check(file);
  check.Number("numFiles", (*root)["numFiles"], state.files.num_active());
  check.Number("tableSizeBytes", (*root)["tableSizeBytes"], state.files.total_bytes());
  check.Number("numDeletionVectorsOpt", (*root)["numDeletionVectorsOpt"],
               state.files.num_vectors());
  CheckMetadata(check, (*root)["metadata"], *state.metadata);
  CheckProtocol(check, (*root)["protocol"], *state.protocol);
  CheckTransactions(check, (*root)["setTransactions"], state);
  CheckDomains(check, (*root)["domainMetadata"], state);
  return std::move(check).Done();
}

}  // namespace penstock::delta
