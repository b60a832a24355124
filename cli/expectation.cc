#include "cli/expectation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <sstream>

#include "report/quoted.h"

namespace csim {

namespace {

// Text of a comment line without its marks; false if the line is no comment.
bool CommentText(const std::string& line, bool* in_block, std::string* text) {
  std::string t = line;
  t.erase(0, t.find_first_not_of(" \t"));
  if (t.rfind("//", 0) == 0) {
    t.erase(0, 2);
  } else if (t.rfind("/*", 0) == 0) {
    *in_block = true;
    t.erase(0, 2);
  } else if (!*in_block) {
    return false;
  }
  if (*in_block && t.rfind('*', 0) == 0 && t.rfind("*/", 0) != 0) t.erase(0, 1);
  if (const size_t end = t.find("*/"); *in_block && end != std::string::npos) {
    t.erase(end);
    *in_block = false;
  }
  t.erase(0, t.find_first_not_of(" \t"));
  while (!t.empty() && (t.back() == ' ' || t.back() == '\r')) t.pop_back();
  *text = t;
  return true;
}

std::vector<std::string> Words(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

// "a\n" "b": C strings. False if they are none.
bool ParseStrings(const std::string& text, std::vector<std::string>* strings) {
  size_t i = 0;
  while (i < text.size()) {
    if (text[i] == ' ') {
      ++i;
      continue;
    }
    if (text[i++] != '"') return false;
    std::string value;
    while (i < text.size() && text[i] != '"') {
      char c = text[i++];
      if (c == '\\' && i < text.size()) {
        c = text[i++];
        c = c == 'n' ? '\n' : c == 't' ? '\t' : c;
      }
      value += c;
    }
    if (i++ >= text.size()) return false;
    strings->push_back(value);
  }
  return true;
}

bool ParseExpect(const std::string& text, ExpectedRun* run) {
  const std::vector<std::string> words = Words(text);
  static const char* const kVerdicts[] = {"bug", "clean", "bounded", "error"};
  if (words.empty() ||
      std::find(std::begin(kVerdicts), std::end(kVerdicts), words[0]) == std::end(kVerdicts))
    return false;
  run->verdict = words[0];
  if (words.size() > 1) run->findings.push_back({words[1], words.size() > 2 ? words[2] : ""});
  return words.size() <= 3 && (words.size() == 1) == (words[0] != "bug");
}

// "order holds, sharing violated"
bool ParseProperties(const std::string& text, ExpectedRun* run) {
  std::istringstream stream(text);
  for (std::string piece; std::getline(stream, piece, ',');) {
    const std::vector<std::string> words = Words(piece);
    static const char* const kVerdicts[] = {"holds", "violated", "bounded", "error"};
    if (words.size() != 2 ||
        std::find(std::begin(kVerdicts), std::end(kVerdicts), words[1]) == std::end(kVerdicts))
      return false;
    run->properties.push_back({words[0], words[1]});
  }
  return true;
}

// Empty if the properties are as expected.
std::string CompareProperties(const ExpectedRun& expected, const Exploration& e) {
  for (const ExpectedProperty& p : expected.properties) {
    const auto got = std::find_if(e.properties.begin(), e.properties.end(),
                                  [&](const CheckedProperty& q) { return q.name == p.name; });
    if (got == e.properties.end()) return fmt::format("no property {}", p.name);
    if (got->verdict == p.verdict) continue;
    return fmt::format("property {} {} instead of {}: {}", p.name, got->verdict, p.verdict,
                       got->message);
  }
  return "";
}

}  // namespace

std::vector<ExpectedRun> ParseExpectation(const std::string& source, std::string* error) {
  std::vector<ExpectedRun> runs;
  std::istringstream stream(source);
  std::string line;
  std::string text;
  bool in_block = false;
  bool bad = false;
  int number = 0;
  while (!bad && std::getline(stream, line) && CommentText(line, &in_block, &text)) {
    ++number;
    const bool is_run = text.rfind("csim:", 0) == 0;
    const bool is_expect = text.rfind("expect:", 0) == 0;
    const bool is_outcomes = text.rfind("outcomes:", 0) == 0;
    const bool is_properties = text.rfind("properties:", 0) == 0;
    if (!is_run && !is_expect && !is_outcomes && !is_properties) continue;
    if (is_run || runs.empty()) runs.emplace_back();
    ExpectedRun& run = runs.back();
    const std::string rest = text.substr(text.find(':') + 1);
    if (is_run) run.options = Words(rest);
    if (is_expect) bad = !ParseExpect(rest, &run);
    if (is_properties) bad = !ParseProperties(rest, &run);
    if (is_outcomes) {
      run.has_outcomes = true;
      bad = !ParseStrings(rest, &run.outcomes);
    }
  }
  if (bad) *error = fmt::format("line {}: '{}' is no expectation", number, text);
  for (const ExpectedRun& run : runs) {
    if (error->empty() && run.verdict.empty()) *error = "a run without an 'expect:' line";
  }
  if (runs.empty()) *error = "no 'expect:' line in its first comment";
  return error->empty() ? runs : std::vector<ExpectedRun>{};
}

std::string Compare(const ExpectedRun& expected, const Exploration& e) {
  if (std::string text = CompareProperties(expected, e); !text.empty()) return text;
  if (expected.verdict != NameOf(e.verdict)) {
    std::string text = fmt::format("verdict {} instead of {}", NameOf(e.verdict), expected.verdict);
    if (!e.findings.empty()) text += ": " + e.findings[0].finding.message;
    if (!e.error.empty()) text += ": " + e.error;
    if (e.findings.empty() && !e.bounds.empty()) text += ": " + e.bounds[0];
    return text;
  }
  for (const ExpectedFinding& f : expected.findings) {
    const bool there =
        std::any_of(e.findings.begin(), e.findings.end(), [&](const FoundFinding& g) {
          return g.finding.kind == f.kind &&
                 (f.variable.empty() || g.finding.variable == f.variable) && g.confirmed;
        });
    if (!there) {
      const Finding& got = e.findings[0].finding;
      return fmt::format("no confirmed {} {}, but {} {}", f.kind, f.variable, got.kind,
                         got.variable);
    }
  }
  if (!expected.has_outcomes) return "";
  std::vector<std::string> wanted = expected.outcomes;
  std::vector<std::string> got;
  for (const FoundOutcome& o : e.outcomes) got.push_back(o.output);
  std::sort(wanted.begin(), wanted.end());
  std::sort(got.begin(), got.end());
  got.erase(std::unique(got.begin(), got.end()), got.end());
  if (wanted == got) return "";
  for (std::string& s : got) s = CQuoted(s, 40);
  return fmt::format("other outcomes: {}", fmt::join(got, " "));
}

}  // namespace csim
