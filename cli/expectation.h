// The expected verdict of a case, from the first comment of its file:
//
//   // What the program shows, in a sentence or two.
//   // csim: --outcomes                              a run, with these options of csim explore
//   // expect: bug data-race counter                 verdict, kind and variable of a finding
//   // outcomes: "1\n" "2\n"                         exactly these outputs
//   // properties: order holds, sharing violated    verdicts of properties that the program states
//   // csim: --outcomes -DFIXED                      another run of the same file
//   // expect: clean
//
// Without a `csim:` line there is one run without options. Several `expect:` lines of one run name
// several findings, all of which must be there.
#ifndef CSIM_CLI_EXPECTATION_H_
#define CSIM_CLI_EXPECTATION_H_

#include <string>
#include <vector>

#include "report/exploration.h"

namespace csim {

struct ExpectedFinding {
  std::string kind;
  std::string variable;  // empty: any
};

struct ExpectedProperty {
  std::string name;
  std::string verdict;  // "holds", "violated", "bounded", "error"
};

struct ExpectedRun {
  std::vector<std::string> options;
  std::string verdict;  // "bug", "clean", "bounded", "error"
  std::vector<ExpectedFinding> findings;
  std::vector<ExpectedProperty> properties;
  bool has_outcomes = false;
  std::vector<std::string> outcomes;
};

// Reads the expectation out of a source text. Empty with `error` set if there is none or it is wrong
// ("line 3: ...").
std::vector<ExpectedRun> ParseExpectation(const std::string& source, std::string* error);

// Empty if the exploration is as expected; else what is not.
std::string Compare(const ExpectedRun& expected, const Exploration& exploration);

}  // namespace csim

#endif  // CSIM_CLI_EXPECTATION_H_
