#include "io/s3/storage.h"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <mutex>
#include <set>

#include "base/text.h"
#include "io/s3/reply.h"
#include "io/s3/upload.h"

namespace penstock::io::s3 {
namespace {

constexpr int64_t kLongestRead = int64_t{2} << 30;
constexpr size_t kDeletedAtOnce = 1000;

std::string Header(const HttpResponse& response, const std::string& name) {
  const auto found = response.headers.find(name);
  return found == response.headers.end() ? "" : found->second;
}

Error NotS3(const Location& location, const Settings& settings) {
  return SystemError(
      "IO_ERROR",
      "the answer of " + settings.Authority() + " about '" + location.Uri() + "' is not one of S3",
      "Check that the endpoint is an S3 server.");
}

int64_t ModifiedSecond(const HttpResponse& response) {
  return std::max<int64_t>(::curl_getdate(Header(response, "last-modified").c_str(), nullptr), 0);
}

// Whether the answer to a range tells of the object that a listing told of. Header and listing may
// round the time differently.
bool IsListed(const HttpResponse& response, const FileInfo& listed) {
  const std::string range = Header(response, "content-range");
  if (!range.ends_with("/" + std::to_string(listed.size))) return false;
  const int64_t modified = ModifiedSecond(response);
  return modified == 0 || std::abs(modified - listed.modified / 1'000'000) <= 1;
}

struct Entries {
  std::vector<FileInfo> files;
  std::vector<std::string> folders;  // names
};

class S3Storage : public Storage {
 public:
  explicit S3Storage(Settings settings) : client_(std::move(settings)) {}

  Result<std::string> Read(const std::string& path) override {
    ASSIGN_OR_RETURN(const Location location, ParseLocation(path));
    return Get(location, "");
  }

  Result<std::string> ReadRange(const std::string& path, int64_t offset, int64_t length) override {
    ASSIGN_OR_RETURN(const Location location, ParseLocation(path));
    offset = std::max<int64_t>(offset, 0);
    if (length <= 0) return std::string();
    const int64_t last = offset > INT64_MAX - length ? INT64_MAX : offset + length - 1;
    return Get(location, "bytes=" + std::to_string(offset) + "-" + std::to_string(last));
  }

  Result<std::string> ReadListed(const FileInfo& listed, int64_t offset, int64_t length) override {
    ASSIGN_OR_RETURN(const Location location, ParseLocation(listed.path));
    if (length <= 0 || offset < 0 || offset >= listed.size) return std::string();
    const int64_t last = std::min(listed.size, offset + length) - 1;
    return Get(location, "bytes=" + std::to_string(offset) + "-" + std::to_string(last), &listed);
  }

  Result<std::vector<FileInfo>> List(const std::string& folder) override {
    ASSIGN_OR_RETURN(const Location location, ParseLocation(folder));
    ASSIGN_OR_RETURN(Entries entries, ListAll(location, /*recursive=*/false));
    return std::move(entries.files);
  }

  Result<std::vector<FileInfo>> ListRecursive(const std::string& folder) override {
    ASSIGN_OR_RETURN(const Location location, ParseLocation(folder));
    ASSIGN_OR_RETURN(Entries entries, ListAll(location, /*recursive=*/true));
    return std::move(entries.files);
  }

  Result<std::vector<std::string>> ListFolders(const std::string& folder) override {
    ASSIGN_OR_RETURN(const Location location, ParseLocation(folder));
    ASSIGN_OR_RETURN(Entries entries, ListAll(location, /*recursive=*/false));
    return std::move(entries.folders);
  }

  Result<std::optional<FileInfo>> Stat(const std::string& path) override {
    ASSIGN_OR_RETURN(const Location location, ParseLocation(path));
    if (location.key.empty()) return std::optional<FileInfo>();
    const Call call{.action = "look at", .method = "HEAD", .location = location};
    ASSIGN_OR_RETURN(const Reply reply, client_.Send(call, {400, 403, 404}));
    if (reply.response.status == 404) return std::optional<FileInfo>();
    if (reply.response.status >= 400) {
      // The answer to HEAD has no body that says why; that to GET has.
      RETURN_IF_ERROR(Get(location, "bytes=0-0"));
      return NotS3(location, client_.settings());
    }
    FileInfo info{.path = location.Uri()};
    const std::string size = Header(reply.response, "content-length");
    if (size.empty()) return NotS3(location, client_.settings());
    std::from_chars(size.data(), size.data() + size.size(), info.size);
    info.modified = ModifiedSecond(reply.response) * 1'000'000;
    return std::optional(std::move(info));
  }

