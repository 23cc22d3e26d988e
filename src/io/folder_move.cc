#include "io/folder_move.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "io/local_error.h"
#include "io/storage.h"

namespace penstock::io {

Status MoveFolder(const std::string& from, const std::string& to) {
  if (IsRemote(from) || IsRemote(to)) {
    return UserError("NOT_SUPPORTED_BY_STORE",
                     "an object store cannot move '" + from + "' to '" + to + "' at once",
                     "Copy the rows into a new table: CREATE TABLE new AS SELECT * FROM old, then "
                     "DROP TABLE old.");
  }
  const std::unique_ptr<Storage> disk = NewLocalStorage();
  RETURN_IF_ERROR(disk->CreateFolders(ParentPath(to)));
  if (::syscall(SYS_renameat2, AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) !=
      0) {
    return std::move(FileError(errno, "move", from)).Because("moving to '" + to + "'");
  }
  for (const std::string& folder : {ParentPath(to), ParentPath(from)}) {
    RETURN_IF_ERROR(disk->Sync(folder));
  }
  return OkStatus();
}

}  // namespace penstock::io
