// See edits.h.
#include "instrument/source/edits.h"

#include <algorithm>

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/raw_ostream.h"

namespace csim::instrument {
namespace {

std::vector<llvm::StringRef> Lines(const std::string& text) {
  llvm::SmallVector<llvm::StringRef, 0> lines;
  llvm::StringRef(text).split(lines, '\n');
  if (!lines.empty() && lines.back().empty()) lines.pop_back();
  return {lines.begin(), lines.end()};
}

}  // namespace

void FileEdits::Replace(unsigned offset, unsigned length, std::string text) {
  const auto* removed = original_.data() + offset;
  const auto lost =
      std::count(removed, removed + length, '\n') - std::count(text.begin(), text.end(), '\n');
  if (lost > 0) text.append(static_cast<size_t>(lost), '\n');
  edits_.push_back({offset, length, std::move(text)});
}

bool FileEdits::Insert(unsigned offset, std::string text) {
  const auto after = std::find_if(edits_.begin(), edits_.end(),
                                  [&](const Edit& edit) { return edit.offset > offset; });
  if (after != edits_.begin()) {
    // Behind an edit that begins here and replaces something there is no place for it.
    const Edit& before = *(after - 1);
    if (before.offset + before.length > offset) return false;
  }
  edits_.insert(after, {offset, 0, std::move(text)});
  return true;
}

unsigned FileEdits::end() const {
  return edits_.empty() ? 0 : edits_.back().offset + edits_.back().length;
}

std::string FileEdits::Apply() const {
  std::string result;
  unsigned at = 0;
  for (const Edit& edit : edits_) {
    result.append(original_, at, edit.offset - at).append(edit.text);
    at = edit.offset + edit.length;
  }
  return result.append(original_, at);
}

unsigned FileEdits::ToOriginal(unsigned rewritten_offset) const {
  unsigned original = 0;   // end of the last edit in the original
  unsigned rewritten = 0;  // and in the rewritten text
  for (const Edit& edit : edits_) {
    const unsigned kept = edit.offset - original;
    if (rewritten_offset < rewritten + kept) break;
    original = edit.offset;
    rewritten += kept;
    if (rewritten_offset < rewritten + edit.text.size()) return original;
    original += edit.length;
    rewritten += static_cast<unsigned>(edit.text.size());
  }
  return original + (rewritten_offset - rewritten);
}

unsigned FileEdits::EndToOriginal(unsigned rewritten_offset) const {
  unsigned original = 0;
  unsigned rewritten = 0;
  for (const Edit& edit : edits_) {
    const unsigned kept = edit.offset - original;
    if (rewritten_offset <= rewritten + kept) break;
    original = edit.offset + edit.length;
    rewritten += kept + static_cast<unsigned>(edit.text.size());
    if (rewritten_offset <= rewritten) return original;
  }
  return original + (rewritten_offset - rewritten);
}

unsigned FileEdits::ColumnOf(unsigned offset) const {
  const size_t newline = offset == 0 ? std::string::npos : original_.rfind('\n', offset - 1);
  return newline == std::string::npos ? offset + 1 : offset - static_cast<unsigned>(newline);
}

// No line is ever added or removed, so a difference is a run of changed lines.
std::string UnifiedDiff(const std::string& path, const std::string& before,
                        const std::string& after) {
  constexpr size_t kContext = 3;
  const std::vector<llvm::StringRef> old_lines = Lines(before);
  const std::vector<llvm::StringRef> new_lines = Lines(after);
  const size_t count = std::min(old_lines.size(), new_lines.size());
  std::string result;
  llvm::raw_string_ostream out(result);
  for (size_t i = 0; i < count; ++i) {
    if (old_lines[i] == new_lines[i]) continue;
    const size_t first = i < kContext ? 0 : i - kContext;
    size_t last_change = i;
    for (size_t j = i; j < count && j <= last_change + 2 * kContext; ++j) {
      if (old_lines[j] != new_lines[j]) last_change = j;
    }
    const size_t end = std::min(count, last_change + kContext + 1);
    if (result.empty()) out << "--- " << path << "\n+++ " << path << " (instrumented)\n";
    out << "@@ -" << first + 1 << ',' << end - first << " +" << first + 1 << ',' << end - first
        << " @@\n";
    for (size_t j = first; j < end;) {
      if (old_lines[j] == new_lines[j]) {
        out << ' ' << old_lines[j++] << '\n';
        continue;
      }
      size_t k = j;
      for (; k < end && old_lines[k] != new_lines[k]; ++k) out << '-' << old_lines[k] << '\n';
      for (; j < k; ++j) out << '+' << new_lines[j] << '\n';
    }
    i = end - 1;
  }
  return result;
}

}  // namespace csim::instrument