  Result<bool> IsFolder(const std::string& path) override {
    ASSIGN_OR_RETURN(const Location location, ParseLocation(path));
    ASSIGN_OR_RETURN(const ListPage page, ListOnce(location, {{"max-keys", "1"}}));
    return location.key.empty() || !page.objects.empty();
  }

  Status CreateFolders(const std::string& path) override {
    RETURN_IF_ERROR(ParseLocation(path));
    return OkStatus();
  }

  Status Write(const std::string& path, std::string_view bytes) override {
    ASSIGN_OR_RETURN(const Location location, FileLocation(path));
    return bytes.size() > kMultipartBytes ? PutInParts(client_, location, bytes)
                                          : PutObject(client_, location, bytes);
  }

  Result<PutOutcome> PutIfAbsent(const std::string& path, std::string_view bytes) override {
    ASSIGN_OR_RETURN(const Location location, FileLocation(path));
    RETURN_IF_ERROR(KeepsConditions(location));
    return PutObjectIfAbsent(client_, location, bytes);
  }

  Status Append(const std::string& path, std::string_view) override {
    return UserError("NOT_SUPPORTED_BY_STORE", "an object store cannot append to '" + path + "'",
                     "Keep Penstock's own files on a disk; tables can be on S3.");
  }

  Status Delete(const std::string& path) override {
    ASSIGN_OR_RETURN(const Location location, FileLocation(path));
    const Call call{.action = "delete", .method = "DELETE", .location = location};
    RETURN_IF_ERROR(client_.Send(call, {404}));
    return OkStatus();
  }

  Status DeleteTree(const std::string& folder) override {
    ASSIGN_OR_RETURN(const Location location, FileLocation(folder));
    std::vector<std::string> keys;
    RETURN_IF_ERROR(ForEachPage(location, {}, [&](ListPage& page) {
      for (ListPage::Object& object : page.objects) keys.push_back(std::move(object.key));
    }));
    for (size_t from = 0; from < keys.size(); from += kDeletedAtOnce) {
      const auto first = keys.begin() + static_cast<std::ptrdiff_t>(from);
      const size_t count = std::min(kDeletedAtOnce, keys.size() - from);
      RETURN_IF_ERROR(DeleteKeys(location, {first, first + static_cast<std::ptrdiff_t>(count)}));
    }
    return Delete(folder);  // as for a disk, where it may be a file
  }

  Status BeforeEngineWrite(const std::string&) override { return OkStatus(); }
  Status Sync(const std::string&) override { return OkStatus(); }

 private:
  using Query = std::map<std::string, std::string>;

  // Of a path that must not be a whole bucket.
  static Result<Location> FileLocation(const std::string& path) {
    ASSIGN_OR_RETURN(Location location, ParseLocation(path));
    if (!location.key.empty()) return location;
    return UserError("BAD_PATH", "'" + location.Uri() + "' is a whole bucket",
                     "Name a file or folder in it.");
  }

  // With `listed`, only of the object that was listed.
  Result<std::string> Get(const Location& location, const std::string& range,
                          const FileInfo* listed = nullptr) {
    Call call{.action = "read", .method = "GET", .location = location};
    call.max_body = kLongestRead;
    if (!range.empty()) call.headers["range"] = range;
    ASSIGN_OR_RETURN(Reply reply, client_.Send(call, {416}));
    if (listed != nullptr && !IsListed(reply.response, *listed)) {
      return DataError("FILE_CHANGED",
                       "'" + location.Uri() + "' was replaced after it had been listed",
                       "Run again; write files under new names instead of replacing them.");
    }
    if (reply.response.status == 416) return std::string();  // begins at the end or behind it
    if (!range.empty() && reply.response.status != 206) return NotS3(location, client_.settings());
    return std::move(reply.response.body);
  }

