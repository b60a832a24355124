#include "cli/suggest.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace csim {

namespace {

// How many letters have to be put in, left out, replaced, or exchanged with the next one (Damerau 1964; nothing is
// edited twice).
size_t Distance(const std::string& a, const std::string& b) {
  std::vector<size_t> row(b.size() + 1);  // of the first i letters of `a` to the first j of `b`
  std::iota(row.begin(), row.end(), size_t{0});
  std::vector<size_t> last;  // of i - 1 ...
  std::vector<size_t> last_but_one;
  for (size_t i = 1; i <= a.size(); ++i) {
    last_but_one = std::move(last);
    last = row;
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      const bool exchanged = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (exchanged) row[j] = std::min(row[j], last_but_one[j - 2] + 1);
    }
  }
  return row.back();
}

std::vector<std::string> Parts(const std::string& word) {
  std::vector<std::string> parts(1);
  for (const char c : word) {
    if (c != '-') {
      parts.back() += c;
    } else if (!parts.back().empty()) {
      parts.emplace_back();
    }
  }
  return parts;
}

bool HaveAPartInCommon(const std::string& a, const std::string& b) {
  constexpr size_t kFewestLetters = 4;  // "no", "max" and the like say nothing
  const std::vector<std::string> of_a = Parts(a);
  for (const std::string& part : Parts(b)) {
    const bool has = std::any_of(of_a.begin(), of_a.end(), [&](const std::string& other) {
      return other.size() >= kFewestLetters && part.size() >= kFewestLetters &&
             (part.starts_with(other) || other.starts_with(part));
    });
    if (has) return true;
  }
  return false;
}

}  // namespace

std::string MostAlike(const std::string& word, const std::vector<std::string>& known) {
  std::string best;
  size_t least = word.size() / 4 + 2;  // so many differing letters are too many
  for (const std::string& k : known) {
    const size_t distance = Distance(word, k);
    if (distance >= least) continue;
    least = distance;
    best = k;
  }
  if (!best.empty()) return best;
  const auto related = std::find_if(
      known.begin(), known.end(), [&](const std::string& k) { return HaveAPartInCommon(word, k); });
  return related == known.end() ? "" : *related;
}

}  // namespace csim
