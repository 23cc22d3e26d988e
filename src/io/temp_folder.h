#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace penstock::io {

// For tests: a fresh folder that is gone with the value. In memory where the machine has /dev/shm,
// so that tests which sync thousands of files stay fast.
class TempFolder {
 public:
  TempFolder() {
    const bool in_memory = ::access("/dev/shm", W_OK) == 0;
    path_ =
        (in_memory ? std::filesystem::path("/dev/shm") : std::filesystem::temp_directory_path()) /
        "penstock-test-XXXXXX";
    if (::mkdtemp(path_.data()) == nullptr) std::abort();
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace penstock::io
