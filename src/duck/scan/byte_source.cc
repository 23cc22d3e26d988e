#include "duck/scan/byte_source.h"

#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <cstring>
#include <vector>

#include "base/text.h"

namespace penstock::duck {
namespace {

constexpr size_t kPackedBuffer = 256 * 1024;
// What is asked of an object store at once: many for its latency, few for what the threads hold.
constexpr int64_t kRange = int64_t{2} << 20;

Error Vanished(const std::string& path) {
  return DataError("FILE_VANISHED", path + " was listed but is gone now",
                   "Put it back, or run again to list the files anew.");
}

Error Truncated(const std::string& path, const char* why) {
  return DataError("FILE_TRUNCATED", path + " cannot be unpacked: " + why,
                   "Replace the file with a complete one.");
}

Error Changed(const std::string& path, int64_t listed, int64_t now) {
  return DataError("FILE_CHANGED",
                   path + " had " + std::to_string(listed) + " bytes when it was listed and " +
                       std::to_string(now) + " now",
                   "Write files elsewhere and move them in when they are complete.");
}

class PlainSource : public ByteSource {
 public:
  PlainSource(int fd, const ScanFile& file, int64_t begin)
      : fd_(fd), path_(file.path), size_(file.size), position_(begin) {}
  ~PlainSource() override { close(fd_); }

  Result<size_t> Read(char* to, size_t size) override {
    size = std::min<size_t>(size, size_ - position_);
    if (size == 0) return size_t{0};
    ssize_t count = 0;
    do {
      count = pread(fd_, to, size, position_);
    } while (count < 0 && errno == EINTR);
    if (count < 0) {
      return SystemError("IO_ERROR", "cannot read " + path_ + ": " + std::strerror(errno));
    }
    if (count == 0) return Changed(path_, size_, position_);
    position_ += count;
    return static_cast<size_t>(count);
  }

 private:
  int fd_;
  std::string path_;
  int64_t size_;
  int64_t position_;
};

// A file of an object store, range by range.
class RangeSource : public ByteSource {
 public:
  RangeSource(const ScanFile& file, const RangeReader& ranges, int64_t begin)
      : file_(file), ranges_(ranges), position_(begin) {}

  Result<size_t> Read(char* to, size_t size) override {
    if (size == 0) return size_t{0};
    if (ready_.empty()) RETURN_IF_ERROR(Fetch());
    const size_t count = std::min(size, ready_.size());
    std::memcpy(to, ready_.data(), count);
    ready_.remove_prefix(count);
    return count;
  }

 private:
  Status Fetch() {
    const int64_t wanted = std::min(kRange, file_.size - position_);
    if (wanted <= 0) return OkStatus();
    auto range = ranges_(file_, position_, wanted);
    if (!range.ok()) {
      if (range.error().code == "NOT_FOUND") return Vanished(file_.path);
      return std::move(range).error();
    }
    range_ = *std::move(range);
    if (range_.empty()) return Changed(file_.path, file_.size, position_);
    ready_ = range_;
    position_ += static_cast<int64_t>(range_.size());
    return OkStatus();
  }

  const ScanFile file_;
  const RangeReader ranges_;
  int64_t position_;
  std::string range_;
  std::string_view ready_;  // of range_, what nobody has read yet
};

class GzipSource : public ByteSource {
 public:
  GzipSource(std::unique_ptr<ByteSource> packed, std::string path)
      : packed_(std::move(packed)), path_(std::move(path)), buffer_(kPackedBuffer) {
    inflateInit2(&stream_, 15 + 32);
  }
  ~GzipSource() override { inflateEnd(&stream_); }

  Result<size_t> Read(char* to, size_t size) override {
    stream_.next_out = reinterpret_cast<Bytef*>(to);
    stream_.avail_out = static_cast<uInt>(std::min<size_t>(size, 1u << 30));
    const uInt wanted = stream_.avail_out;
    while (stream_.avail_out == wanted) {
      if (stream_.avail_in == 0) {
        ASSIGN_OR_RETURN(const size_t count, packed_->Read(buffer_.data(), buffer_.size()));
        if (count == 0) {
          if (complete_) return size_t{0};
          return Truncated(path_, "the archive breaks off");
        }
        stream_.next_in = reinterpret_cast<Bytef*>(buffer_.data());
        stream_.avail_in = static_cast<uInt>(count);
      }
      if (complete_) inflateReset(&stream_);  // archives may follow each other
      const int code = inflate(&stream_, Z_NO_FLUSH);
      complete_ = code == Z_STREAM_END;
      if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) {
        return Truncated(path_, stream_.msg != nullptr ? stream_.msg : "the archive is damaged");
      }
    }
    return static_cast<size_t>(wanted - stream_.avail_out);
  }

 private:
  std::unique_ptr<ByteSource> packed_;
  std::string path_;
  std::vector<char> buffer_;
  z_stream stream_{};
  bool complete_ = false;
};

class ZstdSource : public ByteSource {
 public:
  ZstdSource(std::unique_ptr<ByteSource> packed, std::string path)
      : packed_(std::move(packed)),
        path_(std::move(path)),
        buffer_(kPackedBuffer),
        stream_(ZSTD_createDStream()) {}
  ~ZstdSource() override { ZSTD_freeDStream(stream_); }

