// Builds small programs against the fake runtime and reads what their hooks logged.
#ifndef CSIM_TESTS_INSTRUMENT_PROGRAM_H_
#define CSIM_TESTS_INSTRUMENT_PROGRAM_H_

#include <cstdint>
#include <string>
#include <vector>

#include "instrument/build.h"

namespace csim::instrument {

// One line of the fake runtime's log.
struct Row {
  std::string kind;
  uint64_t count = 0;
  uint64_t size = 0;
  std::string file;
  unsigned line = 0;
  unsigned column = 0;
  std::string function;
  std::string text;
  std::string variable;
  std::string caller_file;
  unsigned caller_line = 0;
  std::string extra;
  std::string stack;  // innermost first, "worker<main"
};

struct ProgramRun {
  BuildResult build;
  int exit_code = -1;
  std::string output;  // standard output and error of the program
  std::vector<Row> rows;
  bool balanced = false;  // the shadow call stack was empty at the end

  // Sum of the counts of all rows of `kind`, in user functions unless `everywhere`.
  uint64_t Count(const std::string& kind) const;
  // The first row of `kind` whose text is `text`; null if there is none.
  const Row* Find(const std::string& kind, const std::string& text) const;
  // All rows, for failure messages.
  std::string Log() const;
};

// A directory of its own for each test, removed afterwards.
class Workshop {
 public:
  Workshop();
  ~Workshop();
  Workshop(const Workshop&) = delete;
  Workshop& operator=(const Workshop&) = delete;

  std::string Path(const std::string& name) const { return directory_ + "/" + name; }
  // Writes a file and gives its path.
  std::string Write(const std::string& name, const std::string& text) const;
  BuildRequest Request(const std::vector<std::string>& sources,
                       const std::vector<std::string>& flags = {}) const;
  // Builds, quietly: what goes to standard error is in `*diagnostics` (if not null).
  BuildResult Build(const BuildRequest& request, std::string* diagnostics = nullptr) const;
  ProgramRun BuildAndRun(const BuildRequest& request) const;
  // One source file, "p.cpp" or "p.c".
  ProgramRun BuildAndRun(const std::string& name, const std::string& text,
                         const std::vector<std::string>& flags = {}) const;
  // Names of the files below the cache directory.
  std::vector<std::string> CacheFiles() const;

 private:
  std::string directory_;
};

}  // namespace csim::instrument

#endif  // CSIM_TESTS_INSTRUMENT_PROGRAM_H_
