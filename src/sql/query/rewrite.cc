#include "sql/query/rewrite.h"

#include <algorithm>
#include <utility>

namespace penstock::sql {
namespace {

bool IsBlank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

}  // namespace

void Fragment::Append(std::string_view added, size_t original) {
  if (added.empty()) return;
  entries.push_back({text.size(), original});
  text += added;
}

void Fragment::Append(const Fragment& added) {
  for (const SourceMap::Entry& entry : added.entries) {
    entries.push_back({text.size() + entry.translated, entry.original});
  }
  text += added.text;
}

Rewrite::Rewrite(std::string_view text, const std::vector<Token>& tokens)
    : text_(text), tokens_(tokens), changes_(tokens.size()) {}

void Rewrite::Replace(size_t token, const std::string& replacement) {
  Fragment fragment;
  fragment.Append(replacement, tokens_[token].offset);
  Replace(token, std::move(fragment));
}

void Rewrite::Replace(size_t token, Fragment replacement) {
  changes_[token].replacement = std::move(replacement);
  changes_[token].removed = false;
}

void Rewrite::Remove(size_t first, size_t last) {
  for (size_t token = first; token < last; ++token) {
    changes_[token] = Change{};
    changes_[token].replacement = Fragment{};
    changes_[token].removed = true;
  }
}

void Rewrite::ReplaceRange(size_t first, size_t last, Fragment replacement) {
  Remove(first, last);
  Replace(first, std::move(replacement));
}

void Rewrite::Before(size_t token, std::string added) {
  changes_[token].before.push_back(std::move(added));
}

void Rewrite::After(size_t token, std::string added) {
  changes_[token].after.push_back(std::move(added));
}

void Rewrite::Wrap(size_t first, size_t last, std::string before, std::string after) {
  Before(first, std::move(before));
  After(last - 1, std::move(after));
}

// A comment between two tokens becomes one blank; blanks stay so that the text keeps its lines.
void Rewrite::AppendGap(size_t token, Fragment* out) const {
  const size_t begin = tokens_[token - 1].end();
  const std::string_view gap = text_.substr(begin, tokens_[token].offset - begin);
  if (std::all_of(gap.begin(), gap.end(), IsBlank)) {
    out->text += gap;
  } else {
    out->text += gap.find('\n') == std::string_view::npos ? ' ' : '\n';
  }
}

void Rewrite::AppendToken(size_t token, Fragment* out) const {
  const Change& change = changes_[token];
  const size_t offset = tokens_[token].offset;
  for (auto added = change.before.rbegin(); added != change.before.rend(); ++added) {
    out->Append(*added, offset);
  }
  if (change.replacement) {
    out->Append(*change.replacement);
  } else {
    out->Append(tokens_[token].text, offset);
  }
  for (const std::string& added : change.after) out->Append(added, offset);
}

Fragment Rewrite::Render(size_t first, size_t last) const {
  Fragment out;
  bool apart = false;  // a removed token stood apart from what is before it
  for (size_t token = first; token < last; ++token) {
    const bool gap = token > first && tokens_[token].offset > tokens_[token - 1].end();
    if (changes_[token].removed) {
      apart = apart || gap;
      AppendToken(token, &out);
      continue;
    }
    if (gap) {
      AppendGap(token, &out);
    } else if (apart && !out.text.empty()) {
      out.text += ' ';
    }
    apart = false;
    AppendToken(token, &out);
  }
  return out;
}

}  // namespace penstock::sql
