#include "sql/query/regex_pattern.h"

#include <bitset>
#include <cctype>
#include <optional>
#include <utility>

#include "base/text.h"

namespace penstock::sql {
namespace {

using Bytes = std::bitset<256>;

Bytes Range(unsigned char from, unsigned char to) {
  Bytes bytes;
  for (unsigned c = from; c <= to; ++c) bytes.set(c);
  return bytes;
}

// What an escape outside of a class matches; nothing for anchors and what is not known.
std::optional<Bytes> EscapeBytes(char c) {
  const Bytes word = Range('a', 'z') | Range('A', 'Z') | Range('0', '9') | Range('_', '_');
  Bytes blank = Range('\t', '\r');
  blank.set(' ');
  switch (c) {
    case 'd':
      return Range('0', '9');
    case 'D':
      return ~Range('0', '9');
    case 'w':
      return word;
    case 'W':
      return ~word;
    case 's':
      return blank;
    case 'S':
      return ~blank;
    case 't':
      return Range('\t', '\t');
    case 'n':
      return Range('\n', '\n');
    case 'r':
      return Range('\r', '\r');
    default:
      break;
  }
  const auto byte = static_cast<unsigned char>(c);
  if (std::isalnum(byte)) return std::nullopt;
  return Range(byte, byte);
}

// Java's \p{Punct} and its kin by the name RE2 has for them; empty for Unicode's classes.
std::string PosixClass(std::string_view name) {
  static constexpr std::string_view kNames[] = {"Lower", "Upper", "Alpha", "Digit",
                                                "Alnum", "Punct", "Graph", "Print",
                                                "Blank", "Cntrl", "Space", "ASCII"};
  for (const std::string_view known : kNames) {
    if (name == known) return AsciiLower(name);
  }
  return name == "XDigit" ? "xdigit" : "";
}

class Translator {
 public:
  explicit Translator(std::string_view java) : java_(java) {}

  Result<std::string> Run() {
    while (at_ < java_.size() && !error_) Step();
    if (error_) return std::move(*error_);
    return std::move(out_);
  }

 private:
  // One element with its quantifier: what it matches where that is known.
  struct Element {
    std::optional<Bytes> bytes;
    bool quantifiable = false;
    bool ends = false;  // of the pattern, or of an alternative at its top
  };

  char Peek(size_t ahead = 0) const {
    return at_ + ahead < java_.size() ? java_[at_ + ahead] : '\0';
  }

  void Refuse(const std::string& what, std::string remedy) {
    error_ = UserError("UNSUPPORTED_FUNCTION",
                       what + " in the regular expression '" + std::string(java_) + "'",
                       std::move(remedy));
  }

  void Step() {
    const Element element = Take();
    if (!error_ && element.quantifiable) TakeQuantifier(element);
  }

  Element Take() {
    const char c = Peek();
    if (c == '\\') return TakeEscape();
    if (c == '[') return TakeClass();
    if (c == '(') return TakeOpen();
    ++at_;
    out_ += c;
    if (c == ')') --depth_;
    Element element;
    element.quantifiable = c != '|' && c != '^' && c != '$';
    element.ends = c == '|' && depth_ == 0;
    const auto byte = static_cast<unsigned char>(c);
    if (c == '$') {
      element.bytes = Range('\n', '\n');
    } else if (c == '.') {
      element.bytes = ~Range('\n', '\n');
    } else if (element.quantifiable && c != ')' && byte < 0x80) {
      element.bytes = Range(byte, byte);
    }
    return element;
  }

  Element TakeOpen() {
    ++depth_;
    if (Peek(1) == '?' && Peek(2) == '<' && Peek(3) != '=' && Peek(3) != '!') {
      out_ += "(?P<";  // a named group
      at_ += 3;
      return {};
    }
    if (Peek(1) == '?' && (Peek(2) == '=' || Peek(2) == '!' || Peek(2) == '<' || Peek(2) == '>')) {
      Refuse(Peek(2) == '>' ? "an atomic group" : "look-around",
             "The engine has none: match more, and take the part with a group and "
             "regexp_extract.");
      return {};
    }
    out_ += '(';
    ++at_;
    return {};
  }

  Element TakeEscape() {
    const char c = Peek(1);
    Element element;
    element.quantifiable = true;
    if (c >= '1' && c <= '9') {
      Refuse("a back-reference",
             "The engine has none: compare the parts that regexp_extract gives.");
      return element;
    }
    if (c == 'p' && Peek(2) == '{' && TakePosix("[[:", ":]]")) return element;
    if (c == 'Q') {
      const size_t end = java_.find("\\E", at_);
      const size_t last = end == std::string_view::npos ? java_.size() : end + 2;
      out_ += java_.substr(at_, last - at_);
      at_ = last;
      return element;
    }
    out_ += java_.substr(at_, 2);
    at_ += 2;
    element.bytes = EscapeBytes(c);
    return element;
  }

