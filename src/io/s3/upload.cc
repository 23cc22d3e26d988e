#include "io/s3/upload.h"

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "io/s3/reply.h"

namespace penstock::io::s3 {
namespace {

constexpr size_t kLeastPart = size_t{8} << 20;
constexpr size_t kMostParts = 10'000;
constexpr char kIdHeader[] = "x-amz-meta-penstock-put";

Call Put(const Location& location, std::string_view bytes) {
  Call call{.action = "write", .method = "PUT", .location = location};
  call.body = bytes;
  call.headers["content-type"] = "application/octet-stream";
  return call;
}

// Whether the object that is there now is the one written under `id`.
Result<bool> IsOurs(Client& client, const Location& location, const std::string& id) {
  const Call call{.action = "look at", .method = "HEAD", .location = location};
  ASSIGN_OR_RETURN(const Reply reply, client.Send(call, {404}));
  const auto found = reply.response.headers.find(kIdHeader);
  return found != reply.response.headers.end() && found->second == id;
}

class Upload {
 public:
  Upload(Client& client, const Location& location, std::string_view bytes)
      : client_(client), location_(location), bytes_(bytes) {}

  Status Run() {
    RETURN_IF_ERROR(Begin());
    Status sent = SendParts();
    if (sent.ok()) sent = Complete();
    if (!sent.ok()) Abort();
    return sent;
  }

 private:
  Status Begin() {
    Call call{.action = "begin to write", .method = "POST", .location = location_};
    call.query["uploads"] = "";
    call.headers[kIdHeader] = put_id_;
    ASSIGN_OR_RETURN(const Reply reply, client_.Send(call));
    const auto id = ParseUploadId(reply.response.body);
    if (!id) {
      return SystemError("IO_ERROR", "the store began no upload of '" + location_.Uri() + "'",
                         "Check that the endpoint is an S3 server.");
    }
    upload_id_ = *id;
    return OkStatus();
  }

  Status SendParts() {
    const size_t size = std::max(kLeastPart, (bytes_.size() + kMostParts - 1) / kMostParts);
    for (size_t from = 0; from < bytes_.size(); from += size) {
      Call call = Put(location_, bytes_.substr(from, size));
      call.action = "write part " + std::to_string(etags_.size() + 1) + " of";
      call.query = {{"partNumber", std::to_string(etags_.size() + 1)}, {"uploadId", upload_id_}};
      ASSIGN_OR_RETURN(Reply reply, client_.Send(call));
      etags_.push_back(reply.response.headers["etag"]);
    }
    return OkStatus();
  }

  // The status is 200 also when joining the parts failed after it had begun; the body tells.
  Status Complete() {
    const std::string body = EncodeCompletion(etags_);
    Call call{.action = "finish writing", .method = "POST", .location = location_};
    call.query["uploadId"] = upload_id_;
    call.body = body;
    for (int tries = 1;; ++tries) {
      ASSIGN_OR_RETURN(const Reply reply, client_.Send(call, {404}));
      const auto error = ParseError(reply.response.body);
      if (reply.response.status == 200 && !error) return OkStatus();
      if (reply.response.status == 404 && (reply.doubtful || tries > 1)) {
        // An upload that is complete is no longer known.
        ASSIGN_OR_RETURN(const bool ours, IsOurs(client_, location_, put_id_));
        if (ours) return OkStatus();
      }
      if (reply.response.status == 404 || tries == client_.settings().retry.attempts) {
        return ExternalError("STORE_UNAVAILABLE",
                             "the store did not join the parts of '" + location_.Uri() + "'" +
                                 (error ? ": " + error->code + ": " + error->message : ""),
                             "Run again.");
      }
    }
  }

  void Abort() {
    Call call{.action = "abandon", .method = "DELETE", .location = location_};
    call.query["uploadId"] = upload_id_;
    (void)client_.Send(call, {404});  // the error that led here is the one to tell
  }

  Client& client_;
  const Location& location_;
  std::string_view bytes_;
  std::string put_id_ = NewUuid();
  std::string upload_id_;
  std::vector<std::string> etags_;
};

}  // namespace

Status PutObject(Client& client, const Location& location, std::string_view bytes) {
  RETURN_IF_ERROR(client.Send(Put(location, bytes)));
  return OkStatus();
}

Status PutInParts(Client& client, const Location& location, std::string_view bytes) {
  return Upload(client, location, bytes).Run();
}

Result<PutOutcome> PutObjectIfAbsent(Client& client, const Location& location,
                                     std::string_view bytes) {
  const std::string id = NewUuid();
  Call call = Put(location, bytes);
  call.headers["if-none-match"] = "*";
  call.headers[kIdHeader] = id;
  ASSIGN_OR_RETURN(const Reply reply, client.Send(call, {412}));
  if (reply.response.status < 300) return PutOutcome::kCreated;
  if (!reply.doubtful) return PutOutcome::kExists;
  ASSIGN_OR_RETURN(const bool ours, IsOurs(client, location, id));
  return ours ? PutOutcome::kCreated : PutOutcome::kExists;
}

}  // namespace penstock::io::s3
