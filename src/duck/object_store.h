#pragma once

#include <functional>
#include <string>

#include "base/result.h"

namespace penstock::duck {

// How the engine reaches S3: the same as our own storage does.
struct ObjectStore {
  std::string authority;  // "host[:port]", without the bucket
  std::string region;
  std::string key_id;
  std::string secret;
  std::string session_token;  // may be empty
  bool path_style = false;
  bool secure = true;
};

// Asked once, when the first query comes that names s3://.
using ObjectStoreSource = std::function<Result<ObjectStore>()>;

class Engine;

// From now on queries of the engine may read and write s3:// paths; before, they are refused. To be
// called before the first of them.
void UseObjectStore(Engine& engine, ObjectStoreSource source);

}  // namespace penstock::duck
