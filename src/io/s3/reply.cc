#include "io/s3/reply.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <pugixml.hpp>

#include "base/text.h"

namespace penstock::io::s3 {
namespace {

constexpr size_t kLongestMessage = 300;

// The root element, if the text is whole and the root has that name. Prefixes of namespaces are
// not in use.
pugi::xml_node Root(pugi::xml_document* document, std::string_view xml, const char* name) {
  const auto parsed =
      document->load_buffer(xml.data(), xml.size(), pugi::parse_default, pugi::encoding_utf8);
  return parsed ? document->child(name) : pugi::xml_node();
}

std::string Shortened(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  }
  if (text.size() > kLongestMessage) text.resize(kLongestMessage);
  return text;
}

StoreError ErrorOf(const pugi::xml_node& node) {
  return {Shortened(node.child_value("Code")), Shortened(node.child_value("Message")),
          node.child_value("Key")};
}

// With encoding-type=url keys are as in a form: a space is a plus sign.
std::string Decoded(std::string text, bool encoded) {
  if (!encoded) return text;
  std::replace(text.begin(), text.end(), '+', ' ');
  return PercentDecode(text);
}

void AppendEscaped(std::string_view text, std::string* out) {
  for (const char c : text) {
    switch (c) {
      case '&':
        *out += "&amp;";
        break;
      case '<':
        *out += "&lt;";
        break;
      case '>':
        *out += "&gt;";
        break;
      case '\r':
        *out += "&#13;";
        break;
      case '\n':
        *out += "&#10;";
        break;
      case '\t':
        *out += "&#9;";
        break;
      default:
        *out += c;
    }
  }
}

}  // namespace

std::optional<StoreError> ParseError(std::string_view xml) {
  pugi::xml_document document;
  const pugi::xml_node root = Root(&document, xml, "Error");
  if (!root) return std::nullopt;
  return ErrorOf(root);
}

std::optional<ListPage> ParseList(std::string_view xml) {
  pugi::xml_document document;
  const pugi::xml_node root = Root(&document, xml, "ListBucketResult");
  if (!root) return std::nullopt;
  const bool encoded = std::string_view(root.child_value("EncodingType")) == "url";
  ListPage page;
  for (const pugi::xml_node& node : root.children("Contents")) {
    page.objects.push_back({Decoded(node.child_value("Key"), encoded),
                            std::max<int64_t>(node.child("Size").text().as_llong(), 0),
                            ParseIsoTime(node.child_value("LastModified"))});
  }
  for (const pugi::xml_node& node : root.children("CommonPrefixes")) {
    page.prefixes.push_back(Decoded(node.child_value("Prefix"), encoded));
  }
  if (root.child("IsTruncated").text().as_bool()) {
    page.next = root.child_value("NextContinuationToken");
    // Without a token the rest would be lost unnoticed.
    if (page.next.empty()) return std::nullopt;
  }
  return page;
}

std::optional<std::string> ParseUploadId(std::string_view xml) {
  pugi::xml_document document;
  std::string id = Root(&document, xml, "InitiateMultipartUploadResult").child_value("UploadId");
  if (id.empty()) return std::nullopt;
  return id;
}

std::optional<std::vector<StoreError>> ParseDeleteErrors(std::string_view xml) {
  pugi::xml_document document;
  const pugi::xml_node root = Root(&document, xml, "DeleteResult");
  if (!root) return std::nullopt;
  std::vector<StoreError> errors;
  for (const pugi::xml_node& node : root.children("Error")) errors.push_back(ErrorOf(node));
  return errors;
}

TimestampMicros ParseIsoTime(std::string_view text) {
  std::tm fields{};
  int millis = 0;
  const int parts = std::sscanf(std::string(text).c_str(), "%4d-%2d-%2dT%2d:%2d:%2d.%3d",
                                &fields.tm_year, &fields.tm_mon, &fields.tm_mday, &fields.tm_hour,
                                &fields.tm_min, &fields.tm_sec, &millis);
  if (parts < 6) return 0;
  fields.tm_year -= 1900;
  fields.tm_mon -= 1;
  return static_cast<TimestampMicros>(::timegm(&fields)) * 1'000'000 + millis * 1000;
}

std::string EncodeDelete(const std::vector<std::string>& keys) {
  std::string xml = "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Quiet>true</Quiet>";
  for (const std::string& key : keys) {
    xml += "<Object><Key>";
    AppendEscaped(key, &xml);
    xml += "</Key></Object>";
  }
  return xml + "</Delete>";
}

std::string EncodeCompletion(const std::vector<std::string>& etags) {
  std::string xml = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
  for (size_t i = 0; i < etags.size(); ++i) {
    xml += "<Part><PartNumber>" + std::to_string(i + 1) + "</PartNumber><ETag>";
    AppendEscaped(etags[i], &xml);
    xml += "</ETag></Part>";
  }
  return xml + "</CompleteMultipartUpload>";
}

}  // namespace penstock::io::s3
