#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "delta/actions.h"

// The text of a commit file: one action a line.
namespace penstock::delta {

// Actions in order; ends with a line break. A Metadata without schema_string gets its schema's.
std::string EncodeCommit(const std::vector<Action>& actions);

// The reverse. Kinds of action that this program does not know are left out; a line that is no
// action, or one that lacks what it must have, is CORRUPT_LOG with `file` and the line. Never
// crashes on hostile text.
Result<std::vector<Action>> DecodeCommit(std::string_view text, std::string_view file);

// Whether a file action is one that a table can have: CORRUPT_LOG names the field that is not
// (no path or one that leads out of the table's folder by "..", a size below nothing).
Status CheckFileAction(const AddFile& add);
Status CheckFileAction(const RemoveFile& remove);

}  // namespace penstock::delta