  // \p{Punct} at at_; false if the name is none of these.
  bool TakePosix(std::string_view before, std::string_view after) {
    const size_t close = java_.find('}', at_);
    if (close == std::string_view::npos) return false;
    const std::string name = PosixClass(java_.substr(at_ + 3, close - at_ - 3));
    if (name.empty()) return false;
    out_.append(before).append(name).append(after);
    at_ = close + 1;
    return true;
  }

  // One character of a class, for a range; nothing if it is a class itself.
  std::optional<unsigned char> TakeClassCharacter(Bytes* bytes, bool* known) {
    if (Peek() == '\\') {
      if (Peek(1) == 'p' && Peek(2) == '{' && TakePosix("[:", ":]")) {
        *known = false;
        return std::nullopt;
      }
      const std::optional<Bytes> escaped = EscapeBytes(Peek(1));
      out_ += java_.substr(at_, 2);
      at_ += 2;
      if (!escaped) *known = false;
      if (escaped && escaped->count() != 1) *bytes |= *escaped;
      if (!escaped || escaped->count() != 1) return std::nullopt;
      return static_cast<unsigned char>(escaped->_Find_first());
    }
    const auto byte = static_cast<unsigned char>(Peek());
    if (byte >= 0x80) *known = false;
    out_ += Peek();
    ++at_;
    return byte;
  }

  Element TakeClass() {
    Element element;
    element.quantifiable = true;
    Bytes bytes;
    bool known = true;
    out_ += '[';
    ++at_;
    const bool negated = Peek() == '^';
    if (negated) out_ += java_[at_++];
    bool first = true;
    while (at_ < java_.size() && (Peek() != ']' || first)) {
      first = false;
      if (Peek() == '[' || (Peek() == '&' && Peek(1) == '&')) {
        Refuse(Peek() == '[' ? "a class inside of a class" : "an intersection of classes",
               "Write one class with all its characters; a bracket in it is \\[.");
        return element;
      }
      const std::optional<unsigned char> from = TakeClassCharacter(&bytes, &known);
      if (!from) continue;
      std::optional<unsigned char> to = from;
      if (Peek() == '-' && Peek(1) != ']' && at_ + 1 < java_.size()) {
        out_ += java_[at_++];
        to = TakeClassCharacter(&bytes, &known);
      }
      if (to && *from <= *to) bytes |= Range(*from, *to);
    }
    if (at_ < java_.size()) out_ += java_[at_++];
    if (known) element.bytes = negated ? ~bytes : bytes;
    return element;
  }

  // *, +, ?, {n,m}, lazy with "?"; a possessive "+" goes where it takes nothing back anyway.
  void TakeQuantifier(const Element& element) {
    const size_t begin = at_;
    if (Peek() == '{' && std::isdigit(static_cast<unsigned char>(Peek(1)))) {
      const size_t close = java_.find('}', at_);
      if (close == std::string_view::npos) return;
      at_ = close + 1;
    } else if (Peek() == '*' || Peek() == '+' || Peek() == '?') {
      ++at_;
    } else {
      return;
    }
    out_ += java_.substr(begin, at_ - begin);
    if (Peek() == '?') {
      out_ += java_[at_++];
    } else if (Peek() == '+') {
      ++at_;
      if (!TakesNothingBack(element)) {
        Refuse("a possessive quantifier", "Write it without the '+' behind the quantifier.");
      }
    }
  }

  // Whether what follows here can begin with nothing that the element before it matches.
  bool TakesNothingBack(const Element& element) const {
    if (at_ >= java_.size()) return true;
    Translator ahead(java_);
    ahead.at_ = at_;
    ahead.depth_ = depth_;
    const Element next = ahead.Take();
    if (ahead.error_) return false;
    if (next.ends) return true;
    const char behind = ahead.Peek();
    const bool optional = behind == '*' || behind == '?' || behind == '{';
    return element.bytes && next.bytes && !optional && (*element.bytes & *next.bytes).none();
  }

  std::string_view java_;
  size_t at_ = 0;
  int depth_ = 0;
  std::string out_;
  std::optional<Error> error_;
};

}  // namespace

Result<std::string> RegexPattern(std::string_view java) { return Translator(java).Run(); }

}  // namespace penstock::sql