  Result<ListPage> ListOnce(const Location& location, Query query) {
    Call call{.action = "list", .method = "GET", .location = {location.bucket, ""}};
    call.query = std::move(query);
    call.query["list-type"] = "2";
    call.query["encoding-type"] = "url";
    call.query["prefix"] = location.Prefix();
    Result<Reply> reply = client_.Send(call);
    if (!reply.ok()) return std::move(reply).error().Because("'" + location.Uri() + "'");
    auto page = ParseList(reply->response.body);
    if (!page) return NotS3(location, client_.settings());
    return *std::move(page);
  }

  template <typename Take>
  Status ForEachPage(const Location& location, Query query, Take take) {
    while (true) {
      ASSIGN_OR_RETURN(ListPage page, ListOnce(location, query));
      take(page);
      if (page.next.empty()) return OkStatus();
      query["continuation-token"] = page.next;
    }
  }

  Result<Entries> ListAll(const Location& location, bool recursive) {
    Entries entries;
    const std::string prefix = location.Prefix();
    const std::string root = Location{location.bucket, ""}.Uri() + "/";
    const Query query = recursive ? Query{} : Query{{"delimiter", "/"}};
    RETURN_IF_ERROR(ForEachPage(location, query, [&](ListPage& page) {
      for (const ListPage::Object& object : page.objects) {
        // Some programs mark folders with an empty object; a name has no empty part.
        if (object.key.ends_with('/') || !object.key.starts_with(prefix)) continue;
        entries.files.push_back({root + object.key, object.size, object.modified});
      }
      for (const std::string& inner : page.prefixes) {
        if (inner.size() <= prefix.size() + 1) continue;
        entries.folders.push_back(inner.substr(prefix.size(), inner.size() - prefix.size() - 1));
      }
    }));
    std::sort(entries.files.begin(), entries.files.end(),
              [](const FileInfo& a, const FileInfo& b) { return a.path < b.path; });
    std::sort(entries.folders.begin(), entries.folders.end());
    return entries;
  }

  Status DeleteKeys(const Location& location, const std::vector<std::string>& keys) {
    const std::string body = EncodeDelete(keys);
    Call call{.action = "delete files of", .method = "POST", .location = {location.bucket, ""}};
    call.query["delete"] = "";
    call.headers = {{"content-md5", Md5Base64(body)}, {"content-type", "application/xml"}};
    call.body = body;
    ASSIGN_OR_RETURN(const Reply reply, client_.Send(call));
    const auto errors = ParseDeleteErrors(reply.response.body);
    if (!errors) return NotS3(location, client_.settings());
    if (errors->empty()) return OkStatus();
    const StoreError& first = errors->front();
    return SystemError(first.code == "AccessDenied" ? "PERMISSION_DENIED" : "IO_ERROR",
                       "cannot delete '" + Location{location.bucket, first.key}.Uri() + "' and " +
                           std::to_string(errors->size() - 1) + " more: " + first.code + ": " +
                           first.message,
                       "Run again once the reason is gone.");
  }

  // Amazon's own store keeps the condition; others are tried once a bucket.
  Status KeepsConditions(const Location& location) {
    if (client_.settings().endpoint.empty()) return OkStatus();
    const std::lock_guard<std::mutex> lock(mutex_);
    if (proved_.contains(location.bucket)) return OkStatus();
    const Location probe{location.bucket, location.key.substr(0, location.key.rfind('/') + 1) +
                                              "_penstock-probe-" + NewUuid()};
    ASSIGN_OR_RETURN(const PutOutcome first, PutObjectIfAbsent(client_, probe, "1"));
    const Result<PutOutcome> second = PutObjectIfAbsent(client_, probe, "2");
    RETURN_IF_ERROR(Delete(probe.Uri()));
    RETURN_IF_ERROR(second);
    if (first == PutOutcome::kCreated && *second == PutOutcome::kExists) {
      proved_.insert(location.bucket);
      return OkStatus();
    }
    return UserError("NO_PUT_IF_ABSENT",
                     "the store at " + client_.settings().Authority() +
                         " replaces a file although it was asked to write it only if absent "
                         "(If-None-Match: *), so two writers could lose each other's commits; "
                         "nothing was written to '" +
                         location.Uri() + "'",
                     "Use a store or a version of it that supports conditional writes.");
  }

  Client client_;
  std::mutex mutex_;
  std::set<std::string> proved_;  // buckets that keep the condition
};

}  // namespace

std::unique_ptr<Storage> NewStorage(Settings settings) {
  return std::make_unique<S3Storage>(std::move(settings));
}

}  // namespace penstock::io::s3
