#pragma once

#include <string>

#include "base/result.h"

namespace penstock::io {

// Gives a folder of this machine another name at once, with all that is in it; nothing may have
// that name. Durable when it returns OK. NOT_SUPPORTED_BY_STORE for paths of object stores, where
// folders are only parts of names.
Status MoveFolder(const std::string& from, const std::string& to);

}  // namespace penstock::io
