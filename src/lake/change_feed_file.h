#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "delta/actions.h"
#include "lake/change_target.h"
#include "lake/table_operation.h"

// The files of a change data feed (PROTOCOL.md, "Change Data Files"): the table's columns and
// _change_type, below _change_data.
namespace penstock::lake {

inline constexpr char kChangeTypeColumn[] = "_change_type";

// Writes the rows of `query`, the target's columns in order and then the kind of change (insert,
// update_preimage, update_postimage, delete). Paths of the files go to `written`.
Result<std::vector<delta::AddCdcFile>> WriteChangeFiles(const Lake& lake,
                                                        const ChangeTarget& target,
                                                        const std::string& query, int64_t now_ms,
                                                        std::vector<std::string>* written);

}  // namespace penstock::lake