  Result<size_t> Read(char* to, size_t size) override {
    ZSTD_outBuffer out{to, size, 0};
    while (out.pos == 0) {
      if (in_.pos == in_.size) {
        ASSIGN_OR_RETURN(const size_t count, packed_->Read(buffer_.data(), buffer_.size()));
        if (count == 0) {
          if (complete_) return size_t{0};
          return Truncated(path_, "the archive breaks off");
        }
        in_ = {buffer_.data(), count, 0};
      }
      const size_t code = ZSTD_decompressStream(stream_, &out, &in_);
      if (ZSTD_isError(code)) return Truncated(path_, ZSTD_getErrorName(code));
      complete_ = code == 0;
    }
    return out.pos;
  }

 private:
  std::unique_ptr<ByteSource> packed_;
  std::string path_;
  std::vector<char> buffer_;
  ZSTD_DStream* stream_;
  ZSTD_inBuffer in_{nullptr, 0, 0};
  bool complete_ = false;
};

// Converts to UTF-8; bytes that are none in the encoding become U+FFFD.
class ConvertedSource : public ByteSource {
 public:
  ConvertedSource(std::unique_ptr<ByteSource> source, iconv_t converter)
      : source_(std::move(source)),
        converter_(converter),
        buffer_(kPackedBuffer),
        converted_(kPackedBuffer) {}
  ~ConvertedSource() override { iconv_close(converter_); }

  Result<size_t> Read(char* to, size_t size) override {
    while (ready_.empty()) {
      if (!at_end_) {
        ASSIGN_OR_RETURN(const size_t count,
                         source_->Read(buffer_.data() + held_, buffer_.size() - held_));
        at_end_ = count == 0;
        held_ += count;
      }
      if (held_ == 0) return size_t{0};
      Convert();
    }
    const size_t count = std::min(size, ready_.size());
    std::memcpy(to, ready_.data(), count);
    ready_.remove_prefix(count);
    return count;
  }

 private:
  // A character is converted as a whole, so it may not fit where the reader has room.
  void Convert() {
    char* in = buffer_.data();
    char* out = converted_.data();
    size_t room = converted_.size() - kReplacement.size();
    const bool stuck = iconv(converter_, &in, &held_, &out, &room) == static_cast<size_t>(-1);
    if (stuck && (errno == EILSEQ || (errno == EINVAL && at_end_))) {
      out = std::copy(kReplacement.begin(), kReplacement.end(), out);
      ++in;
      --held_;
    }
    std::memmove(buffer_.data(), in, held_);
    ready_ = {converted_.data(), static_cast<size_t>(out - converted_.data())};
  }

  static constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

  std::unique_ptr<ByteSource> source_;
  iconv_t converter_;
  std::vector<char> buffer_;
  size_t held_ = 0;
  std::vector<char> converted_;
  std::string_view ready_;  // of converted_, what nobody has read yet
  bool at_end_ = false;
};

bool IsUtf8(const std::string& encoding) {
  return encoding.empty() || EqualsIgnoreCase(encoding, "UTF-8") ||
         EqualsIgnoreCase(encoding, "UTF8");
}

bool IsPacked(const std::string& path) {
  const std::string name = AsciiLower(path);
  return name.ends_with(".gz") || name.ends_with(".zst");
}

}  // namespace

bool IsSeekable(const std::string& path, const std::string& encoding) {
  return IsUtf8(encoding) && !IsPacked(path);
}

Result<std::unique_ptr<ByteSource>> OpenRawBytes(const ScanFile& file, const RangeReader& ranges,
                                                 int64_t begin) {
  if (ranges) {
    return std::unique_ptr<ByteSource>(std::make_unique<RangeSource>(file, ranges, begin));
  }
  const int fd = open(file.path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    if (errno == ENOENT) return Vanished(file.path);
    return SystemError("IO_ERROR", "cannot open " + file.path + ": " + std::strerror(errno));
  }
  return std::unique_ptr<ByteSource>(std::make_unique<PlainSource>(fd, file, begin));
}

Result<std::unique_ptr<ByteSource>> OpenBytes(const ScanFile& file, const RangeReader& ranges,
                                              const std::string& encoding, int64_t begin) {
  ASSIGN_OR_RETURN(std::unique_ptr<ByteSource> source, OpenRawBytes(file, ranges, begin));
  const std::string name = AsciiLower(file.path);
  if (name.ends_with(".gz")) source = std::make_unique<GzipSource>(std::move(source), file.path);
  if (name.ends_with(".zst")) source = std::make_unique<ZstdSource>(std::move(source), file.path);
  if (IsUtf8(encoding)) return source;
  const iconv_t converter = iconv_open("UTF-8", encoding.c_str());
  if (converter == reinterpret_cast<iconv_t>(-1)) {
    return UserError("BAD_OPTION", "the encoding \"" + encoding + "\" is not known",
                     "Use a name such as UTF-8, ISO-8859-1 or UTF-16LE.");
  }
  return std::unique_ptr<ByteSource>(
      std::make_unique<ConvertedSource>(std::move(source), converter));
}

}  // namespace penstock::duck
